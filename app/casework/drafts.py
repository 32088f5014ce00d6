"""Free words for a reporter: written by one member, sealed to the reporter by another.

A draft is the letter itself, signed by its author, in an envelope to the case's readers: the
reporter is not among them, so nobody who moves envelopes about can let her read it. The second
reader opens that envelope and makes a new header over the same file key, with the reporter in it;
what she has read and what is sent are the same bytes.

A table of its own and not the room `approval`: what waits there is known by a role's permission
and expires, and its author stands in clear. Here whoever can read the case may answer, nobody
else may know that there is something, and who wrote it is sealed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO

from app.audit.service import record
from app.casework import dialogue, need_to_know, service
from app.casework.attachments import Bringing
from app.casework.dialogue import NobodyToAnswer, Reply
from app.casework.domain import Case
from app.casework.draft_rows import Drafts, StoredDraft
from app.casework.reading import Folder, Thread, VerificationKeys, addressee
from app.casework.sealed_texts import OpenedText, SealedText
from app.casework.sheet import CaseSheet
from app.envelope import thread as threads
from app.envelope.errors import EnvelopeError, NoMatch
from app.envelope.keyring import Keyring
from app.envelope.letter import Kind, Letter, check_place, letter_digest, verify_reply
from app.envelope.opening import Unwraps, open_header, open_payload
from app.envelope.parcel import ParcelReader, peek_letter
from app.envelope.reading import read_attachments
from app.envelope.sealing import seal_header
from app.envelope.stream import open_first_chunk
from app.errors import Broken, Conflict, Missing, Refused
from app.identity.domain import StaffMember
from app.work import Work


class DraftBroken(Broken):
    """What stands as a draft is not what a member of the desk sealed."""


class OwnWords(Refused):
    """Nobody is the second reader of her own words."""


class DraftWaits(Conflict):
    """Another text waits for its second reader."""


class DraftOutrun(Conflict):
    """Something was sent, or somebody stopped or began reading, since this was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft, opened and verified."""

    stored: StoredDraft
    opened: OpenedText
    letter: Letter

    @property
    def author(self) -> str:
        """The id of whoever wrote it."""
        return self.letter.author

    @property
    def digest(self) -> str:
        """The digest of its letter: of the words, and by their own of the file."""
        return letter_digest(self.opened.content)

    def bringing(self, payload: bytes) -> Bringing:
        """Return the way to the file in it; `payload` is all of it, as `payload_of` gives it."""
        return Bringing(
            id=self.stored.id,
            letter=self.letter,
            file_key=self.opened.file_key,
            payload=lambda: BytesIO(payload),
        )


def kept_from(
    work: Work, case: Case, thread: Thread, sheet: CaseSheet, keyring: Keyring
) -> frozenset[str]:
    """Return whom sheet or declaration keep from a case, of those its letters name.

    Raises:
        NobodyToAnswer: if no verified concern says who may read.
    """
    named = {member.id for member in dialogue.readers_of(case, thread, keyring)}
    may = need_to_know.readers(
        sheet,
        named=named,
        on_desk=keyring.desk(case.desk).members,
        gone=service.withdrawn(work, case.ref),
    )
    return frozenset(named - may)


def stored(work: Work, ref: str) -> StoredDraft | None:
    """Return the draft of a case as it lies there, if there is one."""
    return Drafts(work.session).of(ref)


def payload_of(work: Work, draft: Draft) -> bytes:
    """Return the whole payload of a draft.

    Raises:
        DraftOutrun: if it is gone: somebody answered it.
    """
    payload = Drafts(work.session).payload(draft.stored.id)
    if payload is None:
        raise DraftOutrun(f"the draft of {draft.stored.ref} was answered")
    return payload


def waiting(work: Work, *, by: StaffMember) -> list[str]:
    """Return the cases that `by` has opened and in which something waits for a second reader."""
    return list(Drafts(work.session).waiting(by))


def lying(work: Work, *, by: StaffMember) -> list[StoredDraft]:
    """Return the drafts in cases that `by` has opened: first what waits, then what came back."""
    return Drafts(work.session).lying(by)


def put(work: Work, ref: str, reply: Reply, *, id: bytes, version: int, by: StaffMember) -> None:
    """Let a draft wait for its second reader, in place of one that was returned.

    A form that is sent twice leaves one draft.

    Raises:
        Missing: if `by` may not read the case any more.
        DraftWaits: if another one waits.
        Conflict: if the case is not at `version`.
    """
    service.find_case(work, ref, by=by, hold=True).at(version)
    drafts = Drafts(work.session)
    before = drafts.of(ref)
    if before is not None and before.id == id:
        return
    if before is not None and not before.returned:
        raise DraftWaits(f"a text waits in case {ref}")
    drafts.put(id, ref, SealedText(reply.header, reply.payload))
    record(work, actor=by.id, verb="draft.written", subject=ref, entry=id.hex())


def open_draft(
    found: StoredDraft, case: Case, identity: Unwraps, keys: VerificationKeys
) -> Draft | None:
    """Return a draft opened, or None if it was sealed to others: to a desk that had the case.

    A file in it is looked at when somebody asks for it, and once more when it is sent.

    Raises:
        DraftBroken: if it does not verify, or belongs elsewhere.
    """
    try:
        file_key = open_header(found.header, identity)
        content, signature = peek_letter(open_first_chunk(BytesIO(found.beginning), file_key))
        letter = verify_reply(content, signature, keys)
        check_place(letter, mailbox=case.mailbox.hex(), kinds=(Kind.REPLY,))
        draft = Draft(stored=found, opened=OpenedText(file_key, content, signature), letter=letter)
        if not letter.attachments:
            _check_to_the_end(draft, found.beginning)
    except NoMatch:
        return None
    except EnvelopeError as error:
        raise DraftBroken(f"the draft of {case.ref}: {error}") from error
    return draft


def release(
    folder: Folder,
    thread: Thread,
    draft: Draft,
    payload: bytes,
    *,
    by: StaffMember,
    keyring: Keyring,
    kept: Collection[str],
) -> Reply:
    """Return a draft sealed to its reporter, by its second reader.

    Args:
        folder: the case.
        thread: as it is now.
        draft: what she has read, to the byte.
        payload: all of it, as `payload_of` returned it.
        by: the second reader.
        keyring: fit to seal to today.
        kept: as `kept_from` returned it.

    Raises:
        OwnWords: if she wrote it.
        DraftOutrun: if it does not follow the desk's last letter any more, or names others than
            may read today.
        NobodyToAnswer: if no verified concern says whose recipient this is.
        DraftBroken: if the file in it is not the one that its letter names.
    """
    if draft.author == by.id:
        raise OwnWords(f"{by.id} wrote the draft of {folder.case.ref}")
    to = addressee(thread)
    if to is None:
        raise NobodyToAnswer(f"case {folder.case.ref} has no concern that verifies")
    members = dialogue.readers_of(folder.case, thread, keyring)
    place = (draft.letter.place, draft.letter.previous)
    if place != thread.next_place(threads.Side.DESKS) or draft.letter.readers != tuple(
        member.id for member in members
    ):
        raise DraftOutrun(f"the draft of {folder.case.ref} is not the next letter any more")
    try:
        _check_to_the_end(draft, payload)
    except EnvelopeError as error:
        raise DraftBroken(f"the draft of {folder.case.ref}: {error}") from error
    readers = [member for member in members if member.id not in kept]
    header = seal_header(
        [to.recipient, *(member.recipient for member in readers)],
        draft.opened.file_key,
        placed=to.recipient,
    )
    return Reply(
        header=header,
        payload=payload,
        readers=tuple(member.id for member in readers),
    )


def note_release(work: Work, draft: Draft, *, by: StaffMember) -> None:
    """Take an approved draft away, in the transaction that sends it, and record who wrote it.

    Raises:
        DraftOutrun: if it is gone: somebody answered it at the same time.
    """
    if not Drafts(work.session).remove(draft.stored.id):
        raise DraftOutrun(f"the draft of {draft.stored.ref} was answered")
    record(
        work,
        actor=by.id,
        verb="draft.approved",
        subject=draft.stored.ref,
        entry=draft.stored.id.hex(),
        author=draft.author,
    )


def give_back(work: Work, draft: Draft, *, by: StaffMember) -> Case:
    """Return a draft to its author, to be written otherwise; the case is held still.

    Raises:
        Missing: if `by` may not read the case any more.
        OwnWords: if she wrote it: she may withdraw it.
        DraftOutrun: if it is gone or returned already.
    """
    case = _still_waits(work, draft, by=by)
    if draft.author == by.id:
        raise OwnWords(f"{by.id} wrote the draft of {draft.stored.ref}")
    Drafts(work.session).set_returned(draft.stored.id)
    record(work, actor=by.id, verb="draft.returned", subject=case.ref, entry=draft.stored.id.hex())
    return case


def withdraw(work: Work, draft: Draft, *, by: StaffMember) -> None:
    """Take a draft back: its author does, waiting or returned.

    Raises:
        Missing: if `by` may not read the case any more, or did not write it.
    """
    case = service.find_case(work, draft.stored.ref, by=by, hold=True)
    if draft.author != by.id:
        raise Missing("draft")
    if Drafts(work.session).remove(draft.stored.id):
        record(
            work, actor=by.id, verb="draft.withdrawn", subject=case.ref, entry=draft.stored.id.hex()
        )


def _check_to_the_end(draft: Draft, payload: bytes) -> None:
    parcel = ParcelReader(open_payload(draft.opened.file_key, BytesIO(payload)))
    read_attachments(parcel, draft.letter, lambda _number, _named: None)


def _still_waits(work: Work, draft: Draft, *, by: StaffMember) -> Case:
    case = service.find_case(work, draft.stored.ref, by=by, hold=True)
    now = Drafts(work.session).of(case.ref)
    if now is None or now.id != draft.stored.id or now.returned:
        raise DraftOutrun(f"the draft of {case.ref} was answered")
    return case
