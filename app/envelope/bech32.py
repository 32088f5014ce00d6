"""Text form of age keys: Bech32 (BIP 173) without its limit of 90 characters.

Source: BIP 173, and c2sp.org/age, "Conventions used in this document".
"""

from base64 import b32encode
from collections.abc import Iterable
from functools import cache, reduce
from operator import xor

from app.envelope.errors import UnfitKey

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
CHECKSUM_LENGTH = 6  # characters
GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
LONGEST = 4096  # characters; an age1pq recipient has 1,959

_RESIDUE = 30  # bits, the last six characters of a text
_LETTERS = ALPHABET.encode()
_FROM_LETTERS = bytes.maketrans(_LETTERS, bytes(range(32)))
_TO_DIGITS = bytes.maketrans(bytes(range(32)), b"0123456789abcdefghijklmnopqrstuv")
# Base32 (RFC 4648) cuts bytes into the same groups of five bits, under other letters.
_BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_VALUES = bytes.maketrans(_BASE32, bytes(range(32)))
_TO_LETTERS = bytes.maketrans(bytes(range(32)), _LETTERS)


def encode(prefix: str, content: bytes) -> str:
    """Return `content` in lower-case Bech32 under `prefix`.

    An identity is shown in capitals: upper-case the result, the checksum stays right.
    """
    values = b32encode(content).rstrip(b"=").translate(_TO_VALUES)
    checked = values + _checksum(prefix, values)
    return prefix + "1" + checked.translate(_TO_LETTERS).decode()


def decode(prefix: str, text: str) -> bytes:
    """Return the bytes in `text`, which must be Bech32 under `prefix` (lower case).

    Raises:
        UnfitKey: if the case is mixed, the prefix another, the checksum wrong, a character not
            of the alphabet, or the last character carries bits that are not zero.
    """
    if len(text) > LONGEST or not text.isascii() or text not in (text.lower(), text.upper()):
        raise UnfitKey("not a key: too long, not ASCII, or of mixed case")
    found, separator, tail = text.lower().rpartition("1")
    if not separator or found != prefix or len(tail) < CHECKSUM_LENGTH:
        raise UnfitKey(f"not a key that begins with {prefix}")
    letters = tail.encode()
    if letters.translate(None, _LETTERS):
        raise UnfitKey("a key holds a character that Bech32 does not have")
    whole, length = _bits_of(letters.translate(_FROM_LETTERS)), len(letters)
    if _residue(prefix, whole, length) != 1:
        raise UnfitKey("the checksum of a key is wrong: a character was lost or mistyped")
    return _bytes_of(whole >> _RESIDUE, length - CHECKSUM_LENGTH)


def _bytes_of(bits: int, length: int) -> bytes:
    """Return the bytes in the bits of `length` characters."""
    spare = length * 5 % 8
    if spare >= 5 or bits & ((1 << spare) - 1):
        raise UnfitKey("a key ends in bits that should be zero")
    return (bits >> spare).to_bytes(length * 5 // 8, "big")


def _bits_of(values: bytes) -> int:
    # Of a power of two, int() takes as long as there are digits: a tenth of what b32decode takes.
    return int(values.translate(_TO_DIGITS), 32) if values else 0


def _checksum(prefix: str, values: bytes) -> bytes:
    length = len(values) + CHECKSUM_LENGTH
    residue = _residue(prefix, _bits_of(values) << _RESIDUE, length) ^ 1
    return bytes((residue >> 5 * (5 - place)) & 31 for place in range(CHECKSUM_LENGTH))


def _residue(prefix: str, bits: int, length: int) -> int:
    """Return the residue of a text: BIP 173's polymod over its prefix and `length` characters."""
    letters = prefix.encode()
    before = b"\1" + bytes(one >> 5 for one in letters) + b"\0" + bytes(one & 31 for one in letters)
    whole = _bits_of(before) << 5 * length | bits
    parities = ((whole & mask).bit_count() & 1 for mask in _masks())
    return sum(parity << at for at, parity in enumerate(parities))


@cache
def _masks() -> tuple[int, ...]:
    """Return for each bit of a residue the bits of a text whose sum it is, the last one lowest.

    The sum is one without carries, so it is a parity, and Python counts bits of a long number in
    a tenth of the time that a loop over two thousand characters takes. The masks of twice as many
    characters follow from those of the last half and from what becomes of a residue when as many
    characters come after it.
    """
    length, masks = CHECKSUM_LENGTH, [1 << bit for bit in range(_RESIDUE)]
    after = [_after_six(1 << bit) for bit in range(_RESIDUE)]
    while length < 2 * LONGEST:  # a prefix counts twice
        first = [_sum(masks[bit] for bit in _set_in(one)) for one in _turned(after)]
        masks = [last | bits << 5 * length for last, bits in zip(masks, first, strict=True)]
        after = [_sum(after[bit] for bit in _set_in(one)) for one in after]
        length *= 2
    return tuple(masks)


def _after_six(residue: int) -> int:
    """Return what becomes of a residue when six characters of nothing but zeros come after it."""
    for _ in range(CHECKSUM_LENGTH):
        leaving = residue >> 25
        parts = (GENERATORS[bit] for bit in _set_in(leaving))
        residue = (residue & 0x1FFFFFF) << 5 ^ _sum(parts)
    return residue


def _turned(columns: list[int]) -> list[int]:
    """Return the rows of a square of bits that is given by its columns."""
    return [
        sum((column >> row & 1) << at for at, column in enumerate(columns))
        for row in range(_RESIDUE)
    ]


def _set_in(bits: int) -> Iterable[int]:
    return (at for at in range(_RESIDUE) if bits >> at & 1)


def _sum(parts: Iterable[int]) -> int:
    return reduce(xor, parts, 0)
