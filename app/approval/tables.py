"""Rows of proposals."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.approval.domain import DIGEST, ID, Standing
from app.database import Base

ALIVE = text("standing IN ('open', 'approved')")


class ProposalRow(Base):
    """Something that takes two people. Its payload is gone once nothing can come of it."""

    __tablename__ = "approval_proposal"

    id: Mapped[bytes] = mapped_column(LargeBinary(ID), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    digest: Mapped[bytes] = mapped_column(LargeBinary(DIGEST))
    payload: Mapped[bytes | None]
    proposed_by: Mapped[str] = mapped_column(String(31))
    proposed_on: Mapped[date]
    expires_on: Mapped[date]
    standing: Mapped[Standing]
    answered_by: Mapped[str | None] = mapped_column(String(31))

    __table_args__ = (
        # Of one thing, one proposal at a time.
        Index(
            "uq_approval_proposal_alive",
            "kind",
            "subject",
            unique=True,
            sqlite_where=ALIVE,
            postgresql_where=ALIVE,
        ),
        CheckConstraint(
            "payload IS NULL OR standing IN ('open', 'approved')", name="payload_goes_at_the_end"
        ),
        CheckConstraint(
            "answered_by IS NULL OR standing <> 'open'", name="an_open_one_has_no_answer"
        ),
    )
