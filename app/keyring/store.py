"""The rows that remember which keyrings this server has seen."""

from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from sqlalchemy.orm import Session

from app.keyring.tables import SeenRow
from app.work import Work

# Built once: it runs for everybody who asks, and to build it takes longer than to run it.
_SEEN = cast(Table, SeenRow.__table__)
NEWEST = select(_SEEN.c.serial, _SEEN.c.digest).order_by(_SEEN.c.serial.desc()).limit(1)


class SeenStore:
    """The keyrings seen, in the transaction of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def newest(self) -> tuple[int, bytes]:
        """Return serial and digest of the newest keyring seen; 0 and nothing if there is none."""
        found = self._session.connection().execute(NEWEST).one_or_none()
        return (found.serial, found.digest) if found else (0, b"")

    def remember(self, work: Work, serial: int, digest: bytes) -> bool:
        """Note a keyring; False if its serial was noted already."""
        seen = {"serial": serial, "digest": digest, "seen_on": work.today}
        on_postgresql = self._session.get_bind().dialect.name == "postgresql"
        # Two processes may start at once with the same new keyring: the second does nothing.
        insert = insert_on_postgresql if on_postgresql else insert_on_sqlite
        write = insert(SeenRow).values(seen).on_conflict_do_nothing().returning(SeenRow.serial)
        return self._session.scalar(write) is not None
