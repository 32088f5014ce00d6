"""Periods and figures as pages and files say them."""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from app.trends.domain import Period, PeriodKind

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class About:
    """A figure with what the added noise leaves open: two standard deviations either way."""

    value: int
    lower: int
    upper: int

    @property
    def said(self) -> str:
        """The estimate. A nought is no count, and does not look like one."""
        return f"about {self.value}" if self.value else "few or none"

    @property
    def range(self) -> str:
        """What the noise leaves open."""
        return f"({self.lower} to {self.upper})" if self.value else f"(up to {self.upper})"

    def __str__(self) -> str:
        """As a sentence says it: about 26 (22 to 30)."""
        return f"{self.said} {self.range}"


def about(value: Fraction | int, variance: Fraction | int) -> About:
    """Return a sum of published values with the margin of the noise that was added to them."""
    whole = round(value)
    wide = _rounded_up_root(4 * Fraction(variance))
    return About(whole, max(0, whole - wide), whole + wide)


def _rounded_up_root(square: Fraction) -> int:
    least = -(-square.numerator // square.denominator)
    root = isqrt(least)
    return root if root * root == least else root + 1


def short_period(period: Period) -> str:
    """Return a period in figures: 2026 Q1, 2025 H2, 2025."""
    said = str(period)
    return f"{said[:4]} {said[4:]}".strip()


def months_of(period: Period) -> str:
    """Return a period in words: January to March 2026; of a year, its number."""
    if period.kind is PeriodKind.YEAR:
        return str(period.year)
    return f"{_month(period.first_day.month)} to {_month(period.last_day.month)} {period.year}"


def year_until(last: Period) -> str:
    """Return the words for the four quarters that end with `last`."""
    if last.quarters[-1].part == len(last.widened(PeriodKind.YEAR).quarters):
        return str(last.year)
    return f"the year to {_month(last.last_day.month)} {last.year}"


def _month(number: int) -> str:
    return MONTHS[number - 1]
