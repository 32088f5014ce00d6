"""The receipt: twelve words, and everything a reporter comes back with, derived from them.

No password hashing: 128 bits of entropy need none, and an expensive derivation on a page that
anybody may call is a way to stop the service.

Source: BIP 39 (the words and their checksum); docs/envelope-spec.md, section 2.
"""

import re
import secrets
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Self

from mnemonic import Mnemonic

from app.envelope.derivation import derive
from app.envelope.errors import ReceiptError
from app.envelope.identities import Identity
from app.envelope.mailboxes import mailbox_id
from app.envelope.signing import SigningKey, VerificationKey

ENTROPY = 16  # bytes
WORDS = 12
CHECKSUM_BITS = 4
LONGEST_TEXT = 400  # characters
TELLING = 4  # letters that tell the words of the list apart

_SALT = b"candour/receipt/v1"
_WORD = re.compile(r"[A-Za-z]+")


# Without slots: derived keys are kept on the object, and go when it goes.
@dataclass(frozen=True)
class Receipt:
    """What a reporter keeps: 16 random bytes, shown as twelve words. Its `repr` shows nothing."""

    entropy: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.entropy) != ENTROPY:
            raise ValueError(f"a receipt has {ENTROPY} bytes, not {len(self.entropy)}")

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(ENTROPY))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the receipt somebody typed: any case, any separators, four letters a word.

        Raises:
            ReceiptError: with the reason and, for an unknown word, its place from 1.
        """
        if len(text) > LONGEST_TEXT:
            raise ReceiptError("too_long")
        words = _WORD.findall(text)
        if len(words) != WORDS:
            raise ReceiptError("not_twelve")
        indices = [_index(word.lower(), place) for place, word in enumerate(words, 1)]
        return cls(_entropy(indices))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The twelve words to show."""
        return tuple(_english().to_mnemonic(self.entropy).split(" "))

    @cached_property
    def tag(self) -> bytes:
        """The look-up tag (32 bytes), the only part the server is shown; store `hashed_tag`."""
        return derive(self.entropy, salt=_SALT, info=b"look-up tag")

    @cached_property
    def identity(self) -> Identity:
        """What opens the replies."""
        return Identity(derive(self.entropy, salt=_SALT, info=b"reporter identity"))

    @cached_property
    def signing_key(self) -> SigningKey:
        """What signs the reporter's letters."""
        return SigningKey(derive(self.entropy, salt=_SALT, info=b"reporter signing"))

    @property
    def verification_key(self) -> VerificationKey:
        return self.signing_key.verification_key

    @cached_property
    def mailbox_id(self) -> str:
        """Where the thread lives, in 64 hexadecimal digits."""
        return mailbox_id(self.verification_key, self.identity.recipient)


def hashed_tag(tag: bytes) -> bytes:
    """Return the 32 bytes under which a mailbox is stored.

    Hashed, so that a stolen table does not let anybody ask for a mailbox.

    Raises:
        ValueError: if `tag` has not 32 bytes.
    """
    if len(tag) != 32:
        raise ValueError(f"a look-up tag has 32 bytes, not {len(tag)}")
    return sha256(b"candour/tag/v1\0" + tag).digest()


def _index(word: str, place: int) -> int:
    """Return the number of the word in the list that `word` begins, or is."""
    found = _beginnings().get(word[:TELLING])
    # A word of three letters has no longer beginning; all others need their four.
    if found is None or not found[0].startswith(word) or len(word) < min(TELLING, len(found[0])):
        raise ReceiptError("unknown_word", place)
    return found[1]


def _entropy(indices: list[int]) -> bytes:
    bits = 0
    for index in indices:
        bits = bits << 11 | index
    entropy = (bits >> CHECKSUM_BITS).to_bytes(ENTROPY, "big")
    if bits & 0xF != sha256(entropy).digest()[0] >> 4:
        raise ReceiptError("checksum")
    return entropy


@lru_cache(maxsize=1)
def _english() -> Mnemonic:
    # Reads its list of 2,048 words from a file.
    return Mnemonic("english")


@lru_cache(maxsize=1)
def _beginnings() -> dict[str, tuple[str, int]]:
    words = _english().wordlist
    return {word[:TELLING]: (word, index) for index, word in enumerate(words)}
