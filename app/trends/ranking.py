"""One published year in its parts: named rows, the rest together, each with its trend word."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

from app.trends.domain import Period, Table
from app.trends.publication import PublicationPlan
from app.trends.releases import ReleasedTable
from app.trends.sources import QUARTERS, Source, year_ending
from app.trends.trend_words import Point, TrendWord, compare
from app.trends.wording import About, about, year_until

SHARE_FROM = 50  # percentages of fewer than this say more about the noise than about the force


@dataclass(frozen=True, slots=True)
class Member:
    """One of those that are shown together, and what may be said of it."""

    name: str
    word: TrendWord


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of a year, the year before it, and what may be said of the two."""

    name: str
    figure: About
    word: TrendWord | None = None
    before: About | None = None
    share: int | None = None  # in a hundred
    # In how many of the published tables it stood by itself, of how many; else it is an estimate.
    alone: tuple[int, int] = (1, 1)
    members: tuple[Member, ...] = ()

    @property
    def is_estimate(self) -> bool:
        """Whether part of it was published together with others."""
        return self.alone[0] < self.alone[1]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The rows of one year, the largest first and what is shown together last."""

    table: Table
    until: Period
    rows: tuple[Row, ...]

    @property
    def year(self) -> str:
        """The year in words."""
        return year_until(self.until)


def ranked(source: Source, *, sort: bool = True) -> Ranking | None:
    """Return the last published year of a table; None if there is none, or labels differ.

    Forces that are divided differently cannot be added up part by part.
    """
    label = source.any_label()
    until = None if label is None else last_year(source.points(label))
    if until is None:
        return None
    of_forces = source.parts(year_ending(until))
    sets = [_labels(parts) for parts in of_forces]
    if any(labels != sets[0] for labels in sets):
        return None
    year = _Year(source, tuple(chain.from_iterable(of_forces)), until)
    rows = [year.named(name) for name in year.names if year.stands_alone(name)]
    together = [name for name in year.names if not year.stands_alone(name)]
    if sort:
        rows.sort(key=lambda row: -row.figure.value)
    if together:
        rows.append(year.combined(together, rows))
    return Ranking(source.table, until, tuple(rows))


def compared(source: Source, points: Sequence[Point], label: str) -> tuple[Row, Period] | None:
    """Return the last published year of one series as a row, and with what it ends."""
    until = last_year(points)
    if until is None:
        return None
    now = _within(points, year_ending(until))
    name = source.plan.name_of(label)
    row = Row(name, _sum(now), word_of(points, until), _year_before(points, until))
    return row, until


def last_year(points: Sequence[Point]) -> Period | None:
    """Return the period that ends the year to show: one that can be compared, if there is one."""
    until = compare(points).until
    if until is not None:
        return until
    for point in reversed(points):
        if len(_covered(_within(points, year_ending(point.period)))) == QUARTERS:
            return point.period
    return None


def word_of(points: Sequence[Point], until: Period) -> TrendWord:
    """Return the trend word for the year that ends with `until`."""
    found = compare([point for point in points if point.period.last_day <= until.last_day])
    same = found.until is not None and found.until.last_day == until.last_day
    return found.word if same else TrendWord.NOT_ENOUGH


@dataclass(frozen=True, slots=True)
class _Year:
    """The tables that make up one published year of every force."""

    source: Source
    parts: tuple[ReleasedTable, ...]
    until: Period

    @property
    def names(self) -> list[str]:
        """The labels in the plan's order."""
        return _in_order(self.source.plan, _labels(self.parts))

    @property
    def total(self) -> int:
        """The published sum of everything."""
        return sum(part.total for part in self.parts)

    def stands_alone(self, name: str) -> bool:
        """Say whether a label has a row of its own: if it had one in half of the tables.

        In the others it was below the threshold, and its share of what was shown together is a
        fair estimate. One that was nearly always below it would be all estimate.
        """
        return 2 * _alone(name, self.parts) >= len(self.parts)

    def _before(self, name: str) -> About | None:
        quarters = year_ending(year_ending(self.until)[0].previous())
        earlier = tuple(chain.from_iterable(self.source.parts(quarters)))
        # An estimate of what was below the threshold is no figure to show.
        if 2 * _alone(name, earlier) < max(1, len(earlier)):
            return None
        return _year_before(self.source.points(name), self.until)

    def named(self, name: str) -> Row:
        """Return the row of a label of its own."""
        points = self.source.points(name)
        figure = _sum(_within(points, year_ending(self.until)))
        return Row(
            self.source.plan.name_of(name),
            figure,
            word=word_of(points, self.until),
            before=self._before(name),
            share=_share(figure.value, self.total),
            alone=(_alone(name, self.parts), len(self.parts)),
        )

    def combined(self, together: Sequence[str], rows: Sequence[Row]) -> Row:
        """Return the row of all others: what the named rows leave of the total."""
        square = self.source.plan.sigma2[self.source.table]
        cells = sum(
            len(figure.members)
            for part in self.parts
            for figure in part.figures
            if len(figure.members) > 1
        )
        value = max(0, self.total - sum(row.figure.value for row in rows))
        members = tuple(
            Member(self.source.plan.name_of(name), word_of(self.source.points(name), self.until))
            for name in together
        )
        what = _PLURAL[self.source.table]
        return Row(
            f"All other {what} combined ({len(together)} {what})",
            about(value, square * max(cells, len(together) * len(self.parts))),
            share=_share(value, self.total),
            members=members,
        )


_PLURAL = {
    Table.TH: "themes",
    Table.QT: "totals",
    Table.DY: "directorates",
    Table.OY: "outcomes",
    Table.CY: "bands of time",
}


def _alone(name: str, parts: Sequence[ReleasedTable]) -> int:
    return sum(any(figure.members == (name,) for figure in part.figures) for part in parts)


def _labels(parts: Sequence[ReleasedTable]) -> frozenset[str]:
    return frozenset(
        member for part in parts for figure in part.figures for member in figure.members
    )


def _in_order(plan: PublicationPlan, labels: frozenset[str]) -> list[str]:
    lists = [
        plan.themes, plan.groups, plan.outcomes, plan.bands,
        *(force.directorates for force in plan.forces),
    ]  # fmt: skip
    known = dict.fromkeys(label.id for some in lists for label in some)
    return [name for name in known if name in labels] + sorted(labels - set(known))


def _share(value: int, total: int) -> int | None:
    return round(Fraction(100 * value, total)) if total >= SHARE_FROM else None


def _within(points: Sequence[Point], year: Sequence[Period]) -> list[Point]:
    quarters = set(year)
    return [point for point in points if set(point.period.quarters) <= quarters]


def _covered(points: Sequence[Point]) -> set[Period]:
    return {quarter for point in points for quarter in point.period.quarters}


def _year_before(points: Sequence[Point], until: Period) -> About | None:
    start = year_ending(until)[0]
    before = _within(points, year_ending(start.previous()))
    return _sum(before) if len(_covered(before)) == QUARTERS else None


def _sum(points: Sequence[Point]) -> About:
    value = sum((point.value for point in points), Fraction(0))
    return about(value, sum((point.variance for point in points), Fraction(0)))
