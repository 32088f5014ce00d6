"""What is remembered of collections: their dates and nothing of what was in them."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class CollectionRow(Base):
    """A day's collection was made."""

    __tablename__ = "collection_made"

    made_on: Mapped[date] = mapped_column(primary_key=True)
