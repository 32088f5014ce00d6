"""The ledger never holds more than its cap of any matter, in exact fractions, whatever happens."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.errors import Conflict
from app.trends.calendar import NothingDue
from app.trends.domain import Cadence, Period, Table
from app.trends.ledger import (
    BY_CLOSURE,
    BY_ENTRY,
    AlreadySpent,
    OverCap,
    Spent,
    check_spending,
    most_spent,
)
from app.trends.publication import rho
from app.trends.store import Ledger
from tests.proof import examples
from tests.trends.statistics_side import NORTH, SOUTH, Side, plans, quarter

CAP = Fraction(3, 10)
PERIODS = [
    Period.parse(text)
    for text in ("2025Q1", "2025Q2", "2025Q3", "2025Q4", "2025H1", "2025H2", "2025", "2026Q1")
]
SPENDS = st.builds(
    Spent,
    st.sampled_from([NORTH, SOUTH]),
    st.sampled_from(list(Table)),
    st.sampled_from(PERIODS),
    st.sampled_from([Fraction(1, 8), Fraction(1, 18), Fraction(1, 32), Fraction(1, 7)]),
)


def spent_by(entries, force, entered, closed):
    """What one matter spends, added up the long way: the definition, and no shortcut."""
    total = Fraction()
    for entry in entries:
        of_it = entered if entry.table in BY_ENTRY else closed
        if entry.force == force and of_it in entry.period.quarters:
            total += entry.rho
    return total


QUARTERS = [*Period.parse("2025").quarters, Period.parse("2026Q1")]
MATTERS = [(f, q, c) for f in (NORTH, SOUTH) for q in QUARTERS for c in QUARTERS]


@given(st.lists(SPENDS, max_size=12))
@examples()
def test_the_most_is_what_the_worst_matter_spends(entries):
    worst = max(spent_by(entries, *matter) for matter in MATTERS)
    assert most_spent(entries) == worst


@given(st.lists(SPENDS, max_size=25))
@examples()
def test_no_matter_ever_spends_more_than_the_cap(asked):
    ledger = []
    for new in asked:
        try:
            check_spending(ledger, [new], cap=CAP)
        except (AlreadySpent, OverCap):
            continue
        ledger.append(new)
    assert all(spent_by(ledger, *matter) <= CAP for matter in MATTERS)
    keys = [(e.force, e.table, q) for e in ledger for q in e.period.quarters]
    assert len(keys) == len(set(keys)), "no quarter of a table twice"


def test_the_cap_may_be_reached_and_not_passed():
    entry = Spent(NORTH, Table.TH, quarter("2025Q1"), Fraction(1, 10))
    closing = [
        Spent(NORTH, table, quarter("2025"), Fraction(1, 10))
        for table in sorted(BY_CLOSURE, key=str)
    ]
    check_spending([entry], closing, cap=CAP)
    with pytest.raises(OverCap):
        check_spending([replace(entry, rho=Fraction(1, 10) + Fraction(1, 10**9))], closing, cap=CAP)


def test_a_year_does_not_count_its_quarters_again():
    quarterly = Spent(NORTH, Table.TH, quarter("2025Q1"), Fraction(1, 100))
    for period in ("2025Q1", "2025H1", "2025"):
        with pytest.raises(AlreadySpent):
            check_spending([quarterly], [replace(quarterly, period=quarter(period))], cap=CAP)
    check_spending([quarterly], [replace(quarterly, period=quarter("2025H2"))], cap=CAP)


@pytest.mark.parametrize("cadence", list(Cadence))
def test_three_years_of_freezes_stay_under_the_cap(statistics, clock, cadence):
    side = Side(statistics, clock, plans(cadence=cadence))
    for year in (2025, 2026, 2027):
        for part in quarter(str(year)).quarters:
            try:
                side.freeze(str(part))
            except NothingDue:
                assert cadence is Cadence.GROUPS
    with side.reading() as work:
        spent = Ledger(work.session).of()
    assert spent
    assert most_spent(spent) == sum(rho(side.plans.newest, table) for table in Table)
    assert most_spent(spent) <= side.plans.newest.cap


def test_the_database_refuses_what_the_arithmetic_would(statistics, clock):
    """Two freezes that both passed the check, one before the other's commit."""
    side = Side(statistics, clock)
    side.freeze("2025Q1")
    again = Spent(NORTH, Table.QT, quarter("2025H1"), Fraction(1, 18))
    with side.reading() as work:
        intent = work.session.execute(text("SELECT intent FROM trends_freeze")).scalar()
    with pytest.raises(Conflict), side.writing() as work:
        Ledger(work.session).add(again, number=1, plan_version=1, intent=intent)
