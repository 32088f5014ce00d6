"""Rows of mailboxes. Nothing of a reporter's is written here before a collection."""

from datetime import date

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base
from app.mailbox.domain import Side, Standing


class MailboxRow(Base):
    """A thread's home, found by the hash of a tag that only the receipt gives."""

    __tablename__ = "mailbox_mailbox"

    # SHA-256 of the reporter's verification key and recipient; envelope-spec section 2.
    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    tag_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    desk: Mapped[str] = mapped_column(String(31))
    standing: Mapped[Standing]
    look_again_on: Mapped[date | None]


class EntryRow(Base):
    """One envelope: its header here, its payload in the object store under a random name."""

    __tablename__ = "mailbox_entry"

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    mailbox: Mapped[bytes] = mapped_column(ForeignKey("mailbox_mailbox.id"), index=True)
    side: Mapped[Side]
    postmark: Mapped[date]
    # Bytes of the sealed payload: a padded length.
    size: Mapped[int]
    header: Mapped[bytes] = mapped_column(LargeBinary)
    object_name: Mapped[str] = mapped_column(String(32), unique=True)
