"""Lengths that say little: how long a parcel is made, and how long it is once sealed.

Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with
PURBs", PoPETs 2019(4), section 4 (Padmé); docs/envelope-spec.md, section 4.4.
"""

FLOOR = 8192  # bytes; a message and a short concern look alike
# Bytes of every letter of a desk's that encloses a file: four megabytes of file, and its letter.
ENCLOSING = 33 * 2**17
BLOCK = 512  # bytes of a tar block
END_OF_TAR = 1024  # zero bytes, at least, after the last member

CHUNK = 65_536  # bytes of plaintext in an age chunk
TAG = 16  # bytes that sealing adds to a chunk
NONCE = 16  # bytes before the first chunk
# Bytes of a payload in which the first chunk lies whole, and with it the letter.
BEGINNING = NONCE + CHUNK + TAG


def padded_length(length: int, floor: int = FLOOR) -> int:
    """Return the number of bytes to which a plaintext of `length` bytes is padded.

    Every length up to the floor becomes the floor. Above it the Padmé rule keeps only the leading
    bits of the length: the cost stays below 12 %, and between one and two megabytes there are 32
    sizes.

    Args:
        length: bytes, 0 or more; for a tar, its closing zero blocks included.
        floor: bytes; `FLOOR`, or `ENCLOSING` for a letter of a desk's with a file.

    Returns:
        Bytes, a multiple of 512, never less than `length`. Padding it again changes nothing.

    Raises:
        ValueError: if `length` is negative.
    """
    if length < 0:
        raise ValueError(f"length must be 0 or more, not {length}")
    if length <= floor:
        return floor
    exponent = length.bit_length() - 1
    kept_bits = exponent.bit_length()
    # Never below a tar block, because the floor is: 2 ** (13 - 4) is 512.
    granule = 1 << (exponent - kept_bits)
    return -(-length // granule) * granule


def is_padded_length(length: int) -> bool:
    """Tell whether `length` bytes is a length that padding gives."""
    return length >= FLOOR and padded_length(length) == length


def sealed_payload_length(length: int) -> int:
    """Return the bytes of an age payload (nonce and chunks) over `length` bytes of plaintext."""
    # An empty plaintext still has its one, empty, final chunk.
    chunks = max(1, -(-length // CHUNK))
    return NONCE + length + TAG * chunks


def is_sealed_payload_length(length: int) -> bool:
    """Tell whether `length` bytes can be the payload over a padded parcel.

    A server that holds no key can say this much of what arrives, and so keep a sender from
    standing out by a length of their own.
    """
    chunks = -(-(length - NONCE) // (CHUNK + TAG))
    plaintext = length - NONCE - TAG * chunks
    return plaintext >= FLOOR and (
        is_padded_length(plaintext) and sealed_payload_length(plaintext) == length
    )
