"""Reads age's own test vectors (npm `cctv-age`; format: its README)."""

import json
import zlib
from base64 import b64decode
from dataclasses import dataclass

from tests.envelope import node


@dataclass(frozen=True)
class Vector:
    """One file, and the verdict it expects."""

    name: str
    expect: str
    payload: str | None
    identities: tuple[str, ...]
    passphrases: tuple[str, ...]
    armored: bool
    file: bytes


def load() -> list[Vector]:
    """Return every vector of the package; a missing package is an error and not a skip."""
    assert (node.PACKAGES / "cctv-age").is_dir(), "npm install was not run: cctv-age is missing"
    found = json.loads(node.run("cctv.mjs"))
    return [_vector(name, b64decode(content)) for name, content in sorted(found.items())]


def _vector(name: str, content: bytes) -> Vector:
    head, _, file = content.partition(b"\n\n")
    fields = [line.split(": ", 1) for line in head.decode().split("\n")]
    known = {"expect", "payload", "identity", "passphrase", "armored", "compressed"}
    assert {key for key, _ in fields} <= known | {"file key", "comment"}, name
    values = {key: tuple(value for k, value in fields if k == key) for key in known}
    if values["compressed"]:
        assert values["compressed"] == ("zlib",)
        file = zlib.decompress(file)
    return Vector(
        name=name,
        expect=values["expect"][0],
        payload=values["payload"][0] if values["payload"] else None,
        identities=values["identity"],
        passphrases=values["passphrase"],
        armored=values["armored"] == ("yes",),
        file=file,
    )
