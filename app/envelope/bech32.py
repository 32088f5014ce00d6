"""Text form of age keys: Bech32 (BIP 173) without its limit of 90 characters.

Source: BIP 173, and c2sp.org/age, "Conventions used in this document".
"""

from base64 import b32encode
from functools import reduce
from operator import xor

from app.envelope.errors import UnfitKey

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
CHECKSUM_LENGTH = 6  # characters
GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
LONGEST = 4096  # characters; an age1pq recipient has 1,959


# What the bits that leave the residue add to it while characters come in, all cases at once: a
# recipient has almost two thousand characters, and a loop over the generators for each is twenty
# times slower. The sum is one without carries, so the twenty bits that leave while four characters
# come in are looked up ten by ten.
def _added(top: int, *, rounds: int, above: int) -> int:
    residue = top << above
    for _ in range(rounds):
        leaving = residue >> 25
        parts = (part for bit, part in enumerate(GENERATORS) if leaving >> bit & 1)
        residue = reduce(xor, parts, (residue & 0x1FFFFFF) << 5)
    return residue


_ADDED_BY_ONE = tuple(_added(top, rounds=1, above=25) for top in range(1 << 5))
_ADDED_BY_TWO = tuple(_added(top, rounds=2, above=20) for top in range(1 << 10))
_ADDED_BY_FOUR = tuple(_added(top, rounds=4, above=20) for top in range(1 << 10))
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
    values = letters.translate(_FROM_LETTERS)
    if _polymod(_expanded(prefix) + values) != 1:
        raise UnfitKey("the checksum of a key is wrong: a character was lost or mistyped")
    return _bytes_of(values[:-CHECKSUM_LENGTH])


def _bytes_of(values: bytes) -> bytes:
    spare = len(values) * 5 % 8
    if spare >= 5 or (values and values[-1] & ((1 << spare) - 1)):
        raise UnfitKey("a key ends in bits that should be zero")
    # Of a power of two, int() takes as long as there are digits: a tenth of what b32decode takes.
    whole = int(values.translate(_TO_DIGITS), 32) >> spare if values else 0
    return whole.to_bytes(len(values) * 5 // 8, "big")


def _expanded(prefix: str) -> bytes:
    letters = prefix.encode()
    return (
        bytes(letter >> 5 for letter in letters) + b"\0" + bytes(letter & 31 for letter in letters)
    )


def _checksum(prefix: str, values: bytes) -> bytes:
    residue = _polymod(_expanded(prefix) + values + bytes(CHECKSUM_LENGTH)) ^ 1
    return bytes((residue >> 5 * (5 - place)) & 31 for place in range(CHECKSUM_LENGTH))


def _polymod(values: bytes) -> int:
    residue, odd = 1, len(values) % 4
    for value in values[:odd]:
        residue = (residue & 0x1FFFFFF) << 5 ^ value ^ _ADDED_BY_ONE[residue >> 25]
    fours = iter(values[odd:])
    for a, b, c, d in zip(fours, fours, fours, fours, strict=True):
        residue = (
            (residue & 0x3FF) << 20
            ^ (a << 15 | b << 10 | c << 5 | d)
            ^ _ADDED_BY_FOUR[residue >> 20]
            ^ _ADDED_BY_TWO[residue >> 10 & 0x3FF]
        )
    return residue
