"""Rows of the letterbox: where what a reporter sends waits, sealed, until the next collection.

Everything here is gone, and its pages zeroed, after the collection.
"""

from datetime import date

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class LetterRow(Base):
    """A sealed envelope that waits. Its id does not survive the collection."""

    __tablename__ = "intake_letter"

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    tag_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    mailbox: Mapped[bytes] = mapped_column(LargeBinary(32))
    # Empty for a later letter: its mailbox knows the desk.
    desk: Mapped[str | None] = mapped_column(String(31))
    first: Mapped[bool]
    urgent: Mapped[bool]
    # Indexed, so that what waits is added up without a look at the headers beside it.
    size: Mapped[int] = mapped_column(index=True)
    header: Mapped[bytes] = mapped_column(LargeBinary)


class LetterPartRow(Base):
    """A piece of a waiting envelope's payload, in order."""

    __tablename__ = "intake_letter_part"

    letter: Mapped[bytes] = mapped_column(
        ForeignKey("intake_letter.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class WaitingFileRow(Base):
    """A file sealed on arrival under a key that only the reporter's page carries."""

    __tablename__ = "intake_waiting_file"

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    arrived_on: Mapped[date] = mapped_column(index=True)
    size: Mapped[int]


class WaitingPartRow(Base):
    """A piece of a waiting file, in order."""

    __tablename__ = "intake_waiting_part"

    file: Mapped[bytes] = mapped_column(
        ForeignKey("intake_waiting_file.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class SpentTicketRow(Base):
    """The hash of a form ticket that was used; kept until the next day, beside nothing."""

    __tablename__ = "intake_spent_ticket"

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    valid_on: Mapped[date] = mapped_column(index=True)
