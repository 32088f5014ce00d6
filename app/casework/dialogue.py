"""What a desk writes to a reporter: signed by its member, sealed to the reporter and the desk.

The reporter's recipient comes out of the verified concern, and the desk's out of the signed
keyring; neither is ever taken from the database.

Source: docs/envelope-spec.md, section 5.2.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from app.audit.service import record
from app.casework import due_days, service
from app.casework.domain import Case
from app.casework.messages import Enclosure, ForReporter
from app.casework.reading import Addressee, Folder, Thread, addressee
from app.casework.sheet import CaseSheet
from app.envelope import thread as threads
from app.envelope.errors import LetterError
from app.envelope.keyring import Keyring, Member
from app.envelope.letter import Attachment, Kind, Letter, sign_letter
from app.envelope.member_keys import MemberKey
from app.envelope.parcel import ParcelWriter, parcel_length
from app.envelope.recipients import Recipient
from app.envelope.sealing import Sealer
from app.errors import Conflict
from app.identity.domain import StaffMember
from app.mailbox import service as mailboxes
from app.mailbox.domain import Side
from app.mailbox.objects import Objects
from app.work import Work


class NobodyToAnswer(Conflict):
    """No verified concern says whose recipient this is: what stands there may be anybody's."""


class TooLong(Exception):
    """The text does not fit a letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A letter that is sealed and signed, and not stored yet."""

    header: bytes
    payload: bytes
    readers: tuple[str, ...]
    # Sealed to the desk alone, for a second reader.
    waits: bool = False


def readers_of(case: Case, thread: Thread, keyring: Keyring) -> list[Member]:
    """Return the members a reply is sealed to: who is on the desk today and was not left out.

    Whoever joined the desk after the concern was sealed is among them: see `renewing.py`.

    Raises:
        NobodyToAnswer: if there is no verified concern.
        KeyringError: if the keyring has no such desk.
    """
    to = _addressee(case, thread)
    on_desk = keyring.desk(case.desk).members
    return [keyring.member(member) for member in sorted(set(on_desk) - to.left_out)]


def may_answer(case: Case, thread: Thread, keyring: Keyring, *, by: StaffMember) -> bool:
    """Say whether there is somebody to answer, and `by` is among those who may."""
    if addressee(thread) is None:
        return False
    return any(member.id == by.id for member in readers_of(case, thread, keyring))


def write_reply(
    folder: Folder,
    thread: Thread,
    text: ForReporter,
    *,
    by: StaffMember,
    key: MemberKey,
    keyring: Keyring,
    kept_from: Collection[str] = (),
    pass_to: str = "",
) -> Reply:
    """Return a reply to the reporter of a case, sealed and signed.

    Everything for a reporter is sealed in one size, whatever it says and whichever desk says it;
    what encloses a file in another, whatever the file. Free words are sealed to the case's readers
    alone, and a file goes with no others: they wait for a second reader, `drafts.py`.

    Args:
        folder: the case, as `thread` was opened from it.
        thread: what she has in front of her; the reply takes the next place on the desk's side.
        text: an approved text, or her own words.
        by: whose letter it is.
        key: signs it.
        keyring: fit to seal to today.
        kept_from: ids of those whom the case sheet, or their own word, keeps from the case. The
            letter names them among its readers, or it would tell the reporter who they are; it is
            not sealed to them.
        pass_to: the desk that the thread is with from this letter on, if it leaves its desk.

    Raises:
        NobodyToAnswer: if there is no verified concern, or it was not sealed to her.
        TooLong: if the text does not fit the one size.
    """
    case, to = folder.case, _addressee(folder.case, thread)
    members = readers_of(case, thread, keyring)
    if by.id not in {member.id for member in members}:
        raise NobodyToAnswer(f"case {case.ref} was not sealed to {by.id}")
    if pass_to:
        out = to.left_out
        members = [keyring.member(one) for one in sorted({*keyring.desk(pass_to).members} - out)]
    readers = [member for member in members if member.id not in kept_from]
    place, previous = thread.next_place(threads.Side.DESKS)
    try:
        letter = Letter(
            kind=Kind.REPLY,
            mailbox=case.mailbox.hex(),
            author=by.id,
            verification_key=key.verification_key,
            place=place,
            previous=previous,
            desk=pass_to or case.desk,
            readers=tuple(member.id for member in members),
            left_out=tuple(sorted(to.left_out)),
            keyring=keyring.serial,
            text=text.words,
            attachments=() if text.enclosed is None else (_named(text.enclosed),),
        )
        content, signature = sign_letter(letter, key.signing_key)
    except LetterError as error:
        raise TooLong(str(error)) from error
    payload = BytesIO()
    reporter = to.recipient if text.is_approved else None
    sealer = _sealer(payload, readers, reporter)
    _write_parcel(sealer, letter, (content, signature), text.enclosed)
    sealer.finish()
    return Reply(
        header=sealer.header,
        payload=payload.getvalue(),
        readers=tuple(member.id for member in readers),
        waits=reporter is None,
    )


def _write_parcel(
    sealer: Sealer, letter: Letter, signed: tuple[bytes, bytes], enclosed: Enclosure | None
) -> None:
    content, signature = signed
    sizes, floor = [one.size for one in letter.attachments], letter.floor
    if parcel_length(len(content), sizes, floor=floor) != floor:
        raise TooLong("the text does not fit the one size of letters to reporters")
    parcel = ParcelWriter(sealer, content, signature, sizes, floor=floor)
    parcel.write(b"" if enclosed is None else enclosed.content)
    parcel.finish()


def _named(enclosed: Enclosure) -> Attachment:
    digest = sha256(enclosed.content).hexdigest()
    return Attachment(label=enclosed.label, size=len(enclosed.content), sha256=digest)


def _sealer(payload: BytesIO, readers: Sequence[Member], reporter: Recipient | None) -> Sealer:
    hers = [] if reporter is None else [reporter]
    recipients = [*hers, *(member.recipient for member in readers)]
    return Sealer(payload, recipients, placed=reporter, write_header=False)


def was_sent(work: Work, ref: str, entry: bytes, *, by: StaffMember) -> bool:
    """Say whether the reply with this entry's id lies in the case already: a form sent twice.

    Raises:
        Missing: if `by` may not read the case.
    """
    return mailboxes.has_entry(work, service.find_case(work, ref, by=by).mailbox, entry)


def send_reply(
    work: Work,
    folder: Folder,
    reply: Reply,
    *,
    entry: bytes,
    version: int,
    by: StaffMember,
    objects: Objects,
    sheet: CaseSheet,
) -> None:
    """Store a reply, tell the reporter when to look again, and let the due day follow the clocks.

    A form that is sent twice stores one letter: the second finds its entry there.

    Args:
        work: the transaction.
        folder: as the reply was written to it.
        reply: as `write_reply` returned it.
        entry: 16 random bytes that the form was given.
        version: of the case, when she opened the form.
        by: whose letter it is.
        objects: where the payload goes.
        sheet: of the case: its clocks go by it.

    Raises:
        Missing: if she may not read the case any more.
        Conflict: if the case is not at `version`: a colleague or the reporter wrote meanwhile.
        ValueError: if it waits for a second reader.
    """
    if reply.waits:
        raise ValueError("free words go to a second reader first")
    case = service.find_case(work, folder.case.ref, by=by, hold=True)
    if mailboxes.has_entry(work, case.mailbox, entry):
        return
    case = case.at(version)
    mailboxes.place(
        work,
        mailbox=case.mailbox,
        side=Side.DESK,
        postmark=work.today,
        header=reply.header,
        size=len(reply.payload),
        object_name=objects.put(BytesIO(reply.payload)),
        id=entry,
    )
    saved = service.save(work, case.due(due_days.due_day(work, case, sheet)))
    service.tell_standing(work, saved)
    record(
        work,
        actor=by.id,
        verb="reply.sent",
        subject=case.ref,
        entry=entry.hex(),
        readers=len(reply.readers),
    )


def _addressee(case: Case, thread: Thread) -> Addressee:
    to = addressee(thread)
    if to is None:
        raise NobodyToAnswer(f"case {case.ref} has no concern that verifies")
    return to
