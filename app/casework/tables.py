"""Rows of cases: what a stolen backup tells in clear, so each column has to earn its place."""

from datetime import date

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.casework.domain import CaseState, Declaration, Priority
from app.database import Base
from app.envelope.places import KEPT, nothing_found


class CaseRow(Base):
    """One case. Its reference is random: a sequence would tell the order of arrival."""

    __tablename__ = "casework_case"

    ref: Mapped[str] = mapped_column(String(12), primary_key=True)
    mailbox: Mapped[bytes] = mapped_column(
        LargeBinary(32), ForeignKey("mailbox_mailbox.id"), unique=True
    )
    desk: Mapped[str] = mapped_column(String(31), index=True)
    state: Mapped[CaseState]
    priority: Mapped[Priority]
    received_on: Mapped[date]
    due_on: Mapped[date]
    # A letter of the reporter's lies here that nobody on the desk has looked at.
    unread: Mapped[bool]
    # Two handlers on one case: the second to save is refused (see Cases.save).
    version: Mapped[int] = mapped_column(server_default="1")
    # How many sheets and notes were written in it, as their own rows say: counted by whoever adds
    # one, so that a search sees by this row alone that something is new (ADR 26).
    written: Mapped[int] = mapped_column(server_default="0")

    # The shelves of an inbox, each in the order of a day: see inbox.py.
    __table_args__ = (
        Index(
            "ix_casework_case_due",
            "desk", "state", "unread", "priority", "due_on", "ref", "received_on",
        ),
        Index(
            "ix_casework_case_received",
            "desk", "state", "unread", "priority", "received_on", "ref", "due_on",
        ),
    )  # fmt: skip


class ReaderRow(Base):
    """Whether a member can open a case, found by trying the header with her unlocked key.

    Written when she is signed in and never by a reporter's act. An inbox lists only what
    `may_read` says; nothing shows the rest.
    """

    __tablename__ = "casework_reader"

    # The member first, because that is how an inbox asks.
    member: Mapped[str] = mapped_column(String(31), primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("casework_case.ref"), primary_key=True)
    may_read: Mapped[bool]
    # Where her stanzas stand in the case's headers: random to everybody else, and of one length
    # whatever is known. Every new row has it, so that it says nothing of how the row came.
    places: Mapped[bytes | None] = mapped_column(LargeBinary(KEPT), default=nothing_found)


class DeclarationRow(Base):
    """What a member declared before her first opening of a case."""

    __tablename__ = "casework_declaration"

    # The member first, because that is how an inbox asks.
    member: Mapped[str] = mapped_column(String(31), primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("casework_case.ref"), primary_key=True)
    said: Mapped[Declaration]
    said_on: Mapped[date]


class SheetRow(Base):
    """One version of a case sheet: an envelope to the case's readers. Versions are never changed.

    How many there are is how often the desk wrote; what they say is sealed.
    """

    __tablename__ = "casework_sheet"

    ref: Mapped[str] = mapped_column(ForeignKey("casework_case.ref"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    header: Mapped[bytes] = mapped_column(LargeBinary)
    payload: Mapped[bytes] = mapped_column(LargeBinary)


class DraftRow(Base):
    """Words for a reporter that wait for a second reader: an envelope to the case's readers.

    It is not sealed to the reporter: that is what the second reader does. Who wrote it is sealed.
    """

    __tablename__ = "casework_draft"

    # Random; the id of the entry in the mailbox, once it is approved.
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    # One at a time: each takes the next place in the thread.
    ref: Mapped[str] = mapped_column(ForeignKey("casework_case.ref"), unique=True)
    # The second reader wants it written otherwise.
    returned: Mapped[bool]
    header: Mapped[bytes] = mapped_column(LargeBinary)
    payload: Mapped[bytes] = mapped_column(LargeBinary)


class NoteRow(Base):
    """An internal note: an envelope to the case's readers. Who wrote it, and when, is sealed."""

    __tablename__ = "casework_note"
    __table_args__ = (UniqueConstraint("ref", "number"),)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("casework_case.ref"))
    number: Mapped[int]
    header: Mapped[bytes] = mapped_column(LargeBinary)
    payload: Mapped[bytes] = mapped_column(LargeBinary)


class RenewalRow(Base):
    """Under which keyring the readers of a case were last put right; none before the first time."""

    __tablename__ = "casework_renewal"

    ref: Mapped[str] = mapped_column(ForeignKey("casework_case.ref"), primary_key=True)
    keyring: Mapped[int]
