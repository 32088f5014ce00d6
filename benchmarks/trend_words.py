"""Trend words: how often they speak when nothing changed, and how often when something did.

Every figure goes through the plan, the noise and the disclosure control of a real freeze.
"""

import os
from itertools import pairwise
from random import Random

import numpy as np

from app.trends.domain import ALL, Cadence, Entry, Table
from app.trends.drawing import Freeze, Opened, draw_tables, noise_of
from app.trends.publication import PublicationPlan, publication_plan
from app.trends.trend_words import TrendWord, compare, series
from app.trends.xmr import chart

A_YEAR = 300  # concerns
QUARTERS = 16
CHANGED_AT = 8  # the first quarter after the change
RUNS = int(os.environ.get("CANDOUR_TREND_RUNS", "150"))
ZIPF = np.array([1 / rank**1.1 for rank in range(1, 13)])
SHARES = ZIPF / ZIPF.sum()
FORCE = "a"
SPOKEN = {TrendWord.HIGHER, TrendWord.LOWER}


def released(plan: PublicationPlan, arrivals: np.ndarray, chance: Random) -> dict[Table, list]:
    """Freeze every quarter of `arrivals` (quarters by themes); return what was published."""
    themes = [theme.id for theme in plan.themes]
    tables: dict[Table, list] = {Table.TH: [], Table.QT: []}
    quarter = plan.force(FORCE).first_period
    for counts in arrivals:
        entries = [
            Entry(theme, "unknown")
            for theme, count in zip(themes, counts, strict=False)
            for _ in range(count)
        ]
        freeze = Freeze(
            plan=plan,
            force=FORCE,
            quarter=quarter,
            cadence=Cadence.QUARTER,
            tables=frozenset(tables),
        )
        opened = Opened(entries={quarter: entries})
        for table in draw_tables(
            freeze, opened, published={}, draw=noise_of(plan, chance.randrange)
        ):
            tables[table.table].append(table)
        quarter = quarter.next()
    return tables


def arrivals(chance: np.random.Generator, *, factor: float = 1, theme: int = 0, unrest: float = 0):
    """Poisson arrivals; `theme` multiplied by `factor` half-way; rates unsteady by `unrest`."""
    rates = np.tile(SHARES * A_YEAR / 4, (QUARTERS, 1))
    rates[CHANGED_AT:, theme] *= factor
    if unrest:
        rates *= chance.gamma(1 / unrest**2, unrest**2, size=(QUARTERS, 1))
    return chance.poisson(rates)


def words(plan: PublicationPlan, tables: list, label: str) -> list[TrendWord]:
    """Return the word shown after each quarter."""
    points = series(plan, tables, label)
    return [compare(points[: at + 1]).word for at in range(len(points))]


def measure() -> dict[str, object]:
    plan = publication_plan()
    themes = [theme.id for theme in plan.themes]
    calm = [_told(plan, themes, run) for run in range(RUNS)]
    restless = [_told(plan, themes, run, unrest=0.15) for run in range(RUNS)]
    doubled = [_told(plan, themes, run, factor=2) for run in range(RUNS)]
    halved = [_told(plan, themes, run, factor=0.5) for run in range(RUNS)]
    third = [_told(plan, themes, run, factor=2, theme=2) for run in range(RUNS)]
    return {
        "trend_runs": RUNS,
        "trend_false_arrows": _highest(calm, themes),
        "trend_false_arrows_by_series": _by_series(calm, themes),
        "trend_false_arrows_restless": _highest(restless, themes),
        "trend_false_arrows_restless_by_series": _by_series(restless, themes),
        "trend_power_largest_doubles": _power(doubled, themes[0], TrendWord.HIGHER),
        "trend_power_largest_halves": _power(halved, themes[0], TrendWord.LOWER),
        "trend_power_third_doubles": _power(third, themes[2], TrendWord.HIGHER),
        "trend_xmr_signals": _xmr(calm),
        "trend_last_quarter_arrows": _naive(calm),
    }


def _told(plan: PublicationPlan, themes: list[str], run: int, **world) -> dict[str, list]:
    """Return the words after each quarter by series, and the published totals."""
    seed = 7919 * run + 17
    tables = released(plan, arrivals(np.random.default_rng(seed), **world), Random(seed))
    found: dict[str, list] = {name: words(plan, tables[Table.TH], name) for name in themes[:12]}
    found[ALL] = words(plan, tables[Table.QT], ALL)
    found["values"] = [point.value for point in series(plan, tables[Table.QT], ALL)]
    return found


def _rate(told: list[dict], names: list[str]) -> float:
    shown = [word in SPOKEN for world in told for name in names for word in world[name][8:]]
    return round(sum(shown) / len(shown), 4)


def _by_series(told: list[dict], themes: list[str]) -> dict[str, float]:
    parts = {"largest": themes[:1], "2-4": themes[1:4], "5-12": themes[4:12], "total": [ALL]}
    return {name: _rate(told, names) for name, names in parts.items()}


def _highest(told: list[dict], themes: list[str]) -> float:
    return max(_by_series(told, themes).values())


def _power(told: list[dict], name: str, word: TrendWord) -> float:
    """Share of worlds in which the right word came within four quarters of the change."""
    found = [word in world[name][CHANGED_AT : CHANGED_AT + 4] for world in told]
    return round(sum(found) / len(found), 3)


def _xmr(told: list[dict]) -> float:
    """Share of quarters whose new point stands out, once there are limits."""
    found = [
        bool(chart(world["values"][: at + 1]).signals[-1])
        for world in told
        for at in range(8, QUARTERS)
    ]
    return round(sum(found) / len(found), 4)


def _naive(told: list[dict]) -> float:
    """What "up or down since last quarter" would have shown of the same totals."""
    found = [a != b for world in told for a, b in pairwise(world["values"])]
    return round(sum(found) / len(found), 3)


if __name__ == "__main__":
    for figure, value in measure().items():
        print(f"{figure:40} {value}")
