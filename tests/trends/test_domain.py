"""Periods are written one way, nest and follow one another without gap or overlap."""

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.trends.domain import Period, PeriodKind, UnfitPeriod, quarter_of, year_of
from tests.proof import examples

periods = st.builds(
    lambda year, kind, part: Period(year, kind, part % (4 // kind.value) + 1),
    st.integers(1001, 2998),
    st.sampled_from(PeriodKind),
    st.integers(0, 3),
)


@given(periods)
@examples()
def test_a_period_reads_back_as_it_is_written(period):
    assert Period.parse(str(period)) == period


@given(periods)
@examples()
def test_periods_follow_one_another_without_a_gap(period):
    assert period.next().first_day == period.last_day + timedelta(days=1)
    assert period.next().previous() == period
    assert period < period.next()
    assert not period.next() < period


@given(periods)
@examples()
def test_a_period_is_its_quarters(period):
    quarters = period.quarters
    assert (quarters[0].first_day, quarters[-1].last_day) == (period.first_day, period.last_day)
    assert all(a.next() == b for a, b in pairwise(quarters))
    assert all(period.contains(quarter) for quarter in quarters)
    assert not period.contains(period.next())
    assert year_of(period.year).contains(period)


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)))
@examples()
def test_every_day_lies_in_the_quarter_of_that_day(day):
    quarter = quarter_of(day)
    assert quarter.first_day <= day <= quarter.last_day
    assert quarter.widened(PeriodKind.HALF).first_day <= day
    assert quarter.widened(PeriodKind.HALF).contains(quarter)
    assert quarter.widened(PeriodKind.YEAR) == year_of(day.year)


@pytest.mark.parametrize(
    "text",
    ["", "2025Q5", "2025Q0", "2025H3", "2025q3", " 2025", "2025Q3 ", "25Q3", "2025-Q3", "20251",
     "2025Q", "٢٠٢٥", "0999", "2025Q٣", "2025Q3\n"],
)  # fmt: skip
def test_nothing_else_is_a_period(text):
    with pytest.raises(UnfitPeriod):
        Period.parse(text)


@given(st.text())
@examples()
def test_any_text_is_a_period_or_refused(text):
    with suppress(UnfitPeriod):
        assert str(Period.parse(text)) == text


def test_a_quarter_is_neither_before_nor_after_a_year():
    with pytest.raises(TypeError):
        assert Period.parse("2025Q1") < Period.parse("2026")
    with pytest.raises(UnfitPeriod):
        Period.parse("2025").widened(PeriodKind.QUARTER)
    with pytest.raises(UnfitPeriod):
        Period(2025, PeriodKind.HALF, 3)


def test_days_of_the_three_kinds():
    assert Period.parse("2025Q3").first_day == date(2025, 7, 1)
    assert Period.parse("2025H2").last_day == date(2025, 12, 31)
    assert Period.parse("2024").last_day == date(2024, 12, 31)
    assert Period.parse("2025H2").moved(-3) == Period.parse("2024H1")
