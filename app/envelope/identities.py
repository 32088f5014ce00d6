"""Identities: private keys, and the opening of one stanza. A process that seals needs none.

Source: c2sp.org/age, "The MLKEM768-X25519 hybrid post-quantum recipient type";
draft-connolly-cfrg-xwing-kem, section 5.2 (the expansion of the 32 bytes).
"""

import secrets
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import shake_256
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from app.envelope import bech32
from app.envelope.errors import NoMatch, UnfitKey
from app.envelope.format import Stanza
from app.envelope.recipients import INFO, SUITE, Recipient

PREFIX = "age-secret-key-pq-"
SEED = 32  # bytes
MLKEM_SEED = 64  # bytes
EXPANDED = 96  # bytes


# Without slots: the expanded halves are kept on the object, and go when it goes. A cache outside
# it would keep private keys in memory after their holder locked.
@dataclass(frozen=True)
class Identity:
    """A private key: 32 bytes, from which both halves are expanded when first needed."""

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED:
            raise UnfitKey(f"an identity has {SEED} bytes, not {len(self.seed)}")

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(SEED))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the identity written as `AGE-SECRET-KEY-PQ-1…`.

        Raises:
            UnfitKey: if the text is not an identity of this type.
        """
        return cls(bech32.decode(PREFIX, text))

    def __str__(self) -> str:
        return bech32.encode(PREFIX, self.seed).upper()

    @cached_property
    def recipient(self) -> Recipient:
        """The public key that belongs to this identity."""
        mlkem, x25519 = self._halves
        public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        return Recipient(public)

    def unwrap(self, stanza: Stanza) -> bytes:
        """Return the 16 bytes of file key in `stanza`.

        Takes about a tenth of a millisecond, whether the stanza opens or not, and twice that
        more the first time.

        Raises:
            NoMatch: if the stanza is not for this identity, or was altered.
        """
        if not stanza.is_hybrid:
            raise NoMatch("the stanza is of another type")
        try:
            return SUITE.decrypt(stanza.sealed, self._expanded, info=INFO)
        except InvalidTag:
            raise NoMatch("the stanza is not for this identity") from None

    @cached_property
    def _halves(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        expanded = shake_256(self.seed).digest(EXPANDED)
        return (
            MLKEM768PrivateKey.from_seed_bytes(expanded[:MLKEM_SEED]),
            X25519PrivateKey.from_private_bytes(expanded[MLKEM_SEED:]),
        )

    @cached_property
    def _expanded(self) -> MLKEM768X25519PrivateKey:
        return MLKEM768X25519PrivateKey(*self._halves)
