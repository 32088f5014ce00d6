"""Whatever the noise was: figures are whole, nowhere negative, never small, and add up."""

from fractions import Fraction
from inspect import getsource
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.trends import disclosure
from app.trends.disclosure import (
    Figure,
    alone,
    margin,
    only_total,
    project,
    rolled_up,
    under_total,
    whole_numbers,
    with_total,
)
from app.trends.domain import ALL, Table
from tests.proof import examples
from tests.trends.plans import counted, quiet, small_plan
from tests.trends.plans import given as noise

LABELS = ["t0", "t1", "t2", "t3"]
counts = st.lists(st.integers(0, 60), min_size=4, max_size=4).map(
    lambda numbers: dict(zip(LABELS, numbers, strict=True))
)
noises = st.lists(st.integers(-25, 25), min_size=5, max_size=5)
totals = st.integers(0, 200).filter(lambda total: total not in range(1, 5))
PLAN = small_plan()


def fit_to_publish(figures, total):
    """What holds of every published table."""
    assert sum(figure.value for figure in figures) == total
    members = [member for figure in figures for member in figure.members]
    assert sorted(members) == LABELS
    together = [figure for figure in figures if len(figure.members) > 1]
    assert len(together) <= 1
    for figure in figures:
        assert figure.value not in range(1, 5)
        assert 0 <= figure.lower <= figure.value <= figure.upper
        assert figure.value >= 5 or len(figure.members) == len(LABELS)


@given(counts, noises)
@examples(250)
def test_themes_and_their_total_agree(true, drawn):
    figures, total = with_total(PLAN, LABELS, true, sum(true.values()), noise(drawn))
    assert total.members == (ALL,)
    assert total.value not in range(1, 5)
    fit_to_publish(figures, total.value)


@given(counts, noises, totals)
@examples(250)
def test_a_table_adds_up_to_the_total_published_before(true, drawn, total):
    for table in Table:
        fit_to_publish(under_total(PLAN, table, LABELS, true, total, noise(drawn)), total)


@given(counts, noises)
@examples(250)
def test_a_table_alone_adds_up_to_something_not_small(true, drawn):
    figures = alone(PLAN, Table.OY, LABELS, true, noise(drawn))
    total = sum(figure.value for figure in figures)
    assert total not in range(1, 5)
    fit_to_publish(figures, total)


@given(counts, st.lists(st.integers(-20, 20), min_size=5, max_size=5))
@examples(250)
def test_the_rules_look_at_noisy_values_alone(true, drawn):
    """P3. One concern more, with one less of noise, is the same release: cells, rows and all."""
    more = true | {"t1": true["t1"] + 1}
    less = [drawn[0], drawn[1] - 1, *drawn[2:]]
    whole = sum(true.values())
    one = with_total(PLAN, LABELS, true, whole, noise(drawn))
    # The total's own noise gives back what the total's count took.
    other = with_total(PLAN, LABELS, more, whole + 1, noise([*less[:4], less[4] - 1]))
    assert one == other
    assert alone(PLAN, Table.OY, LABELS, true, noise(drawn)) == alone(
        PLAN, Table.OY, LABELS, more, noise(less)
    )
    assert under_total(PLAN, Table.DY, LABELS, true, 80, noise(drawn)) == under_total(
        PLAN, Table.DY, LABELS, more, 80, noise(less)
    )


def test_every_cell_gets_noise_the_empty_ones_too():
    draw, asked = counted()
    with_total(PLAN, LABELS, {}, 0, draw)
    assert asked == [Table.TH] * 4 + [Table.QT]
    draw, asked = counted()
    under_total(PLAN, Table.DY, LABELS, {"t0": 9}, 9, draw)
    assert asked == [Table.DY] * 4
    draw, asked = counted()
    only_total(PLAN, 9, draw)
    assert asked == [Table.QT]


def test_the_two_measurements_of_a_total_weigh_as_much_as_they_are_sure():
    """Sum of cells 40 with variance 16, total 90 with variance 9: agreed at 40 + 50 * 16/25."""
    figures, total = with_total(
        PLAN, LABELS, dict.fromkeys(LABELS, 10), 40, noise([0, 0, 0, 0, 50])
    )
    assert total.value == 72
    assert [figure.value for figure in figures] == [18, 18, 18, 18]


def test_without_noise_large_cells_are_as_they_are():
    true = {"t0": 30, "t1": 12, "t2": 2, "t3": 4}
    figures, total = with_total(PLAN, LABELS, true, 48, quiet)
    assert total == Figure((ALL,), 48, 42, 54)
    assert figures == (
        Figure(("t0",), 30, 26, 34),
        Figure(("t1",), 12, 8, 16),
        Figure(("t2", "t3"), 6, 0, 12),
    )
    assert figures[2].key == "t2|t3"


@pytest.mark.parametrize(
    ("count", "published"), [(0, 0), (1, 0), (2, 0), (3, 5), (4, 5), (5, 5), (6, 6), (-3, 0)]
)
def test_a_total_is_nought_or_not_small(count, published):
    assert only_total(PLAN, count, quiet).value == published


@given(
    st.lists(st.fractions(-50, 50, max_denominator=61), min_size=1, max_size=14),
    st.integers(0, 200),
)
@examples(250)
def test_the_projection_is_the_nearest_point(values, total):
    found = project(values, total)
    assert sum(found) == total or (total == 0 and not any(found))
    assert min(found) >= 0
    # Every cell that is left moved by the same; whatever was cut lies no higher than that.
    moved = {value - left for value, left in zip(values, found, strict=True) if left}
    assert len(moved) <= 1
    for value, left in zip(values, found, strict=True):
        assert left or not moved or value <= max(moved)


@given(st.lists(st.fractions(0, 50, max_denominator=61), min_size=1, max_size=14))
@examples(250)
def test_rounding_keeps_the_sum_and_moves_no_cell_by_one(values):
    rest = Fraction(round(sum(values)) - sum(values))
    values[0] += max(rest, -values[0])
    if sum(values).denominator != 1:
        return
    found = whole_numbers(values, int(sum(values)))
    assert sum(found) == sum(values)
    assert all(abs(a - b) < 1 for a, b in zip(found, values, strict=True))
    assert min(found) >= 0


@given(st.lists(st.integers(0, 12), min_size=2, max_size=13))
@examples(250)
def test_small_rows_go_together_at_least_two_and_not_small(values):
    named, small = rolled_up(values, 5)
    assert sorted(named + small) == list(range(len(values)))
    assert all(values[at] >= 5 for at in named)
    if small:
        assert len(small) >= 2
        assert sum(values[at] for at in small) >= 5 or not named
    else:
        assert min(values) >= 5


@pytest.mark.parametrize("table", Table)
@pytest.mark.parametrize("cells", [1, 2, 3, 7, 13])
def test_a_margin_is_two_standard_deviations_rounded_up(table, cells):
    wide = 2 * sqrt(PLAN.sigma2[table] * cells)
    assert wide <= margin(PLAN, table, cells) + 1e-9
    assert margin(PLAN, table, cells) < wide + 1


def test_a_cell_outside_the_plan_is_refused():
    with pytest.raises(ValueError, match="does not publish"):
        alone(PLAN, Table.OY, LABELS, {"elsewhere": 1}, quiet)


def test_no_rule_may_see_a_true_count():
    """Counts are named in one function alone: the one that adds the noise."""
    for function in (project, whole_numbers, rolled_up, disclosure._published, disclosure._settled):
        assert "counts" not in getsource(function)
