"""A parcel is the one tar it can be; everything else that a tar can say is refused."""

import io
import tarfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.envelope.errors import ParcelError
from app.envelope.padding import BLOCK, CHUNK, ENCLOSING, padded_length
from app.envelope.parcel import (
    LONGEST_LETTER,
    MOST_ATTACHMENTS,
    ParcelReader,
    ParcelWriter,
    parcel_length,
    peek_letter,
)
from app.envelope.ustar import LARGEST_MEMBER, member_header, member_size
from tests.envelope import samples
from tests.envelope.damage import damaged
from tests.proof import PARSER, examples

LETTER = b'{"format":"candour-letter/1"}'
SIGNATURE = bytes(range(64))
CONTENTS = [b"first", b"", b"x" * 512, bytes(range(256)) * 5]
SOUND = samples.parcel(LETTER, SIGNATURE, CONTENTS)


class Trickle(BytesIO):
    """A source that gives a little at a time."""

    def readinto(self, buffer):
        return super().readinto(memoryview(buffer)[:97])


def read(content: bytes) -> tuple[bytes, bytes, list[bytes]]:
    parcel = ParcelReader(BytesIO(content))
    return parcel.letter_json, parcel.signature, [item.read() for item in parcel.attachments()]


def tar_of(*members: tuple[tarfile.TarInfo, bytes], padded: bool = True) -> bytes:
    """Return a tar that Python wrote, padded as a parcel would be."""
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for member, content in members:
            tar.addfile(member, BytesIO(content))
    content = out.getvalue()
    end = sum(BLOCK + -(-len(body) // BLOCK) * BLOCK for _, body in members)
    return content[:end].ljust(padded_length(end + 1024), b"\0") if padded else content


def member(name: str, content: bytes, **changes) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    for key, value in changes.items():
        setattr(info, key, value)
    return info, content


LETTER_MEMBER = member("letter.json", LETTER)
SIGNATURE_MEMBER = member("letter.sig", SIGNATURE)


@examples(150, 20_000)
@given(
    st.binary(max_size=3000),
    st.binary(min_size=64, max_size=64),
    st.lists(st.binary(max_size=2000), max_size=MOST_ATTACHMENTS),
    st.integers(1, 5000),
)
def test_what_was_written_is_read(letter, signature, contents, step):
    out = BytesIO()
    writer = ParcelWriter(out, letter, signature, [len(content) for content in contents])
    together = b"".join(contents)
    for at in range(0, len(together), step):
        assert writer.write(together[at : at + step]) == len(together[at : at + step])
    writer.finish()
    content = out.getvalue()
    assert len(content) == writer.length
    assert len(content) == parcel_length(len(letter), [len(item) for item in contents])
    assert read(content) == (letter, signature, contents)
    assert peek_letter(content[:CHUNK]) == (letter, signature)
    assert (
        tar_of(
            member("letter.json", letter),
            member("letter.sig", signature),
            *(member(f"attachments/{at}", item) for at, item in enumerate(contents, 1)),
        )
        == content
    )


def test_anybody_with_tar_can_read_it():
    with tarfile.open(fileobj=BytesIO(SOUND)) as tar:
        assert tar.getnames() == ["letter.json", "letter.sig"] + [
            f"attachments/{at}" for at in range(1, 5)
        ]
        assert [tar.extractfile(item).read() for item in tar][2:] == CONTENTS


@examples(proof=PARSER)
@given(damaged(SOUND))
def test_a_damaged_parcel_is_refused_or_is_the_only_parcel_with_its_content(content):
    try:
        found = read(content)
    except ParcelError:
        return
    assert samples.parcel(*found) == content


@examples()
@given(damaged(SOUND[:BLOCK]))
def test_a_damaged_header_is_refused(header):
    if header != SOUND[:BLOCK]:
        with pytest.raises(ParcelError):
            member_size(header, "letter.json")


@examples(100, 10_000)
@given(st.binary(max_size=2000))
def test_any_bytes_are_refused_by_name(content):
    with pytest.raises(ParcelError):
        read(content)


def test_attachments_may_be_passed_over_or_read_in_pieces():
    parcel = ParcelReader(Trickle(SOUND))
    seen = []
    for attachment in parcel.attachments():
        assert attachment.readable()
        seen.append((attachment.number, attachment.size))
        if attachment.number == 4:
            assert attachment.read(10) == CONTENTS[3][:10]
            assert attachment.read(5) == CONTENTS[3][10:15]
    assert seen == [(at, len(content)) for at, content in enumerate(CONTENTS, 1)]
    assert list(parcel.attachments()) == []
    parcel.finish()
    ParcelReader(BytesIO(SOUND)).finish()


def test_the_longest_letter_lies_in_the_first_chunk():
    letter = b"x" * LONGEST_LETTER
    content = samples.parcel(letter, SIGNATURE, [bytes(200_000)])
    assert peek_letter(content[:CHUNK]) == (letter, SIGNATURE)
    for unfit in (letter + b"x", LETTER):
        with pytest.raises(ParcelError):
            samples.parcel(unfit, SIGNATURE if unfit != LETTER else b"short")


@pytest.mark.parametrize("cut", [0, 1, 511, 512, 1024, 1535, 1536, 1600, 8191])
def test_a_cut_parcel_is_refused(cut):
    with pytest.raises(ParcelError):
        read(SOUND[:cut])


HOSTILE = {
    "not a tar": b"\x1f\x8b" + bytes(9000),
    "all zero": bytes(8192),
    "no letter": tar_of(SIGNATURE_MEMBER, LETTER_MEMBER),
    "letter alone": tar_of(LETTER_MEMBER),
    "letter twice": tar_of(LETTER_MEMBER, LETTER_MEMBER, SIGNATURE_MEMBER),
    "signature twice": tar_of(LETTER_MEMBER, SIGNATURE_MEMBER, SIGNATURE_MEMBER),
    "long signature": tar_of(LETTER_MEMBER, member("letter.sig", bytes(65))),
    "short signature": tar_of(LETTER_MEMBER, member("letter.sig", bytes(63))),
    "long letter": tar_of(member("letter.json", bytes(LONGEST_LETTER + 1)), SIGNATURE_MEMBER),
    "gap": tar_of(LETTER_MEMBER, SIGNATURE_MEMBER, member("attachments/2", b"x")),
    "from nought": tar_of(LETTER_MEMBER, SIGNATURE_MEMBER, member("attachments/0", b"x")),
    "same twice": tar_of(
        LETTER_MEMBER,
        SIGNATURE_MEMBER,
        member("attachments/1", b"x"),
        member("attachments/1", b"y"),
    ),
    "wrong order": tar_of(
        LETTER_MEMBER,
        SIGNATURE_MEMBER,
        member("attachments/2", b"x"),
        member("attachments/1", b"y"),
    ),
    "eleven": tar_of(
        LETTER_MEMBER,
        SIGNATURE_MEMBER,
        *(member(f"attachments/{at}", b"") for at in range(1, 12)),
    ),
    "another name": tar_of(LETTER_MEMBER, SIGNATURE_MEMBER, member("attachments/../../etc", b"")),
    "absolute": tar_of(LETTER_MEMBER, SIGNATURE_MEMBER, member("/attachments/1", b"")),
    "leading nought": tar_of(LETTER_MEMBER, SIGNATURE_MEMBER, member("attachments/01", b"")),
}
for name, changes in {
    "link": {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
    "hard link": {"type": tarfile.LNKTYPE, "linkname": "letter.json"},
    "folder": {"type": tarfile.DIRTYPE},
    "device": {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3},
    "fifo": {"type": tarfile.FIFOTYPE},
    "contiguous": {"type": tarfile.CONTTYPE},
    "old regular": {"type": tarfile.AREGTYPE},
    "sparse": {"type": tarfile.GNUTYPE_SPARSE},
    "long name": {"type": tarfile.GNUTYPE_LONGNAME},
    "pax": {"type": tarfile.XHDTYPE},
    "global pax": {"type": tarfile.XGLTYPE},
    "another mode": {"mode": 0o644},
    "an owner": {"uid": 1000},
    "a group": {"gid": 1000},
    "an owner's name": {"uname": "pc1234"},
    "a group's name": {"gname": "cid"},
    "a time": {"mtime": 1_763_700_000},
}.items():
    HOSTILE[name] = tar_of(LETTER_MEMBER, SIGNATURE_MEMBER, member("attachments/1", b"", **changes))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_tar_is_refused(name):
    with pytest.raises(ParcelError):
        read(HOSTILE[name])


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_another_form_of_tar_is_refused(format):
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as tar:
        tar.addfile(*[LETTER_MEMBER[0], BytesIO(LETTER)])
        long_name = member("a" * 120, b"x")
        tar.addfile(long_name[0], BytesIO(b"x"))
    with pytest.raises(ParcelError):
        read(out.getvalue())


SIZES = [b"77777777777\0", b"\x80" + bytes(3) + b"\xff" * 8, b"           1", b"0000000000-1", b""]


@pytest.mark.parametrize("size", SIZES)
def test_a_size_that_lies_is_refused(size):
    header = bytearray(member_header("letter.json", len(LETTER)))
    header[124 : 124 + len(size)] = size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    spoilt = bytes(header) + SOUND[BLOCK:]
    if size:
        with pytest.raises(ParcelError):
            read(spoilt)
    else:
        assert read(spoilt)[0] == LETTER


@pytest.mark.parametrize("size", [-1, LARGEST_MEMBER + 1])
def test_a_member_of_8_gib_is_refused_before_anything_is_written(size):
    out = BytesIO()
    with pytest.raises(ParcelError):
        ParcelWriter(out, LETTER, SIGNATURE, [5, size])
    assert out.getvalue() == b""
    assert member_size(member_header("letter.json", LARGEST_MEMBER), "letter.json") == 8**11 - 1


def test_more_than_ten_attachments_are_not_written():
    with pytest.raises(ParcelError):
        ParcelWriter(BytesIO(), LETTER, SIGNATURE, [0] * 11)


@pytest.mark.parametrize("at", [len(LETTER) + BLOCK, 3 * BLOCK + 64, 5 * BLOCK + 5, len(SOUND) - 1])
def test_zeros_that_are_not_zero_are_refused(at):
    assert SOUND[at] == 0
    with pytest.raises(ParcelError):
        read(SOUND[:at] + b"\1" + SOUND[at + 1 :])


@pytest.mark.parametrize("length", [-512, -1, 1, 512, 1 << 20])
def test_only_the_padded_length_will_do(length):
    other = SOUND[:length] if length < 0 else SOUND + bytes(length)
    with pytest.raises(ParcelError):
        read(other)


@pytest.mark.parametrize("size", [0, 1, 5_000, 4 << 20])
def test_a_desks_file_is_in_a_parcel_of_one_length(size):
    out = BytesIO()
    writer = ParcelWriter(out, LETTER, SIGNATURE, [size], floor=ENCLOSING)
    writer.write(bytes(size))
    writer.finish()
    content = out.getvalue()
    assert len(content) == writer.length == ENCLOSING
    assert parcel_length(len(LETTER), [size], floor=ENCLOSING) == ENCLOSING

    parcel = ParcelReader(BytesIO(content))
    assert [one.size for one in parcel.attachments(floor=ENCLOSING)] == [size]
    ParcelReader(BytesIO(content)).finish(floor=ENCLOSING)
    for other in (content[:-1], content + b"\0", content[:-1] + b"\1"):
        with pytest.raises(ParcelError):
            ParcelReader(BytesIO(other)).finish(floor=ENCLOSING)
    if size <= 1:
        with pytest.raises(ParcelError, match="longer"):
            ParcelReader(BytesIO(content)).finish()


def test_attachments_are_as_long_as_was_said():
    writer = ParcelWriter(BytesIO(), LETTER, SIGNATURE, [0, 5, 0])
    writer.write(b"1234")
    with pytest.raises(ParcelError, match="shorter"):
        writer.finish()
    with pytest.raises(ParcelError, match="longer"):
        writer.write(b"56")


def test_a_long_parcel_is_padded_in_blocks():
    class Watching(io.BytesIO):
        longest = 0

        def write(self, content):
            self.longest = max(self.longest, len(content))
            return super().write(content)

    out = Watching()
    size = (32 << 20) + 1
    writer = ParcelWriter(out, LETTER, SIGNATURE, [size])
    for _ in range(32):
        writer.write(bytes(1 << 20))
    writer.write(b"\0")
    writer.finish()
    assert out.tell() == writer.length > size + CHUNK
    assert out.longest == 1 << 20
