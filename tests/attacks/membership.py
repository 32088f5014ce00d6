"""Attacks on one concern (A6, A8): is it in the figures, for somebody who knows the others?"""

from collections import Counter
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import norm

from tests.attacks.reading import Row, by_table
from tests.attacks.world import Matter, World


@dataclass
class Insider:
    """Somebody who knows a share of all concerns, and weighs every figure by its noise."""

    world: World
    sigma: dict
    knows: float = 1.0

    def known(self, chance: np.random.Generator) -> np.ndarray:
        """Return which of the concerns she knows."""
        return chance.random(len(self.world.matters)) < self.knows

    def counts(self, known: np.ndarray) -> Counter:
        """Return what she counts by herself, cell by cell."""
        return Counter(
            (m.force, m.theme, m.directorate, m.period)
            for m, told in zip(self.world.matters, known, strict=True)
            if told
        )


@dataclass
class Reading:
    """The figures of one run, ready to be asked which of them would hold a concern."""

    tables: dict
    order: dict

    @classmethod
    def of(cls, rows: list[Row]) -> "Reading":
        names = sorted({row.release for row in rows})
        return cls(by_table(rows), {name: at for at, name in enumerate(names)})

    def figures(self, matter: Matter) -> list[Row]:
        """Return the figures that would count a concern, the first published first."""
        labels = {"TH": matter.theme, "DY": matter.directorate, "QT": "All"}
        found = []
        for (table, force, _period), rows in self.tables.items():
            if force == matter.force and rows[0].period.contains(matter.period):
                found += [row for row in rows if labels[table] in row.members]
        return sorted(found, key=lambda row: self.order[row.release])


def covered(row: Row, counts: dict) -> int:
    """Return how many of the known concerns a figure counts."""
    field = {"TH": 0, "DY": 1, "QT": 2}[row.table]
    return sum(
        counts[field][row.force, member, quarter]
        for member in row.members
        for quarter in row.period.quarters
    )


def margins(counts: Counter) -> tuple[Counter, Counter, Counter]:
    """Return the known counts by theme, by directorate and in all."""
    theme, directorate, whole = Counter(), Counter(), Counter()
    for (force, t, d, q), count in counts.items():
        theme[force, t, q] += count
        directorate[force, d, q] += count
        whole[force, "All", q] += count
    return theme, directorate, whole


def scores(
    insider: Insider, reading: Reading, chance: np.random.Generator, targets: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return log likelihood ratios: of members and of phantoms, from all releases; then of both
    from the releases up to the one that first shows their theme."""
    world = insider.world
    known = insider.known(chance)
    counts = margins(insider.counts(known))
    # She never counts the concern itself among those she knows.
    itself = {True: known.astype(int), False: np.zeros(len(world.phantoms), dtype=int)}
    parts = []
    for matters, inside in ((world.matters, True), (world.phantoms, False)):
        chosen = chance.choice(len(matters), size=min(targets, len(matters)), replace=False)
        parts.append(
            [_score(insider, reading, counts, matters[at], itself[inside][at]) for at in chosen]
        )
    members, phantoms = (np.array(part) for part in parts)
    return members[:, 0], phantoms[:, 0], members[:, 1], phantoms[:, 1]


def _score(insider, reading, counts, matter, itself) -> tuple[float, float]:
    """Return the evidence for presence: from all figures, and from the first."""
    figures = reading.figures(matter)
    themed = [row.release for row in figures if row.table == "TH"]
    until = reading.order[themed[0]] if themed else len(reading.order)
    whole = first = 0.0
    for row in figures:
        expected = (covered(row, counts) - itself) / insider.knows
        variance = insider.sigma[row.table] ** 2 * len(row.members)
        variance += expected * (1 - insider.knows) / insider.knows
        off = row.value - expected
        told = (2 * off - 1) / (2 * variance)
        whole += told
        first += told if reading.order[row.release] <= until else 0.0
    return whole, first


def advantage(members: np.ndarray, phantoms: np.ndarray) -> float:
    """Return how much oftener she says "it is in" of one that is: 0 for guessing, 1 for knowing."""
    return float((members > 0).mean() - (phantoms > 0).mean())


def mean_and_interval(values: list[float]) -> tuple[float, float]:
    """Return the mean and the half width of its 95 % interval."""
    return float(np.mean(values)), float(1.96 * np.std(values, ddof=1) / sqrt(len(values)))


def highest_above_curve(runs: list[tuple[np.ndarray, np.ndarray]], mu: float) -> float:
    """Return by how many standard errors any threshold beats the promised trade-off; ≤ 0 if none.

    The promise: whoever accepts a share `a` of false alarms finds at most Φ(Φ⁻¹(a) + μ). Concerns
    of one cell share its noise, so that it is runs, and not concerns, that are independent.
    """
    every = np.concatenate([np.concatenate(run) for run in runs])
    worst = -np.inf
    for bound in np.quantile(every, np.linspace(0.05, 0.95, 19)):
        shares = np.array([[(part > bound).mean() for part in run] for run in runs])
        found, alarms = shares.mean(axis=0)
        if not 0 < alarms < 1:
            continue
        at = norm.ppf(alarms)
        slope = norm.pdf(at + mu) / norm.pdf(at)
        error = np.std(shares[:, 0] - slope * shares[:, 1], ddof=1) / sqrt(len(runs))
        worst = max(worst, (found - norm.cdf(at + mu)) / error)
    return float(worst)


def promised_advantage(mu: float) -> float:
    """Return 2Φ(μ/2) - 1: the most that anybody's guess can gain."""
    return float(2 * norm.cdf(mu / 2) - 1)
