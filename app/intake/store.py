"""The rows of the letterbox, read and written. The same on SQLite and on PostgreSQL.

Statements are built once, when the module is loaded: to build one takes several times as long
as to run it, and these run for anybody who asks.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, Insert, Select, Table, bindparam, delete, func, insert, select
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

PART = 256 * 1024  # bytes of ciphertext in a row; a whole envelope never stands in memory
HEADER = 25 * 1024  # bytes, a little more than a header of 16 stanzas has
AT_ONCE = 500  # keys in one statement

# How SQLite and PostgreSQL say it.
NO_ROOM = ("disk is full", "disk i/o", "no space left")
NOT_NOW = ("database is locked", "database table is locked", "lock timeout", "too many clients")

LETTER = cast(Table, LetterRow.__table__)
LETTER_PART = cast(Table, LetterPartRow.__table__)
FILE = cast(Table, WaitingFileRow.__table__)
FILE_PART = cast(Table, WaitingPartRow.__table__)
TICKET = cast(Table, SpentTicketRow.__table__)


def _unless_there(table: Table) -> dict[str, Insert]:
    """Return the insert that does nothing if the key is there, for each dialect.

    Not a look and then a write: between the two the same form may be posted again.
    """
    key = next(iter(table.primary_key))
    return {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing().returning(key),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing().returning(key),
    }


ADD_LETTER = _unless_there(LETTER)
ADD_TICKET = _unless_there(TICKET)
ADD_LETTER_PART = insert(LETTER_PART)
ADD_FILE = insert(FILE)
ADD_FILE_PART = insert(FILE_PART)

ALL_LETTERS = select(LETTER)
MAILBOXES_OF = select(LETTER.c.id, LETTER.c.mailbox).where(
    LETTER.c.tag_hash == bindparam("tag_hash")
)
LETTERS_OF = select(LETTER).where(LETTER.c.tag_hash == bindparam("tag_hash"))
HAS_LETTER = select(LETTER.c.id).where(LETTER.c.id == bindparam("key"))
HAS_FILE = select(FILE.c.id).where(FILE.c.id == bindparam("key"))
HAS_TICKET = select(TICKET.c.hash).where(TICKET.c.hash == bindparam("key"))
FILES_OF_OTHER_DAYS = select(FILE.c.id).where(FILE.c.arrived_on != bindparam("today"))
FORGET_TICKETS = delete(TICKET).where(TICKET.c.valid_on < bindparam("before"))


def _one_piece(table: Table, owner: str) -> Select[Any]:
    return select(table.c.sealed).where(
        table.c[owner] == bindparam("owner"), table.c.number == bindparam("number")
    )


LETTER_PIECE = _one_piece(LETTER_PART, "letter")
FILE_PIECE = _one_piece(FILE_PART, "file")

BYTES_WAITING = select(
    select(func.coalesce(func.sum(LETTER.c.size), 0) + func.count() * HEADER)
    .select_from(LETTER)
    .scalar_subquery()
    + select(func.coalesce(func.sum(FILE.c.size), 0)).scalar_subquery()
)


class Letters:
    """The letters that wait."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection()

    def add(self, letter: Waiting) -> bool:
        """Add a letter without its payload; False, and nothing done, if its id is there."""
        row = {
            "id": letter.id,
            "tag_hash": letter.tag_hash,
            "mailbox": letter.mailbox,
            "desk": letter.desk,
            "first": letter.first,
            "urgent": letter.urgent,
            "size": letter.size,
            "header": letter.header,
        }
        return _added(self._connection, ADD_LETTER, row)

    def add_part(self, letter: bytes, number: int, sealed: bytes) -> None:
        """Add one piece of a letter's payload. Every piece but the last is full."""
        row = {"letter": letter, "number": number, "sealed": sealed}
        self._connection.execute(ADD_LETTER_PART, row)

    def all(self) -> list[Waiting]:
        """Return every letter that waits, in no meaningful order."""
        return [Waiting(**row) for row in self._connection.execute(ALL_LETTERS).mappings()]

    def of(self, tag_hash: bytes) -> list[Waiting]:
        """Return the letters of one receipt."""
        found = self._connection.execute(LETTERS_OF, {"tag_hash": tag_hash})
        return [Waiting(**row) for row in found.mappings()]

    def mailboxes_of(self, tag_hash: bytes) -> dict[bytes, bytes]:
        """Return the mailbox of each letter of one receipt, by the letter's id."""
        found = self._connection.execute(MAILBOXES_OF, {"tag_hash": tag_hash})
        return {row.id: row.mailbox for row in found}

    def has(self, letter: bytes) -> bool:
        """Say whether a letter of this id waits."""
        return self._connection.scalar(HAS_LETTER, {"key": letter}) is not None

    def payload(self, letter: bytes) -> io.BufferedReader:
        """Return a letter's payload as a stream that reads one piece at a time."""
        return io.BufferedReader(_Pieces(self._connection, LETTER_PIECE, letter), PART)

    def remove(self, letters: Sequence[bytes]) -> None:
        """Take letters and their payloads out."""
        for some in _some_at_once(letters):
            self._connection.execute(delete(LETTER_PART).where(LETTER_PART.c.letter.in_(some)))
            self._connection.execute(delete(LETTER).where(LETTER.c.id.in_(some)))


class WaitingFiles:
    """Files that were sealed on arrival and wait for the page that holds their key."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection()

    def add(self, file: bytes, *, arrived_on: date, size: int) -> None:
        """Add a file without its pieces."""
        self._connection.execute(ADD_FILE, {"id": file, "arrived_on": arrived_on, "size": size})

    def add_part(self, file: bytes, number: int, sealed: bytes) -> None:
        """Add one piece of a file. Every piece but the last is full."""
        row = {"file": file, "number": number, "sealed": sealed}
        self._connection.execute(ADD_FILE_PART, row)

    def has(self, file: bytes) -> bool:
        """Say whether a file of this id still waits."""
        return self._connection.scalar(HAS_FILE, {"key": file}) is not None

    def sealed(self, file: bytes) -> io.BufferedReader:
        """Return the sealed bytes of a file as a stream that reads one piece at a time."""
        return io.BufferedReader(_Pieces(self._connection, FILE_PIECE, file), PART)

    def remove(self, files: Sequence[bytes]) -> None:
        """Take files out."""
        for some in _some_at_once(files):
            self._connection.execute(delete(FILE_PART).where(FILE_PART.c.file.in_(some)))
            self._connection.execute(delete(FILE).where(FILE.c.id.in_(some)))

    def of_other_days(self, today: date) -> list[bytes]:
        """Return the ids of files that did not arrive today."""
        return list(self._connection.scalars(FILES_OF_OTHER_DAYS, {"today": today}))


class SpentTickets:
    """Hashes of the tickets that were used."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection()

    def add(self, digest: bytes, valid_on: date) -> bool:
        """Note a ticket as spent; False if it was spent before."""
        return _added(self._connection, ADD_TICKET, {"hash": digest, "valid_on": valid_on})

    def has(self, digest: bytes) -> bool:
        """Say whether a ticket was spent."""
        return self._connection.scalar(HAS_TICKET, {"key": digest}) is not None

    def forget(self, before: date) -> None:
        """Forget tickets whose last day has passed: their date alone refuses them."""
        self._connection.execute(FORGET_TICKETS, {"before": before})


def bytes_waiting(session: Session) -> int:
    """Return the bytes of everything that waits: letters, and files of pages."""
    return session.connection().scalar(BYTES_WAITING) or 0


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

    def __init__(self, connection: Connection, one_piece: Select[Any], owner: bytes) -> None:
        super().__init__()
        self._connection = connection
        self._one_piece = one_piece
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
        chosen = {"owner": self._owner, "number": self._number}
        piece: bytes | None = self._connection.scalar(self._one_piece, chosen)
        self._number += 1
        # Every piece but the last is full: a short one saves the question for another.
        self._ended = piece is None or len(piece) < PART
        return piece or b""


def _added(connection: Connection, statements: dict[str, Insert], row: dict[str, Any]) -> bool:
    statement = statements[connection.dialect.name]
    return connection.execute(statement, row).first() is not None


def _some_at_once(keys: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]
