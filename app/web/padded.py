"""A file in an answer whose length says nothing of the file's.

The content is packed as gzip without being made smaller, between as many empty blocks as it takes,
and a browser unpacks it before it saves it. Source: RFC 1951, section 3.2.4; RFC 1952, section 2.3.
"""

import zlib
from collections.abc import Iterator

# gzip, deflated, with an extra field; no time, no system.
HEADER = b"\x1f\x8b\x08\x04" + bytes(5) + b"\xff"
FIELD = b"Ca"  # what the extra field is called
LONGEST_BLOCK = 65_535  # bytes
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"
LAST_BLOCK = b"\x01\x00\x00\xff\xff"


class TooLong(ValueError):
    """The content does not fit the length."""


def padded_gzip(content: bytes, length: int) -> bytes:
    """Return `content` as a gzip file of exactly `length` bytes.

    Raises:
        TooLong: if it does not fit.
    """
    blocks = b"".join(_blocks(content))
    trailer = zlib.crc32(content).to_bytes(4, "little")
    trailer += (len(content) % 2**32).to_bytes(4, "little")
    shortest = len(HEADER) + 2 + len(FIELD) + 2 + len(blocks) + len(LAST_BLOCK) + len(trailer)
    missing = length - shortest
    if missing < 0:
        raise TooLong(f"{len(content)} bytes do not fit {length}")
    # Empty blocks fill all but four bytes at most, which the field takes.
    empty, rest = divmod(missing, len(EMPTY_BLOCK))
    field = FIELD + rest.to_bytes(2, "little") + bytes(rest)
    whole = [HEADER, len(field).to_bytes(2, "little"), field, blocks]
    return b"".join([*whole, EMPTY_BLOCK * empty, LAST_BLOCK, trailer])


def _blocks(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), LONGEST_BLOCK):
        block = content[at : at + LONGEST_BLOCK]
        size = len(block)
        yield b"\x00" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + block
