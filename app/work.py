"""One use case: one transaction, one instant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.database import BUSY_TIMEOUT, Database
from app.errors import Busy, Conflict

Clock = Callable[[], datetime]
NOT_SERIALISABLE = "40001"  # SQLSTATE of PostgreSQL


def system_clock() -> datetime:
    """Return the current instant, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What every use case is handed: a session already in a transaction, and the instant.

    A service reads the time from here and never from the system, so a use case that
    runs for a second writes one instant everywhere and a test may choose it.
    """

    session: Session
    now: datetime

    @property
    def today(self) -> date:
        """The day of this use case, in UTC."""
        return self.now.date()


@contextmanager
def begin(database: Database, clock: Clock = system_clock) -> Iterator[Work]:
    """Run a use case that writes: commit when the block ends, roll back when it raises.

    Raises:
        Busy: if other threads of this process wrote for too long.
    """
    with _turn(database), database.writing.begin() as session:
        yield Work(session=session, now=clock())


@contextmanager
def begin_alone(database: Database, clock: Clock = system_clock) -> Iterator[Work]:
    """Run a use case that writes as if no other ran beside it: a serialisable transaction.

    Raises:
        Busy: if other threads of this process wrote for too long.
        Conflict: if another one got in its way; nothing was written, and it may be run again.
    """
    try:
        with _turn(database), database.writing.begin() as session:
            if not database.is_sqlite:  # where a transaction that writes is alone in any case
                session.connection(execution_options={"isolation_level": "SERIALIZABLE"})
            yield Work(session=session, now=clock())
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == NOT_SERIALISABLE:
            raise Conflict("another transaction got in the way") from error
        raise


@contextmanager
def _turn(database: Database) -> Iterator[None]:
    if not database.is_sqlite:
        yield
        return
    if not database.turn.acquire(timeout=BUSY_TIMEOUT / 1000):
        raise Busy("the database is busy")
    try:
        yield
    finally:
        database.turn.release()


@contextmanager
def look(database: Database, clock: Clock = system_clock) -> Iterator[Work]:
    """Run a use case that only reads; the database itself refuses a write."""
    with database.reading.begin() as session:
        yield Work(session=session, now=clock())
