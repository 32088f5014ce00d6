"""Which cases a member's search goes through, and what lies in them, out of the database."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import String, and_, bindparam, cast, func, literal, select, true

from app.casework import readers
from app.casework.domain import Case, CaseState, Declaration, SealedSheet
from app.casework.sealed_texts import SealedText
from app.casework.store import CASE_COLUMNS, case_of
from app.casework.tables import CaseRow, DeclarationRow, NoteRow, ReaderRow, SheetRow
from app.identity.domain import StaffMember
from app.mailbox import service as mailboxes
from app.mailbox.domain import Entry
from app.work import Work

AT_ONCE = 250  # cases

# The version of a case, and how many sheets and notes it has: as long as they stand, nothing was
# written in it.
Stamp = tuple[int, int]
# All of that for all the cases somebody may search: references, versions, numbers.
State = tuple[str, str, str]


_OPENED = and_(
    DeclarationRow.member == bindparam("member", type_=String),
    # Written out: PostgreSQL plans for any value there may be, if it is not told which.
    DeclarationRow.said
    == literal(Declaration.NO_CONFLICT, DeclarationRow.said.type, literal_execute=True),
    DeclarationRow.ref == CaseRow.ref,
    # From what she opened to the cases, and not along an index of all that lie on the desk.
    (CaseRow.desk == bindparam("desk", type_=String)).is_(true()),
    CaseRow.state != literal(CaseState.SEALED, CaseRow.state.type, literal_execute=True),
    # One row of hers for each case: joined, it is looked up in half the time of an EXISTS.
    ReaderRow.member == DeclarationRow.member,
    ReaderRow.ref == DeclarationRow.ref,
    ReaderRow.may_read,
)
# Put together once: that takes longer than the database for a member with few cases.
_STAMPS = select(CaseRow.ref, CaseRow.version, CaseRow.written).where(_OPENED)
# Columns apart: to join them for each case takes as long again.
_STATE = select(
    func.aggregate_strings(CaseRow.ref, ","),
    func.aggregate_strings(cast(CaseRow.version, String), ","),
    func.aggregate_strings(cast(CaseRow.written, String), ","),
).where(_OPENED)
_READABLE = select(CaseRow).where(_OPENED, CaseRow.ref.in_(bindparam("refs", expanding=True)))
_NEWEST_FIRST = select(CaseRow.ref).where(_OPENED).order_by(CaseRow.received_on.desc(), CaseRow.ref)


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
    rows = work.session.connection().execute(_STAMPS, _hers(by))
    return {ref: (version, written) for ref, version, written in rows}


def state(work: Work, *, by: StaffMember) -> State:
    """Return what differs as soon as anything in `stamps` does.

    Nearly every search finds that nothing changed, and two thousand rows cost more than the rest
    of it. Nothing is summed up: all stamps are in there, in whatever order they were come upon.
    """
    refs, versions, written = work.session.connection().execute(_STATE, _hers(by)).one()
    return refs or "", versions or "", written or ""


def newest_first(
    work: Work, wanted: Sequence[tuple[str, Stamp]], *, by: StaffMember
) -> list[tuple[str, Stamp]]:
    """Return cases in the order to read them in: where there is no room, the oldest are left out.

    Asked for apart from the stamps, as nothing is to be read before most searches.
    """
    if len(wanted) <= AT_ONCE:
        return list(wanted)
    known = dict(wanted)
    refs = work.session.scalars(_NEWEST_FIRST, _hers(by))
    return [(ref, known[ref]) for ref in refs if ref in known]


def readable(work: Work, refs: Sequence[str], *, by: StaffMember) -> dict[str, Case]:
    """Return those of some cases that `by` may search in this moment."""
    if not refs:
        return {}
    rows = work.session.scalars(_READABLE, _hers(by) | {"refs": list(refs)})
    return {row.ref: case_of(row) for row in rows}


def _hers(by: StaffMember) -> dict[str, str]:
    return {"member": by.id, "desk": by.desk or ""}


def sealed(work: Work, wanted: Sequence[tuple[str, Stamp]], *, by: StaffMember) -> list[Sealed]:
    """Return what lies in some cases that `by` may search, `AT_ONCE` of them at most."""
    known = dict(wanted)
    chosen = select(*CASE_COLUMNS).where(CaseRow.ref.in_(known))
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
