"""Rows of the audit log: leaves of a Merkle tree, and the tree's right edge."""

from sqlalchemy import CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class EntryRow(Base):
    """One leaf. `leaf` is JSON with identifiers only, never a word of a reporter's."""

    __tablename__ = "audit_entry"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class EdgeRow(Base):
    """The one row that says how large the tree is, with the hashes of its full subtrees.

    Appending needs only these (RFC 6962, section 2.1), and locks only this row.
    """

    __tablename__ = "audit_edge"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    hashes: Mapped[bytes] = mapped_column(LargeBinary)
