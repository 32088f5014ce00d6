"""The rows that say under which keyring the readers of a case were last put right."""

from collections.abc import Collection, Iterable

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from sqlalchemy.orm import Session

from app.casework.domain import Case, CaseState, Declaration
from app.casework.sealed_texts import SealedText
from app.casework.store import case_of
from app.casework.tables import (
    CaseRow,
    DeclarationRow,
    DraftRow,
    NoteRow,
    ReaderRow,
    RenewalRow,
)

Headers = dict[bytes, bytes]
Notes = dict[bytes, SealedText]


class Renewals:
    """How far the cases have followed the keyring."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def behind(self, serial: int, *, desk: str, member: str, most: int) -> list[Case]:
        """Return open cases that a member can read and that no keyring of `serial` has reached."""
        withdrawn = select(DeclarationRow.ref).where(
            DeclarationRow.member == member, DeclarationRow.said == Declaration.CONFLICT
        )
        chosen = (
            select(CaseRow)
            .join(ReaderRow, ReaderRow.ref == CaseRow.ref)
            .outerjoin(RenewalRow, RenewalRow.ref == CaseRow.ref)
            .where(
                CaseRow.desk == desk,
                ReaderRow.member == member,
                ReaderRow.may_read,
                CaseRow.ref.not_in(withdrawn),
                or_(CaseRow.state != CaseState.CLOSED, CaseRow.unread),
                or_(RenewalRow.keyring.is_(None), RenewalRow.keyring < serial),
            )
        )
        return [case_of(row) for row in self._session.scalars(chosen.limit(most))]

    def readers(self) -> list[tuple[str, str, str]]:
        """Return of every open case its reference, its desk and a member known to read it."""
        chosen = (
            select(CaseRow.ref, CaseRow.desk, ReaderRow.member)
            .join(ReaderRow, ReaderRow.ref == CaseRow.ref)
            .where(ReaderRow.may_read, or_(CaseRow.state != CaseState.CLOSED, CaseRow.unread))
            .order_by(CaseRow.ref)
        )
        return [(ref, desk, member) for ref, desk, member in self._session.execute(chosen)]

    def unknown(self, desks: Collection[str]) -> list[str]:
        """Return the open cases on some desks that nobody is known to read."""
        reads = exists().where(ReaderRow.ref == CaseRow.ref, ReaderRow.may_read)
        chosen = select(CaseRow.ref).where(
            CaseRow.desk.in_(desks), ~reads, or_(CaseRow.state != CaseState.CLOSED, CaseRow.unread)
        )
        return list(self._session.scalars(chosen.order_by(CaseRow.ref)))

    def has_reached(self, ref: str, serial: int) -> bool:
        """Say whether a case has followed the keyring of `serial`."""
        found = self._session.scalar(select(RenewalRow.keyring).where(RenewalRow.ref == ref))
        return found is not None and found >= serial

    def note(self, ref: str, serial: int) -> None:
        """Note that a case has followed the keyring of `serial`."""
        postgres = self._session.get_bind().dialect.name == "postgresql"
        insert = insert_on_postgresql if postgres else insert_on_sqlite
        row = insert(RenewalRow).values(ref=ref, keyring=serial)
        self._session.execute(
            row.on_conflict_do_update(index_elements=["ref"], set_={"keyring": serial})
        )


class DeskTexts:
    """The drafts and the notes of a case, as far as who can open them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def headers(self, ref: str) -> Headers:
        """Return the headers of all of them by id."""
        return {
            id: header
            for table in (DraftRow, NoteRow)
            for id, header in self._session.execute(
                select(table.id, table.header).where(table.ref == ref)
            )
        }

    def notes(self, ref: str) -> Notes:
        """Return the notes by id."""
        notes = self._session.scalars(select(NoteRow).where(NoteRow.ref == ref))
        return {row.id: SealedText(row.header, row.payload) for row in notes}

    def seal_again(self, ref: str, notes: Notes) -> None:
        """Write notes that were sealed anew. A draft was for a desk's reporter to read: it goes."""
        self._session.execute(delete(DraftRow).where(DraftRow.ref == ref))
        for id, sealed in notes.items():
            self._session.execute(
                update(NoteRow)
                .where(NoteRow.id == id, NoteRow.ref == ref)
                .values(header=sealed.header, payload=sealed.payload)
            )

    def put_again(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Write other headers over the same payloads, by id."""
        for id, header in headers:
            for table in (DraftRow, NoteRow):
                self._session.execute(update(table).where(table.id == id).values(header=header))
