"""Plans from files: the starting data, and actions from a spreadsheet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.identity.domain import StaffMember
from app.plan.choices import Subject
from app.plan.domain import AS_PUBLISHED, OPERATOR
from app.plan.recording import (
    add_actions,
    add_notes,
    add_plan,
    author,
    held,
    noted,
    record,
    record_added,
    require_lead,
    save_action,
)
from app.plan.register import Register
from app.plan.spreadsheet import Line
from app.plan.starting import Whole
from app.plan.store import Actions, Plans
from app.plan.trail import Notes
from app.work import Work


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in numbers of actions."""

    new: int
    changed: int
    same: int


def load(work: Work, whole: Whole) -> bool:
    """Load a plan from a file unless it is there; say whether it was loaded.

    What is there stays as it is: people may have worked on it since.
    """
    if Plans(work.session).find(whole.plan.slug) is not None:
        return False
    slug = whole.plan.slug
    add_plan(work, whole.plan, OPERATOR)
    register = Register(work.session, slug)
    for corporate in whole.corporate:
        register.add_corporate(corporate)
        record_added(work, Subject.CORPORATE_RISK, corporate, by=OPERATOR)
    for risk in whole.risks:
        register.add(risk)
        record_added(work, Subject.RISK, risk, by=OPERATOR)
    add_actions(work, whole.actions, OPERATOR)
    add_notes(work, slug, whole.progress, AS_PUBLISHED)
    return True


def import_actions(work: Work, slug: str, lines: Sequence[Line], *, by: StaffMember) -> Imported:
    """Write the actions of a file: new ones are added, those of a known number revised.

    Actions that are not in the file stay as they are. A progress text that is not the newest
    note becomes a note.

    Raises:
        Refused: if `by` may not.
        Missing: if there is no such plan.
    """
    require_lead(by)
    held(work, slug)
    who = author(by)
    known = {action.number: action for action in Actions(work.session).of(slug)}
    latest = Notes(work.session, slug).latest()
    notes = {
        line.action.number: line.progress
        for line in lines
        if line.progress
        and (line.action.number not in latest or latest[line.action.number].text != line.progress)
    }
    new = [line.action for line in lines if line.action.number not in known]
    add_actions(work, new, who)
    changed = len(notes.keys() & known.keys())
    for line in lines:
        before = known.get(line.action.number)
        if before is None:
            continue
        revised = save_action(work, before, replace(line.action, version=before.version), who)
        changed += revised and line.action.number not in notes
    add_notes(work, slug, notes, who)
    for number, text in notes.items():
        record(work, slug, Subject.ACTION, number, [noted(text)], who)
    return Imported(new=len(new), changed=changed, same=len(lines) - len(new) - changed)
