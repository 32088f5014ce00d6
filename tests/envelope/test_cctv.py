"""age's own vectors, all of them, each with the verdict it expects, by stage."""

from hashlib import sha256
from io import BytesIO

import pytest

from app.envelope.errors import EnvelopeError, HeaderError, MacError, NoMatch, PayloadError
from app.envelope.file_keys import FileKey
from app.envelope.format import HYBRID, Header, parse_header, parse_header_bytes
from app.envelope.identities import Identity
from app.envelope.opening import Unwraps, open_envelope, open_header, open_payload
from tests.envelope import cctv
from tests.envelope.other_types import (
    ArmorError,
    ScryptIdentity,
    X25519Identity,
    check_mix,
    without_armor,
)

VECTORS = cctv.load()
STAGES: dict[str, type[EnvelopeError]] = {
    "header failure": HeaderError,
    "no match": NoMatch,
    "HMAC failure": MacError,
    "payload failure": PayloadError,
    "armor failure": ArmorError,
}
HYBRID_PREFIX = "AGE-SECRET-KEY-PQ-1"


def identities(vector: cctv.Vector) -> list[Unwraps]:
    keys = [
        Identity.parse(key) if key.startswith(HYBRID_PREFIX) else X25519Identity.parse(key)
        for key in vector.identities
    ]
    return [*keys, *map(ScryptIdentity, vector.passphrases)]


def opened(header: Header, keys: list[Unwraps]) -> FileKey:
    for key in keys:
        try:
            return open_header(header, key)
        except NoMatch:
            continue
    raise NoMatch


def decrypted(vector: cctv.Vector) -> tuple[bytes, type[EnvelopeError] | None]:
    """Return what came out, and the error that ended it."""
    out = BytesIO()
    try:
        source = BytesIO(without_armor(vector.file) if vector.armored else vector.file)
        header = parse_header(source, any_type=True)
        check_mix(header)
        open_payload(opened(header, identities(vector)), source).copy_to(out)
    except EnvelopeError as error:
        return out.getvalue(), type(error)
    return out.getvalue(), None


def test_all_143_cctv_vectors_are_here():
    assert len(VECTORS) == 143


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_cctv(vector):
    plaintext, error = decrypted(vector)
    assert error is (None if vector.expect == "success" else STAGES[vector.expect])
    if vector.payload is not None:
        assert sha256(plaintext).hexdigest() == vector.payload
    else:
        assert plaintext == b""


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_cctv_header_comes_back_byte_for_byte(vector):
    try:
        file = without_armor(vector.file) if vector.armored else vector.file
        source = BytesIO(file)
        header = parse_header(source, any_type=True)
    except EnvelopeError:
        assert vector.expect not in ("success", "no match", "HMAC failure", "payload failure")
        return
    written = header.to_bytes()
    assert written == file[: source.tell()]
    assert parse_header_bytes(written, any_type=True) == header


def types(vector: cctv.Vector) -> set[str]:
    """Return the stanza types of a sound file that is not armoured."""
    if vector.armored or vector.expect != "success":
        return set()
    header = parse_header(BytesIO(vector.file), any_type=True)
    return {stanza.arguments[0] for stanza in header.stanzas}


HYBRID_ONLY = [vector for vector in VECTORS if types(vector) == {HYBRID}]
MIXED = [vector for vector in VECTORS if types(vector) > {HYBRID}]


def test_cctv_has_hybrid_files_alone_and_mixed():
    assert {vector.name for vector in HYBRID_ONLY} == {"hybrid", "hybrid_multiple_recipients"}
    assert {vector.name for vector in MIXED} == {"hybrid_and_x25519", "hybrid_grease"}


@pytest.mark.parametrize("vector", HYBRID_ONLY, ids=lambda vector: vector.name)
def test_the_portal_opens_a_cctv_file_for_hybrid_recipients_alone(vector):
    envelope = open_envelope(BytesIO(vector.file), Identity.parse(vector.identities[0]))
    assert sha256(envelope.payload.read()).hexdigest() == vector.payload


@pytest.mark.parametrize("vector", MIXED, ids=lambda vector: vector.name)
def test_the_portal_refuses_a_cctv_file_that_mixes_types(vector):
    with pytest.raises(HeaderError):
        open_envelope(BytesIO(vector.file), Identity.parse(vector.identities[0]))


@pytest.mark.parametrize(
    "vector",
    [vector for vector in VECTORS if vector.passphrases or b"-> X25519 " in vector.file],
    ids=lambda vector: vector.name,
)
def test_the_portal_refuses_a_cctv_file_of_another_type(vector):
    with pytest.raises(HeaderError):
        parse_header(BytesIO(vector.file))
