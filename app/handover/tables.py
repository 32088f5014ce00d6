"""What is remembered of hand-overs: their days, and what the log has of the other side already."""

from datetime import date

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class HandoverRow(Base):
    """A week's hand-over was made on this day."""

    __tablename__ = "handover_made"

    made_on: Mapped[date] = mapped_column(primary_key=True)


class CarriedRow(Base):
    """An audit entry of the statistics side that the log has already, by its random id."""

    __tablename__ = "handover_carried"

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
