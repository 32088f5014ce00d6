"""What a hand-over leaves in the files of the two databases, and its wiping.

A row that is deleted is not gone from its file: on SQLite the write-ahead log has it, on
PostgreSQL the table itself, with the number of the transaction that wrote it. After the wiping
neither tells in which order slips were put into the box, nor which of them came in which week.
"""

from typing import Any

from sqlalchemy import text

from app.database import Database
from app.errors import Busy

LONGEST_WAIT = 5_000  # milliseconds
BOX = "slips_box"
SLIPS = "trends_slip"


def wipe(database: Database, table: str) -> None:
    """Write `table` anew without a trace of rows that were deleted. May be repeated.

    Raises:
        Busy: if somebody is reading what has to go; it then stays for the next time.
    """
    if database.is_sqlite:
        _wipe_sqlite(database)
    else:
        _wipe_postgresql(database, table)


def _wipe_sqlite(database: Database) -> None:
    pooled = database.engine.raw_connection()
    try:
        cursor: Any = pooled.cursor()
        # A connection remembers whether it was last lent for reading. What VACUUM gathers is
        # the size of the database, so it goes to a file, and holds nothing the database has not.
        for statement in (
            "PRAGMA query_only = OFF",
            "PRAGMA temp_store = FILE",
            "VACUUM",
            "PRAGMA temp_store = MEMORY",
            "PRAGMA wal_checkpoint(TRUNCATE)",
        ):
            cursor.execute(statement)
        [(blocked, *_)] = cursor.fetchall()
        cursor.close()
    finally:
        pooled.close()
    if blocked:
        raise Busy("the write-ahead log is being read")


def _wipe_postgresql(database: Database, table: str) -> None:
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT", candour_writes=True)
    with engine.connect() as connection:
        # While it waits for a lock, whoever ends a triage waits behind it.
        connection.execute(text(f"SET lock_timeout = {LONGEST_WAIT}"))
        connection.execute(text(f"VACUUM (FULL) {table}"))
        connection.execute(text("RESET lock_timeout"))
