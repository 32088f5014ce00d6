"""What the clocks of one case go by: the days of its steps, letters and milestones. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from app.casework.clocks import Clocks, Events, Reading, next_due, read_clocks
from app.casework.course import Course, Phase
from app.casework.domain import NEVER, Case, CaseState
from app.casework.sheet import CaseSheet
from app.casework.sheet_parts import Action, LinkKind

LETTER = "letter-sent"
# What happens to a case that was taken up again begins anew with these.
_TAKEN_UP = frozenset({"opened", "triage"})


def events_of(
    case: Case,
    sheet: CaseSheet,
    *,
    letters: Iterable[date],
    opened_on: date | None,
    course: Course,
) -> Events:
    """Return by its name on which days each thing happened that a clock asks for.

    Args:
        case: as it stands in clear.
        sheet: its newest version.
        letters: the postmarks of what the desk wrote.
        opened_on: when somebody first read it; None if nobody has, or nobody knows.
        course: says which states are of its end.
    """
    found: dict[str, list[date]] = {"received": [case.received_on]}
    if case.state is not CaseState.SEALED:
        found["opened"] = [opened_on or case.received_on]
    # Not to refer ends the wait for a referral as well, in time or late.
    unreferred = [("iopc-referred", day) for day in sheet.not_referred_on]
    for what, day in (*_since_it_was_last_taken_up(sheet, course), *unreferred):
        found.setdefault(what, []).append(day)
    if case.state is CaseState.CLOSED and "closed" not in found and sheet.closures:
        found["closed"] = [sheet.closures[-1].on]
    if sent := _sent(letters, found.get("closed", ())):
        found[LETTER] = sent
    for milestone in sheet.milestones:
        found.setdefault(milestone.what, []).append(milestone.on)
    if sheet.criterion_on is not None:
        found["criterion"] = [sheet.criterion_on]
    # Unless the sheet says better, the force knew when the concern came.
    aware = found.pop("authority-aware", [case.received_on])
    if "investigation" in found:
        found["authority-aware"] = aware
    return {name: tuple(sorted(days)) for name, days in found.items()}


def read_case(
    case: Case,
    sheet: CaseSheet,
    *,
    letters: Iterable[date],
    opened_on: date | None,
    course: Course,
    known: Clocks,
) -> list[Reading]:
    """Return the clocks that were started in a case, as they stand. Arguments as `events_of`."""
    events = events_of(case, sheet, letters=letters, opened_on=opened_on, course=course)
    return read_clocks(events, urgent=case.is_urgent, known=clocks_for(sheet, known))


def clocks_for(sheet: CaseSheet, known: Clocks) -> Clocks:
    """Return the clocks that can run in a case: in an alert of retaliation none for letters.

    Nobody holds the keys of an alert's mailbox: its reporter is written to in another case.
    """
    if not is_alert(sheet):
        return known
    kept = [one for one in known.clocks if LETTER not in {one.starts, one.stops}]
    return replace(known, clocks=tuple(kept))


def is_alert(sheet: CaseSheet) -> bool:
    """Say whether a case is an alert of retaliation for another one."""
    return any(link.kind is LinkKind.RETALIATION_FOR for link in sheet.links)


def to_do(sheet: CaseSheet) -> list[Action]:
    """Return the actions of a case that nobody has done yet."""
    return [action for action in sheet.actions if action.done_on is None]


def due_on(
    readings: Iterable[Reading], promised: date | None, actions: Iterable[Action] = ()
) -> date:
    """Return the day that stands in clear: when the first thing is due, whatever it is.

    Args:
        readings: the clocks of the case.
        promised: by when its reporter was promised a letter.
        actions: what somebody on the desk said would be done by a day, and is not yet.
    """
    found = (next_due(readings), promised, *(action.due for action in actions))
    return min((due for due in found if due is not None), default=NEVER)


def _sent(letters: Iterable[date], closed: Sequence[date]) -> list[date]:
    """Return the days of letters; one after the end promises no further one."""
    days = sorted(letters)
    before = [day for day in days if not closed or day <= closed[-1]]
    return before or days[:1]


def _since_it_was_last_taken_up(sheet: CaseSheet, course: Course) -> list[tuple[str, date]]:
    """Return the states a case came to; of its end, only since it was last taken up again."""
    found = [(step.to, step.on) for step in sheet.arrivals]
    anew = max((at for at, (to, _) in enumerate(found) if to in _TAKEN_UP), default=-1)
    return [
        (to, on)
        for at, (to, on) in enumerate(found)
        if at > anew or course.states[to].phase is not Phase.CONCLUDE
    ]
