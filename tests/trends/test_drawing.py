"""A freeze draws what is due, no more: each matter once in every table."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.trends.domain import ALL, Cadence, Closure, Entry, Table, year_of
from app.trends.drawing import Freeze, Opened, TotalMissing, draw_tables, noise_of
from app.trends.publication import UnknownLabel, cells
from tests.proof import examples
from tests.trends.plans import counted, quiet, small_plan

PLAN = small_plan()
QUARTERS = year_of(2023).quarters
entries = st.builds(
    Entry, st.sampled_from(["t0", "t1", "t2", "t3"]), st.sampled_from(["d0", "d1", "d2"])
)
years = st.fixed_dictionaries({quarter: st.lists(entries, max_size=40) for quarter in QUARTERS})
closures = st.lists(
    st.builds(Closure, st.sampled_from(["o1", "o2"]), st.sampled_from(["b1", "b2"])), max_size=30
)


def freezes_of_a_year(how_often, opened, draw, plan=PLAN):
    """Draw the four freezes of a year; yields each one's tables and keeps the totals."""
    published = {}
    for quarter in QUARTERS:
        freeze = Freeze(plan=plan, force="f", quarter=quarter, cadence=how_often)
        drawn = draw_tables(freeze, opened, published=published, draw=draw)
        published |= {
            table.period: table.figures[0].value for table in drawn if table.table is Table.QT
        }
        yield from drawn


@given(st.sampled_from(Cadence), years, closures)
@examples(150)
def test_every_matter_is_counted_once_in_every_table(how_often, by_quarter, closed):
    """Without noise and with nothing small, published is what was."""
    opened = Opened(entries={q: list(by_quarter[q]) * 10 for q in QUARTERS}, closures=closed * 10)
    drawn = list(freezes_of_a_year(how_often, opened, quiet))
    matters = sum(len(found) for found in opened.entries.values())
    for table in (Table.QT, Table.TH, Table.DY):
        assert sum(found.total for found in drawn if found.table is table) == matters
    for table in (Table.OY, Table.CY):
        assert sum(found.total for found in drawn if found.table is table) == len(opened.closures)


@given(st.sampled_from(Cadence), years, closures)
@examples(150)
def test_themes_and_directorates_add_up_to_the_published_total(how_often, by_quarter, closed):
    plan = small_plan()
    drawn = list(
        freezes_of_a_year(how_often, Opened(entries=by_quarter, closures=closed), noise_of(plan))
    )
    totals = sum(found.total for found in drawn if found.table is Table.QT)
    for table in (Table.TH, Table.DY):
        assert sum(found.total for found in drawn if found.table is table) == totals
    closed_by = {table: [f.total for f in drawn if f.table is table] for table in Table}
    assert closed_by[Table.OY] == closed_by[Table.CY]
    for found in drawn:
        members = [member for figure in found.figures for member in figure.members]
        assert sorted(members) == sorted(cells(plan, "f", found.table, how_often))


@pytest.mark.parametrize("how_often", Cadence)
def test_noise_is_drawn_once_for_every_cell_of_the_year(how_often):
    draw, asked = counted()
    list(freezes_of_a_year(how_often, Opened(entries={}), draw))
    themes = {Cadence.QUARTER: 16, Cadence.HALF: 8, Cadence.YEAR: 4, Cadence.GROUPS: 2}
    assert Counter(asked) == {
        Table.TH: themes[how_often],
        Table.QT: 1 if how_often is Cadence.GROUPS else 4,
        Table.DY: 3,
        Table.OY: 2,
        Table.CY: 2,
    }


def test_a_small_force_is_counted_in_groups():
    opened = Opened(entries={QUARTERS[0]: [Entry("t0", "d0"), Entry("t2", "d0")] * 9})
    drawn = {found.table: found for found in freezes_of_a_year(Cadence.GROUPS, opened, quiet)}
    assert [figure.key for figure in drawn[Table.TH].figures] == ["g0|g1"]
    assert drawn[Table.QT].period == year_of(2023)
    assert drawn[Table.QT].figures[0].members == (ALL,)


def test_only_the_tables_asked_for_are_drawn():
    tables = frozenset({Table.QT, Table.TH})
    freeze = Freeze(
        plan=PLAN, force="f", quarter=QUARTERS[3], cadence=Cadence.QUARTER, tables=tables
    )
    drawn = draw_tables(freeze, Opened(entries={}), published={}, draw=quiet)
    assert {found.table for found in drawn} == tables


def test_a_force_that_began_in_summer_is_not_asked_for_its_spring():
    plan = small_plan(first=QUARTERS[2])
    freeze = Freeze(plan=plan, force="f", quarter=QUARTERS[3], cadence=Cadence.HALF)
    opened = Opened(entries={q: [Entry("t1", "d1")] * 20 for q in QUARTERS[2:]})
    drawn = draw_tables(freeze, opened, published={QUARTERS[2]: 20}, draw=quiet)
    assert {found.table: found.total for found in drawn}[Table.DY] == 40


def test_a_total_that_was_never_published_stops_a_freeze():
    freeze = Freeze(plan=PLAN, force="f", quarter=QUARTERS[3], cadence=Cadence.HALF)
    with pytest.raises(TotalMissing, match="2023Q3"):
        draw_tables(freeze, Opened(entries={}), published={}, draw=quiet)
    late = Freeze(
        plan=small_plan(first=QUARTERS[3].next()), force="f", quarter=QUARTERS[3],
        cadence=Cadence.HALF, tables=frozenset({Table.DY}),
    )  # fmt: skip
    with pytest.raises(TotalMissing):
        draw_tables(late, Opened(entries={}), published={}, draw=quiet)


def test_a_slip_that_names_no_cell_of_the_plan_stops_a_freeze():
    opened = Opened(entries={QUARTERS[0]: [Entry("nonsense", "d0")]})
    with pytest.raises(ValueError, match="does not publish"):
        list(freezes_of_a_year(Cadence.QUARTER, opened, quiet))
    with pytest.raises(UnknownLabel):
        list(freezes_of_a_year(Cadence.GROUPS, opened, quiet))
