"""Rows of the statistics database: slips as received, ledger, releases and their cells.

Nothing here names a case, a mailbox or an account, and nothing has a time of day.
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import StatisticsBase
from app.trends.domain import Cadence


class SlipRow(StatisticsBase):
    """A slip as it was handed over: sealed, and never opened in this room."""

    __tablename__ = "trends_slip"

    id: Mapped[bytes] = mapped_column(primary_key=True)
    force: Mapped[str] = mapped_column(String(31))
    period: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(8))
    header: Mapped[bytes]
    payload: Mapped[bytes]

    __table_args__ = (
        CheckConstraint("kind IN ('entry', 'closure')", name="known_kind"),
        CheckConstraint("length(id) = 16", name="sixteen_bytes"),
        Index(None, "force", "kind", "period"),
    )


class FreezeRow(StatisticsBase):
    """That a freeze was begun: committed before the witness is told and before noise is drawn."""

    __tablename__ = "trends_freeze"

    intent: Mapped[bytes] = mapped_column(primary_key=True)
    force: Mapped[str] = mapped_column(String(31))
    period: Mapped[str] = mapped_column(String(6))
    number: Mapped[int]
    previous: Mapped[bytes]
    plan_version: Mapped[int]
    # Decided at the first freeze of a year and kept for the year: see docs/adr/0013.
    cadence: Mapped[Cadence]
    begun_on: Mapped[date]
    # Slips that could not be opened or counted, told to the two custodians.
    set_aside: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("force", "period"),
        UniqueConstraint("force", "number"),
        CheckConstraint("number > 0", name="counted_from_one"),
    )


class ReleaseRow(StatisticsBase):
    """A release: its bytes as they were signed, and whether it stands."""

    __tablename__ = "trends_release"

    force: Mapped[str] = mapped_column(String(31), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    period: Mapped[str] = mapped_column(String(6))
    frozen_on: Mapped[date]
    canonical: Mapped[bytes]
    digest: Mapped[bytes]
    # The release's signed note: name, number and digest, with an Ed25519 signature.
    note: Mapped[str]
    confirmed: Mapped[bool] = mapped_column(default=False)
    withdrawn_on: Mapped[date | None]
    withdrawn_why: Mapped[str | None] = mapped_column(String(500))

    __table_args__ = (
        UniqueConstraint("force", "period"),
        UniqueConstraint("digest"),
    )


class LedgerRow(StatisticsBase):
    """What one table of one period has spent of every matter in it, for ever."""

    __tablename__ = "trends_ledger"

    force: Mapped[str] = mapped_column(String(31), primary_key=True)
    table: Mapped[str] = mapped_column("counted", String(8), primary_key=True)
    period: Mapped[str] = mapped_column(String(6), primary_key=True)
    numerator: Mapped[int]
    denominator: Mapped[int]
    plan_version: Mapped[int]
    number: Mapped[int]
    intent: Mapped[bytes]

    __table_args__ = (
        ForeignKeyConstraint(
            ["force", "number"], ["trends_release.force", "trends_release.number"]
        ),
        ForeignKeyConstraint(["intent"], ["trends_freeze.intent"]),
        CheckConstraint("numerator > 0 AND denominator > 0", name="a_positive_fraction"),
    )


class SpentQuarterRow(StatisticsBase):
    """Each quarter that a ledger entry covers, so that a year cannot count its quarters again."""

    __tablename__ = "trends_ledger_quarter"

    force: Mapped[str] = mapped_column(String(31), primary_key=True)
    table: Mapped[str] = mapped_column("counted", String(8), primary_key=True)
    quarter: Mapped[str] = mapped_column(String(6), primary_key=True)
    period: Mapped[str] = mapped_column(String(6))

    __table_args__ = (
        ForeignKeyConstraint(
            ["force", "counted", "period"],
            ["trends_ledger.force", "trends_ledger.counted", "trends_ledger.period"],
        ),
    )


class CellRow(StatisticsBase):
    """One published figure. A plan's evidence refers to its id."""

    __tablename__ = "trends_cell"

    # The first sixteen bytes of SHA-256 over what the cell is, in hexadecimal.
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    force: Mapped[str] = mapped_column(String(31))
    number: Mapped[int]
    place: Mapped[int]
    table: Mapped[str] = mapped_column("counted", String(8))
    period: Mapped[str] = mapped_column(String(6))
    # Labels joined by "|"; more than one is a roll-up.
    key: Mapped[str] = mapped_column(String(1000))
    value: Mapped[int]
    lower: Mapped[int]
    upper: Mapped[int]

    __table_args__ = (
        ForeignKeyConstraint(
            ["force", "number"], ["trends_release.force", "trends_release.number"]
        ),
        UniqueConstraint("force", "counted", "period", "key"),
        UniqueConstraint("force", "number", "place"),
        CheckConstraint("value >= 0 AND lower >= 0 AND lower <= upper", name="a_count"),
    )


class AuditOutRow(StatisticsBase):
    """An entry for the audit log, waiting to be carried to the casework database."""

    __tablename__ = "trends_audit_out"

    # The carrier remembers it, so that carrying twice records once.
    id: Mapped[bytes] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(unique=True)
    actor: Mapped[str] = mapped_column(String(80))
    verb: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(200))
    # Canonical JSON of short texts and whole numbers.
    details: Mapped[str]
    delivered: Mapped[bool] = mapped_column(default=False)
