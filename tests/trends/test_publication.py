"""The plan that ships adds up, its dates are working days, and an unfit plan is refused."""

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.trends import publication
from app.trends.domain import ALL, NOT_YET, Cadence, Period, Table
from app.trends.plan_reading import read_plan
from app.trends.publication import (
    UnfitPlan,
    UnknownLabel,
    cadence,
    calendar,
    cells,
    due,
    freeze_day,
    publication_plan,
    rho,
)
from tests.proof import PARSER, examples
from tests.trends.plans import small_plan

SHIPPED = (publication.FOLDER / "publication-1.json").read_bytes()
# The reporter's nineteen choices. A case always has one of them.
CATEGORIES = {
    "discrimination", "bullying", "force_custody", "position_sexual", "sexual_harassment",
    "violence_abuse", "bribery_gifts", "theft_fraud", "associations", "drugs_fitness",
    "information_misuse", "evidence_recording", "media_social", "neglect_duty",
    "safety_environment", "leadership_pressure", "retaliation", "colleague_at_risk", "not_sure",
}  # fmt: skip


@pytest.fixture
def plan():
    return publication_plan()


def test_a_matter_spends_43_of_144_and_never_more_than_three_tenths(plan):
    assert sum(rho(plan, table) for table in Table) == Fraction(43, 144)
    assert plan.cap == Fraction(3, 10)


def test_every_category_is_counted_in_exactly_one_theme(plan):
    folded = [category for theme in plan.themes for category in theme.categories]
    assert sorted(folded) == sorted(CATEGORIES)
    assert plan.theme_of("theft_fraud") == "money-gifts"
    assert plan.theme_of("not_sure") == NOT_YET
    assert len(plan.themes) == 13
    assert plan.themes[-1].id == NOT_YET


def test_themes_speak_to_ten_of_the_eleven_strategy_themes(plan):
    """The eleventh, guidance and benchmarking, is about management: nobody reports it."""
    known = {theme.id for theme in plan.strategy_themes}
    spoken = {strategy for theme in plan.themes for strategy in theme.strategy}
    assert len(known) == 11
    assert spoken == known - {"T02"}


def test_small_forces_see_five_groups_and_what_is_not_yet_categorised(plan):
    groups = cells(plan, "c", Table.TH, Cadence.GROUPS)
    assert len(groups) == 6
    assert groups[-1] == NOT_YET
    assert {plan.group_of(theme) for theme in cells(plan, "c", Table.TH, Cadence.YEAR)} == set(
        groups
    )


def test_tables_have_the_cells_that_the_design_names(plan):
    for force in plan.forces:
        assert len(cells(plan, force.id, Table.TH, Cadence.QUARTER)) == 13
        assert cells(plan, force.id, Table.QT, Cadence.QUARTER) == (ALL,)
        assert len(cells(plan, force.id, Table.DY, Cadence.QUARTER)) <= 6
        assert len(cells(plan, force.id, Table.OY, Cadence.QUARTER)) == 5
        assert len(cells(plan, force.id, Table.CY, Cadence.QUARTER)) == 4
    assert len(plan.forces) == 3
    assert [alliance.forces for alliance in plan.alliances] == [("a", "b", "c")]


def test_one_id_has_one_name(plan):
    lists = [plan.themes, plan.groups, plan.outcomes, plan.bands, plan.forces, plan.alliances]
    lists += [force.directorates for force in plan.forces]
    names = {}
    for label in (label for labels in lists for label in labels):
        assert names.setdefault(label.id, label.name) == label.name
        assert plan.name_of(label.id) == label.name
    assert plan.name_of(ALL) == "All"


def test_bands_of_time_leave_no_day_out(plan):
    assert [plan.band_of(days) for days in (0, 28, 29, 91, 92, 365, 366, 9999)] == [
        "4-weeks", "4-weeks", "3-months", "3-months", "12-months", "12-months", "longer", "longer",
    ]  # fmt: skip
    assert plan.outcome_of("vetting") == "formal"


@pytest.mark.parametrize(
    "ask",
    [
        lambda plan: plan.force("z"),
        lambda plan: plan.theme_of("z"),
        lambda plan: plan.group_of("z"),
        lambda plan: plan.outcome_of("z"),
        lambda plan: cells(plan, "z", Table.DY, Cadence.YEAR),
        lambda plan: replace(plan, bands=plan.bands[:1]).band_of(29),
    ],
)
def test_an_unknown_label_is_named(plan, ask):
    with pytest.raises(UnknownLabel):
        ask(plan)


@pytest.mark.parametrize(
    ("volume", "found"),
    [(251, Cadence.QUARTER), (250, Cadence.HALF), (100, Cadence.HALF), (99, Cadence.YEAR),
     (40, Cadence.YEAR), (39, Cadence.GROUPS), (0, Cadence.GROUPS), (None, Cadence.HALF)],
)  # fmt: skip
def test_last_years_published_volume_decides(plan, volume, found):
    assert cadence(plan, "a", 2024, volume) is found


def test_the_first_year_has_no_year_before(plan):
    assert cadence(plan, "a", 2023, 10_000) is Cadence.HALF


@given(st.integers(2001, 2997), st.sampled_from(Cadence))
@examples(100)
def test_every_quarter_of_a_year_is_counted_once_in_every_table(year, how_often):
    """Disjoint periods: that is why the budget never runs out with time."""
    seen = {table: [] for table in Table}
    for quarter in Period.parse(str(year)).quarters:
        for table, period in due(quarter, how_often):
            assert period.quarters[-1] == quarter
            seen[table] += period.quarters
    for table in Table:
        assert seen[table] == list(Period.parse(str(year)).quarters), table


def test_a_total_is_drawn_before_what_adds_up_to_it():
    last = Period.parse("2024Q4")
    for how_often in Cadence:
        tables = [table for table, _period in due(last, how_often)]
        assert tables == [Table.QT, Table.TH, Table.DY, Table.OY, Table.CY]
    assert due(Period.parse("2024Q1"), Cadence.GROUPS) == ()


@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("2025Q1", date(2025, 7, 1)),
        ("2025Q2", date(2025, 10, 1)),
        # New Year's Day, and 2 January 2026 is a Friday: no bank holiday in England and Wales.
        ("2025Q3", date(2026, 1, 2)),
        ("2025", date(2026, 4, 1)),
        ("2025H2", date(2026, 4, 1)),
        # 1 January 2028 is a Saturday, the Monday after it the bank holiday.
        ("2027Q3", date(2028, 1, 4)),
        # 1 April 2029 is Easter Sunday: Monday is a holiday too.
        ("2028Q4", date(2029, 4, 3)),
    ],
)
def test_a_freeze_is_on_the_first_working_day_two_quarters_later(plan, period, day):
    assert freeze_day(plan, Table.QT, Period.parse(period)) == day


@given(st.integers(2000, 2090), st.integers(0, 3))
@examples(150)
def test_a_freeze_day_is_a_working_day_in_the_right_quarter(year, part):
    quarter = Period.parse(str(year)).quarters[part]
    day = freeze_day(publication_plan(), Table.TH, quarter)
    assert day.weekday() < 5
    assert (day.month, day.day) not in {(1, 1), (12, 25), (12, 26)}
    assert quarter.moved(2).first_day <= day <= quarter.moved(2).last_day


def test_the_calendar_is_known_years_ahead(plan):
    found = calendar(plan, [2023, 2024])
    assert list(found) == sorted(found)
    assert list(found) == [
        date(2023, 7, 3), date(2023, 10, 2),
        date(2024, 1, 2), date(2024, 4, 2), date(2024, 7, 1), date(2024, 10, 1),
    ]  # fmt: skip
    assert found[date(2024, 1, 2)] == (Period.parse("2023Q3"),)
    assert calendar(replace(plan, forces=(), alliances=()), [2024]) == {}


def test_versions_of_the_plan(plan):
    assert publication_plan(1) == plan
    with pytest.raises(UnfitPlan):
        publication_plan(99)


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v | {"cap": "43/145"},
        lambda v: v | {"cap": "3/0"},
        lambda v: v | {"sigma2": v["sigma2"] | {"TH": 3}},
        lambda v: v | {"sigma2": v["sigma2"] | {"TH": 0}},
        lambda v: v | {"sigma2": {"TH": 4}},
        lambda v: v | {"threshold": 1},
        lambda v: v | {"format": "candour-publication/2"},
        lambda v: v | {"themes": v["themes"] + v["themes"][:1]},
        lambda v: v | {"groups": v["groups"][1:]},
        lambda v: v | {"forces": []},
        lambda v: v | {"effective_from": "yesterday"},
        lambda v: v | {"more": 1},
        lambda v: v | {"bands": "none"},
        lambda v: v | {"bands": [1]},
        lambda v: v | {"forces": [v["forces"][0] | {"first_period": "2023Q9"}]},
        lambda v: v | {"forces": [v["forces"][0] | {"first_cadence": "daily"}]},
        lambda v: v | {"outcomes": [v["outcomes"][0] | {"classes": [1]}]},
        lambda v: v | {"outcomes": [v["outcomes"][0] | {"id": "All"}]},
        lambda v: v | {"sigma2": 1},
        lambda v: v | {"version": True},
        lambda v: v | {"version": -1},
        lambda v: v | {"cap": ""},
    ],
)
def test_an_unfit_plan_is_refused(change):
    value = json.loads(SHIPPED)
    assert read_plan(json.dumps(value).encode()) == publication_plan()
    with pytest.raises(UnfitPlan):
        read_plan(json.dumps(change(value)).encode())


@given(st.data())
@examples(300, PARSER)
def test_a_damaged_plan_is_refused_or_a_plan(data):
    content = bytearray(SHIPPED)
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        plan = read_plan(bytes(content))
    except UnfitPlan:
        return
    assert sum(rho(plan, table) for table in Table) <= plan.cap


def test_a_number_has_one_meaning():
    with pytest.raises(UnfitPlan):
        read_plan(SHIPPED.replace(b'"version": 1', b'"version": 1, "version": 2'))
    with pytest.raises(UnfitPlan):
        read_plan(SHIPPED.replace(b'"version": 1', b'"version": 1.0'))
    with pytest.raises(UnfitPlan):
        read_plan(SHIPPED.replace(b'"version": 1', b'"version": 99999999999999999999'))
    for nothing in (b"", b"[]", b"\xff", b"[" * 5000):
        with pytest.raises(UnfitPlan):
            read_plan(nothing)


def test_the_files_are_named_after_their_versions():
    for file in Path(publication.FOLDER).iterdir():
        assert file.name == f"publication-{read_plan(file.read_bytes()).version}.json"


def test_a_small_plan_of_the_tests_is_a_plan():
    assert cells(small_plan(themes=2), "f", Table.TH, Cadence.QUARTER) == ("t0", "t1")
