"""Lists, filters and tallies, and what they cost."""

import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from app.errors import Missing
from app.plan import editing, service
from app.plan.choices import Status, Theme
from app.plan.domain import Filter
from app.plan.readers import Progress
from app.plan.store import Actions
from tests.plan.conftest import LEAD
from tests.plan.many import MANY, fill

ON_SQLITE_UNLESS_PROVING = True


def numbers(plans, **chosen):
    with plans.look() as work:
        found = service.list_actions(work, Filter(**chosen), page=1)
    assert found.total == len(found.actions)
    return [action.number for action in found.actions]


def test_filters_leave_what_they_say(herts):
    plan = {"plan": "hertfordshire"}
    assert numbers(herts, **plan, owner="hr") == [8, 10, 12, 13, 16, 21]
    assert numbers(herts, **plan, owner="psd") == [7, 18]
    assert numbers(herts, **plan, status=Status.ADOPTED_NO_CHANGE) == [3]
    assert numbers(herts, **plan, theme=Theme.ETHICS_AND_TRANSPARENCY) == [7, 19, 20]
    assert numbers(herts, **plan, owner="hr", status=Status.IN_PROGRESS) == [8, 10]
    assert numbers(herts, **plan, overdue=True) == []
    assert numbers(herts, plan="nothing") == []
    assert numbers(herts, owner="nobody") == []


def test_overdue_is_past_and_not_done(alliance):
    assert numbers(alliance, overdue=True) == [2, 5]
    assert numbers(alliance, overdue=True, owner="hr") == [5]


def test_several_plans_stand_side_by_side(herts):
    herts.load("alliance")
    herts.load("norfolk-suffolk")
    with herts.look() as work:
        found = service.list_actions(work, Filter(owner="hr"), page=1)
        titles = [summary.plan.title for summary in service.summaries(work)]
    assert [(a.plan, a.number) for a in found.actions][:3] == [
        ("alliance", 4), ("alliance", 5), ("alliance", 6),
    ]  # fmt: skip
    assert len(found.actions) == 9
    assert titles == sorted(titles)
    assert list(found.plans.values()) == titles
    assert ("hr", "HR") in found.owners


def test_owners_stay_in_their_order_and_with_their_action(alliance):
    with alliance.look() as work:
        found = {action.number: action.owners for action in Actions(work.session).of("alliance")}
    assert found[2] == ("PSD", "Information Management")
    assert found[1] == ("Information Management",)


def test_the_boards_tallies_agree_with_the_actions(alliance):
    with alliance.look() as work:
        view = service.board_view(work, "alliance")
        actions = Actions(work.session).of("alliance")
    today = alliance.clock().date()
    assert sum(view.summary.counts.values()) == view.summary.total == len(actions)
    assert view.summary.overdue == sum(action.is_overdue(today) for action in actions)
    assert [action.number for action in view.overdue] == [2, 5]
    for theme, counts in view.themes.items():
        assert sum(counts.values()) == sum(action.theme is theme for action in actions)
    for office in view.offices:
        owned = [action for action in actions if office.id in action.offices]
        assert office.total == len(owned)
        assert office.overdue == sum(action.is_overdue(today) for action in owned)
        assert office.done == sum(action.status is Status.DONE for action in owned)
    assert [risk.score for risk in view.risks] == sorted(
        (r.score for r in view.risks), reverse=True
    )


def test_a_statement_names_what_ended_in_its_year(herts):
    for number, status in ((1, Status.DONE), (2, Status.ADOPTED_NO_CHANGE), (4, Status.DONE)):
        with herts.begin() as work:
            said = Progress(status=status, note="Decided", review_on=None)
            editing.note_progress(work, "hertfordshire", number, said, version=1, by=LEAD)
        herts.clock.now += timedelta(days=30)
    with herts.look() as work:
        now = service.statement(work, "hertfordshire", 2026)
        next_year = service.statement(work, "hertfordshire", 2027)
    assert now.done == {1: date(2026, 11, 21)}
    assert now.adopted == {2: date(2026, 12, 21)}
    assert next_year.done == {4: date(2027, 1, 20)}
    assert [section for section, _ in now.sections()] == [
        "Leadership and Engagement", "Resourcing and Sustainability", "Methodology and Rigour",
    ]  # fmt: skip
    assert now.latest[1].text == "Decided"


def test_what_is_not_there_is_missing(herts):
    with herts.look() as work:
        for ask in (
            lambda: service.find_plan(work, "nothing"),
            lambda: service.find_action(work, "hertfordshire", 99),
            lambda: service.find_risk(work, "hertfordshire", 1),
            lambda: service.find_corporate(work, "hertfordshire", 1),
            lambda: service.board_view(work, "nothing"),
            lambda: service.statement(work, "nothing", 2026),
            lambda: service.risk_register(work, "nothing"),
        ):
            with pytest.raises(Missing):
                ask()


def test_a_plan_that_lost_what_is_referred_to_is_not_fit(alliance):
    with alliance.look() as work:
        plan = service.find_plan(work, "alliance")
        assert service.still_named(work, plan) == []
        problems = service.still_named(work, replace(plan, parts=()))
    assert {problem.field for problem in problems} == {"objective", "force"}


@contextmanager
def counted(plans):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        if statement.startswith("SELECT"):
            statements.append(statement)

    engine = plans.statistics.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def test_a_list_asks_as_little_of_two_thousand_as_of_twenty(herts):
    asked = {}
    fill(herts)
    for plan in ("hertfordshire", MANY):
        with counted(herts) as statements, herts.look() as work:
            found = service.list_actions(work, Filter(plan=plan), page=1)
        asked[plan] = len(statements)
        assert found.actions
    assert asked["hertfordshire"] == asked[MANY] <= 6
    with counted(herts) as statements, herts.look() as work:
        service.board_view(work, MANY)
    assert len(statements) <= 14


def test_two_thousand_actions_come_in_pages(herts):
    fill(herts)
    with herts.look() as work:
        first = service.list_actions(work, Filter(plan=MANY), page=1)
        last = service.list_actions(work, Filter(plan=MANY), page=10_000)
    assert (first.total, first.pages, len(first.actions)) == (2000, 40, 50)
    assert last.page == 40
    assert last.actions[-1].number == 2000


def test_a_list_of_two_thousand_is_quick(herts):
    fill(herts)
    chosen = Filter(plan=MANY, owner="office-3", status=Status.IN_PROGRESS, theme=Theme.PEOPLE)
    spent = []
    for _ in range(9):
        begun = time.process_time()
        with herts.look() as work:
            service.list_actions(work, chosen, page=1)
        spent.append(time.process_time() - begun)
    assert sorted(spent)[4] < 0.05, spent
