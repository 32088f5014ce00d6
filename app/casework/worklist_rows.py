"""What a work list is made of, out of the database: nothing here says whose a case is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from app.casework.domain import Case, Declaration, SealedSheet
from app.casework.store import Sheets
from app.casework.tables import DeclarationRow, SheetRow
from app.identity.domain import StaffMember
from app.mailbox import service as mailboxes
from app.mailbox.domain import Entry, Side
from app.work import Work

# The versions of a case and of its sheet, and the day: while they stand, so does what was made
# of them.
Stamp = tuple[int, int, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """All that a work list opens of one case, and what it goes by besides."""

    case: Case
    stamp: Stamp
    sheet: SealedSheet | None
    # The postmarks of what the desk sent. As the rows say it: to see whether a letter verifies,
    # it has to be opened, and the case's own page does.
    letters: tuple[date, ...]
    opened_on: date | None
    # What its reporter wrote, where only that can say that it is an alert of retaliation.
    concern: tuple[Entry, ...] = ()


def stamps(work: Work, cases: Sequence[Case], *, by: StaffMember) -> dict[str, Stamp]:
    """Return the stamps of those of some cases about which `by` declared that nothing keeps her."""
    refs = [case.ref for case in cases]
    hers = work.session.scalars(
        select(DeclarationRow.ref).where(
            DeclarationRow.member == by.id,
            DeclarationRow.ref.in_(refs),
            DeclarationRow.said == Declaration.NO_CONFLICT,
        )
    )
    declared = set(hers)
    newest = (
        select(SheetRow.ref, func.max(SheetRow.version))
        .where(SheetRow.ref.in_(declared))
        .group_by(SheetRow.ref)
    )
    sheets = {row[0]: row[1] for row in work.session.execute(newest)}
    return {
        case.ref: (case.version, sheets.get(case.ref, 0), work.today)
        for case in cases
        if case.ref in declared
    }


def lying(work: Work, wanted: Sequence[tuple[Case, Stamp]]) -> list[Lying]:
    """Return what is to be opened of some cases."""
    refs = [case.ref for case, _ in wanted]
    sheets = Sheets(work.session).latest_of(refs)
    letters = mailboxes.days_in(work, [case.mailbox for case, _ in wanted])
    first = (
        select(DeclarationRow.ref, func.min(DeclarationRow.said_on))
        .where(DeclarationRow.ref.in_(refs), DeclarationRow.said == Declaration.NO_CONFLICT)
        .group_by(DeclarationRow.ref)
    )
    opened = {row[0]: row[1] for row in work.session.execute(first)}
    return [
        Lying(
            case=case,
            stamp=stamp,
            sheet=sheets.get(case.ref),
            letters=letters[case.mailbox].desks,
            opened_on=opened.get(case.ref),
            concern=() if case.ref in sheets else _concern(work, case),
        )
        for case, stamp in wanted
    ]


def _concern(work: Work, case: Case) -> tuple[Entry, ...]:
    # Every alert is urgent, and few other cases are: a work list opens the letters of no others.
    if not case.is_urgent:
        return ()
    entries = mailboxes.entries(work, case.mailbox)
    return tuple(one for one in entries if one.side is Side.REPORTER)
