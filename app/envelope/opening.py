"""Opening: the file key out of a header, and the plaintext out of a payload.

Source: c2sp.org/age; docs/envelope-spec.md, section 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol

from app.envelope.errors import NoMatch
from app.envelope.file_keys import FileKey
from app.envelope.format import Header, LineSource, Stanza, parse_header, parse_header_bytes
from app.envelope.padding import NONCE
from app.envelope.pipes import Source
from app.envelope.places import Finder
from app.envelope.recipients import Recipient
from app.envelope.stream import SEALED_CHUNK, PayloadReader, open_first_chunk


class Unwraps(Protocol):
    """What opens a stanza: an `Identity`; in the tests, those of age's other types as well."""

    def unwrap(self, stanza: Stanza, /) -> bytes: ...


class EnvelopeSource(LineSource, Source, Protocol):
    """A whole age file to read: a buffered file opened for reading bytes, or BytesIO."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An envelope whose header was opened and vouched for, and whose payload is yet to read."""

    header: Header
    file_key: FileKey
    payload: PayloadReader


def open_header(
    header: bytes | Header, identity: Unwraps, *, placed: Recipient | None = None
) -> FileKey:
    """Return the file key that `identity` finds in `header`.

    Args:
        header: a parsed header, or the bytes of one that is stored apart from its payload.
        identity: tried on every stanza, as none says whom it is for; a `Finder` where it was
            found before, first.
        placed: the identity's recipient, if its stanza stands at its place (a reporter's, in
            her thread): that is tried first, and the others if somebody put it elsewhere.

    Raises:
        HeaderError: if the bytes are not a header we take.
        NoMatch: if no stanza opens.
        MacError: if one opens, and its file key does not vouch for this header.
    """
    parsed = header if isinstance(header, Header) else parse_header_bytes(header)
    first = None if placed is None else placed.place(len(parsed.stanzas))
    if isinstance(identity, Finder):
        first = identity.places.of(parsed)
    at, file_key = _first_opened(parsed.stanzas, identity, first)
    file_key.vouch_for(parsed)
    if isinstance(identity, Finder):
        identity.places.note(parsed, at)
    return file_key


def can_open(header: bytes | Header, identity: Unwraps) -> bool:
    """Tell whether `identity` is among the readers of `header`.

    Raises:
        HeaderError, MacError: as `open_header`. A broken envelope is nobody's "no".
    """
    try:
        open_header(header, identity)
    except NoMatch:
        return False
    return True


def open_payload(file_key: FileKey, source: Source) -> PayloadReader:
    """Return the plaintext of the payload in `source`, as a file to read.

    Raises:
        HeaderError: if the source ends before the payload's nonce.
        PayloadError: while reading, at the first fault.
    """
    return PayloadReader(source, file_key)


def open_whole(file_key: FileKey, payload: bytes) -> bytes:
    """Return the plaintext of a whole payload that is in memory, verified to its last byte.

    Raises:
        HeaderError: if it ends before its nonce.
        PayloadError: if a byte of it is not what was sealed.
    """
    source = BytesIO(payload)
    if len(payload) < NONCE + SEALED_CHUNK:
        # One chunk, and a short one: it can only be the last.
        return open_first_chunk(source, file_key)
    return PayloadReader(source, file_key).readall()


def open_envelope(source: EnvelopeSource, identity: Unwraps) -> Opened:
    """Open a whole age file: its header now, its payload as it is read.

    Raises:
        HeaderError, NoMatch, MacError: as `open_header`.
    """
    header = parse_header(source)
    file_key = open_header(header, identity)
    return Opened(header, file_key, open_payload(file_key, source))


def _first_opened(
    stanzas: Sequence[Stanza], identity: Unwraps, first: int | None
) -> tuple[int, FileKey]:
    """Return the place of the first stanza that opens, and what is in it; `first` is tried first.

    `first` may come from anywhere: one that is no place among them is none.
    """
    places = list(range(len(stanzas)))
    if first in places:
        places.remove(first)
        places.insert(0, first)
    for place in places:
        try:
            return place, FileKey(identity.unwrap(stanzas[place]))
        except NoMatch:
            continue
    raise NoMatch("no stanza of the header is for this identity")
