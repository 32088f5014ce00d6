"""What takes two people here, and what can be wrong with a slip."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.approval.domain import Kind
from app.errors import Busy, Conflict, Refused
from app.identity.domain import Permission

FREEZE = Kind(
    name="freeze",
    to_propose=Permission.PROPOSE_FREEZE,
    to_approve=Permission.APPROVE_FREEZE,
    # While it waits, one more key opens the statistics: not longer than a weekend.
    lasts=timedelta(days=3),
)
WITHDRAWAL = Kind(
    name="withdrawal",
    to_propose=Permission.PROPOSE_WITHDRAWAL,
    to_approve=Permission.APPROVE_WITHDRAWAL,
    lasts=timedelta(days=14),
)
FEWEST_WORDS_WHY = 10  # characters
LONGEST_WHY = 500


class Fault(enum.Enum):
    """Why a slip cannot be counted."""

    # Which of the two, nobody can tell: an altered header opens for nobody.
    NOT_OURS = "not-ours"
    ALTERED = "altered"
    ELSEWHERE = "elsewhere"
    UNKNOWN_LABEL = "unknown-label"


Faults = Mapping[Fault, int]


class SlipsSetAside(Conflict):
    """Some slips cannot be counted. Nothing was begun: two people are to know it first."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(f"{sum(faults.values())} slips cannot be counted")
        self.faults = faults

    @property
    def count(self) -> int:
        """How many slips there are."""
        return sum(self.faults.values())


class WitnessAbsent(Busy):
    """The witness cannot be asked or written to; without it nothing is frozen."""


class WitnessedAlready(Refused):
    """The witness knows a freeze that this database does not: an older copy of it was restored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A freeze that was carried out: where its release is."""

    force: str
    number: int
