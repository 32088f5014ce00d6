"""Invented forces and their concerns: who tried to count them knows the truth."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.trends.domain import Period

FORCES = {"A": 310, "B": 210, "C": 85}  # concerns a year
THEMES = [f"theme {rank:02}" for rank in range(1, 13)]
DIRECTORATES = [f"directorate {number}" for number in range(1, 7)]
UNCODED = "Not yet categorised"
FIRST = Period.parse("2021Q1")
COLUMNS = (
    "concern_id", "reporter_id", "period", "force", "theme", "directorate", "valid_from",
    "valid_to",
)  # fmt: skip


@dataclass(frozen=True)
class Matter:
    """One concern as the statistics count it."""

    period: Period
    force: str
    theme: str
    directorate: str


@dataclass(frozen=True)
class World:
    """What happened, and as many concerns that did not but might have."""

    matters: list[Matter]
    phantoms: list[Matter]
    quarters: list[Period]

    def counts(self, *names: str) -> Counter:
        """Return how many matters have each combination of these fields."""
        return Counter(tuple(getattr(m, name) for name in names) for m in self.matters)

    def write(self, path: Path, *, without: int | None = None) -> None:
        """Write the file that a rehearsal reads; `without` leaves one matter out."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for number, m in enumerate(self.matters):
                if number == without:
                    continue
                told = [m.period, m.force, m.theme, m.directorate, m.period]
                writer.writerow([f"c{number}", f"r{number * 9 // 10}", *told, ""])
                if number % 8 == 0:
                    # One in eight was coded otherwise first; that coding no longer stands.
                    old = [m.period, m.force, THEMES[-1], m.directorate, m.period, m.period.next()]
                    writer.writerow([f"c{number}", f"r{number * 9 // 10}", *old])


def make_world(seed: int, quarters: int = 16) -> World:
    """Return three forces, twelve themes by Zipf, six directorates; one theme doubles, one halves."""
    chance = np.random.default_rng(seed)
    return World(
        matters=_arrivals(chance, quarters),
        phantoms=_arrivals(chance, quarters),
        quarters=[FIRST.moved(at) for at in range(quarters)],
    )


def _arrivals(chance: np.random.Generator, quarters: int) -> list[Matter]:
    shares = np.array([1 / rank**1.1 for rank in range(1, len(THEMES) + 1)])
    shares /= shares.sum()
    found = []
    for at, (force, a_year) in enumerate(FORCES.items()):
        leaning = chance.dirichlet(np.full(len(DIRECTORATES), 4.0), size=len(THEMES))
        for number in range(quarters):
            rates = shares * a_year / 4
            if number >= quarters // 2:
                rates = rates.copy()
                rates[(2 + at) % 12] *= 2
                rates[(5 + at) % 12] /= 2
            for theme, rate in enumerate(rates):
                counts = chance.multinomial(chance.poisson(rate), leaning[theme])
                for directorate, count in enumerate(counts):
                    found += [
                        Matter(FIRST.moved(number), force, THEMES[theme], DIRECTORATES[directorate])
                        for _ in range(count)
                    ]
    coded = chance.random(len(found)) >= 0.12
    return [
        m if kept else Matter(m.period, m.force, UNCODED, m.directorate)
        for m, kept in zip(found, coded, strict=True)
    ]
