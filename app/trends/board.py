"""What a board's page shows of a force, or of several together: from published figures alone.

Everything here is a function of released tables. It knows no database and no day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.trends.domain import ALL, Period, PeriodKind, Table
from app.trends.publication import PublicationPlan
from app.trends.ranking import Ranking, Row, compared, ranked
from app.trends.releases import ReleasedTable
from app.trends.sources import Source
from app.trends.trend_words import Point, TrendWord
from app.trends.wording import About, about, year_until
from app.trends.xmr import Limits, Signal, chart

Tables = Mapping[str, Sequence[ReleasedTable]]  # of each force, in time's order


@dataclass(frozen=True, slots=True)
class Moment:
    """One published total, and why it stands out if it does."""

    period: Period
    figure: About
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """The published totals in their order, all of one length of period, with their limits."""

    moments: tuple[Moment, ...]
    limits: Limits | None

    @property
    def kind(self) -> PeriodKind:
        """The length of its periods."""
        return self.moments[0].period.kind

    @property
    def stands_out(self) -> bool:
        """Whether the newest figure is unusual."""
        return bool(self.moments[-1].signals)


@dataclass(frozen=True, slots=True)
class InAndOut:
    """What came in and what was closed in one calendar year."""

    year: Period
    came_in: About
    closed: About


@dataclass(frozen=True, slots=True)
class Board:
    """Everything a page shows of one force or alliance. What is missing is None."""

    line: Line | None
    total: Row | None  # of the last published year
    until: Period | None  # with which that year ends
    themes: Ranking | None
    directorates: Ranking | None
    outcomes: Ranking | None
    times: Ranking | None
    in_and_out: InAndOut | None

    @property
    def year(self) -> str:
        """The last published year in words."""
        return "" if self.until is None else year_until(self.until)

    def themes_that_are(self, word: TrendWord) -> list[str]:
        """Return the names of the themes of which `word` is said, combined ones too."""
        if self.themes is None:
            return []
        alone = [(row.name, row.word) for row in self.themes.rows if not row.members]
        inside = [(one.name, one.word) for row in self.themes.rows for one in row.members]
        return [name for name, said in [*alone, *inside] if said is word]


def board_of(plan: PublicationPlan, tables: Tables) -> Board:
    """Return the board's view of one force, or the sum of several where all are published."""
    of_kind = {kind: Source.of(plan, tables, kind) for kind in Table}
    totals = of_kind[Table.QT]
    found = compared(totals, totals.points(ALL), ALL)
    return Board(
        line=line_of(totals),
        total=found[0] if found else None,
        until=found[1] if found else None,
        themes=ranked(of_kind[Table.TH]),
        directorates=ranked(of_kind[Table.DY]),
        outcomes=ranked(of_kind[Table.OY]),
        times=ranked(of_kind[Table.CY], sort=False),
        in_and_out=in_and_out(totals, of_kind[Table.OY]),
    )


def line_of(totals: Source) -> Line | None:
    """Return the line of totals: over the periods of the last length that was published."""
    points = totals.points_as_published(ALL)
    if not points:
        return None
    alike = [point for point in points if point.period.kind is points[-1].period.kind]
    drawn = chart([point.value for point in alike])
    order = list(Signal)
    moments = tuple(
        Moment(
            point.period,
            about(point.value, point.variance),
            tuple(sorted(signals, key=order.index)),
        )
        for point, signals in zip(alike, drawn.signals, strict=True)
    )
    return Line(moments, drawn.limits)


def in_and_out(totals: Source, outcomes: Source) -> InAndOut | None:
    """Return what came in and what was closed in the last year of which both are published."""
    came_in = {point.period: point for point in totals.by_year(ALL)}
    closed = outcomes.sums_by_year()
    shared = sorted(set(came_in) & set(closed))
    if not shared:
        return None
    year = shared[-1]
    return InAndOut(year, _said(came_in[year]), _said(closed[year]))


def _said(point: Point) -> About:
    return about(point.value, point.variance)
