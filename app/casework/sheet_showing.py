"""A case sheet in the words of a page, and what changed between two versions."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.casework.reference import Category, Outcome, Reference
from app.casework.sheet import CaseSheet


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
        "Triage ended": f"{triage.on.isoformat()}: {triage.reason}" if triage else "",
        "Outcome": _label(closing.outcome, reference.outcomes) if closing else "",
        "Closed": f"{closing.on.isoformat()}: {closing.reason}" if closing else "",
        "Reference in another system": sheet.external,
        "Note": sheet.note,
    }


def changes(before: CaseSheet, after: CaseSheet, reference: Reference) -> list[Change]:
    """Return what `after` says differently from `before`."""
    was, now = said(before, reference), said(after, reference)
    return [Change(what, was[what], now[what]) for what in now if was[what] != now[what]]


def place(sheet: CaseSheet, reference: Reference) -> str:
    """Return force and directorate in words."""
    for force in reference.forces:
        for directorate in force.directorates:
            if (force.id, directorate.id) == (sheet.force, sheet.directorate):
                return f"{force.name}: {directorate.name}"
    return sheet.force and f"{sheet.force}/{sheet.directorate}"


def _label(id: str, known: Sequence[Category | Outcome]) -> str:
    return next((one.label for one in known if one.id == id), id)
