"""One collector at a time, on however many machines workers run."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from app.database import Database
from app.errors import Busy

# Any number will do that no other program uses on this database.
ONE_COLLECTOR = 0x43414E44_434F4C4C
PRIVATE_FILE = 0o600


@contextmanager
def turn(database: Database) -> Iterator[None]:
    """Hold the one turn there is. A killed collector's turn ends with its process.

    Raises:
        Busy: if somebody else is collecting.
    """
    with _file_turn(database) if database.is_sqlite else _server_turn(database):
        yield


@contextmanager
def _file_turn(database: Database) -> Iterator[None]:
    # Beside the database and not a row in it: a row would outlive a killed collector.
    beside = Path(f"{database.engine.url.database}.collecting")
    handle = os.open(beside, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy("a collection is being made") from error
        yield
    finally:
        os.close(handle)


@contextmanager
def _server_turn(database: Database) -> Iterator[None]:
    # A connection of its own, without a transaction: a transaction held open beside the
    # collection would keep PostgreSQL from clearing what the collection removes.
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT", candour_writes=True)
    with engine.connect() as connection:
        number = {"number": ONE_COLLECTOR}
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), number):
            raise Busy("a collection is being made")
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:number)"), number)
