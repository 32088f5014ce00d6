"""A case sheet in the words of a page, and what changed between two versions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.casework import breaches
from app.casework.clocks import Clocks, clocks_on
from app.casework.course import Course, course_on
from app.casework.reference import Category, Outcome, Reference
from app.casework.sheet import CaseSheet
from app.casework.sheet_parts import NOT_REFERRED
from app.casework.vocabulary import vocabulary_on

# Where a sheet names people by their ids.
PEOPLE = frozenset({"Whose case it is", "Investigator", "Read by these alone", "Left out"})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that two versions say differently."""

    what: str
    was: str
    now: str


def said(sheet: CaseSheet, reference: Reference) -> dict[str, str]:
    """Return what a sheet says, in words, by what it says it about."""
    closing = sheet.closures[-1] if sheet.closures else None
    triage = sheet.triages[-1] if sheet.triages else None
    return {
        "Force and directorate": place(sheet, reference),
        "What it is about": _label(sheet.category, reference.categories),
        "Same matter as": sheet.same_as,
        "Covert enquiry": "Yes, nothing of it is counted" if sheet.hold else "",
        "Triage ended": f"{_in_words(triage.on)}: {triage.reason}" if triage else "",
        "Outcome": _label(closing.outcome, reference.outcomes) if closing else "",
        "Closed": f"{_in_words(closing.on)}: {closing.reason}" if closing else "",
        "Reference in another system": sheet.external,
        "Note": sheet.note,
    } | _assessed(sheet)


def _assessed(sheet: CaseSheet) -> dict[str, str]:
    # Not the links: whoever reads this case may not be one who may know of the other.
    words = vocabulary_on(sheet.written_on)
    marks = milestones(clocks_on(sheet.written_on))
    since = "" if sheet.criterion_on is None else f", since {_in_words(sheet.criterion_on)}"
    return {
        "Whom it is about": words["subject"].get(sheet.subject, sheet.subject),
        "Standards engaged": "; ".join(words["standards"].get(one, one) for one in sheet.standards),
        "Corruption category": words["corruption"].get(sheet.corruption, sheet.corruption),
        "Grade (3x5x2)": sheet.grade,
        "Criterion for referral": words["criterion"].get(sheet.criterion, sheet.criterion) + since,
        "Referral to the IOPC": referral(sheet),
        "What is to be learnt": sheet.learning,
        "Whose case it is": sheet.assignee,
        "Investigator": sheet.investigator,
        "Read by these alone": ", ".join(sheet.access),
        "Left out": ", ".join(sheet.left_out),
        "Last step": _last_step(sheet),
        "Dates": "; ".join(
            f"{marks.get(one.what, one.what)}, {_in_words(one.on)}" for one in sheet.milestones
        ),
        "Actions": "; ".join(
            f"{one.text}, until {_in_words(one.due)}"
            + (f", done {_in_words(one.done_on)}" if one.done_on else "")
            for one in sheet.actions
        ),
    }


def milestones(known: Clocks) -> dict[str, str]:
    """Return the words for what can stand among the dates of a sheet."""
    return {one.id: one.label for one in known.milestones} | breaches.labels(known)


def referral(sheet: CaseSheet) -> str:
    """Return in words what was decided last about a referral to the IOPC."""
    if sheet.referral == NOT_REFERRED:
        return "Considered, and not referred"
    return course_on(sheet.written_on).label_of("referral", sheet.referral)


def _last_step(sheet: CaseSheet) -> str:
    if not sheet.steps:
        return ""
    step = sheet.steps[-1]
    return f"{_in_words(step.on)}: {course_on(sheet.written_on).label_of_step(step.id)}"


def changes(before: CaseSheet, after: CaseSheet, reference: Reference) -> list[Change]:
    """Return what `after` says differently from `before`."""
    was, now = said(before, reference), said(after, reference)
    return [Change(what, was[what], now[what]) for what in now if was[what] != now[what]]


def with_names(words: Mapping[str, str], named: Callable[[str], str]) -> dict[str, str]:
    """Return what `said` returned, with the names of people in place of their ids."""
    return {
        what: ", ".join(map(named, text.split(", "))) if what in PEOPLE and text else text
        for what, text in words.items()
    }


def outcomes(sheet: CaseSheet, course: Course) -> list[str]:
    """Return the outcomes that were recorded last, in words."""
    return [course.outcomes[one].label for one in sheet.outcomes if one in course.outcomes]


def place(sheet: CaseSheet, reference: Reference) -> str:
    """Return force and directorate in words."""
    for force in reference.forces:
        for directorate in force.directorates:
            if (force.id, directorate.id) == (sheet.force, sheet.directorate):
                return f"{force.name}: {directorate.name}"
    return sheet.force and f"{sheet.force}/{sheet.directorate}"


def _label(id: str, known: Sequence[Category | Outcome]) -> str:
    return next((one.label for one in known if one.id == id), id)


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
