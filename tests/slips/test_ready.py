"""Slips leave the box in company, or when nothing more of their period is to come."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.slips.domain import (
    FEWEST_TOGETHER,
    LAST_CALL,
    Clear,
    counted_by,
    last_day_of,
    quarter_of,
    ready,
    year_of,
)

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
SLIPS = st.builds(
    Clear,
    id=st.binary(min_size=16, max_size=16),
    force=st.sampled_from("ab"),
    period=st.sampled_from(["2026Q3", "2026Q4", "2026"]),
    kind=st.sampled_from(["entry", "closure"]),
)


@given(DAYS)
def test_a_day_lies_in_its_quarter_and_its_year(day):
    for period, days in ((quarter_of(day), 92), (year_of(day), 366)):
        last = last_day_of(period)
        assert last - timedelta(days=days) < day <= last
        assert (quarter_of(last), year_of(last))["Q" not in period] == period
        assert period not in {
            quarter_of(last + timedelta(days=1)),
            year_of(last + timedelta(days=1)),
        }


def test_the_quarters_of_a_year():
    assert [quarter_of(date(2026, month, 28)) for month in (1, 3, 4, 6, 7, 9, 10, 12)] == [
        "2026Q1", "2026Q1", "2026Q2", "2026Q2", "2026Q3", "2026Q3", "2026Q4", "2026Q4",
    ]  # fmt: skip


@given(
    st.lists(SLIPS, unique_by=lambda slip: slip.id), st.dates(date(2026, 6, 1), date(2027, 3, 1))
)
def test_nothing_goes_alone_before_its_last_call(slips, today):
    going = set(ready(slips, today))
    groups = Counter((slip.force, slip.kind, slip.period) for slip in slips)
    for slip in slips:
        is_over = today > last_day_of(slip.period) + LAST_CALL
        in_company = groups[slip.force, slip.kind, slip.period] >= FEWEST_TOGETHER
        assert (slip.id in going) == (is_over or in_company)


def test_a_period_is_counted_by_the_data_of_its_last_quarter():
    found = {text: counted_by(text) for text in ("2026Q1", "2026Q4", "2026")}
    assert found == {
        "2026Q1": date(2026, 1, 1), "2026Q4": date(2026, 10, 1), "2026": date(2026, 10, 1),
    }  # fmt: skip


def test_the_last_call_is_long_before_the_freeze():
    from app.trends.domain import Period, Table
    from app.trends.publication import freeze_day, publication_plan

    plan = publication_plan()
    for period in ("2026Q1", "2026Q4", "2026"):
        frozen_on = freeze_day(plan, Table.QT, Period.parse(period))
        # A week for the hand-over, and a month in which a worker may be away.
        assert last_day_of(period) + LAST_CALL + timedelta(days=37) < frozen_on
