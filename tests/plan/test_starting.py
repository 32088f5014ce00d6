"""The plans that come with the portal are what the documents say, and files are read strictly."""

import contextlib
import json
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.plan.choices import PartKind, PlanKind, Priority, Status, Theme
from app.plan.starting import STARTING, UnfitPlanFile, read_plan, starting_plan

TODAY = date(2026, 11, 21)
LEAST = {"format": "candour-plan/1", "slug": "least", "title": "Least", "forces": ["One"]}


def read(**changes):
    return read_plan(json.dumps(LEAST | changes).encode(), TODAY)


def complaints(**changes) -> list[str]:
    with pytest.raises(UnfitPlanFile) as unfit:
        read(**changes)
    return list(unfit.value.complaints)


def test_hertfordshire_has_its_twenty_one_actions():
    whole = starting_plan("herts", TODAY)
    assert [action.number for action in whole.actions] == list(range(1, 22))
    sections = [action.section for action in whole.actions]
    assert Counter(sections) == {
        "Leadership and Engagement": 10,
        "Resourcing and Sustainability": 6,
        "Methodology and Rigour": 5,
    }
    assert sections == sorted(
        sections, key=[p.name for p in whole.plan.listed(PartKind.SECTION)].index
    )
    owners = {action.number: action.owners for action in whole.actions}
    assert owners[7] == ("DCC", "PSD")
    assert owners[18] == ("Corporate Services", "PSD")
    assert owners[19] == ("PCC", "Chief Constable")
    assert all(len(names) == 1 for number, names in owners.items() if number not in {7, 18, 19})


def test_hertfordshires_status_is_a_reading_and_its_priority_is_not_invented():
    actions = starting_plan("herts", TODAY).actions
    assert {action.priority for action in actions} == {Priority.NOT_STATED}
    assert all(action.read_from for action in actions)
    assert Counter(action.status for action in actions) == {
        Status.IN_PROGRESS: 9,
        Status.ADOPTED_NO_CHANGE: 1,
        Status.NOT_STARTED: 11,
    }
    assert {a.number for a in actions if a.status is Status.ADOPTED_NO_CHANGE} == {3}


def test_progress_that_is_missing_stays_missing():
    assert set(range(1, 22)) - set(starting_plan("herts", TODAY).progress) == {15, 20, 21}


def test_norfolk_and_suffolk_have_ten_objectives_eleven_themes_and_joint_owners():
    plan = starting_plan("norfolk-suffolk", TODAY).plan
    assert plan.kind is PlanKind.STRATEGY
    assert plan.is_of_alliance
    assert len(plan.owners) == len(plan.forces) == 2
    assert len(plan.objectives) == 10
    assert {part.name for part in plan.listed(PartKind.THEME)} == {theme.label for theme in Theme}
    assert len(plan.listed(PartKind.CONSIDERATION)) == 8
    assert len(plan.listed(PartKind.PRINCIPLE)) == 4
    assert plan.review_months == 12
    assert not plan.review_is_stated


def test_the_data_says_what_it_is():
    for name in ("herts", "norfolk-suffolk"):
        source = starting_plan(name, TODAY).plan.source
        assert "public document" in source
        assert "our own words" in source
        assert "had no part in this portal" in source
    assert "Invented" in starting_plan("alliance", TODAY).plan.source


def test_the_alliance_has_three_forces_and_every_kind_of_thing():
    whole = starting_plan("alliance", TODAY)
    assert len(whole.plan.forces) == len(whole.plan.owners) == 3
    assert (len(whole.corporate), len(whole.risks), len(whole.actions)) == (2, 4, 7)
    assert {action.status for action in whole.actions} == set(Status)
    assert {risk.force for risk in whole.risks} == {None, "Southdown Constabulary"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"slug": "Capital"}, "plan, slug"), ({"slug": "actions"}, "plan, slug"),
     ({"title": ""}, "plan, title"), ({"forces": []}, "plan, force"),
     ({"forces": "One"}, "forces: not a list"), ({"wrong": 1}, "“wrong” is not known"),
     ({"kind": "poem"}, "plan, kind"), ({"themes": ["Justice"]}, "none of the eleven"),
     ({"review": {"months": 99}}, "review_months"), ({"review": []}, "review: not an object"),
     ({"bodies": [{"name": "A | B"}]}, "upright line"), ({"bodies": [3]}, "bodies 1: not an object"),
     ({"actions": [{"number": 1}]}, "actions 1, title"),
     ({"actions": [{"number": True, "title": "x"}]}, "actions 1, number"),
     ({"actions": [{"number": 1, "title": "x"}] * 2}, "actions 2, number: 1 is there twice"),
     ({"actions": [{"number": 1, "title": "x", "risk": 4}]}, "no integrity risk 4"),
     ({"actions": [{"number": 1, "title": "x", "owners": 5}]}, "actions 1, owners"),
     ({"actions": [{"number": 1, "title": {}}]}, "actions 1, title: not a text"),
     ({"actions": [{"number": 1, "title": "x", "progress": "y" * 4001}]}, "actions 1, progress"),
     ({"risks": [{"number": 1, "title": "x", "corporate": 1, "likelihood": 6, "impact": 1,
                  "theme": "people"}]}, "risks 1, likelihood")],
)  # fmt: skip
def test_a_file_is_refused_with_the_place_named(changes, says):
    assert any(says in told for told in complaints(**changes)), complaints(**changes)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b"\xff", b'{"format": "candour-plan/2"}', b"[" * 100_000,
     b'{"format": "candour-plan/1", "format": "candour-plan/1"}', b" " * (8 * 1024 * 1024 + 1)],
)  # fmt: skip
def test_what_is_no_plan_file_is_refused(content):
    with pytest.raises(UnfitPlanFile):
        read_plan(content, TODAY)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=9)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(
        ["number", "title", "name", "note", "months", "stated", "owners"]), inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip
keys = st.sampled_from(["title", "kind", "review", "forces", "bodies", "actions", "risks",
                        "corporate_risks", "about", "objectives"])  # fmt: skip


@given(st.dictionaries(keys, json_values, max_size=4))
def test_any_json_is_read_or_refused(changes):
    with contextlib.suppress(UnfitPlanFile):
        assert read(**changes).plan.slug == "least"


def test_every_starting_plan_is_named():
    assert set(STARTING) == {"herts", "norfolk-suffolk", "alliance"}
