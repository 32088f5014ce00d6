"""The rows of cases, of who may read them and of what was declared."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session

from app.casework.domain import Case, Declaration
from app.casework.tables import CaseRow, DeclarationRow, ReaderRow
from app.errors import Conflict


class Cases:
    """The cases on all desks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, case: Case) -> None:
        """Add a case. Written at once: the order of calls is the order of the rows."""
        self._session.execute(
            insert(CaseRow).values(
                ref=case.ref,
                mailbox=case.mailbox,
                desk=case.desk,
                state=case.state,
                priority=case.priority,
                received_on=case.received_on,
                due_on=case.due_on,
                unread=case.unread,
                version=case.version,
            )
        )

    def has(self, ref: str) -> bool:
        """Say whether a case of this reference is there, on whichever desk."""
        return self._session.scalar(select(CaseRow.ref).where(CaseRow.ref == ref)) is not None

    def held_in_mailbox(self, mailbox: bytes) -> Case | None:
        """Return the case whose thread is in `mailbox`, held still for this transaction."""
        chosen = select(CaseRow).where(CaseRow.mailbox == mailbox).with_for_update()
        row = self._session.scalar(chosen)
        return None if row is None else _case(row)

    def readable(self, *, desk: str, member: str) -> list[Case]:
        """Return the cases on a desk that a member may read, the most pressing first."""
        chosen = _readable(desk, member).order_by(CaseRow.due_on, CaseRow.ref)
        return [_case(row) for row in self._session.scalars(chosen)]

    def readable_by(self, ref: str, *, desk: str, member: str) -> Case | None:
        """Return one case if it is on this desk and this member may read it."""
        row = self._session.scalar(_readable(desk, member).where(CaseRow.ref == ref))
        return None if row is None else _case(row)

    def untried(self, *, desk: str, member: str, most: int) -> list[Case]:
        """Return the newest cases on a desk that were never tried with a member's key."""
        tried = select(ReaderRow.ref).where(ReaderRow.member == member)
        chosen = (
            select(CaseRow)
            .where(CaseRow.desk == desk, CaseRow.ref.not_in(tried))
            .order_by(CaseRow.received_on.desc(), CaseRow.ref)
            .limit(most)
        )
        return [_case(row) for row in self._session.scalars(chosen)]

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
        return _case(row)


class Readers:
    """What was found when members' keys were tried on cases."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, member: str, found: Sequence[tuple[str, bool]]) -> None:
        """Note, by reference, which cases a member may read. What is noted already stays."""
        refs = [ref for ref, _ in found]
        chosen = select(ReaderRow.ref).where(ReaderRow.member == member, ReaderRow.ref.in_(refs))
        known = set(self._session.scalars(chosen))
        for ref, may_read in found:
            if ref not in known:
                row = {"ref": ref, "member": member, "may_read": may_read}
                self._session.execute(insert(ReaderRow), row)


class Declarations:
    """What members declared before their first opening of a case."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, ref: str, member: str, said: Declaration, said_on: date) -> None:
        """Add what a member declared."""
        row = {"ref": ref, "member": member, "said": said, "said_on": said_on}
        self._session.execute(insert(DeclarationRow), row)

    def of(self, ref: str, member: str) -> Declaration | None:
        """Return what a member declared about a case, if she did."""
        chosen = select(DeclarationRow.said)
        return self._session.scalar(
            chosen.where(DeclarationRow.ref == ref, DeclarationRow.member == member)
        )

    def somebody_withdrew(self, ref: str) -> bool:
        """Say whether any member declared a conflict about a case."""
        chosen = select(DeclarationRow.ref).where(
            DeclarationRow.ref == ref, DeclarationRow.said == Declaration.CONFLICT
        )
        return self._session.scalar(chosen.limit(1)) is not None


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


def _case(row: CaseRow) -> Case:
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
