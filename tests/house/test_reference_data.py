"""What a desk may choose and what is published are two files of one truth."""

import itertools

from app.casework import reference
from app.casework.reference import read_reference
from app.identity.domain import is_office
from app.slips.domain import last_day_of
from app.trends.domain import Cadence, Period, Table
from app.trends.publication import cells, publication_plan, versions

CASES = [
    read_reference(file.read_bytes())
    for file in sorted(reference.FOLDER.glob("case-reference-*.json"))
]


def test_what_a_desk_chooses_is_what_the_plan_publishes():
    for found in CASES:
        [plan] = [one for one in versions().values() if one.effective_from == found.effective_from]
        assert {force.id: force.name for force in found.forces} == {
            force.id: force.name for force in plan.forces
        }
        for force in found.forces:
            of_plan = [(one.id, one.name) for one in plan.force(force.id).directorates]
            assert [(one.id, one.name) for one in force.directorates] == of_plan
        in_plan = {id: theme.id for theme in plan.themes for id in theme.categories}
        assert {one.id: one.theme for one in found.categories} == in_plan
        classes = {id: outcome.id for outcome in plan.outcomes for id in outcome.classes}
        assert {one.id: one.published_as for one in found.outcomes} == classes
        assert [(b.id, b.up_to_days) for b in found.bands] == [
            (b.id, b.up_to_days) for b in plan.bands
        ]


def test_every_version_of_the_plan_has_its_reference_data():
    assert {found.effective_from for found in CASES} == {
        plan.effective_from for plan in versions().values()
    }


def test_whatever_a_desk_chooses_is_a_cell_of_every_table():
    plan = publication_plan()
    newest = CASES[-1]
    for force in newest.forces:
        for table, labels in (
            (Table.TH, {one.theme for one in newest.categories}),
            (Table.DY, {one.id for one in force.directorates}),
            (Table.OY, {one.published_as for one in newest.outcomes}),
            (Table.CY, {one.id for one in newest.bands}),
        ):
            assert labels <= set(cells(plan, force.id, table, Cadence.QUARTER)), table


def test_a_later_version_knows_every_code_of_the_ones_before():
    """A sheet of years ago is still read, and may still be put right."""
    for before, after in itertools.pairwise(CASES):
        for name in ("forces", "categories", "outcomes"):
            old = {one.id for one in getattr(before, name)}
            assert old <= {one.id for one in getattr(after, name)}, name


def test_both_sides_agree_on_the_end_of_a_period():
    for text in ("2026Q1", "2026Q2", "2026Q3", "2026Q4", "2027", "2028Q1"):
        assert last_day_of(text) == Period.parse(text).last_day


def test_the_demonstrations_plan_owners_own_offices_that_can_be():
    from app.cli.demo_people import OFFICES, STAFF

    assert all(map(is_office, OFFICES))
    assert {person.office for person in STAFF if person.office} == set(OFFICES)
