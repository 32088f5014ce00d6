"""What every change of a plan needs: who may, the plan held still, a line in the history."""

from collections.abc import Mapping, Sequence

from app.errors import Conflict, Missing, Refused
from app.identity.domain import Permission, StaffMember
from app.plan.changes import action_changes
from app.plan.choices import Subject
from app.plan.domain import Action, Author, Change, CorporateRisk, Note, Plan, Risk
from app.plan.store import Actions, Plans
from app.plan.trail import History, Notes
from app.work import Work

NOTE = "Progress note"


class NumberTaken(Conflict):
    """The plan, or the action, is there already."""


def add_plan(work: Work, plan: Plan, by: Author) -> None:
    """Add a plan with its lists.

    Raises:
        NumberTaken: if there is one of that short name.
    """
    plans = Plans(work.session)
    if plans.find(plan.slug) is not None:
        raise NumberTaken(plan.slug)
    plans.add(plan)
    added = Change(what="Added", before="", after=plan.title)
    record(work, plan.slug, Subject.PLAN, None, [added], by)


def add_actions(work: Work, actions: Sequence[Action], by: Author) -> None:
    """Add actions, each with a line of the history."""
    Actions(work.session).add(actions)
    for action in actions:
        record_added(work, Subject.ACTION, action, by=by)


def add_notes(work: Work, slug: str, notes: Mapping[int, str], by: Author) -> None:
    """Add progress notes, by number of the action."""
    Notes(work.session, slug).add(
        (number, Note(noted_on=work.today, by=by, text=text)) for number, text in notes.items()
    )


def save_action(work: Work, now: Action, revised: Action, by: Author) -> bool:
    """Write an action back if anything of it changed; say whether it did."""
    changes = action_changes(now, revised)
    if changes:
        Actions(work.session).save(revised)
        record(work, now.plan, Subject.ACTION, now.number, changes, by)
    return bool(changes)


def held(work: Work, slug: str) -> Plan:
    """Return a plan, held: whoever writes to it waits, so two new actions cannot take one number.

    Raises:
        Missing: if there is none.
    """
    plan = Plans(work.session).find(slug, hold=True)
    if plan is None:
        raise Missing("plan")
    return plan


def noted(text: str) -> Change:
    """Return the line of the history for a progress note."""
    return Change(what=NOTE, before="", after=text)


def record_added(
    work: Work, subject: Subject, thing: Action | Risk | CorporateRisk, *, by: Author
) -> None:
    """Write down that something was added."""
    change = Change(what="Added", before="", after=thing.title)
    record(work, thing.plan, subject, thing.number, [change], by)


def record(
    work: Work,
    slug: str,
    subject: Subject,
    number: int | None,
    changes: Sequence[Change],
    by: Author,
) -> None:
    """Write changes down in the history."""
    History(work.session, slug).add(subject, number, changes, on=work.today, by=by)


def require_lead(by: StaffMember) -> None:
    """Let only somebody go on who may edit plans.

    Raises:
        Refused: if she may not.
    """
    if not by.may(Permission.EDIT_PLAN):
        raise Refused(f"{by.id} may not {Permission.EDIT_PLAN.value}")


def author(by: StaffMember) -> Author:
    """Return an account as the history names it."""
    return Author(by.id, by.name)
