"""The XmR chart: a series, the limits of its usual unrest, and what stands out of them.

Source: Wheeler, "Understanding Variation", 1993; the four rules as "Making Data Count" of NHS
England shows them. Volume is neither good nor bad here: a signal has no colour.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise

WIDTH = Fraction(266, 100)  # three standard deviations in moving ranges of two
LOCKED_AT = 12  # points; limits of fewer are trial limits and still move
RUN = 7
Value = Fraction | int


class Signal(enum.Enum):
    """Why a point stands out; the value is the page's words."""

    OUTSIDE = "outside the usual limits"
    ONE_SIDE = "seven or more in a row on one side of the average"
    TREND = "seven or more in a row going one way"
    NEAR_A_LIMIT = "two of three near one limit"


@dataclass(frozen=True, slots=True)
class Limits:
    """The average and how far a usual point lies from it."""

    average: Fraction
    lower: Fraction
    upper: Fraction
    trial: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Limits, if two points or more make any, and the signals of every point."""

    limits: Limits | None
    signals: tuple[frozenset[Signal], ...]


def chart(values: Sequence[Value]) -> Chart:
    """Return the limits of `values` and the signals among them.

    The limits come from the first twelve points and stay where they are: limits that follow the
    data hide what they are for.
    """
    limits = limits_of(values)
    if limits is None:
        return Chart(None, tuple(frozenset() for _value in values))
    found: list[set[Signal]] = [set() for _value in values]
    for signal, places in _all_signals(values, limits):
        for at in places:
            found[at].add(signal)
    return Chart(limits, tuple(frozenset(signals) for signals in found))


def limits_of(values: Sequence[Value]) -> Limits | None:
    """Return the limits, or None while there is no move to measure."""
    base = [Fraction(value) for value in values[:LOCKED_AT]]
    if len(base) < 2:
        return None
    average = sum(base, Fraction(0)) / len(base)
    moving = sum((abs(b - a) for a, b in pairwise(base)), Fraction(0)) / (len(base) - 1)
    lower, upper = average - WIDTH * moving, average + WIDTH * moving
    return Limits(average, max(Fraction(0), lower), upper, trial=len(base) < LOCKED_AT)


def _all_signals(values: Sequence[Value], limits: Limits) -> list[tuple[Signal, list[int]]]:
    # The lower limit is cut at nought; how near a point is to it is measured as if it were not.
    reach = limits.upper - limits.average
    above = [value - limits.average for value in values]
    near = 2 * reach / 3
    found: list[tuple[Signal, list[int]]] = [
        (Signal.OUTSIDE, [at for at, off in enumerate(above) if abs(off) > reach]),
    ]
    for sign in (1, -1):
        side = [off * sign for off in above]
        steps = [False] + [b > a for a, b in pairwise(side)]
        found += [
            (Signal.ONE_SIDE, _runs([off > 0 for off in side], RUN)),
            (Signal.TREND, _trend(steps)),
            (Signal.NEAR_A_LIMIT, _two_of_three([off > near for off in side])),
        ]
    return found


def _runs(holds: Sequence[bool], length: int) -> list[int]:
    found: list[int] = []
    for held, same in groupby(range(len(holds)), key=lambda at: holds[at]):
        run = list(same)
        found += run if held and len(run) >= length else []
    return found


def _trend(steps: Sequence[bool]) -> list[int]:
    """Seven points in a trend are six steps one way, and the point they begin at."""
    climbing = _runs(steps, RUN - 1)
    return sorted({*climbing, *(at - 1 for at in climbing)})


def _two_of_three(near: Sequence[bool]) -> list[int]:
    found: set[int] = set()
    for at in range(len(near) - 2):
        three = [place for place in range(at, at + 3) if near[place]]
        found |= set(three) if len(three) >= 2 else set()
    return sorted(found)
