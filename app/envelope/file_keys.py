"""The file key: 16 bytes that open one envelope, and what is derived from them.

Source: c2sp.org/age, "File key", "Header MAC" and "Payload".
"""

import secrets
from dataclasses import dataclass, field
from hmac import compare_digest
from hmac import digest as hmac_digest
from typing import Self

from app.envelope.derivation import derive
from app.envelope.errors import MacError
from app.envelope.format import Header

FILE_KEY = 16  # bytes


@dataclass(frozen=True, slots=True)
class FileKey:
    """The key of one envelope. Its `repr` shows nothing: reprs reach logs."""

    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.raw) != FILE_KEY:
            raise ValueError(f"a file key has {FILE_KEY} bytes, not {len(self.raw)}")

    @classmethod
    def generate(cls) -> Self:
        """Return a key nobody else has. One for each envelope, never used again."""
        return cls(secrets.token_bytes(FILE_KEY))

    def payload_key(self, nonce: bytes) -> bytes:
        """Return the 32 bytes that encrypt the payload which begins with `nonce` (16 bytes)."""
        return derive(self.raw, salt=nonce, info=b"payload")

    def header_mac(self, text: bytes) -> bytes:
        """Return the MAC (32 bytes) over a header's `text`, up to and including its `---`."""
        return hmac_digest(derive(self.raw, salt=b"", info=b"header"), text, "sha256")

    def vouch_for(self, header: Header) -> None:
        """Check that whoever sealed this key wrote this header, stanza for stanza.

        Raises:
            MacError: if a stanza was added, dropped or moved since.
        """
        if not compare_digest(self.header_mac(header.without_mac), header.mac):
            raise MacError("the file key does not vouch for this header")
