"""The rows that remember collections: which days had one, and what is not counted yet."""

from datetime import date

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.collection.tables import CollectionRow, UrgentRow


class Collections:
    """The collections that were made."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def last_made_on(self) -> date | None:
        """Return the day of the last collection, if there ever was one."""
        return self._session.scalar(select(func.max(CollectionRow.made_on)))

    def note(self, made_on: date) -> None:
        """Note a day's collection; a day may have more than one."""
        made = select(CollectionRow.made_on).where(CollectionRow.made_on == made_on)
        if self._session.scalar(made) is None:
            self._session.execute(insert(CollectionRow).values(made_on=made_on))

    def add_urgent(self, letters: int) -> None:
        """Add to the number of letters that no day's collection has counted."""
        added = update(UrgentRow).values(letters=UrgentRow.letters + letters)
        if self._session.scalar(added.returning(UrgentRow.id)) is None:
            self._session.execute(insert(UrgentRow).values(id=1, letters=letters))

    def take_urgent(self) -> int:
        """Return the number of letters that no day's collection has counted, and forget it."""
        return self._session.scalar(delete(UrgentRow).returning(UrgentRow.letters)) or 0
