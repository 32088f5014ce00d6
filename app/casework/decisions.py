"""What is decided about a case: each decision is written into the case sheet as it is taken."""

from dataclasses import dataclass, replace
from datetime import date

from app.casework import dialogue, service, sheet_keeping
from app.casework.barring import barred_for
from app.casework.course import Course, State, Transition, course_on
from app.casework.domain import Case, CaseState
from app.casework.due_days import due_day
from app.casework.guards import Asked, Facts
from app.casework.need_to_know import destinations
from app.casework.need_to_know import readers as readers_by
from app.casework.reading import Thread, addressee
from app.casework.sheet import CaseSheet
from app.casework.sheet_keeping import OpenSheet, Pen
from app.casework.sheet_parts import HEADINGS
from app.casework.stepping import Hand, StepRefused, Wish, open_steps, taken
from app.envelope import thread as threads
from app.envelope.keyring import Keyring
from app.envelope.keyring import Role as KeyringRole
from app.errors import Conflict
from app.identity.domain import StaffMember
from app.routing.service import table_on
from app.work import Work

PLAIN_END = "end-triage"


class NotNow(Conflict):
    """The case is not where this decision can be taken, or its sheet does not say enough yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that a step of a case is judged by."""

    case: Case
    course: Course
    facts: Facts
    # The desks it could be passed to, with those who would read it there.
    destinations: dict[str, frozenset[str]]

    @property
    def state(self) -> State:
        """The fine state the case is in."""
        return self.facts.state

    def hand(self, by: StaffMember, *, second: str = "") -> Hand:
        """Return what `by` is to this case."""
        investigates = by.id == self.facts.sheet.investigator
        parts = self.course.parts_of(by.role, by.desk or "", investigates=investigates)
        return Hand(author=by.id, desk=self.case.desk, parts=parts, second=second)

    def open_to(self, by: StaffMember) -> list[Transition]:
        """Return the steps that `by` may take now, those included that still miss something."""
        return open_steps(self.course, self.facts, self.hand(by))


def situation(
    work: Work, case: Case, thread: Thread, sheet: CaseSheet, keyring: Keyring
) -> Situation:
    """Return what a step of a case would be judged by.

    Raises:
        NobodyToAnswer: if no verified concern says who may read.
    """
    course, gone = course_on(work.today), service.withdrawn(work, case.ref)
    to = addressee(thread)
    members = dialogue.readers_of(case, thread, keyring)
    may = readers_by(
        sheet,
        named=[member.id for member in members],
        on_desk=keyring.desk(case.desk).members,
        gone=gone,
    )
    desks = {desk.id: desk.members for desk in keyring.desks}
    elsewhere = destinations(
        sheet,
        desk=case.desk,
        desks=desks,
        left_out=to.left_out if to is not None else (),
        gone=gone,
        barred=barred_for(thread, desks, work.today),
        fewest=table_on(work.today).fewest_readers,
    )
    heads = {member.id for member in members if member.role is KeyringRole.DESK_HEAD}
    facts = Facts(
        sheet=sheet,
        state=course.fine_state(case.state, sheet.last_state),
        today=work.today,
        letters=letter_days(thread),
        readers=may,
        other_desks=frozenset(elsewhere),
        head_reads=bool(heads & may),
    )
    return Situation(case=case, course=course, facts=facts, destinations=elsewhere)


def letter_days(thread: Thread) -> tuple[date, ...]:
    """Return the postmarks of what the desk wrote."""
    ours = (entry for entry in thread.entries if entry.side is threads.Side.DESKS)
    return tuple(sorted(entry.postmark for entry in ours))


def check_triage_may_end(case: Case, sheet: CaseSheet) -> None:
    """Check that the triage of a case may end without more being said.

    Raises:
        NotNow: if it is not in triage, nobody has said what it is about, or it is on a way of its
            own that goes on otherwise.
    """
    if case.state is not CaseState.TRIAGE:
        raise NotNow(f"case {case.ref} is not in triage")
    if not sheet.is_placed:
        raise NotNow(f"case {case.ref} has no force, directorate or category")
    if _state_of(case, sheet) != "triage":
        raise NotNow(f"case {case.ref} is on a way of its own")


def end_triage(
    work: Work, found: Situation, before: OpenSheet, reason: str, *, version: int, pen: Pen
) -> Case:
    """End the triage of a case: it is under way from now on, and its matter counts.

    Args:
        work: the transaction.
        found: what the step is judged by, of the sheet `before`.
        before: its sheet, as it was on the screen.
        reason: why, in her words.
        version: of the case, as it was on the screen.
        pen: who decides.

    Raises:
        Missing: if she may not read the case any more.
        StepRefused: if this is not the time.
        Conflict: if case or sheet moved on.
    """
    wish = Wish(step=PLAIN_END, asked=Asked(), reasons={HEADINGS[-1]: reason})
    return take_step(work, found, before, wish, version=version, pen=pen)


def held(work: Work, ref: str, *, version: int, by: StaffMember) -> Case:
    """Return a case that `by` may read, held still, as it was on the screen.

    Raises:
        Missing: if she may not read it any more.
        Conflict: if it moved on.
    """
    return service.find_case(work, ref, by=by, hold=True).at(version)


def take_step(
    work: Work,
    found: Situation,
    before: OpenSheet,
    wish: Wish,
    *,
    version: int,
    pen: Pen,
    second: str = "",
    author: StaffMember | None = None,
) -> Case:
    """Take a step of the course that stays on this desk.

    Args:
        work: the transaction.
        found: what the step is judged by, of the sheet `before`.
        before: its sheet, as it was on the screen.
        wish: which step, with which codes, and why.
        version: of the case, as it was on the screen.
        pen: who writes it down: whoever takes it, or whoever confirms it.
        second: who confirms it.
        author: who takes it, if that is not who writes.

    Raises:
        Missing: if she may not read the case any more.
        StepRefused: if it may not be taken.
        Conflict: if case or sheet moved on.
    """
    case = held(work, found.case.ref, version=version, by=pen.by)
    hand = found.hand(author or pen.by, second=second)
    after = taken(found.course, found.facts, wish, hand)
    if found.course.transitions[wish.step].moves:
        raise StepRefused(f"{wish.step} leads to another desk: that is sealed anew")
    return _write(work, case, before, after, pen=pen)


def edit(
    work: Work,
    ref: str,
    before: OpenSheet,
    after: CaseSheet,
    *,
    pen: Pen,
) -> CaseSheet:
    """Save what was changed on a case's sheet, and let the day it is due on follow.

    Raises:
        Missing: if she may not read the case any more.
        Conflict: if the sheet moved on, or nobody has read the case yet.
    """
    case = service.find_case(work, ref, by=pen.by, hold=True)
    if case.state is CaseState.SEALED:
        raise NotNow(f"case {ref} has not been read")
    saved = sheet_keeping.save(work, case, before, after, pen=pen)
    due = due_day(work, case, saved)
    if due != case.due_on:
        service.follow(work, case, case.state, due_on=due, by=pen.by)
    return saved


def _write(
    work: Work,
    case: Case,
    before: OpenSheet,
    after: CaseSheet,
    *,
    pen: Pen,
) -> Case:
    saved = sheet_keeping.save(work, case, before, after, pen=pen)
    coarse = course_on(work.today).states[saved.last_state].coarse
    due = due_day(work, replace(case, state=coarse), saved)
    return service.follow(work, case, coarse, due_on=due, by=pen.by)


def _state_of(case: Case, sheet: CaseSheet) -> str:
    return course_on(sheet.written_on).fine_state(case.state, sheet.last_state).id
