"""Which cases a member's search goes through, and what lies in them, out of the database."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.casework.domain import Case, CaseState, Declaration, SealedSheet
from app.casework.store import case_of
from app.casework.tables import CaseRow, DeclarationRow, ReaderRow, SheetRow
from app.identity.domain import StaffMember
from app.mailbox import service as mailboxes
from app.mailbox.domain import Entry
from app.work import Work

AT_ONCE = 250  # cases

# The versions of a case and of its sheet: as long as both stand, nothing was written in it.
Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """All that a search opens of one case."""

    case: Case
    stamp: Stamp
    entries: Sequence[Entry]
    sheet: SealedSheet | None


def stamps(work: Work, *, by: StaffMember) -> dict[str, Stamp]:
    """Return the cases that `by` may search, each with its stamp.

    They are on her desk, open with her key, and are such that she declared she has no conflict
    in them: a search shows nothing that she could not open at once by its reference.
    """
    sheets = (
        select(SheetRow.ref, func.max(SheetRow.version).label("version"))
        .group_by(SheetRow.ref)
        .subquery()
    )
    chosen = (
        select(CaseRow.ref, CaseRow.version, func.coalesce(sheets.c.version, 0))
        .join(ReaderRow, (ReaderRow.ref == CaseRow.ref) & (ReaderRow.member == by.id))
        .join(
            DeclarationRow, (DeclarationRow.ref == CaseRow.ref) & (DeclarationRow.member == by.id)
        )
        .outerjoin(sheets, sheets.c.ref == CaseRow.ref)
        .where(
            CaseRow.desk == (by.desk or ""),
            CaseRow.state != CaseState.SEALED,
            ReaderRow.may_read,
            DeclarationRow.said == Declaration.NO_CONFLICT,
        )
        # The newest first: if there is not room for all, the oldest are left out.
        .order_by(CaseRow.received_on.desc(), CaseRow.ref)
    )
    return {ref: (version, sheet) for ref, version, sheet in work.session.execute(chosen)}


def sealed(work: Work, wanted: Sequence[tuple[str, Stamp]]) -> list[Sealed]:
    """Return what lies in some cases, `AT_ONCE` of them at most."""
    known = dict(wanted)
    cases = [
        case_of(row) for row in work.session.scalars(select(CaseRow).where(CaseRow.ref.in_(known)))
    ]
    entries = mailboxes.entries_in(work, [case.mailbox for case in cases])
    sheets = _sheets(work, known)
    return [
        Sealed(
            case=case,
            stamp=known[case.ref],
            entries=entries[case.mailbox],
            sheet=sheets.get(case.ref),
        )
        for case in cases
    ]


def _sheets(work: Work, known: dict[str, Stamp]) -> dict[str, SealedSheet]:
    newest = (
        select(SheetRow.ref, func.max(SheetRow.version).label("version"))
        .where(SheetRow.ref.in_(known))
        .group_by(SheetRow.ref)
        .subquery()
    )
    chosen = select(SheetRow).join(
        newest, (newest.c.ref == SheetRow.ref) & (newest.c.version == SheetRow.version)
    )
    return {
        row.ref: SealedSheet(version=row.version, header=row.header, payload=row.payload)
        for row in work.session.scalars(chosen)
    }
