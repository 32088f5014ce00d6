"""Rows of the box: what a stolen backup tells of a slip is its force, its period and its kind."""

from sqlalchemy import CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class BoxRow(Base):
    """A slip that waits for the hand-over. Refers to no case, and no case refers to it."""

    __tablename__ = "slips_box"
    __table_args__ = (
        CheckConstraint("length(id) = 16", name="sixteen_bytes"),
        CheckConstraint("kind IN ('entry', 'closure')", name="known_kind"),
    )

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    force: Mapped[str] = mapped_column(String(31))
    period: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(8))
    header: Mapped[bytes] = mapped_column(LargeBinary)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    # On its way to the statistics, or there already and corrected by this one: what may be
    # there cannot be taken back any more.
    sent: Mapped[bool]
