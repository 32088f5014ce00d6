"""What was published, as the pages and the plan read it."""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from app.trends.disclosure import JOIN
from app.trends.domain import Cadence, Period, Table
from app.trends.exact_json import Json, canonical
from app.trends.ledger import Spent
from app.trends.publication import PublicationPlan
from app.trends.releases import Release, ReleasedTable


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRelease:
    """A release that was shown, and whether it was withdrawn since."""

    release: Release
    note: str
    withdrawn_on: date | None = None
    withdrawn_why: str | None = None

    @property
    def number(self) -> int:
        """Its place in the chain of its force."""
        return self.release.number

    @property
    def force(self) -> str:
        """The force's id."""
        return self.release.force

    @property
    def period(self) -> Period:
        """The quarter it ends with."""
        return self.release.period

    @property
    def frozen_on(self) -> date:
        """The day it was frozen."""
        return self.release.frozen_on

    @property
    def tables(self) -> tuple[ReleasedTable, ...]:
        """Its tables."""
        return self.release.tables

    @property
    def stands(self) -> bool:
        """Whether it was not withdrawn."""
        return self.withdrawn_on is None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCell:
    """One published figure, by the id that evidence refers to."""

    id: str
    force: str
    number: int
    table: Table
    period: Period
    key: str
    value: int
    lower: int
    upper: int
    withdrawn: bool

    @property
    def members(self) -> tuple[str, ...]:
        """Its labels; more than one if it is "all others" of its table."""
        return tuple(self.key.split(JOIN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What a freeze would publish, before anything is counted: exactly what two people approve."""

    force: str
    quarter: Period
    number: int
    previous: bytes
    plan: PublicationPlan
    cadence: Cadence
    # Each table that is due with its period, and what it spends.
    spends: tuple[Spent, ...]

    def digest(self) -> bytes:
        """Return SHA-256 of it, in one spelling."""
        said: dict[str, Json] = {
            "force": self.force,
            "quarter": str(self.quarter),
            "number": self.number,
            "previous": self.previous.hex(),
            "plan": self.plan.version,
            "cadence": self.cadence.value,
            "spends": [[s.table.value, str(s.period), str(s.rho)] for s in self.spends],
        }
        return sha256(canonical(said)).digest()

    @property
    def tables(self) -> frozenset[Table]:
        """The tables that are drawn."""
        return frozenset(spent.table for spent in self.spends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """That a freeze was begun, and with what. Its random id is all that tells two of them apart."""

    id: bytes = field(repr=False)
    prospect: Prospect
    begun_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOut:
    """An entry for the audit log, on its way to the casework side."""

    id: bytes
    actor: str
    verb: str
    subject: str
    details: dict[str, str | int]


def cell_id(force: str, table: Table, period: Period, key: str) -> str:
    """Return the id of a cell: the same wherever the release is read, and for ever."""
    named = "\n".join(("candour/cell/v1", force, table.value, str(period), key))
    return sha256(named.encode()).hexdigest()[:32]
