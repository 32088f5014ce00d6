"""Text form of age keys: Bech32 (BIP 173) without its limit of 90 characters.

Source: BIP 173, and c2sp.org/age, "Conventions used in this document".
"""

from functools import reduce
from operator import xor

from app.envelope.errors import UnfitKey

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
CHECKSUM_LENGTH = 6  # characters
GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
LONGEST = 4096  # characters; an age1pq recipient has 1,959

# What the five bits that leave the residue add to it, all 32 cases at once: a recipient has
# almost two thousand characters, and a loop over the generators for each is five times slower.
_ADDED = tuple(
    reduce(xor, (part for bit, part in enumerate(GENERATORS) if top >> bit & 1), 0)
    for top in range(32)
)
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}


def encode(prefix: str, content: bytes) -> str:
    """Return `content` in lower-case Bech32 under `prefix`.

    An identity is shown in capitals: upper-case the result, the checksum stays right.
    """
    values = _regroup(content, from_bits=8, to_bits=5)
    checked = values + _checksum(prefix, values)
    return prefix + "1" + "".join(ALPHABET[value] for value in checked)


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
    if any(letter not in _VALUES for letter in tail):
        raise UnfitKey("a key holds a character that Bech32 does not have")
    values = [_VALUES[letter] for letter in tail]
    if _polymod(_expanded(prefix) + values) != 1:
        raise UnfitKey("the checksum of a key is wrong: a character was lost or mistyped")
    return _bytes_of(values[:-CHECKSUM_LENGTH])


def _bytes_of(values: list[int]) -> bytes:
    spare = len(values) * 5 % 8
    if spare >= 5 or (values and values[-1] & ((1 << spare) - 1)):
        raise UnfitKey("a key ends in bits that should be zero")
    whole = _regroup(values, from_bits=5, to_bits=8)
    return bytes(whole[: len(values) * 5 // 8])


def _regroup(values: bytes | list[int], *, from_bits: int, to_bits: int) -> list[int]:
    """Return `values` of `from_bits` bits as values of `to_bits`, the last filled with zeros."""
    held, bits, out = 0, 0, []
    for value in values:
        held = (held << from_bits) | value
        bits += from_bits
        while bits >= to_bits:
            bits -= to_bits
            out.append((held >> bits) & ((1 << to_bits) - 1))
        # Only the bits not yet given out: without this the number grows with the key.
        held &= (1 << bits) - 1
    if bits:
        out.append((held << (to_bits - bits)) & ((1 << to_bits) - 1))
    return out


def _expanded(prefix: str) -> list[int]:
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _checksum(prefix: str, values: list[int]) -> list[int]:
    residue = _polymod(_expanded(prefix) + values + [0] * CHECKSUM_LENGTH) ^ 1
    return [(residue >> 5 * (5 - place)) & 31 for place in range(CHECKSUM_LENGTH)]


def _polymod(values: list[int]) -> int:
    residue = 1
    for value in values:
        residue = (residue & 0x1FFFFFF) << 5 ^ value ^ _ADDED[residue >> 25]
    return residue
