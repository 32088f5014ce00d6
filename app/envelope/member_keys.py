"""What a member of a desk holds: an identity to open with and a key to sign with, 64 bytes.

Source: docs/envelope-spec.md, section 1.4 and 1.5.
"""

from dataclasses import dataclass
from typing import Self

from app.envelope import bech32
from app.envelope.errors import UnfitKey
from app.envelope.identities import PREFIX as IDENTITY_PREFIX
from app.envelope.identities import SEED as IDENTITY_SEED
from app.envelope.identities import Identity
from app.envelope.recipients import Recipient
from app.envelope.signing import SigningKey, VerificationKey

MEMBER_KEY = 64  # bytes: identity, then signing seed
LONGEST_TEXT = 65_536  # characters of a key file

SIGNING_PREFIX = "candour-signing-key-"
_SIGNING_LINE = f"# {SIGNING_PREFIX.upper()}1"


@dataclass(frozen=True)
class MemberKey:
    """The private keys of one member. Neither half shows in its `repr`."""

    identity: Identity
    signing_key: SigningKey

    @classmethod
    def generate(cls) -> Self:
        return cls(Identity.generate(), SigningKey.generate())

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Return the key in 64 bytes, as `to_bytes` gave them.

        Raises:
            UnfitKey: if there are more or fewer.
        """
        if len(raw) != MEMBER_KEY:
            raise UnfitKey(f"a member's key has {MEMBER_KEY} bytes, not {len(raw)}")
        return cls(Identity(raw[:IDENTITY_SEED]), SigningKey(raw[IDENTITY_SEED:]))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the key in a key file, as `to_text` wrote it.

        Raises:
            UnfitKey: if it holds no identity or no signing key, or more than one of either.
        """
        signing = [line[2:] for line in _lines(text) if line.startswith(_SIGNING_LINE)]
        identities = parse_identities(text)
        if len(identities) != 1 or len(signing) != 1:
            raise UnfitKey("a member's key file holds one identity and one signing key")
        seed = bech32.decode(SIGNING_PREFIX, signing[0])
        return cls(identities[0], SigningKey(seed))

    @property
    def recipient(self) -> Recipient:
        return self.identity.recipient

    @property
    def verification_key(self) -> VerificationKey:
        return self.signing_key.verification_key

    def to_bytes(self) -> bytes:
        """Return 64 bytes: identity, then signing seed. To be stored only inside an envelope."""
        return self.identity.seed + self.signing_key.seed

    def to_text(self) -> str:
        """Return a key file that the `age` command takes after `-i`.

        The signing key stands on a comment line, which age passes over, in Bech32, so that a
        character lost in copying by hand is noticed.
        """
        signing = bech32.encode(SIGNING_PREFIX, self.signing_key.seed).upper()
        return (
            "# Candour member key. Keep it as you would a warrant card.\n"
            f"# verification key: {self.verification_key}\n"
            f"# {signing}\n"
            f"{self.identity}\n"
        )


def parse_identities(text: str) -> list[Identity]:
    """Return the identities in a key file: one a line, empty lines and `#` comments passed over.

    Raises:
        UnfitKey: if a line is something else, or no identity is there.
    """
    keys = [line for line in _lines(text) if line and not line.startswith("#")]
    if any(not key.lower().startswith(IDENTITY_PREFIX + "1") for key in keys):
        raise UnfitKey("a line of the key file is not a post-quantum age identity")
    if not keys:
        raise UnfitKey("the key file holds no identity")
    return [Identity.parse(key) for key in keys]


def _lines(text: str) -> list[str]:
    if len(text) > LONGEST_TEXT:
        raise UnfitKey("the key file is too long")
    return [line.strip() for line in text.splitlines()]
