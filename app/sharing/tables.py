"""Rows of redacted versions."""

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class RedactionRow(Base):
    """A redacted version of a case: an envelope to its own readers. It is never changed."""

    __tablename__ = "sharing_redaction"

    # As good as random (see `redact`); it is known by this, and not by its case.
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("casework_case.ref"), index=True)
    header: Mapped[bytes] = mapped_column(LargeBinary)
    payload: Mapped[bytes] = mapped_column(LargeBinary)


class RedactionReaderRow(Base):
    """Who may read a redacted version. Why, and who may not, stands nowhere."""

    __tablename__ = "sharing_redaction_reader"

    member: Mapped[str] = mapped_column(String(31), primary_key=True)
    redaction: Mapped[bytes] = mapped_column(
        LargeBinary(16), ForeignKey("sharing_redaction.id"), primary_key=True
    )
