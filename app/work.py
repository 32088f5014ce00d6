"""One use case: one transaction, one instant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from app.database import BUSY_TIMEOUT, Database
from app.errors import Busy

Clock = Callable[[], datetime]


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
