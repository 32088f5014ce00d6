"""Pictures are well-formed, carry no style and no script, and show what the table shows."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from app.trends.board import Line, board_of, line_of
from app.trends.charts import (
    NARROW,
    WIDE,
    bar_chart,
    describe_bars,
    describe_line,
    element,
    line_chart,
)
from app.trends.domain import ALL, Period, Table
from app.trends.publication import publication_plan
from app.trends.ranking import Ranking, Row
from app.trends.releases import ReleasedTable
from app.trends.sources import Source
from app.trends.trend_words import TrendWord
from app.trends.wording import About
from tests.trends.invented import tables_of
from tests.trends.test_board import total_table

PLAN = publication_plan()
# All there is in a picture: no style, no script, no link, no handler.
DRAWN = {
    "svg", "title", "desc", "text", "rect", "line", "path", "polygon", "polyline", "circle",
}  # fmt: skip
PLACED = {
    "class", "id", "viewBox", "role", "aria-labelledby", "focusable", "x", "y", "x1", "y1", "x2",
    "y2", "cx", "cy", "r", "d", "points", "width", "height",
}  # fmt: skip
HOSTILE = """<script>alert(1)</script>"&' onload='x'"""


@pytest.fixture
def board(invented_releases):
    return board_of(PLAN, {"a": tables_of(invented_releases)["a"]})


def drawings(markup):
    return list(ET.fromstring(f"<all>{markup}</all>"))


def of_class(drawing, name):
    return [one for one in drawing.iter() if name in one.get("class", "").split()]


def line(values, start="2024Q1"):
    first = Period.parse(start)
    tables = [total_table(str(first.moved(at)), value) for at, value in enumerate(values)]
    found = line_of(Source.of(PLAN, {"a": tables}, Table.QT))
    assert found is not None
    return found


def ranking(*rows):
    return Ranking(Table.TH, Period.parse("2025"), rows)


def check(markup):
    """Check what every picture owes, and return its two drawings."""
    assert isinstance(markup, Markup)
    found = drawings(markup)
    assert [one.get("viewBox").split()[2] for one in found] == [str(WIDE.width), str(NARROW.width)]
    ids = [one.get("id") for svg in found for one in svg.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    for svg in found:
        assert svg.get("role") == "img"
        assert svg.get("focusable") == "false"
        named = [one.get("id") for one in svg if one.tag in {"title", "desc"}]
        assert svg.get("aria-labelledby").split() == named
        assert all(one.text for one in svg if one.tag in {"title", "desc"})
        for one in svg.iter():
            assert one.tag in DRAWN
            assert set(one.attrib) <= PLACED
            for value in one.attrib.values():
                assert "nan" not in value
                assert "inf" not in value
    return found


def test_the_line_shows_every_published_figure_and_its_limits(board):
    for svg in check(line_chart("line", "Concerns", board.line)):
        moments = board.line.moments
        assert len(of_class(svg, "cd-drawing__dot")) == len(moments)
        assert len(of_class(svg, "cd-drawing__band")) == 1
        assert len(of_class(svg, "cd-drawing__limit")) == 2
        assert len(of_class(svg, "cd-drawing__average")) == 1
        assert len(of_class(svg, "cd-drawing__signal")) == sum(bool(m.signals) for m in moments)
        texts = [one.text for one in svg if one.tag == "text"]
        assert f"average {round(board.line.limits.average)}" in texts
        assert {"2023", "2024", "2025"} <= set(texts)
        [told] = [one.text for one in svg if one.tag == "desc"]
        assert told == describe_line(board.line)
        assert str(moments[-1].figure) in told


def test_the_line_begins_at_nought_and_higher_is_up():
    [wide, _] = check(line_chart("l", "t", line([10, 90])))
    low, high = (float(one.get("cy")) for one in of_class(wide, "cd-drawing__dot"))
    axis = float(of_class(wide, "cd-drawing__axis")[0].get("y1"))
    assert high < low < axis
    assert (axis - high) / (axis - low) == pytest.approx(9, rel=0.02)


def test_a_missing_quarter_keeps_its_place_and_breaks_the_line():
    whole = line([50, 52, 54, 56, 58])
    broken = Line((*whole.moments[:2], *whole.moments[3:]), whole.limits)
    [wide, _] = check(line_chart("l", "t", broken))
    places = [float(one.get("cx")) for one in of_class(wide, "cd-drawing__dot")]
    steps = [b - a for a, b in pairwise(places)]
    assert steps[1] == pytest.approx(2 * steps[0], abs=0.2)
    assert len(of_class(wide, "cd-drawing__line")) == 2
    assert len(of_class(wide, "cd-drawing__band")) == 2


def test_one_figure_alone_is_a_picture_too():
    [wide, _] = check(line_chart("l", "t", line([40])))
    assert len(of_class(wide, "cd-drawing__dot")) == 1
    assert of_class(wide, "cd-drawing__limit") == []
    assert of_class(wide, "cd-drawing__band") == []


def test_what_stands_out_is_ringed():
    usual, unusual = line([50, 53, 51, 50, 54]), line([50, 53, 47, 51, 54, 46, 200])
    assert [bool(moment.signals) for moment in unusual.moments] == [False] * 6 + [True]
    for drawn, rings in ((usual, 0), (unusual, 1)):
        [wide, _] = check(line_chart("l", "t", drawn))
        assert len(of_class(wide, "cd-drawing__signal")) == rings


def test_bars_have_the_order_and_the_lengths_of_the_table(board):
    themes = board.themes
    for svg in check(bar_chart("themes", "Themes", themes)):
        bars = of_class(svg, "cd-drawing__bar")
        lengths = [float(bar.get("width")) for bar in bars]
        values = [row.figure.value for row in themes.rows]
        for length, value in zip(lengths, values, strict=True):
            assert length / lengths[0] == pytest.approx(value / values[0], abs=0.01)
        combined = [n for n, bar in enumerate(bars) if "combined" in bar.get("class")]
        assert combined == [len(bars) - 1]
        numbers = [one.text for one in of_class(svg, "cd-drawing__value")]
        assert numbers == [str(value) for value in values]
        [told] = [one.text for one in svg if one.tag == "desc"]
        assert told == describe_bars(themes)


def test_bars_stay_inside_their_drawing(board):
    for svg, size in zip(check(bar_chart("b", "t", board.themes)), (WIDE, NARROW), strict=True):
        height = float(svg.get("viewBox").split()[3])
        for one in svg.iter("path"):
            for across in re.findall(r"[MH]([-\d.]+)", one.get("d")):
                assert 0 <= float(across) <= size.width
            for down in re.findall(r"V([-\d.]+)", one.get("d")):
                assert 0 <= float(down) <= height
        for one in of_class(svg, "cd-drawing__value"):
            assert float(one.get("x")) + 10 * len(one.text) <= size.width


def test_a_long_name_is_broken_and_not_cut():
    name = "A theme whose name is longer than a telephone is wide, by some words at least"
    [_, narrow] = check(bar_chart("b", "t", ranking(Row(name, About(9, 5, 13)))))
    texts = [one.text for one in of_class(narrow, "cd-drawing__label")]
    assert len(texts) > 1
    assert " ".join(texts) == name


def test_hostile_words_are_text():
    markup = bar_chart("b", HOSTILE, ranking(Row(HOSTILE, About(9, 5, 13), TrendWord.HIGHER)))
    for svg in check(markup):
        [title] = [one.text for one in svg if one.tag == "title"]
        assert title == HOSTILE


def test_only_paper_carries_rules_and_one_drawing_does():
    rule = ".cd-drawing text { fill: #123456; }"
    for markup in (
        line_chart("l", "t", line([5, 9]), style=rule),
        bar_chart("b", "t", ranking(Row("x", About(9, 5, 13))), style=rule),
    ):
        [svg] = drawings(markup)
        assert [one.text for one in svg if one.tag == "style"] == [rule]


def test_an_element_escapes_and_closes():
    assert element("line", x1=1.0, y1=2.25, class_="a") == '<line x1="1" y1="2.2" class="a"/>'
    assert element("text", "<&") == "<text>&lt;&amp;</text>"


def test_a_picture_is_small(board):
    assert len(line_chart("line", "t", board.line)) < 14_000
    assert len(bar_chart("themes", "t", board.themes)) < 14_000


@given(
    values=st.lists(st.integers(0, 5000), min_size=1, max_size=40),
    gaps=st.sets(st.integers(1, 38), max_size=10),
)
def test_any_line_can_be_drawn(values, gaps):
    whole = line(values, start="2023Q1")
    kept = tuple(m for at, m in enumerate(whole.moments) if at not in gaps)
    for svg in check(line_chart("l", "t", replace(whole, moments=kept))):
        height = float(svg.get("viewBox").split()[3])
        for dot in of_class(svg, "cd-drawing__dot"):
            assert 0 <= float(dot.get("cy")) <= height


@given(values=st.lists(st.integers(0, 5000), min_size=0, max_size=15))
def test_any_bars_can_be_drawn(values):
    rows = [Row(f"n{at}", About(v, max(0, v - 4), v + 4)) for at, v in enumerate(values)]
    [wide, _] = check(bar_chart("b", "t", ranking(*rows))) if rows else (None, None)
    assert wide is None or len(of_class(wide, "cd-drawing__bar")) == len(rows)


def test_of_a_year_there_are_no_quarters():
    tables = [
        ReleasedTable(Table.QT, Period.parse(str(year)), "a", total_table("2025Q1", 30).figures)
        for year in (2023, 2024, 2025)
    ]
    drawn = line_of(Source.of(PLAN, {"a": tables}, Table.QT))
    [wide, _] = check(line_chart("l", "t", drawn))
    assert of_class(wide, "cd-drawing__small") == []
    assert [one.text for one in of_class(wide, "cd-drawing__middle")] == ["2023", "2024", "2025"]
    assert drawn.moments[0].figure.value == 30
    assert tables[0].figures[0].members == (ALL,)
