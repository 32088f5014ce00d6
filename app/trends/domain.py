"""The words of publishing: tables, periods, and what an opened slip says."""

import enum
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import total_ordering
from typing import Self

NOT_YET = "not-yet"  # the theme "Not yet categorised": what no handler had named by the freeze
ALL = "All"  # the one cell of a total

_PERIOD = re.compile(r"([12][0-9]{3})(?:(Q)([1-4])|(H)([12]))?", re.ASCII)


class Table(enum.Enum):
    """The whole list of what is counted. A matter enters each of them once in its life."""

    TH = "TH"  # themes of a force
    QT = "QT"  # the total of a force
    DY = "DY"  # directorates of a force, by year
    OY = "OY"  # outcomes, by year of closure
    CY = "CY"  # time to close in bands, by year of closure


class Cadence(enum.Enum):
    """How often a force's themes are published: decided beforehand, from published figures."""

    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    GROUPS = "groups"  # once a year, in groups of themes, beside a yearly total


class PeriodKind(enum.Enum):
    """The three lengths of a statistical period; the value is its length in quarters."""

    QUARTER = 1
    HALF = 2
    YEAR = 4


class UnfitPeriod(ValueError):
    """A text that names no statistical period."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """A calendar quarter, half-year or year: 2025Q3, 2025H2, 2025.

    Periods of one kind are ordered; a quarter is neither before nor after a year.
    """

    year: int
    kind: PeriodKind
    part: int = 1  # which of the year's parts of this kind, from 1

    def __post_init__(self) -> None:
        if not (1000 <= self.year <= 2999 and 1 <= self.part <= 4 // self.kind.value):
            raise UnfitPeriod("a period is a year, or one of its halves or quarters")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the period that `text` names, or raise UnfitPeriod."""
        found = _PERIOD.fullmatch(text)
        if found is None:
            raise UnfitPeriod("a period is written 2025Q3, 2025H2 or 2025")
        year, quarter, half = int(found[1]), found[3], found[5]
        if quarter:
            return cls(year, PeriodKind.QUARTER, int(quarter))
        if half:
            return cls(year, PeriodKind.HALF, int(half))
        return cls(year, PeriodKind.YEAR)

    def __str__(self) -> str:
        """As it is written: the text that `parse` reads."""
        sign = {PeriodKind.QUARTER: f"Q{self.part}", PeriodKind.HALF: f"H{self.part}"}
        return f"{self.year}{sign.get(self.kind, '')}"

    def __lt__(self, other: "Period") -> bool:
        if self.kind is not other.kind:
            return NotImplemented
        return (self.year, self.part) < (other.year, other.part)

    @property
    def quarters(self) -> tuple["Period", ...]:
        """Its quarters, in their order."""
        length = self.kind.value
        first = (self.part - 1) * length + 1
        return tuple(
            Period(self.year, PeriodKind.QUARTER, number) for number in range(first, first + length)
        )

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, (self.part - 1) * self.kind.value * 3 + 1, 1)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.next().first_day - timedelta(days=1)

    def contains(self, other: "Period") -> bool:
        """Say whether every day of `other` is a day of this period."""
        return set(other.quarters) <= set(self.quarters)

    def moved(self, by: int) -> "Period":
        """Return the period of the same kind `by` places later, or earlier if negative."""
        parts = 4 // self.kind.value
        years, part = divmod(self.part - 1 + by, parts)
        return Period(self.year + years, self.kind, part + 1)

    def next(self) -> "Period":
        """Return the period of the same kind that follows."""
        return self.moved(1)

    def previous(self) -> "Period":
        """Return the period of the same kind before."""
        return self.moved(-1)

    def widened(self, kind: PeriodKind) -> "Period":
        """Return the period of `kind`, no shorter than this one, in which this one lies."""
        if kind.value < self.kind.value:
            raise UnfitPeriod("a period lies in a longer one, not in a shorter")
        return Period(self.year, kind, (self.part - 1) * self.kind.value // kind.value + 1)


def quarter_of(day: date) -> Period:
    """Return the quarter in which `day` lies."""
    return Period(day.year, PeriodKind.QUARTER, (day.month - 1) // 3 + 1)


def year_of(year: int) -> Period:
    """Return the calendar year as a period."""
    return Period(year, PeriodKind.YEAR)


@dataclass(frozen=True, slots=True)
class Entry:
    """An opened entry slip: what one matter counts as, once its triage has ended."""

    theme: str
    directorate: str


@dataclass(frozen=True, slots=True)
class Closure:
    """An opened closure slip: how one matter ended, and in which band of time."""

    outcome: str
    band: str
