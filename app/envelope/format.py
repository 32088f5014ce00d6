"""Bytes to header and back, strictly: the text part of an age v1 file.

Only what an encoder could have written is read, so two readers never see two headers in the same
bytes. Nothing here opens or seals: this module knows no keys and imports no cryptography.

Source: c2sp.org/age, "Header" and "The MLKEM768-X25519 hybrid post-quantum recipient type".
"""

from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Protocol, overload

from app.envelope.errors import HeaderError

STANZAS = 16  # of every stored header; docs/envelope-spec.md, section 3.2
MOST_STANZAS = 64  # that any reader of ours takes

HYBRID = "mlkem768x25519"
SHARE = 1120  # bytes: 1,088 of ML-KEM-768 ciphertext, 32 of X25519
X25519_SHARE = 32  # bytes, the last of a share
BODY = 32  # bytes: a file key of 16 and its tag of 16
MAC = 32  # bytes

LONGEST_LINE = 2048  # bytes; a hybrid stanza's first line has 1,513
LONGEST_STANZA_BODY = 16  # lines; ours has one

_VERSION = b"age-encryption.org/v1\n"
_FULL_LINE = 64  # characters
_VISIBLE = bytes(range(0x21, 0x7F))
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# What a text may end in, by how many characters its last group has: no byte ends after one.
_LAST_OF = (_BASE64, b"", _BASE64[::16], _BASE64[::4])
_SHARE_TEXT = 1494  # characters
_BODY_TEXT = 43  # characters, of a body and of a MAC
_X25519_FROM = 1448  # the first character of a group, 34 bytes before the end of a share

# Every encoding, its unused top bit cleared, of an X25519 point whose product with any private
# key is zero. OpenSSL refuses them too, but with the same error as a stanza for somebody else,
# and this is a fault of the header.
_WORTHLESS_SHARES = frozenset(
    bytes.fromhex(encoding)
    for encoding in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


class LineSource(Protocol):
    """Anything to read a header from: a file opened for reading bytes, or BytesIO."""

    def readline(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Stanza:
    """One wrapped file key, for nobody named."""

    arguments: tuple[str, ...]
    body: bytes

    @property
    def is_hybrid(self) -> bool:
        """Whether it is of the one type the product takes; parsing has checked its lengths."""
        return self.arguments[0] == HYBRID

    @property
    def sealed(self) -> bytes:
        """What HPKE opens in a hybrid stanza: share and body, 1,152 bytes.

        Decoded when asked for: of sixteen stanzas a reader opens one.
        """
        return decode_base64(self.arguments[1].encode()) + self.body

    def to_bytes(self) -> bytes:
        body = _unpadded(self.body)
        # A last line of exactly 64 is followed by an empty one: only a short line ends a stanza.
        lines = [body[at : at + _FULL_LINE] for at in range(0, len(body) + 1, _FULL_LINE)]
        return b"-> " + " ".join(self.arguments).encode() + b"\n" + b"\n".join(lines) + b"\n"


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header: its stanzas, and the bytes its MAC is over."""

    stanzas: Sequence[Stanza]
    mac: bytes
    without_mac: bytes

    def to_bytes(self) -> bytes:
        return with_mac(self.without_mac, self.mac)


def hybrid_stanza(sealed: bytes) -> Stanza:
    """Return the stanza over what HPKE sealed: 1,120 bytes of share and 32 of body."""
    share = _unpadded(sealed[:SHARE]).decode()
    return Stanza((HYBRID, share), sealed[SHARE:])


def without_mac(stanzas: Iterable[Stanza]) -> bytes:
    """Return the header of `stanzas` up to and including the `---` that its MAC covers."""
    return _VERSION + b"".join(stanza.to_bytes() for stanza in stanzas) + b"---"


def with_mac(text: bytes, mac: bytes) -> bytes:
    """Return a whole header: `text` as `without_mac` gave it, and its 32 bytes of MAC."""
    return text + b" " + _unpadded(mac) + b"\n"


def parse_header(
    source: LineSource, *, exactly: int | None = None, any_type: bool = False
) -> Header:
    """Read one header from `source`, and leave the source at the first byte of the payload.

    Args:
        source: read line by line; never more than 2,048 bytes of it are held beside the header,
            and the header itself is bounded by its number of stanzas.
        exactly: the number of stanzas the header must have (intake asks for 16), or None for
            anything from 1 to 64.
        any_type: let other stanza types through. For the tests that run age's own vectors; the
            product refuses them before anything is decrypted.

    Raises:
        HeaderError: if this is not a header in its one canonical form, or not one we take.
    """
    if source.readline(len(_VERSION)) != _VERSION:
        raise HeaderError("not an age v1 file")
    most = MOST_STANZAS if exactly is None else exactly
    text, stanzas = [_VERSION], list[Stanza]()
    while (line := source.readline(LONGEST_LINE)).startswith(b"-> "):
        if len(stanzas) == most:
            raise HeaderError(f"the header has more than {most} stanzas")
        lines = _stanza_lines(line, source)
        stanzas.append(_stanza(lines, any_type=any_type))
        text += lines
    if len(stanzas) < (exactly or 1):
        raise HeaderError(f"the header has {len(stanzas)} stanzas, which is too few")
    mac = _mac(line)
    return Header(tuple(stanzas), mac, b"".join(text) + b"---")


def parse_header_bytes(
    header: bytes, *, exactly: int | None = None, any_type: bool = False
) -> Header:
    """Read a header that is stored apart from its payload: these bytes and no others.

    Raises:
        HeaderError: as `parse_header`, or if bytes follow the header.
    """
    even = _even_header(header)
    if even is not None and exactly in {None, len(even.stanzas)}:
        return even
    source = BytesIO(header)
    parsed = parse_header(source, exactly=exactly, any_type=any_type)
    if source.tell() != len(header):
        raise HeaderError("bytes follow the header")
    return parsed


_STANZA_BEGINS = b"-> " + HYBRID.encode() + b" "
_MAC_BEGINS = b"--- "
_STANZA = len(_STANZA_BEGINS) + _SHARE_TEXT + 1 + _BODY_TEXT + 1  # bytes
_AFTER_STANZAS = len(_MAC_BEGINS) + _BODY_TEXT + 1  # bytes


class _EvenStanzas(Sequence[Stanza]):
    """The stanzas of a header in which each is hybrid, made when asked for."""

    def __init__(self, header: bytes, count: int) -> None:
        self._header = header
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    @overload
    def __getitem__(self, at: int) -> Stanza: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Stanza, ...]: ...
    def __getitem__(self, at: int | slice) -> Stanza | tuple[Stanza, ...]:
        places = range(self._count)[at]
        if isinstance(places, range):
            return tuple(map(self._stanza, places))
        return self._stanza(places)

    def _stanza(self, at: int) -> Stanza:
        start = len(_VERSION) + at * _STANZA + len(_STANZA_BEGINS)
        end = start + _SHARE_TEXT
        share = self._header[start:end].decode("ascii")
        body = self._header[end + 1 : end + 1 + _BODY_TEXT]
        return Stanza((HYBRID, share), a2b_base64(body + b"="))


# How a worthless share ends in a stanza, from its second byte on, whatever its top bit says.
_WORTHLESS_TAILS = frozenset(
    b64encode(share[1:-1] + bytes([share[-1] | top])).rstrip(b"=")
    for share in _WORTHLESS_SHARES
    for top in (0, 0x80)
)


@lru_cache(maxsize=MOST_STANZAS)
def _signs_between(count: int) -> bytes:
    """Return what is no base64 in an even header of `count` stanzas, in its order."""
    between = _VERSION + (_STANZA_BEGINS + b"\n\n") * count + _MAC_BEGINS + b"\n"
    return between.translate(None, _BASE64)


def _even_header(header: bytes) -> Header | None:
    """Return the header in bytes that are one of hybrid stanzas throughout; None if unsure.

    Everything in such a header stands at a known place, so a few looks at all of it at once find
    what `parse_header` finds line by line, in a tenth of the time. Only what that would take is
    taken here; what to say of anything else is left to it.
    """
    count, over = divmod(len(header) - len(_VERSION) - _AFTER_STANZAS, _STANZA)
    if over or not 1 <= count <= MOST_STANZAS:
        return None
    first, last = len(_VERSION), len(header) - _AFTER_STANZAS
    if not _stands_as_written(header, first, last):
        return None
    # All of that stands where it should, so nothing else stands between it but base64.
    if header.translate(None, _BASE64) != _signs_between(count):
        return None
    if not _ends_as_written(header, first + len(_STANZA_BEGINS), last):
        return None
    mac = a2b_base64(header[-_BODY_TEXT - 1 : -1] + b"=")
    return Header(_EvenStanzas(header, count), mac, header[: last + len(_MAC_BEGINS) - 1])


def _stands_as_written(header: bytes, first: int, last: int) -> bool:
    """Say whether what is the same in every even header stands at its place."""
    ends = b"\n" * len(range(first, last, _STANZA))
    after_share = first + len(_STANZA_BEGINS) + _SHARE_TEXT
    return (
        header.startswith(_VERSION)
        and all(header.startswith(_STANZA_BEGINS, at) for at in range(first, last, _STANZA))
        and header[after_share:last:_STANZA] == ends
        and header[first + _STANZA - 1 : last : _STANZA] == ends
        and header.startswith(_MAC_BEGINS, last)
        and header.endswith(b"\n")
    )


def _ends_as_written(header: bytes, share: int, last: int) -> bool:
    """Say whether every field of an even header is canonical, and no share like a worthless one.

    `share` is where the first one begins, `last` where the line of the MAC does.
    """
    shares = header[share + _SHARE_TEXT - 1 : last : _STANZA]
    bodies = header[share + _SHARE_TEXT + _BODY_TEXT : last : _STANZA] + header[-2:-1]
    if shares.translate(None, _LAST_OF[_SHARE_TEXT % 4]) or bodies.translate(
        None, _LAST_OF[_BODY_TEXT % 4]
    ):
        return False
    # From the first group that holds nothing of the share's first byte.
    tails = range(share + _X25519_FROM + 4, last, _STANZA)
    length = _SHARE_TEXT - _X25519_FROM - 4
    return not any(header[at : at + length] in _WORTHLESS_TAILS for at in tails)


def decode_base64(text: bytes) -> bytes:
    """Return the bytes in `text`, which must be canonical base64 without padding.

    Raises:
        HeaderError: if it is not what an encoder would have written.
    """
    _check_base64(text)
    return a2b_base64(text + b"=" * (-len(text) % 4))


def is_worthless_share(share: bytes) -> bool:
    """Tell whether 32 bytes of X25519 public value give zero with every private key."""
    return share[:-1] + bytes([share[-1] & 0x7F]) in _WORTHLESS_SHARES


def _unpadded(content: bytes) -> bytes:
    return b64encode(content).rstrip(b"=")


def _check_base64(text: bytes) -> None:
    """Raise HeaderError unless `text` is the one form in which an encoder writes its bytes."""
    if text.translate(None, _BASE64):
        raise HeaderError("a header field is not base64")
    # The last character of an incomplete group has bits that no byte takes: they are zero.
    if text and text[-1] not in _LAST_OF[len(text) % 4]:
        raise HeaderError("a header field is not canonical, unpadded base64")


def _stanza_lines(first: bytes, source: LineSource) -> list[bytes]:
    arguments = first[3:-1].split(b" ")
    if (
        not first.endswith(b"\n")
        or not all(arguments)
        or b"".join(arguments).translate(None, _VISIBLE)
    ):
        raise HeaderError("a stanza does not begin as one should")
    lines = [first]
    while len(lines) <= LONGEST_STANZA_BODY:
        line = source.readline(_FULL_LINE + 1)
        if not line.endswith(b"\n"):
            raise HeaderError("a stanza's line is too long or cut off")
        lines.append(line)
        if len(line) <= _FULL_LINE:
            return lines
    raise HeaderError("a stanza is too long")


def _stanza(lines: list[bytes], *, any_type: bool) -> Stanza:
    arguments = tuple(lines[0][3:-1].decode("ascii").split(" "))
    body = decode_base64(b"".join(line[:-1] for line in lines[1:]))
    stanza = Stanza(arguments, body)
    if stanza.is_hybrid:
        _check_hybrid(arguments, body)
    elif not any_type:
        raise HeaderError("the header has a stanza that is not post-quantum hybrid")
    return stanza


def _check_hybrid(arguments: tuple[str, ...], body: bytes) -> None:
    if len(arguments) != 2:
        raise HeaderError("a hybrid stanza has exactly one argument beside its type")
    share = arguments[1].encode()
    _check_base64(share)
    # Before any decryption, so that a stanza of another length cannot be made to open with
    # many keys at once (a partitioning oracle).
    if len(share) != _SHARE_TEXT or len(body) != BODY:
        raise HeaderError("a hybrid stanza's share or body has a wrong length")
    if is_worthless_share(decode_base64(share[_X25519_FROM:])[-X25519_SHARE:]):
        raise HeaderError("a hybrid stanza's X25519 share is of small order")


def _mac(line: bytes) -> bytes:
    if not line.startswith(b"--- ") or not line.endswith(b"\n"):
        raise HeaderError("the header does not end in its MAC")
    mac = decode_base64(line[4:-1])
    if len(mac) != MAC:
        raise HeaderError("the header's MAC has a wrong length")
    return mac
