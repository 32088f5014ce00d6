"""The life of a case: received, listed, declared upon, moved on. Never its words."""

import secrets
from datetime import date

from app.audit.service import record
from app.casework import copies
from app.casework.domain import (
    ALPHABET,
    REFERENCE,
    Case,
    CaseState,
    Declaration,
    Refusal,
)
from app.casework.store import Cases, Declarations, Readers
from app.errors import Missing
from app.identity.domain import StaffMember
from app.mailbox import service as mailboxes
from app.mailbox.domain import LOOK_AGAIN_AFTER, Standing
from app.work import Work

# What the reporter is told. It follows from the state alone, whatever the desk.
STANDING = {
    CaseState.SEALED: Standing.RECEIVED,
    CaseState.OPENED: Standing.BEING_READ,
    CaseState.TRIAGE: Standing.BEING_ASSESSED,
    CaseState.UNDER_WAY: Standing.UNDER_WAY,
    CaseState.CLOSED: Standing.CLOSED,
}


def open_case(work: Work, *, mailbox: bytes, desk: str, urgent: bool, received_on: date) -> str:
    """Open a case for a mailbox's concern on `desk`, and return its random reference.

    Asked by the collection. Calls are written in their order, so many of them come shuffled.
    """
    cases = Cases(work.session)
    case = Case.received(
        ref=_new_reference(cases),
        mailbox=mailbox,
        desk=desk,
        urgent=urgent,
        received_on=received_on,
    )
    cases.add(case)
    return case.ref


def letter_came(work: Work, *, mailbox: bytes) -> None:
    """Note that the reporter wrote again: somebody is to read and answer that.

    Asked by the collection. A handler who is writing to this reporter in the same moment is
    refused: she would not have read what she seems to answer.
    """
    cases = Cases(work.session)
    case = cases.held_in_mailbox(mailbox)
    if case is not None and case.state is not CaseState.SEALED:
        cases.save(case.written_to_on(work.today))


def find_case(work: Work, ref: str, *, by: StaffMember, hold: bool = False) -> Case:
    """Return a case that `by` may read.

    A case of another desk, one she cannot open, one she declared a conflict about and one that
    is not there are the same.

    Args:
        work: one that writes, if `hold`.
        ref: the case's reference.
        by: who asks.
        hold: keep the case as it is for the rest of the transaction.

    Raises:
        Missing: if she may not, or there is none.
    """
    case = Cases(work.session).readable_by(ref, desk=by.desk or "", member=by.id, hold=hold)
    if case is None:
        raise Missing("case")
    return case


def may_read(work: Work, ref: str, *, by: StaffMember) -> bool:
    """Say whether `by` may read a case, as `find_case` would find it."""
    return Cases(work.session).readable_by(ref, desk=by.desk or "", member=by.id) is not None


def record_refusal(work: Work, ref: str, *, by: StaffMember) -> None:
    """Record that `by` asked for a case she may not read, or that is not there.

    The two are recorded alike, so that they also take as long.
    """
    if REFERENCE.fullmatch(ref):
        record(work, actor=by.id, verb="case.refused", subject=ref)


def record_step_refusal(work: Work, ref: str, what: Refusal, *, by: StaffMember) -> None:
    """Record that `by` was refused something in a case that she may read.

    Not which step: it would tell in clear on which way a case is, and that is sealed.

    Raises:
        Missing: if she may not read it any more.
    """
    find_case(work, ref, by=by)
    record(work, actor=by.id, verb="case.step-refused", subject=ref, what=what.value)


def declared(work: Work, ref: str, *, by: StaffMember) -> Declaration | None:
    """Return what `by` declared about a case, if she did."""
    return Declarations(work.session).of(ref, by.id)


def declare(work: Work, ref: str, said: Declaration, *, by: StaffMember) -> None:
    """Write down what `by` declares about her interests; a conflict closes the case to her.

    Saying the same twice changes nothing. A conflict may be declared later, when reading shows
    it; it is not taken back here.

    Raises:
        Missing: if she may not read the case.
    """
    case = find_case(work, ref, by=by, hold=True)
    declarations = Declarations(work.session)
    if declarations.of(case.ref, by.id) is said:
        return
    declarations.put(case.ref, by.id, said, work.today)
    if said is Declaration.CONFLICT:
        copies.keep_from(work, case.ref, {by.id})
    record(
        work,
        actor=by.id,
        verb="case.declared",
        subject=case.ref,
        said=said.value.replace(" ", "-"),
    )


def note_conflict(work: Work, ref: str, *, by: StaffMember) -> None:
    """Write down that `by` has a conflict about a case that just left her desk because of it."""
    Declarations(work.session).put(ref, by.id, Declaration.CONFLICT, work.today)
    copies.keep_from(work, ref, {by.id})
    record(work, actor=by.id, verb="case.declared", subject=ref, said="conflict")


def somebody_withdrew(work: Work, ref: str) -> bool:
    """Say whether a colleague declared a conflict about a case: that, and not who or why."""
    return Declarations(work.session).somebody_withdrew(ref)


def somebody_is_kept(work: Work, ref: str) -> bool:
    """Say whether a case is known to be kept from anybody on a desk, for whatever reason."""
    return Readers(work.session).some_are_kept(ref) or somebody_withdrew(work, ref)


def withdrawn(work: Work, ref: str) -> frozenset[str]:
    """Return the ids of those who declared a conflict about a case: it is sealed past them."""
    return Declarations(work.session).withdrawn(ref)


def take_step(work: Work, ref: str, *, to: CaseState, version: int, by: StaffMember) -> Case:
    """Take a case one step on that asks for no words, and tell its reporter.

    Raises:
        Missing: if `by` may not read the case.
        Conflict: if it is not at `version` any more, that is not its next step, or the step is
            one of its course: `steps.py` takes those, with the case sheet.
    """
    case = find_case(work, ref, by=by, hold=True).at(version)
    return _set_state(work, case.taken_to(to), before=case, by=by)


def follow(work: Work, case: Case, to: CaseState, *, due_on: date, by: StaffMember) -> Case:
    """Write that a case, held still, is where its sheet says, and tell its reporter if that shows.

    Raises:
        Conflict: if nobody has read it yet.
    """
    return _set_state(work, case.follows(to, due_on), before=case, by=by)


def _set_state(work: Work, case: Case, *, before: Case, by: StaffMember) -> Case:
    saved = Cases(work.session).save(case)
    if saved.state is not before.state:
        tell_standing(work, saved)
        record(work, actor=by.id, verb="case.state-set", subject=case.ref, to=saved.state.value)
    return saved


def opened_on(work: Work, ref: str) -> date | None:
    """Return the day on which somebody first said that nothing keeps her from reading a case."""
    return Declarations(work.session).first_day(ref)


def tell_standing(work: Work, case: Case) -> None:
    """Let the reporter see how things stand, and when it is worth looking again."""
    look_again_on = None if case.state is CaseState.CLOSED else work.today + LOOK_AGAIN_AFTER
    mailboxes.set_standing(work, case.mailbox, STANDING[case.state], look_again_on=look_again_on)


def save(work: Work, case: Case) -> Case:
    """Write back a case that changed, and return it at its new version.

    Raises:
        Conflict: if it changed since it was read.
    """
    return Cases(work.session).save(case)


def _new_reference(cases: Cases) -> str:
    while True:
        letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
        ref = f"{letters[:4]}-{letters[4:]}"
        if not cases.has(ref):
            return ref
