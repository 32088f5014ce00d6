"""A plan of two thousand actions, for what lists cost."""

from datetime import date, timedelta

from app.plan.choices import ActionKind, PartKind, PlanKind, Priority, Status, Theme
from app.plan.domain import OPERATOR, Action, Part, Plan
from app.plan.recording import add_actions, add_plan

MANY = "two-thousand"
COUNT = 2000


def fill(plans) -> None:
    statuses, themes, kinds = list(Status), list(Theme), list(ActionKind)
    actions = [
        Action(
            plan=MANY,
            number=number,
            title=f"Action {number} of a plan that is longer than any",
            section=f"Section {number % 9}",
            details="What is to be done, in a sentence or two. " * 4,
            kind=kinds[number % len(kinds)],
            owners=tuple(f"Office {(number + n) % 17}" for n in range(1 + number % 3)),
            theme=themes[number % 11],
            priority=list(Priority)[number % 4],
            status=statuses[number % 4],
            review_on=date(2026, 6, 1) + timedelta(days=number % 365) if number % 5 else None,
        )
        for number in range(1, COUNT + 1)
    ]
    plan = Plan(
        slug=MANY,
        title="Two thousand actions",
        kind=PlanKind.PLAN,
        begun_on=date(2026, 1, 1),
        parts=(Part(kind=PartKind.FORCE, position=1, name="Northshire Constabulary"),),
    )
    with plans.begin() as work:
        add_plan(work, plan, OPERATOR)
        add_actions(work, actions, OPERATOR)
