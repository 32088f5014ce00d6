"""Offices, themes, levels, review dates and what is overdue."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.domain import is_office
from app.plan.changes import action_changes, plan_changes
from app.plan.choices import Level, PartKind, PlanKind, Status, Theme
from app.plan.domain import Action, Part, Plan, Stale, at_version, level, months_after, office_id
from app.trends.publication import publication_plan

TODAY = date(2026, 11, 21)
ACTION = Action(plan="x", number=1, title="Do it", review_on=TODAY - timedelta(days=1))
PLAN = Plan(slug="xyz", title="X", kind=PlanKind.PLAN, begun_on=date(2026, 1, 31))


def test_two_spellings_of_an_office_are_one():
    assert office_id("Board & group leads") == "board-and-group-leads"
    assert office_id(" HR ") == office_id("hr") == "hr"
    assert is_office(office_id("Corporate Services"))


def test_the_eleven_themes_are_those_of_the_publication_plan():
    published = {label.name for label in publication_plan().strategy_themes}
    assert {theme.label for theme in Theme} == published
    assert len(Theme) == 11


def test_yesterday_is_overdue_and_today_is_not():
    assert ACTION.is_overdue(TODAY)
    assert not replace(ACTION, review_on=TODAY).is_overdue(TODAY)
    assert not replace(ACTION, review_on=None).is_overdue(TODAY)
    assert not replace(ACTION, status=Status.DONE).is_overdue(TODAY)
    assert replace(ACTION, status=Status.ADOPTED_NO_CHANGE).is_overdue(TODAY)


@pytest.mark.parametrize(
    ("likelihood", "impact", "found"),
    [(1, 5, Level.LOW), (2, 3, Level.MEDIUM), (3, 4, Level.MEDIUM), (3, 5, Level.HIGH),
     (5, 5, Level.HIGH)],
)  # fmt: skip
def test_levels(likelihood, impact, found):
    assert level(likelihood, impact) is found


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.integers(1, 60))
def test_months_after_is_the_month_it_says(day, months):
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


def test_a_review_counts_from_the_last_one():
    cycle = replace(PLAN, review_months=1)
    assert cycle.review_on == date(2026, 2, 28)
    assert cycle.is_overdue(date(2026, 3, 1))
    assert not cycle.is_overdue(date(2026, 2, 28))
    assert cycle.reviewed(date(2026, 3, 5)).review_on == date(2026, 4, 5)
    assert PLAN.review_on is None
    assert not PLAN.is_overdue(TODAY)


def test_a_status_that_is_said_is_no_reading_any_more():
    read = replace(ACTION, status=Status.NOT_STARTED, read_from="It says nothing")
    assert read.progressed(Status.NOT_STARTED).read_from == "It says nothing"
    assert read.progressed(Status.DONE).read_from == ""


def test_changes_say_from_what_to_what():
    after = replace(ACTION, owners=("HR", "PSD"), theme=Theme.PEOPLE, review_on=None)
    found = {one.what: (one.before, one.after) for one in action_changes(ACTION, after)}
    assert found == {
        "Owners": ("", "HR; PSD"), "Theme": ("", "People"), "Review date": ("2026-11-20", ""),
    }  # fmt: skip
    assert action_changes(ACTION, ACTION) == []


def test_a_list_of_a_plan_changes_as_a_whole():
    part = Part(kind=PartKind.BODY, position=1, name="Board", note="Strategic")
    [change] = plan_changes(PLAN, replace(PLAN, parts=(part,)))
    assert (change.what, change.before, change.after) == ("Body list", "", "Board | Strategic")


def test_another_version_is_stale():
    at_version(ACTION, 1)
    with pytest.raises(Stale):
        at_version(ACTION, 2)
    with pytest.raises(Stale):
        PLAN.at(3)
