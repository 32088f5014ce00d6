"""The parcel: letter, signature and attachments in one tar whose length says little.

Written and read in one pass. Whoever reads one gets exactly what this module would have written,
or a ParcelError.

Source: docs/envelope-spec.md, section 4.
"""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.envelope.errors import ParcelError
from app.envelope.padding import (
    BLOCK,
    CHUNK,
    END_OF_TAR,
    FLOOR,
    is_sealed_payload_length,
    padded_length,
    sealed_payload_length,
)
from app.envelope.pipes import Sink, Source, blocks_of, fill
from app.envelope.ustar import filled, member_header, member_size

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = [
    "AttachmentReader",
    "ParcelReader",
    "ParcelWriter",
    "is_sealed_payload_length",
    "parcel_length",
    "peek_letter",
    "sealed_payload_length",
]

LETTER = "letter.json"
SIGNATURE_NAME = "letter.sig"
LONGEST_LETTER = 60_000  # bytes; with its signature and headers it fits the first chunk
SIGNATURE = 64  # bytes
MOST_ATTACHMENTS = 10


def parcel_length(letter_length: int, sizes: Sequence[int], *, floor: int = FLOOR) -> int:
    """Return the bytes of the padded parcel with a letter and attachments of these lengths."""
    members = (letter_length, SIGNATURE, *sizes)
    return padded_length(sum(BLOCK + filled(size) for size in members) + END_OF_TAR, floor)


def attachment_name(number: int) -> str:
    """Return the member name of attachment `number`, counted from 1."""
    return f"attachments/{number}"


class ParcelWriter:
    """Writes a parcel to `sink`: letter and signature at once, attachments as they come.

    The letter names size and digest of every attachment, so both are known before the first
    byte is written, and so is the length of the whole.

    Args:
        sink: receives the tar; most often a `Sealer`.
        letter_json: the letter's bytes, at most 60,000.
        signature: 64 bytes.
        sizes: the attachments' lengths in bytes, at most 10 of them.
        floor: bytes that the parcel has at least; the letter's, see `Letter.floor`.

    Raises:
        ParcelError: if the letter, the signature or an attachment does not fit a parcel.
    """

    def __init__(
        self,
        sink: Sink,
        letter_json: bytes,
        signature: bytes,
        sizes: Sequence[int],
        *,
        floor: int = FLOOR,
    ) -> None:
        if len(letter_json) > LONGEST_LETTER or len(signature) != SIGNATURE:
            raise ParcelError("the letter is too long, or its signature is not one")
        if len(sizes) > MOST_ATTACHMENTS:
            raise ParcelError(f"a parcel has at most {MOST_ATTACHMENTS} attachments")
        # All headers before the first byte goes out: a size too large is refused with nothing
        # written.
        self._headers = [
            member_header(attachment_name(number), size) for number, size in enumerate(sizes, 1)
        ]
        self.length = parcel_length(len(letter_json), sizes, floor=floor)
        self._sink = sink
        self._sizes = tuple(sizes)
        self._written = 0
        self._begun = 0
        self._room = 0
        self._member(member_header(LETTER, len(letter_json)), letter_json)
        self._member(member_header(SIGNATURE_NAME, SIGNATURE), signature)
        self._begin_next()

    def write(self, content: bytes | bytearray | memoryview) -> int:
        """Write the next bytes of the attachments, one after another without a mark between.

        Raises:
            ParcelError: if there are more than the sizes said.
        """
        view = memoryview(content).cast("B")
        at = 0
        while at < len(view):
            if not self._room:
                raise ParcelError("the attachments are longer than the letter says")
            part = view[at : at + self._room]
            self._put(part)
            self._room -= len(part)
            at += len(part)
            self._begin_next()
        return len(view)

    def finish(self) -> None:
        """Write the closing zero bytes. The sink is not finished: it may be of another kind.

        Raises:
            ParcelError: if the attachments are shorter than the sizes said.
        """
        if self._room:
            raise ParcelError("the attachments are shorter than the letter says")
        while missing := min(self.length - self._written, CHUNK):
            self._put(bytes(missing))

    def _begin_next(self) -> None:
        """Close the attachment that is complete, and begin the next that is not empty."""
        while not self._room:
            self._put(bytes(-self._written % BLOCK))
            if self._begun == len(self._sizes):
                return
            self._put(self._headers[self._begun])
            self._room = self._sizes[self._begun]
            self._begun += 1

    def _member(self, header: bytes, content: bytes) -> None:
        self._put(header + content + bytes(-len(content) % BLOCK))

    def _put(self, content: bytes | memoryview) -> None:
        self._sink.write(content)
        self._written += len(content)


class ParcelReader:
    """Reads a parcel in one pass: the letter at once, the attachments as they are asked for.

    Nothing is known to be sound before `finish`, which reads whatever is left.

    Args:
        source: the plaintext of an envelope, from its first byte.

    Raises:
        ParcelError: here or later, at the first byte that `ParcelWriter` would not have written,
            or where the source ends too early.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._taken = 0
        self._number = 0
        self._current: AttachmentReader | None = None
        self._ended = False
        self._floor = FLOOR
        self.letter_json = self._first(LETTER, LONGEST_LETTER)
        self.signature = self._first(SIGNATURE_NAME, SIGNATURE)
        if len(self.signature) != SIGNATURE:
            raise ParcelError("the letter's signature has a wrong length")

    def attachments(self, *, floor: int = FLOOR) -> "Iterator[AttachmentReader]":
        """Yield the attachments in their order. One that is not read to its end is passed over.

        After the last one the zero bytes up to the end are read and checked, as by `finish`.

        Args:
            floor: bytes that the parcel has at least; the letter's, once that is verified.
        """
        self._floor = floor
        while (attachment := self._next()) is not None:
            yield attachment

    def finish(self, *, floor: int = FLOOR) -> None:
        """Read what is left, and check it to the last byte; `floor` as for `attachments`."""
        for _passed_over in self.attachments(floor=floor):
            pass

    def take_into(self, room: memoryview) -> None:
        """Fill `room` with the bytes that come next. For the attachment that passes by."""
        if fill(self._source, room) < len(room):
            raise ParcelError("the parcel ends too early")
        self._taken += len(room)

    def _next(self) -> "AttachmentReader | None":
        if self._ended:
            return None
        if self._current is not None:
            self._current.pass_over()
            self._take_zeros(-self._taken % BLOCK)
        block = self._take(BLOCK)
        if not block.strip(b"\0"):
            self._ended = True
            self._check_rest()
            return None
        self._number += 1
        if self._number > MOST_ATTACHMENTS:
            raise ParcelError(f"a parcel has at most {MOST_ATTACHMENTS} attachments")
        size = member_size(block, attachment_name(self._number))
        self._current = AttachmentReader(self, self._number, size)
        return self._current

    def _check_rest(self) -> None:
        # The closing block just taken is one of the zero blocks that the length counts.
        length = padded_length(self._taken - BLOCK + END_OF_TAR, self._floor)
        while missing := min(length - self._taken, CHUNK):
            self._take_zeros(missing)
        if self._source.readinto(bytearray(1)):
            raise ParcelError("the parcel is longer than its padded length")

    def _first(self, name: str, longest: int) -> bytes:
        size = member_size(self._take(BLOCK), name)
        if size > longest:
            raise ParcelError("the letter or its signature is too long")
        content = self._take(size)
        self._take_zeros(-size % BLOCK)
        return content

    def _take(self, count: int) -> bytes:
        room = bytearray(count)
        self.take_into(memoryview(room))
        return bytes(room)

    def _take_zeros(self, count: int) -> None:
        if self._take(count).strip(b"\0"):
            raise ParcelError("the parcel holds bytes where it should hold zeros")


class AttachmentReader(io.RawIOBase):
    """One attachment while it passes by: a file to read, gone when the next one is asked for.

    `number` counts from 1, `size` is in bytes.
    """

    def __init__(self, parcel: ParcelReader, number: int, size: int) -> None:
        super().__init__()
        self.number = number
        self.size = size
        self._parcel = parcel
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer).cast("B")[: self._left]
        self._parcel.take_into(view)
        self._left -= len(view)
        return len(view)

    def pass_over(self) -> None:
        """Read what is left of it, so that the next member can be read."""
        for _block in blocks_of(self):
            pass


def peek_letter(first_chunk: bytes) -> tuple[bytes, bytes]:
    """Return letter and signature (64 bytes) from the first 64 KiB of a parcel.

    For listing letters without fetching their attachments; the rest stays unread and unchecked.

    Raises:
        ParcelError: if the chunk does not begin as a parcel does.
    """
    parcel = ParcelReader(io.BytesIO(first_chunk))
    return parcel.letter_json, parcel.signature
