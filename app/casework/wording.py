"""The words of the desk's pages for what the domain calls by a code."""

from app.casework.domain import CaseState, Drawer

STATES = {
    CaseState.SEALED: "Sealed",
    CaseState.OPENED: "Opened",
    CaseState.TRIAGE: "In triage",
    CaseState.UNDER_WAY: "Under way",
    CaseState.CLOSED: "Closed",
}

DRAWERS = {
    Drawer.WAITING: "Waiting to be opened",
    Drawer.OPEN: "Open",
    Drawer.CLOSED: "Closed",
}

# What a step is called, by the state it leads to and the state it starts from.
STEPS = {(CaseState.OPENED, CaseState.TRIAGE): "Start triage"}

TOLD = {
    CaseState.SEALED: "Received",
    CaseState.OPENED: "Being read",
    CaseState.TRIAGE: "Being assessed",
    CaseState.UNDER_WAY: "Being acted on",
    CaseState.CLOSED: "Closed",
}

QUESTIONS = {
    "what": "What happened",
    "who": "Who is involved",
    "where": "Where",
    "when": "When",
    "how_known": "How the reporter knows",
    "who_else": "Who else knows",
    "afraid_of": "What the reporter is afraid of",
    "about": "Who it is about",
    "danger": "Is somebody in danger",
    "force": "Which force they belong to",
    "category": "What kind of concern",
    "wish": "Who should deal with it",
    "asks": "What the reporter asks for",
}

ASKED = {"review": "A review of the outcome"}

DANGER = {"yes": "Yes", "no": "No"}


def due(days: int | None) -> str:
    """Return how pressing something is that is due in `days`, negative if it is late."""
    if days is None:
        return "Nothing is due"
    if days < 0:
        return f"Overdue by {_days(-days)}"
    return {0: "Due today", 1: "Due tomorrow"}.get(days, f"Due in {_days(days)}")


def size(length: int) -> str:
    """Return a number of bytes as a person would say it."""
    if length < 1000:
        return f"{length} bytes"
    if length < 1_000_000:
        return f"{length / 1000:.0f} kB"
    return f"{length / 1_000_000:.1f} MB"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
