"""The ledger as arithmetic: what has been spent of every matter, in exact fractions.

A matter is counted in one quarter when its triage ends and in one year when it is first closed.
Tables of disjoint periods never hold the same matter, so what a matter can spend in all is the
most that covers any quarter of entry, and the most that covers any year of closure.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from app.errors import Refused
from app.trends.domain import Period, Table

BY_ENTRY = frozenset({Table.TH, Table.QT, Table.DY})
BY_CLOSURE = frozenset({Table.OY, Table.CY})


class AlreadySpent(Refused):
    """A table was published already for a quarter that this freeze would count again."""


class OverCap(Refused):
    """Some matter would have spent more than the cap."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one published table has spent of every matter of its period."""

    force: str
    table: Table
    period: Period
    rho: Fraction


def most_spent(entries: Iterable[Spent]) -> Fraction:
    """Return the most that any one matter can have spent, of whichever force."""
    by_quarter: dict[tuple[str, bool, Period], Fraction] = defaultdict(Fraction)
    for entry in entries:
        for quarter in entry.period.quarters:
            by_quarter[entry.force, entry.table in BY_ENTRY, quarter] += entry.rho
    most: dict[tuple[str, bool], Fraction] = defaultdict(Fraction)
    for (force, by_entry, _quarter), rho in by_quarter.items():
        most[force, by_entry] = max(most[force, by_entry], rho)
    forces = {force for force, _by_entry in most}
    # One matter belongs to one force, and may meet the worst quarter and the worst year.
    return max((most[force, True] + most[force, False] for force in forces), default=Fraction())


def check_spending(before: Iterable[Spent], new: Iterable[Spent], *, cap: Fraction) -> None:
    """Check that `new` may be spent after `before`.

    Raises:
        AlreadySpent: if a table would count a quarter twice.
        OverCap: if a matter could spend more than `cap`.
    """
    spent = list(before)
    covered = {
        (entry.force, entry.table, quarter) for entry in spent for quarter in entry.period.quarters
    }
    for entry in new:
        for quarter in entry.period.quarters:
            key = (entry.force, entry.table, quarter)
            if key in covered:
                raise AlreadySpent(f"{entry.table.value} of {entry.force} has {quarter} already")
            covered.add(key)
        spent.append(entry)
    if most_spent(spent) > cap:
        raise OverCap(f"a matter would spend {most_spent(spent)} of {cap}")
