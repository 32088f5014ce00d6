"""One attachment of a case: checked to its last byte first, then given out as it is decrypted.

Read twice. Whoever gave it out while checking would have handed most of a forged file to a
browser before finding out; a second pass costs some milliseconds a megabyte and no memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BufferedReader, BytesIO

from app.audit.service import record
from app.casework import service
from app.casework.containers import Look
from app.casework.file_kinds import FileKind
from app.casework.reading import Folder, open_entry
from app.envelope.errors import EnvelopeError
from app.envelope.file_keys import FileKey
from app.envelope.identities import Identity
from app.envelope.keyring import Keyring
from app.envelope.letter import Attachment, Kind, Letter
from app.envelope.opening import open_payload
from app.envelope.parcel import ParcelReader
from app.envelope.pipes import Sink, blocks_of
from app.envelope.reading import read_attachments
from app.errors import Missing
from app.identity.domain import StaffMember
from app.mailbox.objects import Objects
from app.work import Work


class ForgedAttachment(Exception):
    """The envelope of an attachment is not what its writer sealed; nothing of it is given out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """A letter that brings files, opened and verified, and the way to its whole payload."""

    # Its id: of an entry in the mailbox, or of a draft that may become one.
    id: bytes
    letter: Letter = field(repr=False)
    file_key: FileKey = field(repr=False)
    payload: Callable[[], BufferedReader | BytesIO]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An attachment whose envelope was found sound from its first byte to its last."""

    brought: Bringing
    number: int
    named: Attachment
    kind: FileKind

    @property
    def of_desk(self) -> bool:
        """Whether the desk sends or sent it: a cleaned copy already."""
        return self.brought.letter.kind is Kind.REPLY

    @property
    def file_name(self) -> str:
        """The name to store it under: of ours, because the reporter's may say who she is."""
        return f"attachment-{self.number}.{self.kind.ending}"


def check(
    folder: Folder,
    entry: bytes,
    number: int,
    *,
    identity: Identity,
    keyring: Keyring,
    objects: Objects,
) -> Checked:
    """Return attachment `number` of an entry once everything around it was checked.

    Raises:
        Missing: if the case has no such entry, or its letter no such attachment.
        ForgedAttachment: if the envelope does not open or does not verify to its end.
    """
    found = next((one for one in folder.entries if one.id == entry), None)
    if found is None:
        raise Missing("entry")
    try:
        keys = keyring.verification_keys()
        opened = open_entry(folder.case, found, identity, keys, objects)
    except EnvelopeError as error:
        raise ForgedAttachment(str(error)) from error
    brought = Bringing(
        id=found.id,
        letter=opened.letter,
        file_key=opened.file_key,
        payload=lambda: objects.open(found.object_name),
    )
    return check_brought(brought, number)


def check_brought(brought: Bringing, number: int) -> Checked:
    """Return attachment `number` of a letter that is open, once all around it was checked.

    Raises:
        Missing: if its letter has no such attachment.
        ForgedAttachment: if the envelope does not verify to its end.
    """
    if not 1 <= number <= len(brought.letter.attachments):
        raise Missing("attachment")
    look = Look()
    try:
        _copy(brought, number, look)
    except EnvelopeError as error:
        raise ForgedAttachment(str(error)) from error
    named = brought.letter.attachments[number - 1]
    return Checked(brought=brought, number=number, named=named, kind=look.kind())


def read(checked: Checked) -> bytes:
    """Return all of a checked attachment. For one that is known to be small."""
    whole = BytesIO()
    _copy(checked.brought, checked.number, whole)
    return whole.getvalue()


def read_head(checked: Checked, most: int) -> bytes:
    """Return the first bytes of a checked attachment, `most` at most."""
    head = _Head(most)
    _copy(checked.brought, checked.number, head)
    return head.taken()


def stream(checked: Checked) -> Iterator[bytes]:
    """Yield a checked attachment piece by piece, in bounded memory.

    Raises:
        EnvelopeError: if the object changed since it was checked; the download breaks off.
    """
    with checked.brought.payload() as payload:
        parcel = ParcelReader(open_payload(checked.brought.file_key, payload))
        for attachment in parcel.attachments():
            if attachment.number == checked.number:
                # A block's memory is used again for the next.
                yield from (bytes(block) for block in blocks_of(attachment))
                return


def note_opening(work: Work, ref: str, checked: Checked, verb: str, *, by: StaffMember) -> None:
    """Record that `by` takes an attachment out, before a byte of it goes.

    Raises:
        Missing: if she may not read the case any more.
    """
    service.find_case(work, ref, by=by)
    entry = checked.brought.id.hex()
    record(work, actor=by.id, verb=verb, subject=ref, entry=entry, number=checked.number)


def note_forgery(work: Work, ref: str, entry: bytes, *, by: StaffMember) -> None:
    """Record that an envelope was refused when `by` asked for an attachment in it."""
    record(work, actor=by.id, verb="letter.refused", subject=ref, entry=entry.hex())


class _Head:
    """A sink that keeps the first bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept = bytearray()

    def write(self, content: bytes | memoryview, /) -> int:
        self._kept += content[: self._most - len(self._kept)]
        return len(content)

    def taken(self) -> bytes:
        return bytes(self._kept)


def _copy(brought: Bringing, number: int, sink: Sink) -> None:
    with brought.payload() as payload:
        parcel = ParcelReader(open_payload(brought.file_key, payload))
        read_attachments(
            parcel, brought.letter, lambda found, _named: sink if found == number else None
        )
