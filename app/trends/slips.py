"""Slips as this room sees them: sealed, with the force and the period they are counted in."""

import enum
from dataclasses import dataclass

from app.trends.domain import Period, PeriodKind

ID = 16  # bytes, random


class SlipKind(enum.Enum):
    """What a slip counts: a matter whose triage ended, or one that was closed."""

    ENTRY = "entry"
    CLOSURE = "closure"


# An entry is counted in a quarter, a closure in a year.
LENGTHS = {SlipKind.ENTRY: PeriodKind.QUARTER, SlipKind.CLOSURE: PeriodKind.YEAR}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedSlip:
    """A slip as it is handed over. Nothing in this room opens it."""

    id: bytes
    force: str
    period: Period
    kind: SlipKind
    header: bytes
    payload: bytes

    def __post_init__(self) -> None:
        if len(self.id) != ID or self.period.kind is not LENGTHS[self.kind]:
            raise ValueError("a slip has an id of 16 bytes, and a period of its kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """How many of the slips handed over were kept, and how many came after their freeze."""

    kept: int
    late: int
