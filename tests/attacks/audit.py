"""A white-box audit: what a drawing of figures tells of one concern more, proved from below.

The auditor draws the same freeze many times on counts D and on D with one concern more, learns on
the first half of the draws what tells them apart, and proves on the second half how well it does.
What is proved holds with confidence 1 - ERROR whatever was learnt; it can only be too kind.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import beta, norm

from app.trends import freezing
from app.trends.disclosure import Figure
from app.trends.domain import Entry, Table
from app.trends.drawing import Opened
from app.trends.plan_parts import PublicationPlan

MOST_BOUNDS = 40
ERROR = 0.001  # chance that an honest drawing is accused, all tests of one audit together
Drawn = tuple[tuple[Figure, ...], Figure]
Drawing = Callable[[PublicationPlan, Sequence[str], dict, int, Callable[[Table], int]], Drawn]


def fast_noise(chance: np.random.Generator, plan: PublicationPlan) -> Callable[[Table], int]:
    """Return noise of the exact chances, drawn in bulk: the sampler has tests of its own."""
    pools = {table: _pool(chance, plan.sigma2[table]) for table in Table}
    return lambda table: next(pools[table])


def _pool(chance: np.random.Generator, sigma2: float):
    reach = np.arange(-60, 61)
    weights = np.exp(-(reach**2) / (2 * sigma2))
    while True:
        yield from (int(x) for x in chance.choice(reach, size=4096, p=weights / weights.sum()))


@dataclass(frozen=True)
class Seen:
    """What one drawing shows of the audited cell: all that a rule could let through."""

    named: bool
    value: int  # of the figure that holds the cell
    together: int  # how many cells that figure holds
    total: int
    rows: int

    @classmethod
    def of(cls, drawn: Drawn, label: str) -> "Seen":
        figures, total = drawn
        holding = next(figure for figure in figures if label in figure.members)
        alone = len(holding.members) == 1
        return cls(alone, holding.value, len(holding.members), total.value, len(figures))


def observe(
    drawing: Drawing, plan: PublicationPlan, counts: dict, label: str, draw, runs: int
) -> list[Seen]:
    """Return what `runs` drawings of `counts` show of the cell `label`."""
    labels = [theme.id for theme in plan.themes]
    whole = sum(counts.values())
    return [Seen.of(drawing(plan, labels, counts, whole, draw), label) for _ in range(runs)]


def proven_mu(without: list[Seen], with_one: list[Seen]) -> float:
    """Return the privacy loss μ that these drawings prove to be there, at least.

    A learnt score is cut at several bounds; each cut gives shares of alarms and of finds, and
    μ ≥ Φ⁻¹(finds) - Φ⁻¹(alarms) by the lower and upper ends of their exact intervals.
    """
    half = len(without) // 2
    best = 0.0
    for score in _learnt(without[:half], with_one[:half]):
        early = np.array([score(seen) for seen in without[:half] + with_one[:half]])
        bounds = np.unique(early)
        if len(bounds) > MOST_BOUNDS:
            bounds = np.unique(np.quantile(early, np.linspace(0.005, 0.995, MOST_BOUNDS)))
        bound = max(
            bounds,
            key=lambda cut, s=score: _mu(without[:half], with_one[:half], s, cut, tests=1),
        )
        best = max(best, _mu(without[half:], with_one[half:], score, bound, tests=3))
    return best


def _learnt(without: list[Seen], with_one: list[Seen]) -> list[Callable[[Seen], float]]:
    """Return three scores: the figure itself, all that is seen, and which rows there are."""
    slope = _regression(without, with_one)
    rows_0 = Counter((s.named, s.together, s.rows) for s in without)
    rows_1 = Counter((s.named, s.together, s.rows) for s in with_one)

    def by_rows(seen: Seen) -> float:
        key = (seen.named, seen.together, seen.rows)
        return float(np.log((rows_1[key] + 0.5) / (rows_0[key] + 0.5)))

    return [lambda s: s.value if s.named else -1.0, lambda s: float(_features(s) @ slope), by_rows]


def _features(seen: Seen) -> np.ndarray:
    centred = seen.value / seen.together
    return np.array([1.0, seen.named, seen.value * seen.named, centred, seen.total, seen.together])


def _regression(without: list[Seen], with_one: list[Seen]) -> np.ndarray:
    told = np.array([_features(seen) for seen in without + with_one])
    inside = np.array([0.0] * len(without) + [1.0] * len(with_one))
    return np.linalg.lstsq(told, inside, rcond=None)[0]


def _mu(without: list[Seen], with_one: list[Seen], score, bound: float, *, tests: int) -> float:
    alarms = sum(score(seen) > bound for seen in without)
    finds = sum(score(seen) > bound for seen in with_one)
    ways = [(alarms, finds), (len(without) - alarms, len(with_one) - finds)]
    found = []
    for false, true in ways:
        most = _upper(false, len(without), ERROR / (4 * tests))
        least = 1 - _upper(len(with_one) - true, len(with_one), ERROR / (4 * tests))
        found.append(norm.ppf(least) - norm.ppf(most) if least > 0 and most < 1 else 0.0)
    return max(0.0, *found)


def _upper(hits: int, tries: int, error: float) -> float:
    """Return the upper end of the exact (Clopper and Pearson) interval."""
    return 1.0 if hits == tries else float(beta.ppf(1 - error, hits + 1, tries - hits))


def ledger_mu(plan: PublicationPlan, *tables: Table) -> float:
    """Return what the ledger admits for these tables: μ is the root of twice their sum."""
    return sqrt(2 * sum(1 / (2 * plan.sigma2[table]) for table in tables))


def of_a_freeze(work, intent) -> Drawing:
    """Return the drawing of a real freeze: from opened slips through to its release."""

    def drawing(plan, labels, counts, true_total, draw) -> Drawn:
        entries = [Entry(label, "d0") for label in labels for _ in range(counts.get(label, 0))]
        opened = Opened(entries={intent.prospect.quarter: entries})
        release = freezing.draw_release(work, intent, opened, draw)
        drawn = {table.table: table.figures for table in release.tables}
        return drawn[Table.TH], drawn[Table.QT][0]

    return drawing
