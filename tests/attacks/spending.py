"""P5: the ledger, replayed from what was published by somebody who was never shown a ledger."""

from collections import defaultdict
from fractions import Fraction

from app.trends.domain import Table
from app.trends.publication import publication_plan, rho
from tests.attacks.reading import Row

CAP = Fraction(3, 10)


def most_spent(rows: list[Row]) -> Fraction:
    """Return the most that one matter spent: every table in every release that counts it."""
    plan = publication_plan()
    spent = defaultdict(Fraction)
    for _release, table, force, period in {(r.release, r.table, r.force, r.period) for r in rows}:
        for quarter in period.quarters:
            spent[force, quarter] += rho(plan, Table(table))
    return max(spent.values())
