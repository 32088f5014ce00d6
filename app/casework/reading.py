"""Opening a case's envelopes for a member, and checking that they are what they seem.

Nothing is dropped in silence: what does not open or does not verify is shown as refused, and
recorded. Nothing that is opened is written anywhere.

Source: docs/envelope-spec.md, section 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.audit.service import record
from app.casework import due_days, service
from app.casework.abreast import Opening, alone
from app.casework.alert_text import case_in
from app.casework.domain import Case, CaseState
from app.casework.sheet import CaseSheet
from app.casework.sheet_parts import LinkKind
from app.envelope import thread as threads
from app.envelope.errors import EnvelopeError, HeaderError, MacError, NoMatch, PayloadError
from app.envelope.file_keys import FileKey
from app.envelope.format import parse_header_bytes
from app.envelope.keyring import Keyring
from app.envelope.letter import (
    Kind,
    Letter,
    check_place,
    letter_digest,
    verify_letter,
    verify_reply,
)
from app.envelope.opening import Unwraps, open_header, open_payload
from app.envelope.parcel import ParcelReader, peek_letter
from app.envelope.reading import read_attachments
from app.envelope.recipients import Recipient
from app.envelope.signing import VerificationKey
from app.envelope.stream import open_first_chunk
from app.errors import Missing
from app.identity.domain import StaffMember
from app.mailbox import service as mailboxes
from app.mailbox.domain import Entry, Side
from app.mailbox.objects import Objects
from app.work import Work

# Up to here an envelope is checked to its last byte when its letter is read; that is every one
# without files. The files of a larger one are checked when somebody asks for them.
CHECKED_WHOLE = 256 * 1024  # bytes

KINDS = {Side.REPORTER: (Kind.CONCERN, Kind.MESSAGE), Side.DESK: (Kind.REPLY,)}
SIDES = {Side.REPORTER: threads.Side.REPORTER, Side.DESK: threads.Side.DESKS}

# By the stage that failed. The rest says itself what is wrong.
REASONS: dict[type[Exception], str] = {
    Missing: "its content is not there any more",
    HeaderError: "it is damaged",
    NoMatch: "it does not open with your key",
    MacError: "somebody changed who can open it",
    PayloadError: "its content is damaged or was changed",
}

VerificationKeys = Mapping[str, VerificationKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A case with its envelopes, still closed."""

    case: Case
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What an envelope begins with, and the key of the rest. Nobody has verified it yet."""

    file_key: FileKey = field(repr=False)
    content: bytes = field(repr=False)
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An envelope that opened and verified, as far as its letter."""

    entry: Entry
    file_key: FileKey
    letter: Letter
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom the desk answers, and who on the desk may read along."""

    recipient: Recipient
    readers: frozenset[str]
    left_out: frozenset[str]


Thread = threads.Thread[Opened]
Found = threads.Entry[Opened] | threads.Refused


def take_out(work: Work, ref: str, *, by: StaffMember) -> Folder:
    """Return a case that `by` may read, with its envelopes as they lie there.

    Raises:
        Missing: if she may not read it, or there is none.
    """
    case = service.find_case(work, ref, by=by)
    return Folder(case=case, entries=tuple(mailboxes.entries(work, case.mailbox)))


def open_folder(folder: Folder, identity: Unwraps, keyring: Keyring, objects: Objects) -> Thread:
    """Return the letters of a case in their order, with everything that is wrong among them.

    Needs no transaction, and takes some milliseconds an envelope.
    """
    keys = keyring.verification_keys()
    return threads.arrange(
        _found(folder.case, entry, identity, keys, objects) for entry in folder.entries
    )


def open_entry(
    case: Case, entry: Entry, identity: Unwraps, keys: VerificationKeys, objects: Objects
) -> Opened:
    """Return one envelope of a case, opened and verified as far as its letter.

    Raises:
        EnvelopeError: if it does not open, does not verify, or does not belong there.
        Missing: if its payload is gone.
    """
    opened = open_letter(case, entry, identity, keys, objects)
    if entry.size <= CHECKED_WHOLE:
        _check_to_the_end(opened, objects)
    return opened


def open_letter(
    case: Case, entry: Entry, identity: Unwraps, keys: VerificationKeys, objects: Objects
) -> Opened:
    """Return the letter of an envelope, verified; what comes after it is not looked at.

    Raises:
        EnvelopeError: if it does not open, does not verify, or does not belong there.
        Missing: if its payload is gone.
    """
    unsealed = alone(unsealing(entry, identity, objects))
    letter = verified(entry.side, case.mailbox, unsealed.content, unsealed.signature, keys)
    digest = letter_digest(unsealed.content)
    return Opened(entry=entry, file_key=unsealed.file_key, letter=letter, digest=digest)


def unsealing(entry: Entry, identity: Unwraps, objects: Objects) -> Opening[Unsealed]:
    """Open an envelope as far as its letter, a piece at a time. Nothing of it is verified.

    Raises:
        EnvelopeError: if it does not open.
        Missing: if its payload is gone.
    """
    header = parse_header_bytes(entry.header)
    yield
    file_key = open_header(header, identity)
    yield
    with objects.open(entry.object_name) as payload:
        chunk = open_first_chunk(payload, file_key)
    yield
    content, signature = peek_letter(chunk)
    return Unsealed(file_key, content, signature)


def verified(
    side: Side, mailbox: bytes, content: bytes, signature: bytes, keys: VerificationKeys
) -> Letter:
    """Return the letter in what was unsealed, if it is by whom it seems and belongs where it lay.

    Args:
        side: who wrote it, by where it lay.
        mailbox: the id of the mailbox it lay in.
        content: the bytes of the letter.
        signature: over them.
        keys: of the members, by their ids.

    Raises:
        LetterError: if it does not.
    """
    reporter = side is Side.REPORTER
    letter = (
        verify_letter(content, signature) if reporter else verify_reply(content, signature, keys)
    )
    check_place(letter, mailbox=mailbox.hex(), kinds=KINDS[side])
    return letter


def addressee(thread: Thread) -> Addressee | None:
    """Return whom to answer, from the verified concern; None if there is none.

    A concern that came twice, in two versions, was written by the same person: the mailbox's id
    follows from the keys in it. Whom either version leaves out is left out, as nobody can be
    both a reader and left out of one letter.
    """
    letters = [entry.content.letter for entry in concerns(thread)]
    if not letters or letters[0].recipient is None:
        return None
    readers = frozenset.intersection(*(frozenset(letter.readers) for letter in letters))
    left_out = frozenset.union(*(frozenset(letter.left_out) for letter in letters))
    readers = _passed_to(thread, letters[0].desk, readers) - left_out
    return Addressee(recipient=letters[0].recipient, readers=readers, left_out=left_out)


def concerns(thread: Thread) -> list[threads.Entry[Opened]]:
    """Return every verified version of the concern; usually there is one."""
    return [one for one in thread.entries if one.content.letter.kind is Kind.CONCERN]


def blank_sheet(case: Case, thread: Thread, *, author: str) -> CaseSheet:
    """Return what stands for a case whose sheet nobody has written yet.

    Of an alert of retaliation it says which case it is for: the letters of that one answer it.
    """
    blank = CaseSheet.blank(case.ref, author=author, on=case.received_on)
    other = alert_for(thread)
    known = other and other != case.ref
    return blank.with_link(LinkKind.RETALIATION_FOR, other) if known else blank


def alert_for(thread: Thread) -> str:
    """Return the case that a thread is an alert of retaliation for; empty if it is none."""
    said = (entry.content.letter.answers["what"] for entry in concerns(thread))
    return next((ref for what in said if (ref := case_in(what))), "")


def _passed_to(thread: Thread, desk: str, readers: frozenset[str]) -> frozenset[str]:
    """Return who reads a thread after every letter that passed it on to another desk.

    Such a letter names another desk than the one before, and is by somebody who could read there:
    nobody passes a thread to herself. Whom a reply of the desk names joined it meanwhile.
    """
    for entry in thread.entries:
        letter = entry.content.letter
        if letter.kind is not Kind.REPLY or letter.author not in readers:
            continue
        joined = readers if letter.desk == desk else frozenset[str]()
        desk, readers = letter.desk, joined | frozenset(letter.readers)
    return readers


def note_reading(work: Work, ref: str, thread: Thread, *, by: StaffMember) -> Case:
    """Record that `by` opened the letters of a case, and return it as that leaves it.

    To be called before anything is shown: what is not recorded was not read.

    Raises:
        Missing: if she may not read the case any more.
    """
    case = service.find_case(work, ref, by=by, hold=True)
    read, blank = case, blank_sheet(case, thread, author=by.id)
    # While nothing speaks for its reporter, nobody can be said to have read the concern.
    if addressee(thread) is not None and (read := case.read()) != case:
        read = service.save(work, read.due(_due_day(work, case, read, blank)))
    if case.state is CaseState.SEALED and read.state is not CaseState.SEALED:
        service.tell_standing(work, read)
        record(work, actor=by.id, verb="case.opened", subject=ref)
    record(work, actor=by.id, verb="case.read", subject=ref, letters=len(thread.entries))
    for item in thread.items:
        if isinstance(item, threads.Refused):
            record(work, actor=by.id, verb="letter.refused", subject=ref, entry=item.reference)
    return read


def _due_day(work: Work, before: Case, read: Case, blank: CaseSheet) -> date:
    """Return when a case is due that was just read; its sheet is closed while it is."""
    if read.state is CaseState.CLOSED or before.state is CaseState.SEALED:
        # A sheet says nothing of when an answer is due, and there is none before the first reading.
        return due_days.due_day(work, read, blank)
    return read.due_on


def note_look(work: Work, ref: str, thread: Thread, *, by: StaffMember) -> None:
    """Record that `by` has the letters of a case before her again, beside something she writes.

    Raises:
        Missing: if she may not read the case any more.
    """
    service.find_case(work, ref, by=by)
    record(work, actor=by.id, verb="case.read", subject=ref, letters=len(thread.entries))


def _found(
    case: Case, entry: Entry, identity: Unwraps, keys: VerificationKeys, objects: Objects
) -> Found:
    side = SIDES[entry.side]
    try:
        opened = open_entry(case, entry, identity, keys, objects)
    except (EnvelopeError, Missing) as error:
        return threads.Refused(
            side=side, postmark=entry.postmark, reference=entry.id.hex(), reason=_reason(error)
        )
    return threads.Entry(
        side=side,
        postmark=entry.postmark,
        place=opened.letter.place,
        previous=opened.letter.previous,
        digest=opened.digest,
        content=opened,
    )


def _reason(error: EnvelopeError | Missing) -> str:
    """Return why an envelope was refused, as the end of a sentence that begins with because."""
    for stage, words in REASONS.items():
        if isinstance(error, stage):
            return words
    # What is wrong with a letter or a parcel is worth its own words; they quote nothing.
    return f"what is in it does not hold: {error}"


def _check_to_the_end(opened: Opened, objects: Objects) -> None:
    with objects.open(opened.entry.object_name) as payload:
        parcel = ParcelReader(open_payload(opened.file_key, payload))
        read_attachments(parcel, opened.letter, lambda _number, _named: None)
