"""Attacks by linear programming (A4, A5): every release at once, as constraints on true counts."""

from collections import defaultdict
from dataclasses import dataclass
from math import ceil, floor, sqrt

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, hstack, identity

from app.trends.domain import Period, year_of
from tests.attacks.reading import Row
from tests.attacks.world import World

# "Proved" is a strong word: at four standard deviations a proof is wrong once in 16,000.
SURE = 4.0
NARROW = 5
Cell = tuple[str, str, Period]  # theme, directorate, quarter


@dataclass
class Problem:
    """One force in one year: no constraint ties it to any other."""

    cells: list[Cell]
    rows: list[Row]
    sums: csr_matrix
    values: np.ndarray
    margins: np.ndarray

    def where(self, **names) -> np.ndarray:
        """Return 1 for the cells with these names, else 0."""
        fields = {"theme": 0, "directorate": 1, "quarter": 2}
        chosen = [all(cell[fields[n]] == v for n, v in names.items()) for cell in self.cells]
        return np.array(chosen, dtype=float)

    def interval(self, chosen: np.ndarray, sure: float) -> tuple[float, float] | None:
        """Return least and most of a sum of cells; None if the constraints exclude one another."""
        margins = self.margins * sure
        upper = np.concatenate([self.values + margins, margins - self.values])
        both = np.vstack([self.sums.toarray(), -self.sums.toarray()])
        ends = []
        for sign in (1, -1):
            found = linprog(sign * chosen, A_ub=both, b_ub=upper, method="highs")
            if found.status == 3:
                ends.append(float("inf"))
            elif found.status != 0:
                return None
            else:
                ends.append(sign * found.fun)
        return ends[0], ends[1]


def problem(rows: list[Row], world: World, force: str, year: int, sigma: dict) -> Problem:
    """Return everything published of one force and year as sums over its smallest cells."""
    themes = sorted({m.theme for m in world.matters})
    directorates = sorted({m.directorate for m in world.matters})
    quarters = year_of(year).quarters
    cells = [(t, d, q) for t in themes for d in directorates for q in quarters]
    told = [row for row in rows if row.force == force and row.period.year == year]
    covers = np.array([[_covers(row, cell) for cell in cells] for row in told], dtype=float)
    return Problem(
        cells=cells,
        rows=told,
        sums=csr_matrix(covers),
        values=np.array([row.value for row in told], dtype=float),
        margins=np.array([sigma[row.table] * sqrt(len(row.members)) for row in told]),
    )


def _covers(row: Row, cell: Cell) -> bool:
    theme, directorate, quarter = cell
    named = {"TH": theme in row.members, "DY": directorate in row.members}
    return named.get(row.table, True) and row.period.contains(quarter)


@dataclass
class Pinned:
    """How many of the small cells that were tried were found out, and in which way."""

    tried: int = 0
    exact: int = 0
    narrow: int = 0
    lone: int = 0
    lone_proved: int = 0

    def add(self, true: int, ends: tuple[float, float] | None) -> None:
        self.tried += 1
        self.lone += true == 1
        if ends is None or not ends[0] - 1e-6 <= true <= ends[1] + 1e-6:
            return
        low, high = ceil(ends[0] - 1e-6), floor(min(ends[1], 1e6) + 1e-6)
        self.exact += low == high == true
        self.narrow += high - low < NARROW
        self.lone_proved += true == 1 and low >= 1

    def worst(self) -> float:
        """The largest of the three shares."""
        shares = [self.exact / self.tried, self.narrow / self.tried]
        return max(*shares, self.lone_proved / max(1, self.lone))


def pin_small_cells(
    rows: list[Row], world: World, sigma: dict, chance: np.random.Generator, *, targets: int
) -> dict[str, Pinned]:
    """A4: how much of the small cells the releases pin down.

    Read twice: as if the figures were exact, and with the margin in which noise lies for sure.
    Cells are one force, theme and quarter, and one force, theme, directorate and quarter.
    """
    wide, leaf = (
        world.counts("force", "theme", "period"),
        world.counts("force", "theme", "directorate", "period"),
    )
    small = [key for key, count in wide.items() if 1 <= count <= 4]
    small += [key for key, count in leaf.items() if 1 <= count <= 4]
    problems: dict[tuple[str, int], Problem] = {}
    found = {"read as exact": Pinned(), "read with margins": Pinned()}
    for at in chance.choice(len(small), size=min(targets, len(small)), replace=False):
        force, theme, *rest = small[at]
        quarter = rest[-1]
        key = (force, quarter.year)
        if key not in problems:
            problems[key] = problem(rows, world, *key, sigma)
        names = {"theme": theme, "quarter": quarter}
        if len(rest) == 2:
            names["directorate"] = rest[0]
        true = leaf[small[at]] if len(rest) == 2 else wide[small[at]]
        chosen = problems[key].where(**names)
        for reading, sure in (("read as exact", 0.0), ("read with margins", SURE)):
            found[reading].add(true, problems[key].interval(chosen, sure))
    return found


def decode(rows: list[Row], world: World, sigma: dict) -> tuple[float, float]:
    """A5: how well a fit to all releases tells occupied cells from empty ones, and a baseline.

    The baseline knows the true sizes of themes, directorates and quarters and nothing else; both
    numbers are areas under the curve, 0.5 for guessing.
    """
    truth = world.counts("force", "theme", "directorate", "period")
    theme, directorate = world.counts("force", "theme"), world.counts("force", "directorate")
    quarter = world.counts("force", "period")
    guesses, fits, occupied = [], [], []
    for force in sorted({m.force for m in world.matters}):
        for year in sorted({q.year for q in world.quarters}):
            posed = problem(rows, world, force, year, sigma)
            fits += list(_fit(posed))
            for t, d, q in posed.cells:
                guesses.append(theme[force, t] * directorate[force, d] * quarter[force, q])
                occupied.append(truth[force, t, d, q] > 0)
    return area(fits, occupied), area(guesses, occupied)


def _fit(posed: Problem) -> np.ndarray:
    """Return the cells, nowhere negative, that miss the published figures by least in all."""
    count, sums = len(posed.cells), posed.sums.shape[0]
    weights = 1 / np.maximum(posed.margins, 1e-9)
    costs = np.concatenate([np.zeros(count), weights, weights])
    slack = identity(sums, format="csr")
    found = linprog(
        costs, A_eq=hstack([posed.sums, slack, -slack]), b_eq=posed.values, method="highs"
    )
    return found.x[:count]


def area(scores, positives) -> float:
    """Return the area under the curve of `scores` against `positives`; ties count half."""
    groups = defaultdict(lambda: [0, 0])
    for score, positive in zip(scores, positives, strict=True):
        groups[round(float(score), 9)][bool(positive)] += 1
    won = negatives = 0
    for _score, (no, yes) in sorted(groups.items()):
        won += yes * (negatives + no / 2)
        negatives += no
    return won / (negatives * (len(positives) - negatives))
