"""The rows that remember hand-overs, and what the audit log has of the other side."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.handover.tables import CarriedRow, HandoverRow


class Handovers:
    """The hand-overs that were made."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def last_made_on(self) -> date | None:
        """Return the day of the last one, if there ever was one."""
        return self._session.scalar(select(func.max(HandoverRow.made_on)))

    def note(self, made_on: date) -> None:
        """Note a hand-over; a day may have more than one."""
        made = select(HandoverRow.made_on).where(HandoverRow.made_on == made_on)
        if self._session.scalar(made) is None:
            self._session.execute(insert(HandoverRow).values(made_on=made_on))


class Carried:
    """The audit entries of the statistics side that are in the log."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def among(self, ids: Sequence[bytes]) -> set[bytes]:
        """Return those of `ids` that are in the log already."""
        return set(self._session.scalars(select(CarriedRow.id).where(CarriedRow.id.in_(ids))))

    def add(self, id: bytes) -> None:
        """Note that an entry is in the log; a second time is refused by its key."""
        self._session.execute(insert(CarriedRow).values(id=id))
