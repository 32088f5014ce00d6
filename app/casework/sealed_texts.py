"""Signed words in an envelope to some members: a draft, a note. The envelope is opened here too."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO

from app.envelope.errors import ParcelError
from app.envelope.file_keys import FileKey
from app.envelope.keyring import Member
from app.envelope.opening import Unwraps, open_header, open_whole
from app.envelope.parcel import ParcelReader, ParcelWriter
from app.envelope.sealing import Sealer


@dataclass(frozen=True, slots=True)
class SealedText:
    """An envelope, its two halves apart."""

    header: bytes = field(repr=False)
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedText:
    """What an envelope held: signed bytes that nobody has checked yet."""

    file_key: FileKey = field(repr=False)
    content: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def seal_text(content: bytes, signature: bytes, to: Iterable[Member]) -> SealedText:
    """Return signed bytes sealed to some members.

    Raises:
        ParcelError: if they do not fit a parcel.
    """
    payload = BytesIO()
    sealer = Sealer(payload, [member.recipient for member in to], write_header=False)
    ParcelWriter(sealer, content, signature, []).finish()
    sealer.finish()
    return SealedText(sealer.header, payload.getvalue())


def open_text(sealed: SealedText, identity: Unwraps) -> OpenedText:
    """Return what is in an envelope, read to its last byte.

    Raises:
        EnvelopeError: if it does not open with this identity, or is damaged.
    """
    file_key = open_header(sealed.header, identity)
    parcel = ParcelReader(BytesIO(open_whole(file_key, sealed.payload)))
    if list(parcel.attachments()):
        raise ParcelError("a text of the desk has no attachments")
    return OpenedText(file_key, parcel.letter_json, parcel.signature)
