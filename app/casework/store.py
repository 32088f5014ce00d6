"""The rows of cases, of who may read them, of what was declared, and of the case sheets."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import cast

from sqlalchemy import Select, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.casework.domain import Case, CaseState, Declaration, SealedSheet
from app.casework.tables import CaseRow, DeclarationRow, ReaderRow, SheetRow
from app.errors import Conflict

# Built once: it runs for every inbox, and to build it takes longer than to run it.
_ON_DESK = select(func.count()).where(CaseRow.desk == bindparam("desk"))
_AT_REST = (CaseRow.state == CaseState.CLOSED, CaseRow.unread.is_(False))
_TRIED = select(func.count()).where(ReaderRow.member == bindparam("member"))
_COUNTS = select(
    _ON_DESK.scalar_subquery(),
    _ON_DESK.where(*_AT_REST).scalar_subquery(),
    _TRIED.scalar_subquery(),
)

# What a case is made of. An object for the session to watch would cost as much as the look itself.
CASE_COLUMNS = [cast(Table, CaseRow.__table__).c[one.name] for one in fields(Case)]
_READERS = cast(Table, ReaderRow.__table__)
_KEEP_PLACES = (
    update(_READERS)
    .where(_READERS.c.member == bindparam("of"), _READERS.c.ref == bindparam("case"))
    .values(places=bindparam("found"))
)


class Cases:
    """The cases on all desks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, case: Case) -> None:
        """Add a case. Written at once: the order of calls is the order of the rows."""
        self._session.execute(
            insert(CaseRow),
            {
                "ref": case.ref,
                "mailbox": case.mailbox,
                "desk": case.desk,
                "state": case.state,
                "priority": case.priority,
                "received_on": case.received_on,
                "due_on": case.due_on,
                "unread": case.unread,
                "version": case.version,
            },
        )

    def has(self, ref: str) -> bool:
        """Say whether a case of this reference is there, on whichever desk."""
        return self._session.scalar(select(CaseRow.ref).where(CaseRow.ref == ref)) is not None

    def held_in_mailbox(self, mailbox: bytes) -> Case | None:
        """Return the case whose thread is in `mailbox`, held still for this transaction."""
        chosen = select(CaseRow).where(CaseRow.mailbox == mailbox).with_for_update()
        row = self._session.scalar(chosen)
        return None if row is None else case_of(row)

    def readable_by(self, ref: str, *, desk: str, member: str, hold: bool = False) -> Case | None:
        """Return one case if it is on this desk and this member may read it.

        `hold` keeps it as it is for the rest of the transaction.
        """
        chosen = _readable(desk, member).where(CaseRow.ref == ref)
        if hold:
            chosen = chosen.with_for_update(of=CaseRow)
        row = self._session.scalar(chosen)
        return None if row is None else case_of(row)

    def untried(self, *, desk: str, member: str, most: int) -> list[Case]:
        """Return the newest cases on a desk that were never tried with a member's key."""
        tried = select(ReaderRow.ref).where(ReaderRow.member == member)
        chosen = (
            select(CaseRow)
            .where(CaseRow.desk == desk, CaseRow.ref.not_in(tried))
            .order_by(CaseRow.received_on.desc(), CaseRow.ref)
            .limit(most)
        )
        return [case_of(row) for row in self._session.scalars(chosen)]

    def count_for_trying(self, *, desk: str, member: str) -> tuple[int, ...]:
        """Return how many cases lie on a desk, how many at rest, and on how many a key was tried.

        All are counted along an index. For telling that nothing came, and never for a page.
        """
        found = self._session.execute(_COUNTS, {"desk": desk, "member": member}).one()
        return tuple(found)

    def pass_on(self, case: Case, desk: str) -> Case:
        """Write that a case is on another desk from now on, and return it at its new version.

        Raises:
            Conflict: if the case changed since it was read.
        """
        write = (
            update(CaseRow)
            .where(CaseRow.ref == case.ref, CaseRow.version == case.version)
            .values(desk=desk, version=case.version + 1)
            .returning(CaseRow)
        )
        row = self._session.scalar(write)
        if row is None:
            raise Conflict(f"case {case.ref} is no longer at version {case.version}")
        return case_of(row)

    def save(self, case: Case) -> Case:
        """Write back the parts of a case that change, and return it at its new version.

        Raises:
            Conflict: if the case changed since it was read.
        """
        # The version read is the version written: to load the row again here would adopt
        # somebody else's change and then undo it.
        write = (
            update(CaseRow)
            .where(CaseRow.ref == case.ref, CaseRow.version == case.version)
            .values(
                state=case.state,
                due_on=case.due_on,
                unread=case.unread,
                version=case.version + 1,
            )
            .returning(CaseRow)
        )
        row = self._session.scalar(write)
        if row is None:
            raise Conflict(f"case {case.ref} is no longer at version {case.version}")
        return case_of(row)


class Readers:
    """What was found when members' keys were tried on cases."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, member: str, found: Sequence[tuple[str, bool, bytes]]) -> list[str]:
        """Add, by reference, whether a member may read and her places, and return what was new.

        Two pages of hers may be loading at once: what one of them added stays.
        """
        new = []
        for ref, may_read, places in found:
            row = _insert(self._session)(ReaderRow).values(
                member=member, ref=ref, may_read=may_read, places=places
            )
            added = row.on_conflict_do_nothing().returning(ReaderRow.ref)
            if self._session.scalar(added) is not None:
                new.append(ref)
        return new

    def places(self, member: str, refs: Collection[str]) -> dict[str, bytes | None]:
        """Return, by case, what was kept of where a member's stanzas stand; see envelope/places."""
        chosen = select(ReaderRow.ref, ReaderRow.places)
        rows = chosen.where(ReaderRow.member == member, ReaderRow.ref.in_(refs))
        return {row.ref: row.places for row in self._session.execute(rows)}

    def keep_places(self, member: str, found: Mapping[str, bytes]) -> None:
        """Keep, by case, where a member's stanzas stand; a case that is not hers any more is not.

        It says nothing of whether she may read: that stays as it is.
        """
        if not found:
            return
        self._session.connection().execute(
            _KEEP_PLACES,
            [{"of": member, "case": ref, "found": places} for ref, places in found.items()],
        )

    def forget(self, ref: str, members: Collection[str] | None = None) -> None:
        """Forget what was found of a case, for some members or for all: her key is tried again."""
        removal = delete(ReaderRow).where(ReaderRow.ref == ref)
        if members is not None:
            removal = removal.where(ReaderRow.member.in_(members))
        self._session.execute(removal)

    def try_again(self, ref: str, members: Collection[str]) -> None:
        """Forget of some members that they could not read a case: now it is wrapped for them.

        Who could read it goes on without a look at her inbox.
        """
        self._session.execute(
            delete(ReaderRow).where(
                ReaderRow.ref == ref, ReaderRow.member.in_(members), ~ReaderRow.may_read
            )
        )

    def some_are_kept(self, ref: str) -> bool:
        """Say whether it was found, or written, that some member cannot read a case."""
        chosen = select(ReaderRow.ref).where(ReaderRow.ref == ref, ~ReaderRow.may_read)
        return self._session.scalar(chosen.limit(1)) is not None

    def keep_from(self, ref: str, members: Collection[str]) -> None:
        """Write that some members may not read a case."""
        for member in sorted(members):
            row = _insert(self._session)(ReaderRow).values(member=member, ref=ref, may_read=False)
            self._session.execute(
                row.on_conflict_do_update(
                    index_elements=["member", "ref"], set_={"may_read": False}
                )
            )


class Declarations:
    """What members declared before their first opening of a case."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, ref: str, member: str, said: Declaration, said_on: date) -> None:
        """Write what a member declares, in place of what she declared before."""
        changed = {"said": said, "said_on": said_on}
        row = _insert(self._session)(DeclarationRow).values(member=member, ref=ref, **changed)
        self._session.execute(
            row.on_conflict_do_update(index_elements=["member", "ref"], set_=changed)
        )

    def of(self, ref: str, member: str) -> Declaration | None:
        """Return what a member declared about a case, if she did."""
        chosen = select(DeclarationRow.said)
        return self._session.scalar(
            chosen.where(DeclarationRow.member == member, DeclarationRow.ref == ref)
        )

    def first_day(self, ref: str) -> date | None:
        """Return the first day on which a member said that she has no conflict."""
        chosen = select(func.min(DeclarationRow.said_on)).where(
            DeclarationRow.ref == ref, DeclarationRow.said == Declaration.NO_CONFLICT
        )
        return self._session.scalar(chosen)

    def somebody_withdrew(self, ref: str) -> bool:
        """Say whether any member declared a conflict about a case."""
        chosen = select(DeclarationRow.ref).where(
            DeclarationRow.ref == ref, DeclarationRow.said == Declaration.CONFLICT
        )
        return self._session.scalar(chosen.limit(1)) is not None

    def withdrawn(self, ref: str) -> frozenset[str]:
        """Return who declared a conflict about a case."""
        chosen = select(DeclarationRow.member).where(
            DeclarationRow.ref == ref, DeclarationRow.said == Declaration.CONFLICT
        )
        return frozenset(self._session.scalars(chosen))


class Sheets:
    """The case sheets in all their versions, sealed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, ref: str) -> list[SealedSheet]:
        """Return every version of a case's sheet, the first one first."""
        chosen = select(SheetRow).where(SheetRow.ref == ref).order_by(SheetRow.version)
        return [_sheet(row) for row in self._session.scalars(chosen)]

    def latest(self, ref: str) -> SealedSheet | None:
        """Return the newest version of a case's sheet, if anybody has written one."""
        chosen = select(SheetRow).where(SheetRow.ref == ref).order_by(SheetRow.version.desc())
        row = self._session.scalar(chosen.limit(1))
        return None if row is None else _sheet(row)

    def latest_of(self, refs: Collection[str]) -> dict[str, SealedSheet]:
        """Return the newest versions of the sheets of some cases, by case, where there is one."""
        newest = (
            select(SheetRow.ref, func.max(SheetRow.version).label("version"))
            .where(SheetRow.ref.in_(refs))
            .group_by(SheetRow.ref)
            .subquery()
        )
        chosen = select(SheetRow).join(
            newest, (newest.c.ref == SheetRow.ref) & (newest.c.version == SheetRow.version)
        )
        return {row.ref: _sheet(row) for row in self._session.scalars(chosen)}

    def add(self, ref: str, sheet: SealedSheet) -> None:
        """Add a version. The case is held, so that there is no other of its number."""
        self._session.execute(
            insert(SheetRow).values(
                ref=ref, version=sheet.version, header=sheet.header, payload=sheet.payload
            )
        )
        count_writing(self._session, ref)

    def seal_again(self, ref: str, sheets: Iterable[SealedSheet]) -> None:
        """Put other envelopes around versions that stay what they say."""
        for sheet in sheets:
            self._session.execute(
                update(SheetRow)
                .where(SheetRow.ref == ref, SheetRow.version == sheet.version)
                .values(header=sheet.header, payload=sheet.payload)
            )


def count_writing(session: Session, ref: str) -> None:
    """Count a sheet or a note that was just added to a case."""
    written = update(CaseRow).where(CaseRow.ref == ref).values(written=CaseRow.written + 1)
    session.execute(written, execution_options={"synchronize_session": False})


def _sheet(row: SheetRow) -> SealedSheet:
    return SealedSheet(version=row.version, header=row.header, payload=row.payload)


def _readable(desk: str, member: str) -> Select[CaseRow]:
    withdrawn = select(DeclarationRow.ref).where(
        DeclarationRow.member == member, DeclarationRow.said == Declaration.CONFLICT
    )
    return (
        select(CaseRow)
        .join(ReaderRow, ReaderRow.ref == CaseRow.ref)
        .where(
            CaseRow.desk == desk,
            ReaderRow.member == member,
            ReaderRow.may_read,
            CaseRow.ref.not_in(withdrawn),
        )
    )


def _insert(session: Session) -> type[sqlite.Insert] | type[postgresql.Insert]:
    postgres = session.get_bind().dialect.name == "postgresql"
    return postgresql.Insert if postgres else sqlite.Insert


def case_of(row: CaseRow) -> Case:
    """Return the case that a row is."""
    return Case(
        ref=row.ref,
        mailbox=row.mailbox,
        desk=row.desk,
        received_on=row.received_on,
        due_on=row.due_on,
        state=row.state,
        priority=row.priority,
        unread=row.unread,
        version=row.version,
    )
