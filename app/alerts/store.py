"""The alerts that wait. The same on SQLite and on PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.alerts.tables import AlertRow


class Alerts:
    """Which desks' people are to be told."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, desk: str) -> None:
        """Note that a desk's people are to be told; once, however often it is said."""
        on_postgresql = self._session.get_bind().dialect.name == "postgresql"
        insert = postgresql.insert if on_postgresql else sqlite.insert
        self._session.execute(insert(AlertRow).values(desk=desk).on_conflict_do_nothing())

    def waiting(self) -> list[str]:
        """Return the desks whose people were not told yet."""
        return list(self._session.scalars(select(AlertRow.desk).order_by(AlertRow.desk)))

    def remove(self, desks: Sequence[str]) -> None:
        """Forget that these are to be told."""
        self._session.execute(delete(AlertRow).where(AlertRow.desk.in_(desks)))
