"""Disclosure control: from true counts to figures that may stand for ever.

Noise first, rules afterwards. Whatever is rounded, projected or rolled up looks at the noisy
values alone: a rule that looks at a true count is itself a release of that count.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from app.trends.domain import ALL, Table
from app.trends.publication import PublicationPlan

Draw = Callable[[Table], int]  # one value of noise for a cell of that table
JOIN = "|"


@dataclass(frozen=True, slots=True)
class Figure:
    """A published number; with more than one member it is "all others" of its table.

    `lower` and `upper` are two standard deviations of the added noise away.
    """

    members: tuple[str, ...]
    value: int
    lower: int
    upper: int

    @property
    def key(self) -> str:
        """Its name among the figures of its table."""
        return JOIN.join(self.members)


def with_total(
    plan: PublicationPlan,
    labels: Sequence[str],
    counts: Mapping[str, int],
    true_total: int,
    draw: Draw,
) -> tuple[tuple[Figure, ...], Figure]:
    """Return the figures of the themes and of their total, measured in the same period.

    The total is measured twice, by itself and as the sum of the cells; each of the two
    measurements weighs as much as it is sure.
    """
    noisy = _noisy(Table.TH, labels, counts, draw)
    total = true_total + draw(Table.QT)
    cell, whole = plan.sigma2[Table.TH], plan.sigma2[Table.QT]
    share = Fraction(cell * (total - sum(noisy)), len(noisy) * cell + whole)
    reconciled = [value + share for value in noisy]
    agreed = _settled(plan, round(sum(reconciled)))
    figures = _published(plan, Table.TH, labels, reconciled, agreed)
    return figures, _figure(plan, Table.QT, (ALL,), agreed)


def under_total(
    plan: PublicationPlan,
    table: Table,
    labels: Sequence[str],
    counts: Mapping[str, int],
    total: int,
    draw: Draw,
) -> tuple[Figure, ...]:
    """Return the figures of a table whose total is published already; they add up to it."""
    noisy = [Fraction(value) for value in _noisy(table, labels, counts, draw)]
    return _published(plan, table, labels, noisy, total)


def alone(
    plan: PublicationPlan,
    table: Table,
    labels: Sequence[str],
    counts: Mapping[str, int],
    draw: Draw,
) -> tuple[Figure, ...]:
    """Return the figures of a table that has no total but the sum of its own cells."""
    noisy = [Fraction(value) for value in _noisy(table, labels, counts, draw)]
    return _published(plan, table, labels, noisy, _settled(plan, round(sum(noisy))))


def only_total(plan: PublicationPlan, count: int, draw: Draw) -> Figure:
    """Return the figure of a total whose themes are published later, over a longer period."""
    return _figure(plan, Table.QT, (ALL,), _settled(plan, count + draw(Table.QT)))


def project(values: Sequence[Fraction], total: int) -> list[Fraction]:
    """Return the point nearest to `values` that is nowhere negative and adds up to `total`.

    Source: Held, Wolfe and Crowder, "Validation of subgradient optimization", 1974.
    """
    if total == 0:
        return [Fraction(0)] * len(values)
    lowered = running = Fraction(0)
    for place, value in enumerate(sorted(values, reverse=True), start=1):
        running += value
        step = (running - total) / place
        if value <= step:
            break
        lowered = step
    return [max(Fraction(0), value - lowered) for value in values]


def whole_numbers(values: Sequence[Fraction], total: int) -> list[int]:
    """Return whole numbers next to `values` that add up to `total`: largest remainder first."""
    floors = [value.numerator // value.denominator for value in values]
    by_remainder = sorted(range(len(values)), key=lambda at: (floors[at] - values[at], at))
    for at in by_remainder[: total - sum(floors)]:
        floors[at] += 1
    return floors


def rolled_up(values: Sequence[int], threshold: int) -> tuple[list[int], list[int]]:
    """Return the places that keep their own name, and those that go together.

    Everything below `threshold` goes together, at least two of them, and together not below it
    if anything is left that could be added.
    """
    small = [at for at, value in enumerate(values) if value < threshold]
    named = sorted(
        (at for at, value in enumerate(values) if value >= threshold),
        key=lambda at: (values[at], at),
    )
    while small and named and (len(small) < 2 or sum(values[at] for at in small) < threshold):
        small.append(named.pop(0))
    return sorted(named), sorted(small)


def margin(plan: PublicationPlan, table: Table, cells: int = 1) -> int:
    """Return two standard deviations of the noise in `cells` cells together, rounded up."""
    square = 4 * plan.sigma2[table] * cells
    root = isqrt(square)
    return root if root * root == square else root + 1


def _noisy(table: Table, labels: Sequence[str], counts: Mapping[str, int], draw: Draw) -> list[int]:
    if not set(counts) <= set(labels):
        raise ValueError(f"{table.value} counts a cell that the plan does not publish")
    # Empty cells too: a nought without noise says that nobody was there.
    return [counts.get(label, 0) + draw(table) for label in labels]


def _settled(plan: PublicationPlan, total: int) -> int:
    """Return a total that is nought or not small: one of 1 to 4 would invite guesses at whom."""
    if total >= plan.threshold:
        return total
    return plan.threshold if 2 * total > plan.threshold else 0


def _published(
    plan: PublicationPlan,
    table: Table,
    labels: Sequence[str],
    noisy: Sequence[Fraction],
    total: int,
) -> tuple[Figure, ...]:
    values = whole_numbers(project(noisy, total), total)
    named, small = rolled_up(values, plan.threshold)
    figures = [_figure(plan, table, (labels[at],), values[at]) for at in named]
    if small:
        members = tuple(labels[at] for at in small)
        figures.append(_figure(plan, table, members, sum(values[at] for at in small)))
    return tuple(figures)


def _figure(plan: PublicationPlan, table: Table, members: tuple[str, ...], value: int) -> Figure:
    wide = margin(plan, table, len(members))
    return Figure(members, value, max(0, value - wide), value + wide)
