"""Published tables of one kind, of one force or of several together, as series of points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from app.trends.domain import Period, PeriodKind, Table
from app.trends.publication import PublicationPlan
from app.trends.releases import ReleasedTable
from app.trends.trend_words import Point, added, series

QUARTERS = 4  # of a year


@dataclass(frozen=True, slots=True)
class Source:
    """The published tables of one kind, force by force."""

    plan: PublicationPlan
    table: Table
    tables: tuple[tuple[ReleasedTable, ...], ...]

    @classmethod
    def of(
        cls,
        plan: PublicationPlan,
        tables: Mapping[str, Sequence[ReleasedTable]],
        kind: Table,
    ) -> "Source":
        """Return the tables of `kind` out of those of each force."""
        found = (tuple(one for one in some if one.table is kind) for some in tables.values())
        return cls(plan, kind, tuple(found))

    @property
    def of_several(self) -> bool:
        """Whether figures of several forces are added up."""
        return len(self.tables) > 1

    def points(self, label: str) -> tuple[Point, ...]:
        """Return the series of a cell; of several forces, by calendar year: they all have those."""
        if self.of_several:
            return self.by_year(label)
        return self._each(label)[0] if self.tables else ()

    def points_as_published(self, label: str) -> tuple[Point, ...]:
        """Return the series of a cell in the periods all forces share, however short."""
        return added(self._each(label)) or self.by_year(label)

    def by_year(self, label: str) -> tuple[Point, ...]:
        """Return the series of a cell by calendar year, where every force has the whole year."""
        return added([_whole_years(points) for points in self._each(label)])

    def sums_by_year(self) -> dict[Period, Point]:
        """Return the sum of all cells by calendar year, where every force has the whole year."""
        square = self.plan.sigma2[self.table]
        each = [
            _whole_years(
                [
                    Point(
                        table.period,
                        Fraction(table.total),
                        Fraction(square * sum(len(figure.members) for figure in table.figures)),
                    )
                    for table in some
                ]
            )
            for some in self.tables
        ]
        return {point.period: point for point in added(each)}

    def parts(self, year: Sequence[Period]) -> list[tuple[ReleasedTable, ...]]:
        """Return the tables of each force that lie within these quarters."""
        within = set(year)
        return [
            tuple(table for table in some if set(table.period.quarters) <= within)
            for some in self.tables
        ]

    def any_label(self) -> str | None:
        """Return a label of the newest table: all labels of a table share its periods."""
        newest = [some[-1] for some in self.tables if some]
        if len(newest) < len(self.tables) or not newest:
            return None
        return newest[0].figures[0].members[0]

    def _each(self, label: str) -> list[tuple[Point, ...]]:
        return [series(self.plan, some, label) for some in self.tables]


def _whole_years(points: Sequence[Point]) -> tuple[Point, ...]:
    found = []
    for year, some in groupby(points, key=lambda point: point.period.widened(PeriodKind.YEAR)):
        inside = list(some)
        if {part for point in inside for part in point.period.quarters} == set(year.quarters):
            value = sum((point.value for point in inside), Fraction(0))
            variance = sum((point.variance for point in inside), Fraction(0))
            found.append(Point(year, value, variance))
    return tuple(found)


def year_ending(last: Period) -> tuple[Period, ...]:
    """Return the four quarters that end with the last of `last`."""
    end = last.quarters[-1]
    return tuple(end.moved(back) for back in range(1 - QUARTERS, 1))
