"""Invented matters of the demonstration, the same at every start.

They are shaped so that a page has something to show: themes that rose, themes that fell, and
many that did not change clearly.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TypeVar

from app.trends.domain import Closure, Entry, Period, PeriodKind
from app.trends.publication import PublicationPlan

Label = TypeVar("Label", bound=str)

A_QUARTER = {"a": 78, "b": 53, "c": 21}  # matters that a force may expect
CLOSED_IN_A_HUNDRED = 93
THEMES = {
    "information-media": 17, "discrimination": 11, "bullying": 10, "leadership": 10,
    "sexual-misconduct": 9, "duty-safety": 9, "force-custody": 8, "money-gifts": 6,
    "speaking-up": 6, "evidence": 5, "links-drugs": 4, "violence-abuse": 3, "not-yet": 2,
}  # fmt: skip
# What a theme is multiplied by, in tenths, from a quarter on.
CHANGES = {
    ("a", "sexual-misconduct"): (Period.parse("2025Q2"), 26),
    ("b", "bullying"): (Period.parse("2025Q1"), 26),
    ("b", "information-media"): (Period.parse("2025Q1"), 3),
}
DIRECTORATES = {
    "neighbourhood": 24, "response": 30, "crime": 18, "operations": 11, "corporate": 9,
    "unknown": 8, "policing": 52, "investigations": 30,
}  # fmt: skip
OUTCOMES = {"learning": 33, "no-action": 30, "formal": 14, "intelligence": 12, "another-way": 11}
BANDS = {"4-weeks": 24, "3-months": 39, "12-months": 28, "longer": 9}


class Dice:
    """Chance that is the same at every start: numbers from a hash of what they are for."""

    def __init__(self, *purpose: str) -> None:
        self._purpose = "/".join(("candour/demonstration", *purpose))
        self._thrown = 0

    def below(self, bound: int) -> int:
        """Return a number from 0 to `bound` - 1, each as likely as the others."""
        size = max(8, (bound - 1).bit_length() // 8 + 8)  # bytes: what is uneven in them is nothing
        content = b""
        while len(content) < size:
            self._thrown += 1
            content += sha256(f"{self._purpose}/{self._thrown}".encode()).digest()
        return int.from_bytes(content[:size]) % bound

    def arrivals(self, expected: int) -> int:
        """Return how many of ten times as many chances came true, each one in ten."""
        return sum(self.below(10) == 0 for _chance in range(10 * expected))

    def one_of(self, weights: Mapping[Label, int]) -> Label:
        """Return one of the labels, as likely as its weight says."""
        at = self.below(sum(weights.values()))
        *others, last = weights
        for label in others:
            at -= weights[label]
            if at < 0:
                return label
        return last


def invented_entries(plan: PublicationPlan, force: str, quarter: Period) -> Sequence[Entry]:
    """Return the matters of a force whose triage ended in a quarter."""
    dice = Dice("entries", force, str(quarter))
    themes = {theme: 10 * weight for theme, weight in THEMES.items()}
    for (where, theme), (since, tenths) in CHANGES.items():
        if where == force and quarter >= since:
            themes[theme] = themes[theme] * tenths // 10
    # What rises in one theme brings more matters, and takes none from the others.
    expected = A_QUARTER[force] * sum(themes.values()) // (10 * sum(THEMES.values()))
    places = _known(DIRECTORATES, [one.id for one in plan.force(force).directorates])
    return [Entry(dice.one_of(themes), dice.one_of(places)) for _ in range(dice.arrivals(expected))]


def invented_closures(plan: PublicationPlan, force: str, year: Period) -> Sequence[Closure]:
    """Return the matters of a force that were closed in a year."""
    if year.kind is not PeriodKind.YEAR:
        raise ValueError("closures are counted by year")
    dice = Dice("closures", force, str(year))
    count = dice.arrivals(4 * A_QUARTER[force] * CLOSED_IN_A_HUNDRED // 100)
    outcomes = _known(OUTCOMES, [one.id for one in plan.outcomes])
    bands = _known(BANDS, [one.id for one in plan.bands])
    return [Closure(dice.one_of(outcomes), dice.one_of(bands)) for _ in range(count)]


def _known(weights: Mapping[str, int], labels: Sequence[str]) -> dict[str, int]:
    return {label: weights[label] for label in labels}
