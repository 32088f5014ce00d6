"""A header is read in its one form, within bounds, and nothing else is."""

from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from app.envelope import format as header_format
from app.envelope.errors import HeaderError
from app.envelope.file_keys import FileKey
from app.envelope.format import (
    LONGEST_LINE,
    MOST_STANZAS,
    Stanza,
    decode_base64,
    is_worthless_share,
    parse_header,
    parse_header_bytes,
    with_mac,
    without_mac,
)
from app.envelope.sealing import seal_header
from tests.envelope.damage import damaged
from tests.envelope.samples import JANE, OMAR
from tests.proof import PARSER, examples

SOUND = seal_header([JANE.recipient, OMAR.recipient], FileKey(bytes(16)), stanzas=3)


ONE_READER = seal_header([JANE.recipient], FileKey(bytes(16)), stanzas=1)
ONE_LINE = b"age-encryption.org/v1\n-> mlkem768x25519 AB"


class Endless:
    """A line that never ends, and a count of what was taken from it."""

    def __init__(self, first: bytes) -> None:
        self.first, self.taken = first, 0

    def readline(self, size: int = -1, /) -> bytes:
        assert size > 0, "unbounded"
        line, self.first = self.first or b"A" * size, b""
        self.taken += len(line)
        return line


@examples(proof=PARSER)
@given(damaged(SOUND))
def test_damaged_header_is_refused_by_name_or_still_canonical(content):
    try:
        header = parse_header_bytes(content)
    except HeaderError:
        return
    assert header.to_bytes() == content


@examples(proof=PARSER)
@given(damaged(SOUND) | damaged(ONE_READER))
def test_what_is_read_at_once_is_what_is_read_line_by_line(content):
    """Looking at a whole header at once takes nothing that the lines would refuse."""
    at_once = header_format._even_header(content)
    if at_once is None:
        return
    source = BytesIO(content)
    by_line = parse_header(source)
    assert source.tell() == len(content)
    assert (at_once, at_once.to_bytes()) == (by_line, content)
    assert at_once.stanzas == by_line.stanzas
    assert [at_once.stanzas[at] for at in range(-1, 1)] == [by_line.stanzas[-1], by_line.stanzas[0]]
    assert at_once.stanzas[1:] == by_line.stanzas[1:]


def test_every_sound_header_is_read_at_once():
    """What is stored is, that is: a line-by-line reading takes ten times as long."""
    for sound in (SOUND, ONE_READER, seal_header([JANE.recipient], FileKey(bytes(16)))):
        assert header_format._even_header(sound) == parse_header(BytesIO(sound))


@pytest.mark.parametrize("at", range(len(ONE_LINE)))
def test_no_sign_of_a_header_may_be_another(at):
    """Each byte that is not drawn at random, and the ends of those that are."""
    for other in b"A-> \n=+z":
        content = ONE_READER[:at] + bytes([other]) + ONE_READER[at + 1 :]
        at_once = header_format._even_header(content)
        try:
            by_line = parse_header(BytesIO(content))
        except HeaderError:
            assert at_once is None
        else:
            assert at_once in {None, by_line}


@examples()
@given(damaged(SOUND + b"payload"))
def test_damaged_file_gives_the_header_that_its_bytes_are(content):
    source = BytesIO(content)
    try:
        header = parse_header(source, any_type=True)
    except HeaderError:
        return
    assert content.startswith(header.to_bytes())
    assert source.tell() == len(header.to_bytes())


@examples(100, 10_000)
@given(st.binary(max_size=300), st.lists(st.text("abc1/+", min_size=1), min_size=1, max_size=3))
def test_a_stanza_of_any_length_comes_back(body, arguments):
    text = without_mac([Stanza(tuple(arguments), body)])
    header = parse_header_bytes(with_mac(text, bytes(32)), any_type=True)
    assert header.stanzas == (Stanza(tuple(arguments), body),)
    assert (header.mac, header.without_mac) == (bytes(32), text)


def test_intake_may_ask_for_the_number_of_stanzas():
    assert len(parse_header_bytes(SOUND, exactly=3).stanzas) == 3
    for other in (2, 4, 16):
        with pytest.raises(HeaderError, match="stanzas"):
            parse_header_bytes(SOUND, exactly=other)


def test_a_header_has_1_to_64_stanzas():
    stanza = parse_header_bytes(SOUND).stanzas[0]
    for count in (1, MOST_STANZAS):
        parse_header_bytes(with_mac(without_mac([stanza] * count), bytes(32)))
    for count in (0, MOST_STANZAS + 1):
        with pytest.raises(HeaderError, match="stanzas"):
            parse_header_bytes(with_mac(without_mac([stanza] * count), bytes(32)))


@pytest.mark.parametrize("kind", ["X25519", "scrypt", "abc-grease", "MLKEM768X25519", "ssh-rsa"])
def test_a_stanza_of_another_type_is_refused_beside_sound_ones(kind):
    sound = parse_header_bytes(SOUND).stanzas
    mixed = with_mac(without_mac([*sound, Stanza((kind, "abcd"), bytes(32))]), bytes(32))
    with pytest.raises(HeaderError, match="not post-quantum hybrid"):
        parse_header_bytes(mixed)
    assert len(parse_header_bytes(mixed, any_type=True).stanzas) == 4


def test_bytes_behind_a_stored_header_are_refused():
    with pytest.raises(HeaderError, match="follow"):
        parse_header_bytes(SOUND + b"\n")


@pytest.mark.parametrize("first", [b"", b"age-encryption.org/v1\n", b"age-encryption.org/v1\n-> "])
def test_a_line_without_end_is_not_read_to_its_end(first):
    source = Endless(first)
    with pytest.raises(HeaderError):
        parse_header(source, any_type=True)
    assert source.taken < 3 * LONGEST_LINE


def test_a_stanza_without_end_is_not_read_to_its_end():
    line = b"A" * 64 + b"\n"
    text = b"age-encryption.org/v1\n-> mlkem768x25519 AAAA\n" + line * 10_000
    source = BytesIO(text)
    with pytest.raises(HeaderError, match="too long"):
        parse_header(source)
    assert source.tell() < 5000


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        (b"", True),
        (b"AA", True),
        (b"AAA", True),
        (b"AAAA", True),
        (b"A", False),
        (b"AB", False),
        (b"AAB", False),
        (b"AA==", False),
        (b"AA A", False),
        (b"AA\r", False),
        (b"AA-_", False),
        ("AAé".encode(), False),
    ],
)
def test_base64_has_one_form(text, sound):
    if sound:
        assert len(decode_base64(text)) == len(text) * 3 // 4
    else:
        with pytest.raises(HeaderError):
            decode_base64(text)


def test_every_worthless_share_is_one_and_openssl_agrees():
    private = X25519PrivateKey.generate()
    assert len(header_format._WORTHLESS_SHARES) == 7
    for share in header_format._WORTHLESS_SHARES:
        for top in (0, 0x80):
            spelling = share[:-1] + bytes([share[-1] | top])
            assert is_worthless_share(spelling)
            with pytest.raises(ValueError):
                private.exchange(X25519PublicKey.from_public_bytes(spelling))
    assert not is_worthless_share(private.public_key().public_bytes_raw())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"age-encryption.org/v1\n", b"age-encryption.org/v2\n"),
        (b"--- ", b"---  "),
        (b"--- ", b"---"),
        (b"--- ", b"-- "),
        (b"\n-> ", b"\n->"),
        (b"\n-> ", b"\n->  "),
        (b"\n-> ", b"\n-> \x7f "),
        (b"\n-> mlkem768x25519 ", b"\n-> mlkem768x25519 a "),
        (b"\n-> mlkem768x25519 ", b"\n-> mlkem768x25519 AAAA"),
        (b"\n-> mlkem768x25519 ", b"\n-> mlkem768x25519\n"),
    ],
)
def test_a_header_changed_in_one_place_is_refused(before, after):
    assert SOUND.count(before) >= 1
    with pytest.raises(HeaderError):
        parse_header_bytes(SOUND.replace(before, after, 1))


@pytest.mark.parametrize("length", [0, 15, 31, 33])
def test_a_mac_of_another_length_is_refused(length):
    stanzas = parse_header_bytes(SOUND).stanzas
    with pytest.raises(HeaderError):
        parse_header_bytes(with_mac(without_mac(stanzas), bytes(length)))
