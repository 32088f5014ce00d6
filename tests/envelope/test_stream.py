"""A payload comes back whole, or what was verified of it and then an error."""

import tracemalloc
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.envelope.errors import HeaderError, PayloadError
from app.envelope.file_keys import FileKey
from app.envelope.padding import CHUNK, sealed_payload_length
from app.envelope.pipes import BATCH, blocks_of
from app.envelope.stream import SEALED_CHUNK, PayloadReader, PayloadWriter, open_first_chunk
from tests.envelope.damage import damaged
from tests.proof import examples

KEY = FileKey(bytes(range(16)))
LENGTHS = [
    0, 1, 4096, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, BATCH * CHUNK - 1,
    BATCH * CHUNK, BATCH * CHUNK + 1, (BATCH + 1) * CHUNK, (BATCH + 1) * CHUNK + 1,
    2 * BATCH * CHUNK, 2 * BATCH * CHUNK + 77,
]  # fmt: skip


class Trickle(BytesIO):
    """A source that gives a little at a time, as a socket does."""

    def readinto(self, buffer):
        return super().readinto(memoryview(buffer)[:4099])


def pattern(length: int) -> bytes:
    return (bytes(range(251)) * (length // 251 + 1))[:length]


def sealed(content: bytes, step: int = 1 << 20) -> bytes:
    out = BytesIO()
    writer = PayloadWriter(out, KEY)
    for at in range(0, len(content), step):
        writer.write(content[at : at + step])
    writer.finish()
    return out.getvalue()


def released(payload: bytes) -> tuple[bytes, PayloadError | None]:
    out = BytesIO()
    try:
        PayloadReader(BytesIO(payload), KEY).copy_to(out)
    except PayloadError as error:
        return out.getvalue(), error
    return out.getvalue(), None


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("step", [5000, CHUNK, 100_001, 1 << 20])
def test_what_was_written_is_read(length, step):
    content = pattern(length)
    payload = sealed(content, step)
    assert len(payload) == sealed_payload_length(length)
    assert PayloadReader(BytesIO(payload), KEY).read() == content
    assert PayloadReader(Trickle(payload), KEY).readall() == content
    reader = PayloadReader(BytesIO(payload), KEY)
    assert b"".join(iter(lambda: reader.read(step), b"")) == content
    assert reader.read(1) == b""
    assert b"".join(bytes(block) for block in blocks_of(BytesIO(content))) == content


@examples(100, 5_000)
@given(
    st.lists(st.integers(0, 3 * CHUNK), max_size=6), st.lists(st.integers(1, 200_000), min_size=1)
)
def test_the_sizes_of_writes_and_reads_do_not_matter(writes, reads):
    content = pattern(sum(writes))
    out, at = BytesIO(), 0
    writer = PayloadWriter(out, KEY)
    for length in writes:
        assert writer.write(memoryview(content)[at : at + length]) == length
        at += length
    writer.finish()
    reader = PayloadReader(BytesIO(out.getvalue()), KEY)
    found = b""
    for length in reads:
        part = reader.read(length)
        assert len(part) == min(length, len(content) - len(found))
        found += part
    assert found + reader.read() == content


@examples(200, 20_000)
@given(damaged(sealed(pattern(3 * CHUNK + 5))))
def test_a_damaged_payload_gives_a_verified_beginning_and_an_error(payload):
    content = pattern(3 * CHUNK + 5)
    try:
        plaintext, error = released(payload)
    except HeaderError:
        assert len(payload) < 16
        return
    assert content.startswith(plaintext)
    assert len(plaintext) % CHUNK == 0 or plaintext == content
    assert (error is None) == (payload == sealed_again(payload, content))


def sealed_again(payload: bytes, content: bytes) -> bytes:
    """Return what an undamaged payload with this nonce is."""
    out = BytesIO()
    writer = PayloadWriter(out, KEY)
    # The nonce is the writer's own; the cipher under this payload's nonce is set in its place.
    writer._cipher = PayloadReader(BytesIO(payload), KEY)._chunks._cipher
    writer.write(content)
    writer.finish()
    return payload[:16] + out.getvalue()[16:]


@pytest.mark.parametrize("length", [CHUNK, 3 * CHUNK, 3 * CHUNK + 1])
def test_every_cut_is_noticed(length):
    payload = sealed(pattern(length))
    for cut in (16, 17, 31, 32, SEALED_CHUNK, 16 + SEALED_CHUNK, len(payload) - 1):
        if cut < len(payload):
            plaintext, error = released(payload[:cut])
            assert error is not None
            assert len(plaintext) <= max(0, cut - 16)


def test_swapped_chunks_are_noticed():
    payload = sealed(pattern(3 * CHUNK))
    one, two = payload[16 : 16 + SEALED_CHUNK], payload[16 + SEALED_CHUNK : 16 + 2 * SEALED_CHUNK]
    assert released(payload[:16] + two + one + payload[16 + 2 * SEALED_CHUNK :])[0] == b""


def test_bytes_behind_the_end_are_noticed():
    for length in (5, CHUNK, 2 * CHUNK):
        _, error = released(sealed(pattern(length)) + b"\0")
        assert error is not None


def test_another_key_or_nonce_opens_nothing():
    payload = sealed(b"words")
    with pytest.raises(PayloadError):
        PayloadReader(BytesIO(payload), FileKey(bytes(16))).read()
    assert released(bytes(16) + payload[16:])[0] == b""


@pytest.mark.parametrize("length", [0, 1, 15])
def test_a_file_that_ends_before_its_nonce_has_no_payload(length):
    with pytest.raises(HeaderError):
        PayloadReader(BytesIO(bytes(length)), KEY)


def test_an_error_stays_an_error():
    reader = PayloadReader(BytesIO(sealed(pattern(2 * CHUNK))[:-1]), KEY)
    assert reader.read(CHUNK) == pattern(CHUNK)
    for _ in range(3):
        with pytest.raises(PayloadError):
            reader.read(10)
    assert reader.read(0) == b""


def test_what_fails_to_verify_never_reaches_the_callers_memory():
    payload = bytearray(sealed(b"secret" * 20_000))
    payload[-1] ^= 1
    payload[16] ^= 1
    room = bytearray(2 * CHUNK)
    with pytest.raises(PayloadError):
        PayloadReader(BytesIO(payload), KEY).readinto(room)
    assert not any(room)


def test_a_finished_payload_takes_no_more():
    writer = PayloadWriter(BytesIO(), KEY)
    writer.finish()
    for more in (lambda: writer.write(b"x"), writer.finish):
        with pytest.raises(ValueError):
            more()


def test_a_reader_is_a_file_to_read_and_no_other():
    reader = PayloadReader(BytesIO(sealed(b"")), KEY)
    assert reader.readable()
    assert not reader.writable()
    assert not reader.seekable()


class TestFirstChunk:
    @pytest.mark.parametrize("length", LENGTHS)
    def test_it_is_read_from_the_whole_and_from_little_more_than_itself(self, length):
        content = pattern(length)
        payload = sealed(content)
        assert open_first_chunk(BytesIO(payload), KEY) == content[:CHUNK]
        for kept in (16 + SEALED_CHUNK, 20 + SEALED_CHUNK, 2 * SEALED_CHUNK):
            assert open_first_chunk(Trickle(payload[:kept]), KEY) == content[:CHUNK]

    def test_a_cut_or_altered_one_is_refused(self):
        payload = sealed(pattern(2 * CHUNK))
        altered = payload[:20] + bytes([payload[20] ^ 1]) + payload[21:]
        for spoilt in (payload[:16], payload[:20], payload[: 15 + SEALED_CHUNK], altered):
            with pytest.raises(PayloadError):
                open_first_chunk(BytesIO(spoilt), KEY)

    def test_a_missing_nonce_is_a_missing_payload(self):
        with pytest.raises(HeaderError):
            open_first_chunk(BytesIO(b"short"), KEY)


class Zeros(BytesIO):
    """So many zero bytes, never in memory at once."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self.left = length

    def readinto(self, buffer):
        count = min(self.left, len(buffer))
        memoryview(buffer)[:count] = bytes(count)
        self.left -= count
        return count


class Nowhere:
    def write(self, content):
        return len(content)


def test_memory_does_not_grow_with_the_payload():
    tracemalloc.start()
    try:
        writer = PayloadWriter(Nowhere(), KEY)
        for block in blocks_of(Zeros(32 << 20)):
            writer.write(block)
        writer.finish()
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
