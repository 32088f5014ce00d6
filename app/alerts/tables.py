"""Rows of alerts that wait to be sent: a desk, and nothing of when or how many."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class AlertRow(Base):
    """That the people on call for a desk are to be told. Gone once they were."""

    __tablename__ = "alerts_waiting"

    desk: Mapped[str] = mapped_column(String(31), primary_key=True)
