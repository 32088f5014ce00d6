"""The steps of a case that are decisions: each is written into the case sheet as it is taken."""

from app.casework import service, sheet_keeping
from app.casework.domain import Case, CaseState
from app.casework.sheet import CaseSheet
from app.casework.sheet_keeping import OpenSheet, Pen
from app.errors import Conflict
from app.work import Work


class NotNow(Conflict):
    """The case is not where this decision can be taken, or its sheet does not say enough yet."""


def check_triage_may_end(case: Case, sheet: CaseSheet) -> None:
    """Check that the triage of a case may end.

    Raises:
        NotNow: if it is not in triage, or nobody has said what it is about.
    """
    if case.state is not CaseState.TRIAGE:
        raise NotNow(f"case {case.ref} is not in triage")
    if not sheet.is_placed:
        raise NotNow(f"case {case.ref} has no force, directorate or category")


def check_may_close(case: Case) -> None:
    """Check that a case may be closed with an outcome.

    Raises:
        NotNow: if its triage has not ended, or it is closed already.
    """
    if case.state is not CaseState.UNDER_WAY:
        raise NotNow(f"case {case.ref} is not under way")


def end_triage(
    work: Work, ref: str, before: OpenSheet, reason: str, *, version: int, pen: Pen
) -> Case:
    """End the triage of a case: it is under way from now on, and its matter counts.

    Args:
        work: the transaction.
        ref: the case.
        before: its sheet, as it was on the screen.
        reason: why, in her words.
        version: of the case, as it was on the screen.
        pen: who decides.

    Raises:
        Missing: if she may not read the case any more.
        Conflict: if case or sheet moved on, or this is not the time.
    """
    case = service.find_case(work, ref, by=pen.by, hold=True).at(version)
    check_triage_may_end(case, before.sheet)
    after = before.sheet.with_triage_ended(work.today, reason)
    sheet_keeping.save(work, case, before, after, pen=pen)
    return service.move_on(work, case, CaseState.UNDER_WAY, by=pen.by)


def close(
    work: Work,
    ref: str,
    before: OpenSheet,
    *,
    outcome: str,
    reason: str,
    version: int,
    pen: Pen,
) -> Case:
    """Close a case with an outcome. Its first closing counts, and no later one.

    Raises:
        Missing: if she may not read the case any more.
        Conflict: if case or sheet moved on, or this is not the time.
    """
    case = service.find_case(work, ref, by=pen.by, hold=True).at(version)
    check_may_close(case)
    after = before.sheet.with_closing(work.today, outcome, reason)
    sheet_keeping.save(work, case, before, after, pen=pen)
    return service.move_on(work, case, CaseState.CLOSED, by=pen.by)


def edit(work: Work, ref: str, before: OpenSheet, after: CaseSheet, *, pen: Pen) -> CaseSheet:
    """Save what was changed on a case's sheet.

    Raises:
        Missing: if she may not read the case any more.
        Conflict: if the sheet moved on, or nobody has read the case yet.
    """
    case = service.find_case(work, ref, by=pen.by, hold=True)
    if case.state is CaseState.SEALED:
        raise NotNow(f"case {ref} has not been read")
    return sheet_keeping.save(work, case, before, after, pen=pen)
