"""Words speak of whole years, keep quiet about chance, and never of less than two years."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.trends.disclosure import Figure
from app.trends.domain import Period, PeriodKind, Table
from app.trends.releases import ReleasedTable
from app.trends.trend_words import Point, TrendWord, added, compare, series, unrest
from tests.proof import examples
from tests.trends.plans import START, small_plan

PLAN = small_plan()


def points(values, first=START, variance=4):
    return [
        Point(first.moved(at), Fraction(value), Fraction(variance))
        for at, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ([20] * 7, TrendWord.NOT_ENOUGH),
        ([], TrendWord.NOT_ENOUGH),
        ([20] * 8, TrendWord.NO_CLEAR_CHANGE),
        ([0] * 8, TrendWord.NO_CLEAR_CHANGE),
        ([20] * 4 + [40] * 4, TrendWord.HIGHER),
        ([40] * 4 + [20] * 4, TrendWord.LOWER),
        ([20] * 4 + [23] * 4, TrendWord.NO_CLEAR_CHANGE),
        # What was long ago is not the year before.
        ([90] * 4 + [20] * 8, TrendWord.NO_CLEAR_CHANGE),
    ],
)
def test_one_year_against_the_year_before(values, word):
    assert compare(points(values)).word is word


def test_the_bound_is_exact():
    """A - B against 2.58 times the square root of A + B + 8 * 4, to the last concern."""
    for extra in range(60):
        found = compare(points([10] * 4 + [10, 10, 10, 10 + extra])).word
        clear = extra**2 >= Fraction(258, 100) ** 2 * (80 + extra + 32)
        if unrest(points([10] * 7 + [10 + extra])) == 1:
            assert (found is TrendWord.HIGHER) == clear, extra


@given(st.lists(st.integers(0, 80), min_size=8, max_size=20))
@examples()
def test_turned_round_in_time_a_rise_is_a_fall(values):
    """With exactly two years: what is higher read forwards is lower read backwards."""
    words = {
        TrendWord.HIGHER: TrendWord.LOWER,
        TrendWord.LOWER: TrendWord.HIGHER,
        TrendWord.NO_CLEAR_CHANGE: TrendWord.NO_CLEAR_CHANGE,
    }
    two_years = values[:8]
    assert compare(points(two_years[::-1])).word is words[compare(points(two_years)).word]


@given(st.lists(st.integers(0, 80), min_size=8, max_size=8), st.integers(0, 400))
@examples()
def test_more_noise_never_makes_a_word(values, more):
    quiet, loud = compare(points(values, variance=4)), compare(points(values, variance=4 + more))
    if quiet.word is TrendWord.NO_CLEAR_CHANGE and unrest(points(values)) == 1:
        assert loud.word is TrendWord.NO_CLEAR_CHANGE


def test_a_restless_series_needs_more():
    restless = [5, 45, 5, 45, 20, 60, 20, 60]
    steady = [25] * 4 + [40] * 4
    assert sum(restless[4:]) - sum(restless[:4]) == sum(steady[4:]) - sum(steady[:4])
    assert compare(points(restless)).word is TrendWord.NO_CLEAR_CHANGE
    assert compare(points(steady)).word is TrendWord.HIGHER
    assert unrest(points(restless)) > 10
    assert unrest(points([20] * 8)) == 1
    assert unrest([]) == 1


def half(text, value):
    return Point(Period.parse(text), Fraction(value), Fraction(4))


def test_halves_and_years_are_compared_as_years():
    halves = [half("2023H1", 10), half("2023H2", 20), half("2024H1", 60), half("2024H2", 60)]
    found = compare(halves)
    assert (found.word, found.now, found.before) == (TrendWord.HIGHER, 120, 30)
    assert compare([half("2023", 50), half("2024", 52)]).word is TrendWord.NO_CLEAR_CHANGE
    assert compare([half("2023", 50)]).word is TrendWord.NOT_ENOUGH


def test_after_a_change_of_cadence_the_last_whole_years_are_compared():
    halves = [half("2022H1", 10), half("2022H2", 10), half("2023H1", 40), half("2023H2", 40)]
    quarter = half("2024Q1", 500)
    found = compare([*halves, quarter])
    assert (found.word, found.until) == (TrendWord.HIGHER, Period.parse("2023H2"))


def test_a_gap_ends_the_comparison():
    broken = points([20] * 4) + points([40] * 4, first=START.moved(5))
    assert compare(broken).word is TrendWord.NOT_ENOUGH
    assert compare(broken + points([40] * 4, first=START.moved(9))).word is not TrendWord.HIGHER


def table(period, *figures):
    return ReleasedTable(Table.TH, Period.parse(period), "f", tuple(figures))


def test_a_theme_published_with_others_counts_as_its_share():
    tables = [
        table("2023Q2", Figure(("t0",), 9, 5, 13), Figure(("t1", "t2", "t3"), 6, 0, 13)),
        table("2023Q1", Figure(("t0", "t1"), 7, 1, 13), Figure(("t2",), 8, 4, 12)),
    ]
    found = series(PLAN, tables, "t0")
    assert [(str(p.period), p.value, p.variance) for p in found] == [
        ("2023Q1", Fraction(7, 2), 6),
        ("2023Q2", 9, 4),
    ]
    assert [p.value for p in series(PLAN, tables, "t1")] == [Fraction(7, 2), 2]
    assert series(PLAN, tables, "unheard") == ()


def test_the_alliance_is_the_sum_of_its_forces():
    one, other = points([10, 20, 30]), points([5, 5], first=START.next())
    found = added([one, other])
    assert [(p.period, p.value, p.variance) for p in found] == [
        (START.next(), 25, 8),
        (START.moved(2), 35, 8),
    ]
    assert added([]) == ()


def test_false_arrows_are_rare_and_a_doubling_is_seen():
    """A sketch of `benchmarks/trend_words.py`, which takes the whole way: rates on values alone."""
    chance = np.random.default_rng(8)
    shown = seen = 0
    for _ in range(300):
        calm = chance.poisson(25, 8) + np.rint(chance.normal(0, 2, 8))
        rise = np.concatenate([calm[:4], chance.poisson(50, 4)])
        shown += compare(points([int(v) for v in calm])).word is not TrendWord.NO_CLEAR_CHANGE
        seen += compare(points([int(v) for v in rise])).word is TrendWord.HIGHER
    assert shown / 300 <= 0.03
    assert seen / 300 >= 0.9


def test_period_kinds_are_weighed_by_their_quarters():
    assert [kind.value for kind in PeriodKind] == [1, 2, 4]
