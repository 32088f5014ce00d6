"""The publication plan: what is published, of whom, how often and with how much noise.

Versioned data that changes with the years and never with the counts: every label and every date
stands here before the first matter of its period is counted.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path

import holidays

from app.trends.domain import ALL, NOT_YET, Cadence, Period, PeriodKind, Table, year_of
from app.trends.plan_parts import (
    Alliance,
    Band,
    Force,
    Label,
    Outcome,
    PublicationPlan,
    Theme,
    UnfitPlan,
    UnknownLabel,
)
from app.trends.plan_reading import read_plan

FOLDER = Path(__file__).with_name("data")
# Published volume of the year before, from which a cadence is chosen: its least, and the cadence.
BANDS_OF_VOLUME = ((251, Cadence.QUARTER), (100, Cadence.HALF), (40, Cadence.YEAR))
THEME_PERIODS = {
    Cadence.QUARTER: PeriodKind.QUARTER,
    Cadence.HALF: PeriodKind.HALF,
    Cadence.YEAR: PeriodKind.YEAR,
    Cadence.GROUPS: PeriodKind.YEAR,
}


def rho(plan: PublicationPlan, table: Table) -> Fraction:
    """Return what one matter spends in `table`: zero-concentrated privacy, 1 over 2 sigma².

    Source: Bun and Steinke, "Concentrated Differential Privacy", TCC 2016, Proposition 1.6.
    """
    return Fraction(1, 2 * plan.sigma2[table])


def cells(plan: PublicationPlan, force: str, table: Table, cadence: Cadence) -> tuple[str, ...]:
    """Return every cell of a table, in the plan's order, counted or not."""
    labels: Mapping[Table, Sequence[Label]] = {
        Table.TH: plan.groups if cadence is Cadence.GROUPS else plan.themes,
        Table.QT: (Label(ALL, ALL),),
        Table.DY: plan.force(force).directorates,
        Table.OY: plan.outcomes,
        Table.CY: plan.bands,
    }
    return tuple(label.id for label in labels[table])


def cadence(plan: PublicationPlan, force: str, year: int, published_volume: int | None) -> Cadence:
    """Return how often the themes of `force` are published in `year`.

    Args:
        plan: the publication plan.
        force: its id.
        year: the year whose matters are counted.
        published_volume: the published total of the year before; None where there is no
            published year before.
    """
    known = plan.force(force)
    if published_volume is None or year <= known.first_period.year:
        return known.first_cadence
    for least, found in BANDS_OF_VOLUME:
        if published_volume >= least:
            return found
    return Cadence.GROUPS


def due(quarter: Period, cadence: Cadence) -> tuple[tuple[Table, Period], ...]:
    """Return the tables and their periods that end with `quarter`, in the order of drawing.

    A total comes before or with what adds up to it.
    """
    year = year_of(quarter.year)
    ends_year = quarter.part == 4
    found: list[tuple[Table, Period]] = []
    if cadence is not Cadence.GROUPS:
        found.append((Table.QT, quarter))
    elif ends_year:
        found.append((Table.QT, year))
    themes = quarter.widened(THEME_PERIODS[cadence])
    if themes.quarters[-1] == quarter:
        found.append((Table.TH, themes))
    if ends_year:
        found += [(table, year) for table in (Table.DY, Table.OY, Table.CY)]
    return tuple(found)


def freeze_day(plan: PublicationPlan, table: Table, period: Period) -> date:  # noqa: ARG001 -- one lag for all today; a later plan may tell tables apart
    """Return the day on which a period is frozen: the first working day two quarters later."""
    day = period.quarters[-1].moved(2).first_day
    while day.weekday() >= 5 or day in _bank_holidays(day.year):
        day += timedelta(days=1)
    return day


def calendar(plan: PublicationPlan, years: Sequence[int]) -> dict[date, tuple[Period, ...]]:
    """Return the days of `years` on which something is frozen, each with the quarters it ends.

    Known years ahead: a release on any other day would tell that something happened.
    """
    first = min((force.first_period for force in plan.forces), default=None)
    found: dict[date, tuple[Period, ...]] = {}
    for year in sorted(years):
        for quarter in (part for before in (year - 1, year) for part in year_of(before).quarters):
            day = freeze_day(plan, Table.QT, quarter)
            if day.year == year and first is not None and quarter >= first:
                found[day] = (quarter,)
    return found


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def publication_plan(version: int | None = None) -> PublicationPlan:
    """Return a version of the plan the product ships with; the newest if none is named.

    Raises:
        UnfitPlan: if there is no such version or its file is unfit.
    """
    known = versions()
    if version is None:
        return known[max(known)]
    if version not in known:
        raise UnfitPlan(f"there is no version {version} of the publication plan")
    return known[version]


@cache
def versions() -> dict[int, PublicationPlan]:
    """Return every version that the product ships with."""
    plans = [read_plan(file.read_bytes()) for file in sorted(FOLDER.glob("publication-*.json"))]
    return {plan.version: plan for plan in plans}


__all__ = [
    "ALL", "NOT_YET", "Alliance", "Band", "Force", "Label", "Outcome", "PublicationPlan", "Theme",
    "UnfitPlan", "UnknownLabel", "cadence", "calendar", "cells", "due", "freeze_day",
    "publication_plan", "rho", "versions",
]  # fmt: skip
