"""Recipients: the public keys an envelope is sealed to, and the sealing of one stanza.

Source: c2sp.org/age, "The MLKEM768-X25519 hybrid post-quantum recipient type".
"""

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Self

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite

from app.envelope import bech32
from app.envelope.errors import UnfitKey
from app.envelope.format import Stanza, hybrid_stanza, is_worthless_share

PREFIX = "age1pq"
PLACE = b"candour/place/v1\0"
MLKEM_KEY = 1184  # bytes
RECIPIENT = 1216  # bytes: ML-KEM-768 encapsulation key, then X25519 public key

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
INFO = b"age-encryption.org/mlkem768x25519"

# Reading a key from its text costs several times its use, and the same keys come again with
# every letter. All of them are public.
KEPT = 256  # keys; about 8 KiB each


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key to seal to: 1,216 bytes that were checked when this was made.

    Raises:
        UnfitKey: if the bytes are not such a key, or seal to nobody in particular.
    """

    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.raw) != RECIPIENT:
            raise UnfitKey(f"a recipient has {RECIPIENT} bytes, not {len(self.raw)}")
        if is_worthless_share(self.raw[MLKEM_KEY:]):
            raise UnfitKey("the X25519 half of a recipient is of small order")
        _expanded(self.raw)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the recipient written as `age1pq1…`.

        Raises:
            UnfitKey: if the text is not a recipient of this type.
        """
        return cls(_decoded(text))

    def __str__(self) -> str:
        return _encoded(self.raw)

    def place(self, stanzas: int) -> int:
        """Return the place among `stanzas` where this recipient looks first in her own thread.

        Stanzas do not show whose they are, so a place that only those know who know her recipient
        tells nobody else anything; and she is a reader of every letter there.
        """
        return sha256(PLACE + self.raw).digest()[0] % stanzas

    def wrap(self, file_key: bytes) -> Stanza:
        """Return a fresh stanza from which this recipient's identity unwraps `file_key`.

        Args:
            file_key: 16 bytes.
        """
        return hybrid_stanza(SUITE.encrypt(file_key, _expanded(self.raw), info=INFO))


@lru_cache(maxsize=KEPT)
def _expanded(raw: bytes) -> MLKEM768X25519PublicKey:
    try:
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(raw[:MLKEM_KEY]),
            X25519PublicKey.from_public_bytes(raw[MLKEM_KEY:]),
        )
    except ValueError:
        raise UnfitKey("the ML-KEM half of a recipient is not a key") from None


@lru_cache(maxsize=KEPT)
def _decoded(text: str) -> bytes:
    return bech32.decode(PREFIX, text)


@lru_cache(maxsize=KEPT)
def _encoded(raw: bytes) -> str:
    return bech32.encode(PREFIX, raw)
