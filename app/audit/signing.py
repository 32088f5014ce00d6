"""The log's signing key, and the signed notes it makes.

Source: c2sp.org/signed-note (text, signature lines, key ids, verification keys). A private key
is written as golang.org/x/mod/sumdb/note writes it, so that its tools can read ours.
"""

import os
import re
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\1"  # signature type of the note format
KEY = 32  # bytes, of a seed and of a verification key
KEY_ID = 4  # bytes
LARGEST_NOTE = 100_000  # characters
PRIVATE = "PRIVATE+KEY"
KEY_FILE_NAME = "audit.key"
PRIVATE_FILE = 0o600
KEY_TEXT = re.compile(r"PRIVATE\+KEY\+(?P<name>[^\s+]+)\+(?P<id>[0-9a-f]{8})\+(?P<key>[^\s]+)")
NAME = re.compile(r"[^\s+]{1,200}")
SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")


class BadNote(Exception):
    """The bytes are not a note signed by the key that was asked for."""


@dataclass(frozen=True, slots=True)
class LogVerifier:
    """The public half: what a witness and an auditor are given."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell one key of a name from another."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:KEY_ID]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the verifier written as name+id+key.

        Raises:
            BadNote: if the text is not one, or its id is not the key's.
        """
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise BadNote("not a verification key")
        verifier = cls(parts[0], _key_bytes(parts[2]))
        if not NAME.fullmatch(parts[0]) or verifier.key_id.hex() != parts[1]:
            raise BadNote("the id of a verification key is not its own")
        return verifier

    def open(self, note: str) -> str:
        """Return the text of `note`, which must carry this key's signature.

        Lines of other keys, such as a witness's, are allowed and left alone.

        Raises:
            BadNote: if it does not.
        """
        if len(note) > LARGEST_NOTE:
            raise BadNote("too long for a note")
        text, separator, lines = note.rpartition("\n\n")
        if not separator or not lines.endswith("\n"):
            raise BadNote("a note ends in signature lines after an empty line")
        signatures = [_signature(line) for line in lines[:-1].split("\n")]
        if not any(self._vouches(name, raw, text + "\n") for name, raw in signatures):
            raise BadNote(f"not signed by {self.name}")
        return text + "\n"

    def _vouches(self, name: str, raw: bytes, text: str) -> bool:
        if name != self.name or raw[:KEY_ID] != self.key_id:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(raw[KEY_ID:], text.encode())
        except InvalidSignature:
            raise BadNote(f"the signature of {self.name} is wrong") from None
        return True


@dataclass(frozen=True, slots=True)
class LogKey:
    """The private half, which signs checkpoints and nothing else."""

    name: str
    seed: bytes = field(repr=False)

    @classmethod
    def of_seed(cls, seed: bytes) -> Self:
        """Return the key of 32 random bytes, named for its public half as no other log is."""
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        return cls(f"candour/audit/{sha256(public).hexdigest()[:16]}", seed)

    @property
    def verifier(self) -> LogVerifier:
        """The public half."""
        return LogVerifier(self.name, self._private.public_key().public_bytes_raw())

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def text(self) -> str:
        """Return the key as its file holds it."""
        key_id = self.verifier.key_id.hex()
        return f"{PRIVATE}+{self.name}+{key_id}+{b64encode(ED25519 + self.seed).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the key that its file holds.

        Raises:
            BadNote: if the text is not such a key.
        """
        found = KEY_TEXT.fullmatch(text.strip())
        if not found:
            raise BadNote("not a signing key of a log")
        key = cls(found["name"], _key_bytes(found["key"]))
        if key.verifier.key_id.hex() != found["id"]:
            raise BadNote("the id of a signing key is not its own")
        return key

    def sign(self, text: str) -> str:
        """Return `text`, which ends in a newline, as a signed note."""
        raw = self.verifier.key_id + self._private.sign(text.encode())
        return f"{text}\n— {self.name} {b64encode(raw).decode()}\n"


def read(path: Path) -> LogKey:
    """Return the log's key in the file `path`.

    Raises:
        BadNote: if the file holds something else.
        OSError: if it is not there, or cannot be read.
    """
    return LogKey.parse(path.read_text(encoding="ascii", errors="replace"))


def read_or_make(path: Path) -> LogKey:
    """Return the log's key in the file `path`; make one, mode 0600, where there is none.

    Raises:
        BadNote: if the file holds something else.
        OSError: if it cannot be read or made.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    except FileExistsError:
        return read(path)
    key = LogKey.of_seed(secrets.token_bytes(KEY))
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key.text())
    return key


def _signature(line: str) -> tuple[str, bytes]:
    found = SIGNATURE_LINE.fullmatch(line)
    if not found:
        raise BadNote("a line after the text is not a signature")
    return found[1], _from_base64(found[2])


def _key_bytes(encoded: str) -> bytes:
    raw = _from_base64(encoded)
    if raw[:1] != ED25519 or len(raw) != KEY + 1:
        raise BadNote("not an Ed25519 key")
    return raw[1:]


def _from_base64(encoded: str) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except NotBase64 as error:
        raise BadNote("not base64") from error
