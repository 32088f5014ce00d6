"""Releases for tests: written through the store, shown, and withdrawn if a test wants it."""

from datetime import date

from app.trends.disclosure import Figure
from app.trends.domain import Period, Table
from app.trends.releases import FIRST, Release, ReleasedTable
from app.trends.store import Releases

THEME = "information-media"  # speaks to Anti-Corruption, and not to Complaints
OTHER = "force-custody"  # speaks to Complaints, and not to Anti-Corruption
FORCE = "a"


def publish(plans, values, *, force=FORCE, start="2024Q1", shown=True):
    """Publish one release a quarter: `values` are those of one theme, the other stays at 9."""
    quarter, previous = Period.parse(start), FIRST
    for number, value in enumerate(values, start=1):
        figures = (
            Figure((THEME,), value, max(0, value - 4), value + 4),
            Figure((OTHER,), 9, 5, 13),
            Figure(("money-gifts", "links-drugs"), 7, 3, 11),
        )
        release = Release(
            number=number,
            plan_version=1,
            force=force,
            period=quarter,
            frozen_on=date(2025, 1, 1),
            tables=(
                ReleasedTable(Table.TH, quarter, force, figures),
                ReleasedTable(Table.QT, quarter, force, (Figure(("All",), value + 16, 5, 99),)),
            ),
            budgets={},
            previous=previous,
        )
        with plans.begin() as work:
            Releases(work.session).add(release, "a note")
            if shown:
                Releases(work.session).show(force, number)
        previous = release.digest()
        quarter = Period.parse(
            f"{quarter.last_day.year + (quarter.last_day.month == 12)}"
            f"Q{quarter.last_day.month % 12 // 3 + 1}"
        )


def withdraw(plans, number, *, force=FORCE):
    with plans.begin() as work:
        Releases(work.session).withdraw(force, number, on=work.today, why="a fault")
