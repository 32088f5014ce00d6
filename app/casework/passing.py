"""Passing a case to another desk: sealed anew for those who read there, and for nobody here.

The envelopes are sealed before the transaction, because that takes as long as there are files;
the transaction finds out whether anything came meanwhile. A signed letter tells the reporter, in
words that are the same for every desk, and vouches for the desk that she writes to from now on.
"""

import secrets
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from app.alerts import service as alerts
from app.audit.service import record
from app.casework import copies, dialogue, second_person, service, sheet_keeping
from app.casework.course import course_on
from app.casework.decisions import Situation
from app.casework.dialogue import NobodyToAnswer, Reply
from app.casework.domain import Case, CaseState, SealedSheet
from app.casework.due_days import due_day
from app.casework.messages import ForReporter
from app.casework.reading import Folder, Thread, addressee
from app.casework.renewal_rows import DeskTexts, Notes
from app.casework.resealing import Changed, seal_anew
from app.casework.sheet import CaseSheet
from app.casework.sheet_keeping import OpenSheet, Pen
from app.casework.stepping import StepRefused, Wish, taken
from app.casework.store import Cases, Readers, Sheets
from app.envelope.keyring import Keyring, Member
from app.envelope.member_keys import MemberKey
from app.errors import Conflict
from app.identity.domain import StaffMember
from app.mailbox import service as mailboxes
from app.mailbox.domain import Entry, Side
from app.mailbox.objects import Objects
from app.work import Work

# The same for every desk, and for a conflict as for anything else.
TOLD = ForReporter(
    "Your concern has been passed to a separate team. They will read it from the beginning and "
    "answer you here. You do not have to do anything.",
    template="passed-on",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A case sealed anew for another desk, and nothing of it written yet."""

    case: Case
    # The entries as they were read.
    thread: tuple[Entry, ...]
    desk: str
    readers: tuple[Member, ...]
    changed: Changed
    reply: Reply
    before: OpenSheet
    # What the sheet says after it; None where nobody has read the case yet.
    after: CaseSheet | None

    @property
    def entries(self) -> list[Entry]:
        """The whole thread: sealed anew, and as it lay there what opened for nobody."""
        anew = {entry.id: entry for entry in self.changed.entries}
        return [anew.get(entry.id, entry) for entry in self.thread]

    def drop(self, objects: Objects) -> None:
        """Remove the new payloads: the case stays where it is."""
        for entry in self.changed.entries:
            objects.delete(entry.object_name)

    def finish(self, objects: Objects) -> None:
        """Remove the old payloads: whoever held their keys has nothing left to open."""
        for name in self.changed.old_objects:
            objects.delete(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A case as it lies open before whoever passes it on."""

    folder: Folder
    thread: Thread
    versions: tuple[SealedSheet, ...]
    notes: Notes
    sheet: OpenSheet
    situation: Situation


def notes_to_pass(work: Work, ref: str) -> Notes:
    """Return the notes of a case: they go along. What waits for a second reader does not."""
    return DeskTexts(work.session).notes(ref)


def prepare(
    opened: Opened,
    wish: Wish,
    desk: str,
    *,
    by: StaffMember,
    key: MemberKey,
    keyring: Keyring,
    objects: Objects,
    spool: Path,
) -> Prepared:
    """Return a case sealed anew for another desk.

    Args:
        opened: the case.
        wish: the step that takes it there, with its reasons.
        desk: where to.
        by: who passes it on.
        key: opens what is there, and signs the letter to the reporter.
        keyring: fit to seal to today.
        objects: receives the new payloads.
        spool: for what is sealed and not stored yet.

    Raises:
        StepRefused: if the step may not be taken, or does not lead to that desk.
        NobodyToAnswer: if no verified concern says who may read.
    """
    case, situation = opened.folder.case, opened.situation
    to = addressee(opened.thread)
    if to is None:
        raise NobodyToAnswer(f"case {case.ref} has no concern that verifies")
    after = _sheet_after(situation, wish, by)
    chosen = _readers_there(situation, wish, desk)
    readers = tuple(keyring.member(one) for one in sorted(chosen))
    reply = dialogue.write_reply(
        opened.folder,
        opened.thread,
        TOLD,
        by=by,
        key=key,
        keyring=keyring,
        kept_from=set(keyring.desk(desk).members) - chosen,
        pass_to=desk,
    )
    changed = seal_anew(
        opened.folder.entries,
        opened.versions,
        key.identity,
        reporter=to.recipient,
        readers=readers,
        notes=opened.notes,
        objects=objects,
        spool=spool,
    )
    return Prepared(
        case=case,
        thread=opened.folder.entries,
        desk=desk,
        readers=readers,
        changed=changed,
        reply=reply,
        before=opened.sheet,
        after=after,
    )


def carry_out(
    work: Work,
    prepared: Prepared,
    *,
    version: int,
    by: StaffMember,
    key: MemberKey,
    keyring: Keyring,
    objects: Objects,
) -> Case:
    """Write that a case is on another desk. Nothing of it is this desk's any more.

    Who opened it here stays in the log, and what was declared.

    Raises:
        Missing: if she may not read the case any more.
        Conflict: if case, sheet or thread moved on.
    """
    case = service.find_case(work, prepared.case.ref, by=by, hold=True).at(version)
    if notes_to_pass(work, case.ref).keys() != prepared.changed.notes.keys():
        raise Conflict(f"somebody wrote a note on {case.ref}")
    mailboxes.put_again(work, case.mailbox, prepared.entries)
    Sheets(work.session).seal_again(case.ref, prepared.changed.sheets)
    DeskTexts(work.session).seal_again(case.ref, dict(prepared.changed.notes))
    if prepared.after is not None:
        pen = Pen(by=by, key=key, keyring=keyring, readers=prepared.readers)
        sheet_keeping.save(work, case, prepared.before, prepared.after, pen=pen)
        if case.desk in prepared.after.left_desks:
            # It was taken from this desk because of a conflict, and so are copies of it.
            copies.keep_from(work, case.ref, keyring.desk(case.desk).members)
    moved = Cases(work.session).pass_on(case, prepared.desk)
    mailboxes.pass_to(work, case.mailbox, prepared.desk)
    Readers(work.session).forget(case.ref)
    second_person.end(work, case.ref, by=by)
    mailboxes.place(
        work,
        mailbox=case.mailbox,
        side=Side.DESK,
        postmark=work.today,
        header=prepared.reply.header,
        size=len(prepared.reply.payload),
        object_name=objects.put(BytesIO(prepared.reply.payload)),
        id=secrets.token_bytes(16),
    )
    record(
        work, actor=by.id, verb="case.moved", subject=case.ref, desk=prepared.desk, left=case.desk
    )
    if case.is_urgent:
        # Nobody there was told when it came: they were not its desk.
        alerts.note(work, {prepared.desk})
    return _settle(work, moved, prepared, by=by)


def _readers_there(situation: Situation, wish: Wish, desk: str) -> frozenset[str]:
    chosen = situation.destinations.get(desk, frozenset())
    step = situation.course.transitions.get(wish.step)
    if not chosen or step is None or not step.moves_to(desk):
        ref = situation.case.ref
        raise StepRefused(f"case {ref} cannot go to {desk}", unmet=("another-desk",))
    return chosen


def _sheet_after(situation: Situation, wish: Wish, by: StaffMember) -> CaseSheet | None:
    if situation.case.state is CaseState.SEALED:
        # Nobody has read it, so there is nothing to write on: it begins anew where it goes.
        return None
    return taken(situation.course, situation.facts, wish, situation.hand(by))


def _settle(work: Work, moved: Case, prepared: Prepared, *, by: StaffMember) -> Case:
    if prepared.after is None:
        return moved
    coarse = course_on(work.today).states[prepared.after.last_state].coarse
    due = due_day(work, replace(moved, state=coarse), prepared.after)
    return service.follow(work, moved, coarse, due_on=due, by=by)
