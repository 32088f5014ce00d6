"""What is remembered of collections: their dates and nothing of what was in them."""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class CollectionRow(Base):
    """A day's collection was made."""

    __tablename__ = "collection_made"

    made_on: Mapped[date] = mapped_column(primary_key=True)


class UrgentRow(Base):
    """How many letters urgent collections took that no day's collection has counted yet.

    An entry of the audit log at the minute of an urgent letter would be the minute of a
    reporter's act, so the log learns the number with the next day's collection.
    """

    __tablename__ = "collection_urgent"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    letters: Mapped[int]
