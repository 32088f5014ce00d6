"""The rows of the letterbox, read and written. The same on SQLite and on PostgreSQL."""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.errors import Busy, Full
from app.intake.domain import Waiting
from app.intake.tables import (
    LetterPartRow,
    LetterRow,
    SpentTicketRow,
    WaitingFileRow,
    WaitingPartRow,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from app.database import Base

PART = 256 * 1024  # bytes of ciphertext in a row; a whole envelope never stands in memory
HEADER = 25 * 1024  # bytes, a little more than a header of 16 stanzas has
AT_ONCE = 500  # keys in one statement

# How SQLite and PostgreSQL say it.
NO_ROOM = ("disk is full", "disk i/o", "no space left")
NOT_NOW = ("database is locked", "database table is locked", "lock timeout", "too many clients")


class Letters:
    """The letters that wait."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, letter: Waiting) -> bool:
        """Add a letter without its payload; False, and nothing done, if its id is there."""
        return _add_new(
            self._session,
            LetterRow,
            id=letter.id,
            tag_hash=letter.tag_hash,
            mailbox=letter.mailbox,
            desk=letter.desk,
            first=letter.first,
            urgent=letter.urgent,
            size=letter.size,
            header=letter.header,
        )

    def add_part(self, letter: bytes, number: int, sealed: bytes) -> None:
        """Add one piece of a letter's payload."""
        row = {"letter": letter, "number": number, "sealed": sealed}
        self._session.execute(insert(LetterPartRow), row)

    def all(self) -> list[Waiting]:
        """Return every letter that waits, in no meaningful order."""
        return [_letter(row) for row in self._session.scalars(select(LetterRow))]

    def of(self, tag_hash: bytes) -> list[Waiting]:
        """Return the letters of one receipt."""
        chosen = select(LetterRow).where(LetterRow.tag_hash == tag_hash)
        return [_letter(row) for row in self._session.scalars(chosen)]

    def has(self, letter: bytes) -> bool:
        """Say whether a letter of this id waits."""
        return self._session.scalar(select(LetterRow.id).where(LetterRow.id == letter)) is not None

    def payload(self, letter: bytes) -> io.BufferedReader:
        """Return a letter's payload as a stream that reads one piece at a time."""
        return io.BufferedReader(_Pieces(self._session, LetterPartRow, letter), PART)

    def remove(self, letters: Sequence[bytes]) -> None:
        """Take letters and their payloads out."""
        for some in _some_at_once(letters):
            self._session.execute(delete(LetterPartRow).where(LetterPartRow.letter.in_(some)))
            self._session.execute(delete(LetterRow).where(LetterRow.id.in_(some)))


class WaitingFiles:
    """Files that were sealed on arrival and wait for the page that holds their key."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, file: bytes, *, arrived_on: date, size: int) -> None:
        """Add a file without its pieces."""
        row = {"id": file, "arrived_on": arrived_on, "size": size}
        self._session.execute(insert(WaitingFileRow), row)

    def add_part(self, file: bytes, number: int, sealed: bytes) -> None:
        """Add one piece of a file."""
        row = {"file": file, "number": number, "sealed": sealed}
        self._session.execute(insert(WaitingPartRow), row)

    def has(self, file: bytes) -> bool:
        """Say whether a file of this id still waits."""
        found = select(WaitingFileRow.id).where(WaitingFileRow.id == file)
        return self._session.scalar(found) is not None

    def sealed(self, file: bytes) -> io.BufferedReader:
        """Return the sealed bytes of a file as a stream that reads one piece at a time."""
        return io.BufferedReader(_Pieces(self._session, WaitingPartRow, file), PART)

    def remove(self, files: Sequence[bytes]) -> None:
        """Take files out."""
        for some in _some_at_once(files):
            self._session.execute(delete(WaitingPartRow).where(WaitingPartRow.file.in_(some)))
            self._session.execute(delete(WaitingFileRow).where(WaitingFileRow.id.in_(some)))

    def of_other_days(self, today: date) -> list[bytes]:
        """Return the ids of files that did not arrive today."""
        return list(
            self._session.scalars(
                select(WaitingFileRow.id).where(WaitingFileRow.arrived_on != today)
            )
        )


class SpentTickets:
    """Hashes of the tickets that were used."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, digest: bytes, valid_on: date) -> bool:
        """Note a ticket as spent; False if it was spent before."""
        return _add_new(self._session, SpentTicketRow, hash=digest, valid_on=valid_on)

    def has(self, digest: bytes) -> bool:
        """Say whether a ticket was spent."""
        found = select(SpentTicketRow.hash).where(SpentTicketRow.hash == digest)
        return self._session.scalar(found) is not None

    def forget(self, before: date) -> None:
        """Forget tickets whose last day has passed: their date alone refuses them."""
        self._session.execute(delete(SpentTicketRow).where(SpentTicketRow.valid_on < before))


def bytes_waiting(session: Session) -> int:
    """Return the bytes of everything that waits: letters, and files of pages."""
    letters = select(func.coalesce(func.sum(LetterRow.size + HEADER), 0))
    files = select(func.coalesce(func.sum(WaitingFileRow.size), 0))
    return session.scalar(select(letters.scalar_subquery() + files.scalar_subquery())) or 0


@contextmanager
def errors_named() -> Iterator[None]:
    """Turn a driver's words for a full disk or a locked database into Full or Busy.

    The driver's own error may quote the row it could not write, so it goes no further.
    """
    try:
        yield
    except DBAPIError as error:
        words = str(error.orig).lower()
        if any(sign in words for sign in NO_ROOM):
            raise Full("the database has no room") from None
        if any(sign in words for sign in NOT_NOW):
            raise Busy("the database is busy") from None
        raise


class _Pieces(io.RawIOBase):
    """The pieces of a payload, fetched one by one in their order."""

    def __init__(
        self, session: Session, pieces: type[LetterPartRow] | type[WaitingPartRow], owner: bytes
    ) -> None:
        super().__init__()
        self._session = session
        self._pieces = pieces
        self._owner = owner
        self._number = 0
        self._unread = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        if not self._unread and not self._ended:
            self._unread = memoryview(self._fetch())
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._unread))
        view[:count] = self._unread[:count]
        self._unread = self._unread[count:]
        return count

    def _fetch(self) -> bytes:
        owner = LetterPartRow.letter if self._pieces is LetterPartRow else WaitingPartRow.file
        piece = self._session.scalar(
            select(self._pieces.sealed).where(
                owner == self._owner, self._pieces.number == self._number
            )
        )
        self._number += 1
        # Every piece but the last is full: a short one saves the question for another.
        self._ended = piece is None or len(piece) < PART
        return piece or b""


def _add_new(session: Session, table: "type[Base]", **values: Any) -> bool:  # noqa: ANN401
    # Not a look and then a write: between the two the same form may be posted again.
    insert_or_not = postgresql.insert if _is_postgresql(session) else sqlite.insert
    added = session.execute(
        insert_or_not(table).values(**values).on_conflict_do_nothing().returning(*_keys(table))
    )
    return added.first() is not None


def _keys(table: "type[Base]") -> Iterable[Any]:
    return table.__table__.primary_key


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _some_at_once(keys: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def _letter(row: LetterRow) -> Waiting:
    return Waiting(
        id=row.id,
        tag_hash=row.tag_hash,
        mailbox=row.mailbox,
        desk=row.desk,
        first=row.first,
        urgent=row.urgent,
        size=row.size,
        header=row.header,
    )
