"""The four rules of the chart, each by a series that breaks it and by one that just does not."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.trends.xmr import LOCKED_AT, Signal, chart, limits_of
from tests.proof import examples

# Average 20, average move 2: limits 20 - 5.32 and 20 + 5.32.
CALM = [19, 21] * 6


def signals(*more):
    return list(chart([*CALM, *more]).signals[len(CALM) :])


def test_limits_are_the_average_and_266_hundredths_of_the_average_move():
    limits = limits_of(CALM)
    assert limits.average == 20
    assert limits.upper == 20 + Fraction(266, 100) * 2
    assert limits.lower == 20 - Fraction(266, 100) * 2
    assert not limits.trial


def test_a_calm_series_says_nothing():
    assert not any(chart(CALM).signals)


def test_a_point_outside_the_limits():
    assert signals(26) == [{Signal.OUTSIDE}]
    assert signals(14) == [{Signal.OUTSIDE}]
    assert signals(25) == [set()]


def test_seven_on_one_side():
    assert all(Signal.ONE_SIDE in found for found in signals(21, 22, 21, 22, 21, 22, 21))
    # The last calm point is above the average already: six more make seven.
    assert not any(signals(22, 21, 22, 21, 22))
    assert signals(20, 22, 21, 22, 21, 22, 21) == [set()] * 7


def test_seven_going_one_way():
    values = [*CALM, 18, 19, Fraction(39, 2), 20, 21, 22, 23]
    found = chart(values).signals
    assert all(Signal.TREND in each for each in found[12:])
    assert Signal.TREND not in found[11]
    assert not any(Signal.TREND in each for each in chart(values[:-1]).signals)


@pytest.mark.parametrize("far", [24, 16])
def test_two_of_three_near_a_limit(far):
    assert signals(far, 20, far) == [{Signal.NEAR_A_LIMIT}, set(), {Signal.NEAR_A_LIMIT}]
    assert signals(far, 20, 20, far) == [set()] * 4
    assert signals(24, 20, 16) == [set()] * 3


@given(st.lists(st.integers(0, 99), min_size=LOCKED_AT, max_size=30))
@examples()
def test_limits_are_locked_at_twelve_points(values):
    assert limits_of(values) == limits_of(values[:LOCKED_AT])
    assert len(chart(values).signals) == len(values)
    assert chart(values).limits.lower >= 0


@given(st.lists(st.integers(0, 99), min_size=2, max_size=LOCKED_AT - 1))
@examples(100)
def test_fewer_points_make_trial_limits(values):
    assert limits_of(values).trial


def test_one_point_makes_no_limits():
    assert chart([5]).limits is None
    assert chart([]).signals == ()


@given(st.lists(st.integers(40, 60), min_size=2, max_size=24))
@examples()
def test_up_and_down_are_treated_alike(values):
    """Volume is neither good nor bad. Away from nought, a mirrored series has mirrored signals."""
    assert chart(values).signals == chart([100 - value for value in values]).signals
