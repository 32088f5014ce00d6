"""Which cases a member's search goes through, and what lies in them, out of the database."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select

from app.casework import readers
from app.casework.domain import Case, CaseState, Declaration, SealedSheet
from app.casework.sealed_texts import SealedText
from app.casework.store import case_of
from app.casework.tables import CaseRow, DeclarationRow, NoteRow, ReaderRow, SheetRow
from app.identity.domain import StaffMember
from app.mailbox import service as mailboxes
from app.mailbox.domain import Entry
from app.work import Work

AT_ONCE = 250  # cases

# The versions of a case and of its sheet, and how many notes it has: as long as they stand,
# nothing was written in it.
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """All that a search opens of one case."""

    case: Case
    stamp: Stamp
    entries: Sequence[Entry]
    sheet: SealedSheet | None
    notes: Sequence[SealedText]
    # What is kept of where her stanzas stand in all of these.
    places: bytes | None


def stamps(work: Work, *, by: StaffMember) -> dict[str, Stamp]:
    """Return the cases that `by` may search, each with its stamp.

    They are on her desk, open with her key, and are such that she declared she has no conflict
    in them: a search shows nothing that she could not open at once by its reference.
    """
    sheet = select(func.max(SheetRow.version)).where(SheetRow.ref == CaseRow.ref)
    note = select(func.max(NoteRow.number)).where(NoteRow.ref == CaseRow.ref)
    chosen = select(
        CaseRow.ref,
        CaseRow.version,
        func.coalesce(sheet.scalar_subquery(), 0),
        func.coalesce(note.scalar_subquery(), 0),
    ).where(*_opened(by))
    rows = work.session.connection().execute(chosen)
    return {ref: (case, sheet, count) for ref, case, sheet, count in rows}


def newest_first(
    work: Work, wanted: Sequence[tuple[str, Stamp]], *, by: StaffMember
) -> list[tuple[str, Stamp]]:
    """Return cases in the order to read them in: where there is no room, the oldest are left out.

    Asked for apart from the stamps, as nothing is to be read before most searches.
    """
    if len(wanted) <= AT_ONCE:
        return list(wanted)
    known = dict(wanted)
    chosen = select(CaseRow.ref).where(*_opened(by))
    refs = work.session.scalars(chosen.order_by(CaseRow.received_on.desc(), CaseRow.ref))
    return [(ref, known[ref]) for ref in refs if ref in known]


def readable(work: Work, refs: Sequence[str], *, by: StaffMember) -> dict[str, Case]:
    """Return those of some cases that `by` may search in this moment."""
    chosen = select(CaseRow).where(*_opened(by), CaseRow.ref.in_(refs))
    return {row.ref: case_of(row) for row in work.session.scalars(chosen)}


def _opened(by: StaffMember) -> list[ColumnElement[bool]]:
    reads = select(ReaderRow.ref).where(
        ReaderRow.member == by.id, ReaderRow.ref == CaseRow.ref, ReaderRow.may_read
    )
    return [
        DeclarationRow.ref == CaseRow.ref,
        # From what she opened to the cases, and not along all that lie on the desk.
        func.coalesce(CaseRow.desk, "") == (by.desk or ""),
        CaseRow.state != CaseState.SEALED,
        DeclarationRow.member == by.id,
        DeclarationRow.said == Declaration.NO_CONFLICT,
        exists(reads),
    ]


def sealed(work: Work, wanted: Sequence[tuple[str, Stamp]], *, by: StaffMember) -> list[Sealed]:
    """Return what lies in some cases that `by` may search, `AT_ONCE` of them at most."""
    known = dict(wanted)
    # Columns and not rows: an object for the session to watch costs as much as the look itself.
    chosen = select(*CaseRow.__table__.c).where(CaseRow.ref.in_(known))
    cases = [Case(**row) for row in work.session.execute(chosen).mappings()]
    entries = mailboxes.entries_in(work, [case.mailbox for case in cases])
    sheets, notes = _sheets(work, known), _notes(work, known)
    places = readers.places(work, known, by=by)
    return [
        Sealed(
            case=case,
            stamp=known[case.ref],
            entries=entries[case.mailbox],
            sheet=sheets.get(case.ref),
            notes=notes.get(case.ref, []),
            places=places.get(case.ref),
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
    chosen = select(SheetRow.ref, SheetRow.version, SheetRow.header, SheetRow.payload).join(
        newest, (newest.c.ref == SheetRow.ref) & (newest.c.version == SheetRow.version)
    )
    return {
        row.ref: SealedSheet(version=row.version, header=row.header, payload=row.payload)
        for row in work.session.execute(chosen)
    }


def _notes(work: Work, known: dict[str, Stamp]) -> dict[str, list[SealedText]]:
    columns = select(NoteRow.ref, NoteRow.header, NoteRow.payload)
    chosen = columns.where(NoteRow.ref.in_(known)).order_by(NoteRow.ref, NoteRow.number)
    found: dict[str, list[SealedText]] = {}
    for row in work.session.execute(chosen):
        found.setdefault(row.ref, []).append(SealedText(row.header, row.payload))
    return found
