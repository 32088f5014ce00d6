"""Draws the tables of one freeze from what the opened slips say. Pure: chance comes as `draw`."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.trends.disclosure import Draw, Figure, alone, only_total, under_total, with_total
from app.trends.domain import ALL, Cadence, Closure, Entry, Period, Table
from app.trends.noise import Below, discrete_gaussian
from app.trends.publication import PublicationPlan, UnknownLabel, cells, due
from app.trends.releases import ReleasedTable


class TotalMissing(ValueError):
    """A table's total is to be published before it, and is not."""


def noise_of(plan: PublicationPlan, below: Below = secrets.randbelow) -> Draw:
    """Return the draw that a freeze uses: exact noise with the plan's variances."""

    def draw(table: Table) -> int:
        return discrete_gaussian(plan.sigma2[table], below)

    return draw


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The opened slips of one force: entries by their quarter, closures of the year."""

    entries: Mapping[Period, Sequence[Entry]]
    closures: Sequence[Closure] = ()

    def of(self, period: Period) -> list[Entry]:
        """Return the entries of every quarter of `period`."""
        return [entry for quarter in period.quarters for entry in self.entries.get(quarter, ())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """What is frozen: the tables that end with `quarter`, or those of them in `tables`."""

    plan: PublicationPlan
    force: str
    quarter: Period
    cadence: Cadence
    tables: frozenset[Table] = field(default=frozenset(Table))

    @property
    def due(self) -> tuple[tuple[Table, Period], ...]:
        """Each table and the period it covers, in the order of drawing."""
        return tuple(pair for pair in due(self.quarter, self.cadence) if pair[0] in self.tables)


def draw_tables(
    freeze: Freeze, opened: Opened, *, published: Mapping[Period, int], draw: Draw
) -> tuple[ReleasedTable, ...]:
    """Return the tables that a freeze publishes.

    Args:
        freeze: what is due.
        opened: the slips of every period that a table due now covers.
        published: totals (QT) published so far, by period.
        draw: one value of noise.

    Raises:
        TotalMissing: if a table covers a quarter whose total was never published.
        UnknownLabel: if a slip names a theme that the plan does not.
        ValueError: if a slip names another cell that the plan does not publish.
    """
    totals = dict(published)
    drawn: dict[Table, tuple[Figure, ...]] = {}
    periods = dict(freeze.due)
    if Table.QT in periods:
        _draw_total(freeze, opened, periods, drawn, draw)
        totals[periods[Table.QT]] = drawn[Table.QT][0].value
    for table, period in freeze.due:
        if table not in drawn:
            counts = _counts(freeze, table, opened, period)
            labels = cells(freeze.plan, freeze.force, table, freeze.cadence)
            if table is Table.OY:
                drawn[table] = alone(freeze.plan, table, labels, counts, draw)
                continue
            total = (
                sum(figure.value for figure in drawn[Table.OY])
                if table is Table.CY
                else _total(freeze, period, totals)
            )
            drawn[table] = under_total(freeze.plan, table, labels, counts, total, draw)
    return tuple(
        ReleasedTable(table, period, freeze.force, drawn[table]) for table, period in freeze.due
    )


def _draw_total(
    freeze: Freeze,
    opened: Opened,
    periods: Mapping[Table, Period],
    drawn: dict[Table, tuple[Figure, ...]],
    draw: Draw,
) -> None:
    period = periods[Table.QT]
    count = len(opened.of(period))
    if periods.get(Table.TH) != period:
        drawn[Table.QT] = (only_total(freeze.plan, count, draw),)
        return
    labels = cells(freeze.plan, freeze.force, Table.TH, freeze.cadence)
    counts = _counts(freeze, Table.TH, opened, period)
    drawn[Table.TH], total = with_total(freeze.plan, labels, counts, count, draw)
    drawn[Table.QT] = (total,)


def _counts(freeze: Freeze, table: Table, opened: Opened, period: Period) -> Mapping[str, int]:
    return Counter(_labels(freeze, table, opened, period))


def _labels(freeze: Freeze, table: Table, opened: Opened, period: Period) -> Iterable[str]:
    if table is Table.TH:
        by_group = freeze.cadence is Cadence.GROUPS
        plan = freeze.plan
        return (
            plan.group_of(entry.theme) if by_group else entry.theme for entry in opened.of(period)
        )
    if table is Table.DY:
        return (entry.directorate for entry in opened.of(period))
    if table is Table.OY:
        return (closure.outcome for closure in opened.closures)
    if table is Table.CY:
        return (closure.band for closure in opened.closures)
    return (ALL for _entry in opened.of(period))


def _total(freeze: Freeze, period: Period, totals: Mapping[Period, int]) -> int:
    if period in totals:
        return totals[period]
    first = freeze.plan.force(freeze.force).first_period
    counted = [quarter for quarter in period.quarters if quarter >= first]
    missing = [str(quarter) for quarter in counted if quarter not in totals]
    if missing or not counted:
        raise TotalMissing(f"no total is published for {', '.join(missing) or period}")
    return sum(totals[quarter] for quarter in counted)


__all__ = ["Freeze", "Opened", "TotalMissing", "UnknownLabel", "draw_tables", "noise_of"]
