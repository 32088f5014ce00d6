"""The payload of an age file: 64 KiB chunks, sealed and opened one batch at a time.

Memory is bounded whatever the length: a writer and a reader each hold a little over 512 KiB.
Buffers are allocated once and filled in place, because at this speed a copy of every chunk is a
sizeable part of the work.

Source: c2sp.org/age, "Payload"; docs/envelope-spec.md, section 3.
"""

import io
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from app.envelope.errors import HeaderError, PayloadError
from app.envelope.file_keys import FileKey
from app.envelope.padding import CHUNK, NONCE, TAG
from app.envelope.pipes import BATCH, Sink, Source, blocks_of, fill

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SEALED_CHUNK = CHUNK + TAG  # bytes
MORE_FOLLOW = b"\x00"
FINAL = b"\x01"


class PayloadWriter:
    """Seals what is written to it. Nothing is an envelope until `finish` was called.

    Args:
        sink: receives the nonce at once, then sealed chunks in batches.
        file_key: the envelope's key. The writer draws a nonce of its own.
    """

    def __init__(self, sink: Sink, file_key: FileKey) -> None:
        nonce = secrets.token_bytes(NONCE)
        self._cipher = ChaCha20Poly1305(file_key.payload_key(nonce))
        self._sink = sink
        self._counter = 0
        self._held = bytearray()
        # Made when a second chunk comes: most letters have one, and half a megabyte of zeroed
        # memory costs as much as sealing them.
        self._batch = memoryview(b"")
        self._batched = 0
        self._finished = False
        sink.write(nonce)

    def write(self, content: bytes | bytearray | memoryview) -> int:
        """Seal `content` (any number of bytes) and return its length.

        A full chunk is kept back until more comes: only the last one may be marked final, and
        the last one may not be empty.
        """
        if self._finished:
            raise ValueError("the payload is finished")
        view = memoryview(content).cast("B")
        at = 0
        if self._held and len(self._held) + len(view) > CHUNK:
            at = CHUNK - len(self._held)
            self._held += view[:at]
            self._emit(self._held)
            self._held.clear()
        # Straight from the caller's memory: these chunks are copied by nobody.
        while len(view) - at > CHUNK:
            self._emit(view[at : at + CHUNK])
            at += CHUNK
        self._held += view[at:]
        return len(view)

    def finish(self) -> None:
        """Seal what is held as the final chunk, and hand everything to the sink."""
        if self._finished:
            raise ValueError("the payload is finished")
        self._finished = True
        self._flush()
        nonce = _chunk_nonce(self._counter, FINAL)
        self._sink.write(self._cipher.encrypt(nonce, self._held, None))

    def _emit(self, chunk: bytearray | memoryview) -> None:
        if not self._batch:
            self._batch = memoryview(bytearray(BATCH * SEALED_CHUNK))
        room = self._batch[self._batched : self._batched + SEALED_CHUNK]
        self._cipher.encrypt_into(_chunk_nonce(self._counter, MORE_FOLLOW), chunk, None, room)
        self._counter += 1
        self._batched += SEALED_CHUNK
        if self._batched == len(self._batch):
            self._flush()

    def _flush(self) -> None:
        if self._batched:
            self._sink.write(self._batch[: self._batched])
            self._batched = 0


class PayloadReader(io.RawIOBase):
    """The plaintext of a payload, as a file to read. Only bytes that were verified come out.

    `read` and `readinto` give all they are asked for, except at the end. Whoever stops before
    the end has not verified the payload: a cut is only seen where it is.

    Args:
        source: at the first byte of the payload, its nonce.
        file_key: the envelope's key.

    Raises:
        HeaderError: at once, if the source ends before 16 bytes of nonce.
        PayloadError: while reading, at the first chunk that is cut, swapped, forged or followed
            by something else; the verified bytes before it come out first.
    """

    def __init__(self, source: Source, file_key: FileKey) -> None:
        super().__init__()
        self._chunks = _ChunkOpener(source, file_key)
        self._spare = memoryview(bytearray(CHUNK))
        self._unread = self._spare[:0]
        self._failure: PayloadError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer).cast("B")
        if not len(view):
            return 0
        if self._failure is not None:
            raise self._failure
        done = 0
        try:
            while done < len(view) and (given := self._give(view[done:])):
                done += given
        except PayloadError as failure:
            # What was verified before the fault is given out first, the fault after it.
            self._failure = failure
            if not done:
                raise
        return done

    def readall(self) -> bytes:
        out = io.BytesIO()
        self.copy_to(out)
        return out.getvalue()

    def copy_to(self, sink: Sink) -> int:
        """Write the rest of the plaintext to `sink`, verified to the end; return its length.

        Raises:
            PayloadError: at a fault. Verified bytes before it have been written by then, so a
                sink that must not hold half an envelope has to be one that can be thrown away.
        """
        total = 0
        for block in blocks_of(self):
            sink.write(block)
            total += len(block)
        return total

    def _give(self, room: memoryview) -> int:
        if not self._unread and len(room) >= CHUNK:
            return self._chunks.open_next(room[:CHUNK])
        if not self._unread:
            self._unread = self._spare[: self._chunks.open_next(self._spare)]
        count = min(len(room), len(self._unread))
        room[:count] = self._unread[:count]
        self._unread = self._unread[count:]
        return count


class _ChunkOpener:
    """Opens one chunk after another, and knows which of them may be the last."""

    def __init__(self, source: Source, file_key: FileKey) -> None:
        self._source = source
        self._cipher = _cipher_of(source, file_key)
        self._counter = 0
        # One byte more than a chunk tells whether the first is the last; a larger buffer is
        # made when it is not.
        self._buffer = memoryview(bytearray(SEALED_CHUNK + 1))
        self._start = 0
        self._end = 0
        self._ended = False  # the source gave its last byte
        self._final_seen = False

    def open_next(self, room: memoryview) -> int:
        """Open the next chunk into `room` (64 KiB) and return its length; 0 after the last.

        Raises:
            PayloadError: if there is no sound next chunk.
        """
        # More than a chunk must be in sight to know that the next one is not the last.
        if self._end - self._start <= SEALED_CHUNK and not self._ended:
            self._refill()
        available = self._end - self._start
        if self._final_seen:
            return _nothing_after_the_last(available)
        chunk = self._buffer[self._start : self._start + min(available, SEALED_CHUNK)]
        length = self._open(chunk, room, last=available <= SEALED_CHUNK)
        self._start += len(chunk)
        self._counter += 1
        return length

    def _open(self, chunk: memoryview, room: memoryview, *, last: bool) -> int:
        length = len(chunk) - TAG
        if length < 0 or (length == 0 and self._counter > 0):
            raise PayloadError("the payload ends without a final chunk")
        # The likely mark first. The other one is tried only for a file that is about to be
        # refused, so that exactly the verified bytes before the fault are given out.
        flags = (FINAL, MORE_FOLLOW) if last else (MORE_FOLLOW, FINAL)
        for flag in flags if len(chunk) == SEALED_CHUNK else flags[:1]:
            if _opened(self._cipher, _chunk_nonce(self._counter, flag), chunk, room[:length]):
                self._final_seen = flag == FINAL
                return length
        raise PayloadError("a chunk of the payload was altered, moved or cut")

    def _refill(self) -> None:
        kept = self._buffer[self._start : self._end]
        if self._counter == 1:
            self._buffer = memoryview(bytearray(BATCH * SEALED_CHUNK))
        self._buffer[: len(kept)] = kept
        self._start, self._end = 0, len(kept)
        while self._end < len(self._buffer):
            count = self._source.readinto(self._buffer[self._end :])
            if not count:
                self._ended = True
                return
            self._end += count


def open_first_chunk(source: Source, file_key: FileKey) -> bytes:
    """Return the plaintext of the first chunk: up to 64 KiB, with the letter in it.

    For listing and reading letters without their attachments.

    Args:
        source: at the payload's nonce. It may end anywhere after the first chunk, and what lies
            behind that chunk is neither read nor verified.
        file_key: the envelope's key.

    Raises:
        HeaderError: if the source ends before 16 bytes of nonce.
        PayloadError: if the first chunk is not sound.
    """
    cipher = _cipher_of(source, file_key)
    sealed = memoryview(bytearray(SEALED_CHUNK))
    chunk = sealed[: fill(source, sealed)]
    room = memoryview(bytearray(max(0, len(chunk) - TAG)))
    # A short chunk can only be the last one.
    flags = (MORE_FOLLOW, FINAL) if len(chunk) == SEALED_CHUNK else (FINAL,)
    if len(chunk) >= TAG:
        for flag in flags:
            if _opened(cipher, _chunk_nonce(0, flag), chunk, room):
                return bytes(room)
    raise PayloadError("the first chunk of the payload was altered, moved or cut")


def _opened(cipher: ChaCha20Poly1305, nonce: bytes, chunk: memoryview, room: memoryview) -> bool:
    try:
        cipher.decrypt_into(nonce, chunk, None, room)
    except InvalidTag:
        # Decryption runs before the tag is compared: what it left is nobody's plaintext.
        room[:] = bytes(len(room))
        return False
    return True


def _chunk_nonce(counter: int, flag: bytes) -> bytes:
    return counter.to_bytes(11, "big") + flag


def _nothing_after_the_last(available: int) -> int:
    if available:
        raise PayloadError("bytes follow the final chunk")
    return 0


def _cipher_of(source: Source, file_key: FileKey) -> ChaCha20Poly1305:
    nonce = memoryview(bytearray(NONCE))
    if fill(source, nonce) < NONCE:
        # age's own vectors count the nonce as part of the header.
        raise HeaderError("the file ends before its payload")
    return ChaCha20Poly1305(file_key.payload_key(bytes(nonce)))
