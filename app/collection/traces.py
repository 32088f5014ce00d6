"""What a collection leaves in the files of a database, and its wiping.

A row that is deleted is not gone from its file, and where a row lies tells when it came. After
the wiping, neither the file nor its log has a byte of a letter that left the letterbox, and no
page lies where the order of arrival put it.
"""

from typing import Any

from sqlalchemy import text

from app.database import Database
from app.errors import Busy

LONGEST_WAIT = 5_000  # milliseconds

LETTERBOX = (
    "intake_letter",
    "intake_letter_part",
    "intake_waiting_file",
    "intake_waiting_part",
    "intake_spent_ticket",
)


def wipe(database: Database) -> None:
    """Wipe what collections left behind. May be repeated, and costs a copy of the database."""
    if database.is_sqlite:
        _wipe_sqlite(database)
    else:
        _wipe_postgresql(database)


def empty_log(database: Database) -> None:
    """Empty SQLite's write-ahead log, which holds the pages of the letterbox as they came.

    Raises:
        Busy: if a reader needs it still; what is in it then stays for the next time.
    """
    if database.is_sqlite:
        [(blocked, *_)] = _outside_transaction(database, "PRAGMA wal_checkpoint(TRUNCATE)")
        if blocked:
            raise Busy("the write-ahead log is being read")


def _wipe_sqlite(database: Database) -> None:
    # secure_delete has zeroed the freed pages already. VACUUM is for their places: rows of an
    # urgent collection lie between the pages of letters that waited then, and the free pages
    # show where those were and how many. A VACUUM writes every page anew, table by table.
    # What it gathers on the way goes to a file and not, as elsewhere, to memory: that is the
    # size of the database, and holds nothing that the database does not.
    _outside_transaction(
        database, "PRAGMA temp_store = FILE", "VACUUM", "PRAGMA temp_store = MEMORY"
    )
    empty_log(database)


def _outside_transaction(database: Database, *statements: str) -> list[Any]:
    """Run `statements` without a transaction, which they refuse, and return the last answer."""
    pooled = database.engine.raw_connection()
    try:
        cursor = pooled.cursor()
        # A connection remembers whether it was last lent for reading.
        for statement in ("PRAGMA query_only = OFF", *statements):
            cursor.execute(statement)
        answer = list(cursor.fetchall())
        cursor.close()
    finally:
        pooled.close()
    return answer


def _wipe_postgresql(database: Database) -> None:
    # FULL writes what still waits to a new file and drops the old one with every dead row in
    # it; a plain VACUUM leaves their bytes inside the pages. TRUNCATE would need nothing to
    # be waiting, and a reader with an older view would see a letterbox that never had a letter.
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT", candour_writes=True)
    with engine.connect() as connection:
        # While it waits for a lock, whoever sends a letter waits behind it.
        connection.execute(text(f"SET lock_timeout = {LONGEST_WAIT}"))
        connection.execute(text(f"VACUUM (FULL) {', '.join(LETTERBOX)}"))
        connection.execute(text("RESET lock_timeout"))
