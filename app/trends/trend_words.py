"""Trend words: one year against the year before, from published values alone.

A board that is shown an arrow each quarter learns to explain chance. These words keep quiet
unless the change is more than arrivals by chance, their usual unrest and the added noise make.
"""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise

from app.trends.domain import Period
from app.trends.publication import PublicationPlan
from app.trends.releases import ReleasedTable

# Two sides, one in a hundred: about what a board may be shown in error.
CLEAR = Fraction(258, 100)
FEWEST_FOR_UNREST = 6  # points; fewer measure the change itself and not what is usual
SMALLEST_BASE = 4  # arrivals of two years; below it the chance of nought is not like a Gaussian
YEAR = 4  # quarters


class TrendWord(enum.Enum):
    """What a page says of a series; the value is the page's words."""

    HIGHER = "higher than the year before"
    LOWER = "lower than the year before"
    NO_CLEAR_CHANGE = "no clear change"
    NOT_ENOUGH = "not enough data yet"


@dataclass(frozen=True, slots=True)
class Point:
    """A published value of one period, and the variance of what was added to it."""

    period: Period
    value: Fraction
    variance: Fraction


@dataclass(frozen=True, slots=True)
class Comparison:
    """A word, and the two years it compares; the years are missing if there are not two."""

    word: TrendWord
    now: Fraction | None = None
    before: Fraction | None = None
    until: Period | None = None


def series(plan: PublicationPlan, tables: Iterable[ReleasedTable], label: str) -> tuple[Point, ...]:
    """Return the points of one cell in tables of one kind and force, in time's order.

    Where the cell was published together with others, its point is its share of them, as unsure
    as a value is that could be anything below the threshold.
    """
    found = [point for table in tables if (point := _point(plan, table, label)) is not None]
    return tuple(sorted(found, key=lambda point: point.period.first_day))


def _point(plan: PublicationPlan, table: ReleasedTable, label: str) -> Point | None:
    for figure in table.figures:
        if label in figure.members:
            together = len(figure.members)
            split = Fraction(plan.threshold**2 - 1, 12) if together > 1 else Fraction(0)
            return Point(
                table.period,
                Fraction(figure.value, together),
                plan.sigma2[table.table] + split,
            )
    return None


def added(parts: Sequence[Sequence[Point]]) -> tuple[Point, ...]:
    """Return the sum of several forces' series, over the periods that all of them have."""
    by_period = [{point.period: point for point in part} for part in parts]
    shared = set.intersection(*(set(part) for part in by_period)) if parts else set()
    return tuple(
        Point(
            period,
            sum((part[period].value for part in by_period), Fraction(0)),
            sum((part[period].variance for part in by_period), Fraction(0)),
        )
        for period in sorted(shared, key=lambda period: period.first_day)
    )


def compare(points: Sequence[Point]) -> Comparison:
    """Return what may be said of a series: its last published year against the one before."""
    run = _unbroken(points)
    while run:
        now, rest = _last_year(run)
        before, _older = _last_year(rest)
        if now and before:
            return _compared(run, now, before)
        # The last period ends no two whole years, as after a change of cadence.
        run = run[:-1]
    return Comparison(TrendWord.NOT_ENOUGH)


def _compared(run: Sequence[Point], now: Sequence[Point], before: Sequence[Point]) -> Comparison:
    later, earlier = _sum(now), _sum(before)
    noise = sum((point.variance for point in [*now, *before]), Fraction(0))
    chance = unrest(run) * max(later + earlier, Fraction(SMALLEST_BASE))
    if (later - earlier) ** 2 < CLEAR**2 * (chance + noise):
        word = TrendWord.NO_CLEAR_CHANGE
    else:
        word = TrendWord.HIGHER if later > earlier else TrendWord.LOWER
    return Comparison(word, later, earlier, now[-1].period)


def unrest(points: Sequence[Point]) -> Fraction:
    """Return by how much a series moves more than independent arrivals would; 1 at least.

    From differences of neighbours, so that a slow trend is not taken for unrest.
    """
    kinds = [list(same) for _kind, same in groupby(points, key=lambda point: point.period.kind)]
    alike = kinds[-1] if kinds else []
    mean = _sum(alike) / len(alike) if alike else Fraction(0)
    if len(alike) < FEWEST_FOR_UNREST or mean <= 0:
        return Fraction(1)
    moves = [(b.value - a.value) ** 2 for a, b in pairwise(alike)]
    noise = sum((point.variance for point in alike), Fraction(0)) / len(alike)
    return max(Fraction(1), (sum(moves, Fraction(0)) / len(moves) / 2 - noise) / mean)


def _sum(points: Sequence[Point]) -> Fraction:
    return sum((point.value for point in points), Fraction(0))


def _unbroken(points: Sequence[Point]) -> Sequence[Point]:
    """Return the points after the last gap or overlap."""
    start = 0
    for at, (a, b) in enumerate(pairwise(points), start=1):
        if (b.period.first_day - a.period.last_day).days != 1:
            start = at
    return points[start:]


def _last_year(points: Sequence[Point]) -> tuple[Sequence[Point], Sequence[Point]]:
    """Return the points that fill exactly the last four quarters, and those before them."""
    quarters = 0
    for at in range(len(points) - 1, -1, -1):
        quarters += points[at].period.kind.value
        if quarters == YEAR:
            return points[at:], points[:at]
    return (), ()
