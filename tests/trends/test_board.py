"""A board's page shows published figures, says what the pure functions say, and nothing small."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.trends.board import board_of
from app.trends.disclosure import Figure, alone
from app.trends.domain import ALL, Period, Table
from app.trends.publication import publication_plan
from app.trends.ranking import SHARE_FROM
from app.trends.releases import ReleasedTable
from app.trends.trend_words import TrendWord, compare, series
from app.trends.wording import About, about, months_of, short_period, year_until
from app.trends.xmr import chart
from tests.trends.invented import tables_of

PLAN = publication_plan()
THEMES = [theme.id for theme in PLAN.themes]
NAMES = {theme.name: theme.id for theme in PLAN.themes}


def of_kind(tables, kind):
    return [table for table in tables if table.table is kind]


@pytest.fixture
def tables(invented_releases):
    return tables_of(invented_releases)


@pytest.fixture
def north(tables):
    return board_of(PLAN, {"a": tables["a"]})


def quarters(*names):
    return [Period.parse(name) for name in names]


def theme_table(period, figures, force="a"):
    made = tuple(
        Figure(tuple(key.split("|")), value, max(0, value - 4), value + 4)
        for key, value in figures.items()
    )
    return ReleasedTable(Table.TH, Period.parse(period), force, made)


def total_table(period, value, force="a"):
    return ReleasedTable(
        Table.QT, Period.parse(period), force, (Figure((ALL,), value, value - 6, value + 6),)
    )


def test_the_line_is_the_published_totals_with_the_limits_of_the_pure_function(north, tables):
    totals = of_kind(tables["a"], Table.QT)
    values = [table.total for table in totals]
    expected = chart(values)
    assert [moment.figure.value for moment in north.line.moments] == values
    assert [(m.figure.lower, m.figure.upper) for m in north.line.moments] == [
        (table.figures[0].lower, table.figures[0].upper) for table in totals
    ]
    assert north.line.limits == expected.limits
    assert not north.line.limits.trial
    assert [set(m.signals) for m in north.line.moments] == [set(s) for s in expected.signals]


def test_under_twelve_points_the_limits_are_on_trial(tables):
    eleven = of_kind(tables["a"], Table.QT)[:11]
    assert board_of(PLAN, {"a": eleven}).line.limits.trial
    assert board_of(PLAN, {"a": eleven[:1]}).line.limits is None


def test_an_unusual_figure_says_why(tables):
    totals = of_kind(tables["a"], Table.QT)
    high = replace(totals[-1], period=totals[-1].period.next(),
                   figures=(Figure((ALL,), 400, 394, 406),))  # fmt: skip
    board = board_of(PLAN, {"a": [*totals, high]})
    assert board.line.stands_out
    assert board.line.moments[-1].signals[0].value == "outside the usual limits"


@pytest.mark.parametrize("force", ["a", "b", "c"])
def test_every_word_is_that_of_the_pure_function(tables, force):
    board = board_of(PLAN, {force: tables[force]})
    named = {row.name: row.word for row in board.themes.rows if not row.members}
    named |= {one.name: one.word for row in board.themes.rows for one in row.members}
    assert len(named) == len(THEMES)
    for name, word in named.items():
        points = series(PLAN, of_kind(tables[force], Table.TH), NAMES[name])
        assert word is compare(points).word, name
    total = compare(series(PLAN, of_kind(tables[force], Table.QT), ALL))
    assert board.total.word is total.word
    assert board.total.figure.value == total.now
    assert board.total.before.value == total.before


def test_the_themes_that_rose_or_fell_are_named(tables):
    board = board_of(PLAN, {"b": tables["b"]})
    assert board.themes_that_are(TrendWord.HIGHER) == ["Bullying and favouritism"]
    fell = [theme_table("2024", {"bullying": 90, "evidence|discrimination|money-gifts": 90}),
            theme_table("2025", {"bullying": 20, "evidence|discrimination|money-gifts": 8})]  # fmt: skip
    lower = board_of(PLAN, {"a": fell}).themes_that_are(TrendWord.LOWER)
    assert lower == [
        "Bullying and favouritism", "Discrimination", "Money, gifts and business interests",
        "Evidence and crime recording",
    ]  # fmt: skip
    assert board_of(PLAN, {"b": []}).themes_that_are(TrendWord.HIGHER) == []


@pytest.mark.parametrize("of", ["a", "b", "c", "abc"])
def test_the_parts_of_a_year_add_up_to_what_was_published(tables, of):
    shown = {force: tables[force] for force in of}
    board = board_of(PLAN, shown)
    year = {Period.parse(f"2025Q{n}") for n in range(1, 5)}
    for ranking, kind in [
        (board.themes, Table.TH), (board.outcomes, Table.OY), (board.times, Table.CY),
        *([(board.directorates, Table.DY)] if len(of) == 1 else []),
    ]:  # fmt: skip
        assert ranking.year == "2025"
        published = sum(
            table.total
            for some in shown.values()
            for table in of_kind(some, kind)
            if set(table.period.quarters) <= year
        )
        assert abs(sum(row.figure.value for row in ranking.rows) - published) <= 1


@pytest.mark.parametrize("of", ["a", "b", "c", "abc"])
def test_nothing_from_one_to_four_is_shown(tables, of):
    board = board_of(PLAN, {force: tables[force] for force in of})
    rankings = [board.themes, board.directorates, board.outcomes, board.times]
    rows = [row for ranking in rankings if ranking for row in ranking.rows]
    assert rows
    shown = [row.figure for row in rows] + [row.before for row in rows if row.before]
    assert [str(figure) for figure in shown if 0 < figure.value < PLAN.threshold] == []


def test_the_largest_first_and_the_others_last(north):
    *named, last = north.themes.rows
    values = [row.figure.value for row in named]
    assert values == sorted(values, reverse=True)
    assert last.name == f"All other themes combined ({len(last.members)} themes)"
    assert last.word is last.before is None
    assert [row.name for row in north.times.rows][:2] == ["Up to 4 weeks", "4 weeks to 3 months"]


def test_an_alliance_is_the_sum_of_its_forces(tables):
    together = board_of(PLAN, tables)
    each = [board_of(PLAN, {force: tables[force]}) for force in tables]
    assert together.line.moments[-1].figure.value == sum(
        board.line.moments[-1].figure.value for board in each
    )
    assert together.total.figure.value == sum(board.total.figure.value for board in each)
    assert together.in_and_out.closed.value == sum(b.in_and_out.closed.value for b in each)
    assert together.directorates is None, "divided differently: not added up"


def test_an_alliance_waits_for_the_last_of_its_forces(tables):
    late = {**tables, "c": [t for t in tables["c"] if t.period.year < 2025]}
    board = board_of(PLAN, late)
    assert board.year == "2024"
    assert board.themes.year == "2024"
    assert board.line.moments[-1].period == Period.parse("2024Q4")
    none = board_of(PLAN, {**tables, "c": []})
    assert (none.line, none.total, none.themes, none.outcomes, none.in_and_out) == (None,) * 5


def test_forces_with_other_labels_are_not_added_up():
    year = [f"2025Q{n}" for n in range(1, 5)]
    of_a = [theme_table(quarter, {"bullying": 9, "evidence": 8}) for quarter in year]
    of_b = [theme_table("2025", {"treatment": 30, "culture": 20}, force="b")]
    assert board_of(PLAN, {"a": of_a, "b": of_b}).themes is None
    same = [theme_table("2025", {"bullying": 30, "evidence": 20}, force="b")]
    added = board_of(PLAN, {"a": of_a, "b": same}).themes
    assert [(row.name, row.figure.value) for row in added.rows] == [
        ("Bullying and favouritism", 66), ("Evidence and crime recording", 52),
    ]  # fmt: skip


def test_a_theme_half_alone_has_a_row_and_says_that_it_is_an_estimate():
    year = [
        theme_table("2025Q1", {"bullying": 9, "discrimination": 12, "evidence|money-gifts": 6}),
        theme_table("2025Q2", {"bullying": 7, "discrimination": 12, "evidence|money-gifts": 6}),
        theme_table("2025Q3", {"discrimination": 12, "bullying|evidence|money-gifts": 9}),
        theme_table("2025Q4", {"discrimination": 12, "bullying|evidence|money-gifts": 9}),
    ]
    themes = board_of(PLAN, {"a": year}).themes
    first, second, others = themes.rows
    assert (first.name, first.figure, first.is_estimate) == (
        "Discrimination", About(48, 40, 56), False,
    )  # fmt: skip
    assert (second.figure.value, second.alone, second.is_estimate) == (9 + 7 + 3 + 3, (2, 4), True)
    # Two published values, and two that could be anything below five.
    assert second.figure == about(22, 4 * 4 + 2 * Fraction(24, 12))
    assert others.figure.value == 94 - 48 - 22
    assert [one.name for one in others.members] == [
        "Money, gifts and business interests", "Evidence and crime recording",
    ]  # fmt: skip


def test_a_year_that_was_all_estimate_is_not_shown_as_the_year_before():
    def year(number, figures):
        return [theme_table(f"{number}Q{n}", figures) for n in range(1, 5)]

    before = year(2024, {"discrimination": 12, "bullying|evidence": 6})
    now = year(2025, {"discrimination": 12, "bullying": 20, "evidence|money-gifts": 6})
    rows = {row.name: row for row in board_of(PLAN, {"a": before + now}).themes.rows}
    assert rows["Bullying and favouritism"].before is None
    assert rows["Bullying and favouritism"].word is TrendWord.HIGHER
    assert rows["Discrimination"].before == About(48, 40, 56)


def test_a_share_needs_a_base():
    def year(value):
        return [theme_table("2025", {"bullying": value, "discrimination": 10})]

    enough, few = (board_of(PLAN, {"a": year(v)}).themes for v in (SHARE_FROM - 10, 39))
    assert [row.share for row in enough.rows] == [80, 20]
    assert [row.share for row in few.rows] == [None, None]


def test_a_missing_quarter_leaves_a_gap_and_no_year():
    totals = [total_table(q, 60) for q in ("2024Q1", "2024Q2", "2024Q4", "2025Q1")]
    board = board_of(PLAN, {"a": totals})
    assert [short_period(m.period) for m in board.line.moments] == [
        "2024 Q1", "2024 Q2", "2024 Q4", "2025 Q1",
    ]  # fmt: skip
    assert (board.total, board.until, board.year) == (None, None, "")


def test_one_year_alone_is_shown_and_not_compared():
    board = board_of(PLAN, {"a": [total_table(f"2025Q{n}", 60) for n in range(1, 5)]})
    assert board.total.figure == About(240, 228, 252)
    assert (board.total.word, board.total.before) == (TrendWord.NOT_ENOUGH, None)


def test_after_a_change_of_cadence_the_year_is_one_that_can_be_compared():
    halves = [theme_table(f"{y}H{h}", {"bullying": 20, "evidence": 9})
              for y in (2023, 2024) for h in (1, 2)]  # fmt: skip
    first = theme_table("2025Q1", {"bullying": 10, "evidence": 6})
    board = board_of(PLAN, {"a": [*halves, first]})
    assert board.themes.year == "2024"
    assert board.themes.rows[0].word is TrendWord.NO_CLEAR_CHANGE


@given(
    counts=st.lists(st.lists(st.integers(0, 60), min_size=13, max_size=13), min_size=4, max_size=9),
    noise=st.lists(st.integers(-9, 9), min_size=13, max_size=13),
)
def test_whatever_is_published_is_shown_and_adds_up(counts, noise):
    first = Period.parse("2024Q1")
    tables = []
    for at, row in enumerate(counts):
        draws = iter(noise)
        figures = alone(
            PLAN, Table.TH, THEMES, dict(zip(THEMES, row, strict=True)), lambda _t, d=draws: next(d)
        )
        tables.append(ReleasedTable(Table.TH, first.moved(at), "a", figures))
    themes = board_of(PLAN, {"a": tables}).themes
    year = {themes.until.quarters[-1].moved(-n) for n in range(4)}
    total = sum(table.total for table in tables if table.period in year)
    shown = [row.figure for row in themes.rows]
    assert abs(sum(figure.value for figure in shown) - total) <= len(shown)
    assert all(figure.lower <= figure.value <= figure.upper for figure in shown)
    assert not any(0 < row.figure.value < 5 for row in themes.rows if not row.members)


def test_words_of_periods_and_figures():
    q1, h2, whole = quarters("2026Q1", "2025H2", "2025")
    assert [months_of(p) for p in (q1, h2, whole)] == [
        "January to March 2026", "July to December 2025", "2025",
    ]  # fmt: skip
    assert [year_until(p) for p in (q1, h2, whole)] == ["the year to March 2026", "2025", "2025"]
    assert [short_period(p) for p in (q1, h2, whole)] == ["2026 Q1", "2025 H2", "2025"]
    assert str(about(26, 4)) == "about 26 (22 to 30)"
    assert str(about(0, 4)) == "few or none (up to 4)"
    assert about(10, Fraction(5, 2)) == About(10, 6, 14), "rounded up, never down"
