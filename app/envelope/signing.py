"""Signatures: Ed25519 over a label and a text, so that no signature serves for another purpose.

Source: RFC 8032; docs/envelope-spec.md, section 1.3.
"""

import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.envelope.errors import BadSignature, UnfitKey

SEED = 32  # bytes
KEY = 32  # bytes
SIGNATURE = 64  # bytes

_FIELD = 2**255 - 19
# The y of the eight points of small order, by name: two of order 8 (each for two points), 0 of
# order 4, 1 the neutral point, -1 of order 2; p and p + 1 are second spellings of 0 and 1. With
# such a key one signature is good for nearly every text, and OpenSSL takes it without a word.
_SMALL_ORDER = frozenset(
    {
        0,
        1,
        _FIELD - 1,
        _FIELD,
        _FIELD + 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)


@dataclass(frozen=True)
class VerificationKey:
    """A public Ed25519 key: 32 bytes, of a point that is not of small order.

    Raises:
        UnfitKey: if it has another length, is of small order, or is not canonically written.
    """

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != KEY:
            raise UnfitKey(f"a verification key has {KEY} bytes, not {len(self.raw)}")
        height = int.from_bytes(self.raw, "little") & (2**255 - 1)
        if height in _SMALL_ORDER:
            raise UnfitKey("a verification key of small order verifies anything")
        if height >= _FIELD:
            raise UnfitKey("a verification key is not canonically encoded")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the key in `text`: padded standard base64 of 32 bytes, in its canonical form.

        Raises:
            UnfitKey: if it is anything else.
        """
        raw = _canonical(text)
        if raw is None:
            raise UnfitKey("a verification key is not canonical base64")
        return cls(raw)

    def __str__(self) -> str:
        return b64encode(self.raw).decode()

    def verify(self, label: str, text: bytes, signature: bytes) -> None:
        """Check that `signature` (64 bytes) is this key's over `text` for the purpose `label`.

        Raises:
            BadSignature: if it is not.
        """
        try:
            self._public.verify(signature, _labelled(label, text))
        except InvalidSignature:
            raise BadSignature("the signature is not by this key over this text") from None

    @cached_property
    def _public(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.raw)


@dataclass(frozen=True)
class SigningKey:
    """A private Ed25519 key: a seed of 32 bytes. Its `repr` shows nothing."""

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED:
            raise UnfitKey(f"a signing key has {SEED} bytes, not {len(self.seed)}")

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(SEED))

    @cached_property
    def verification_key(self) -> VerificationKey:
        """The public key that belongs to this one."""
        return VerificationKey(self._private.public_key().public_bytes_raw())

    def sign(self, label: str, text: bytes) -> bytes:
        """Return the 64-byte signature over `text` for the purpose `label`.

        Args:
            label: such as `candour/letter/v1`; a zero byte divides it from the text.
            text: any bytes.
        """
        return self._private.sign(_labelled(label, text))

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def parse_signature(text: str) -> bytes:
    """Return the 64 bytes of a signature written in padded standard base64.

    Raises:
        BadSignature: if it is anything else.
    """
    raw = _canonical(text)
    if raw is None or len(raw) != SIGNATURE:
        raise BadSignature("the signature is not one")
    return raw


def _canonical(text: str) -> bytes | None:
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if b64encode(raw).decode() == text else None


def _labelled(label: str, text: bytes) -> bytes:
    return label.encode() + b"\0" + text
