"""Where bytes come from and where they go, in blocks of a bounded size."""

from collections.abc import Iterator
from typing import Protocol

from app.envelope.padding import CHUNK

BATCH = 8  # chunks to a read or write of the file below; more gained little where measured


class Sink(Protocol):
    """Where bytes go: a buffered file, BytesIO. It takes all it is given, and copies what it keeps.

    A raw, unbuffered file will not do: it may write less than it was given and only say so.
    """

    def write(self, content: bytes | memoryview, /) -> object: ...


class Source(Protocol):
    """Where bytes come from: any binary file object of `io`. Nothing read means the end."""

    def readinto(self, buffer: bytearray | memoryview, /) -> int | None: ...


def blocks_of(source: Source) -> Iterator[memoryview]:
    """Yield what `source` holds, 64 KiB and then 512 KiB at a time.

    A block is valid until the next is asked for: the memory is used again.
    """
    # A letter fits the small buffer, and never pays for the large one.
    buffer = memoryview(bytearray(CHUNK))
    while count := source.readinto(buffer):
        yield buffer[:count]
        if count == CHUNK:
            break
    if count:
        buffer = memoryview(bytearray(BATCH * CHUNK))
        while count := source.readinto(buffer):
            yield buffer[:count]


def fill(source: Source, room: memoryview) -> int:
    """Read until `room` is full or the source ends, and return the number of bytes read."""
    filled = 0
    while filled < len(room) and (count := source.readinto(room[filled:])):
        filled += count
    return filled
