"""What differs between two states of a thing, in the words the history keeps."""

import enum
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from app.plan.choices import PartKind, Theme
from app.plan.domain import Action, Change, CorporateRisk, Plan, Risk

Thing = TypeVar("Thing", Action, Risk, CorporateRisk)

# Field and what a page calls it. The order is that of the pages.
ACTION_FIELDS = {
    "title": "Action",
    "section": "Section",
    "details": "Details",
    "kind": "Kind",
    "owners": "Owners",
    "theme": "Theme",
    "priority": "Priority",
    "status": "Status",
    "read_from": "Status read from",
    "review_on": "Review date",
    "objective": "Objective",
    "risk": "Risk",
}
RISK_FIELDS = {
    "title": "Risk",
    "details": "Details",
    "corporate": "Corporate risk",
    "likelihood": "Likelihood",
    "impact": "Impact",
    "theme": "Theme",
    "force": "Scope",
}
CORPORATE_FIELDS = {"title": "Corporate risk", "details": "Details"}
PLAN_FIELDS = {
    "title": "Title",
    "kind": "Kind",
    "about": "About",
    "source": "Source",
    "review_months": "Review every (months)",
    "review_is_stated": "Interval stated by the document",
    "reviewed_on": "Reviewed on",
}


def action_changes(before: Action | None, after: Action) -> list[Change]:
    """Return what changed of an action; everything that is filled in if it is new."""
    return _differences(ACTION_FIELDS, before, after)


def risk_changes(before: Risk | None, after: Risk) -> list[Change]:
    """Return what changed of an integrity risk."""
    return _differences(RISK_FIELDS, before, after, shown=_scope)


def corporate_changes(before: CorporateRisk | None, after: CorporateRisk) -> list[Change]:
    """Return what changed of a corporate risk."""
    return _differences(CORPORATE_FIELDS, before, after)


def plan_changes(before: Plan | None, after: Plan) -> list[Change]:
    """Return what changed of a plan, its lists as whole lists."""
    found = _differences(PLAN_FIELDS, before, after)
    for kind in PartKind:
        was = "" if before is None else _lines(before, kind)
        now = _lines(after, kind)
        if was != now:
            found.append(Change(what=f"{kind.label} list", before=was, after=now))
    return found


def in_words(value: object) -> str:
    """Return a field's value as pages and history show it; empty for none."""
    match value:
        case None:
            return ""
        case Theme():
            return value.label
        case enum.Enum():
            return str(getattr(value, "label", value.value))
        case bool():
            return "Yes" if value else "No"
        case date():
            return value.isoformat()
        case tuple():
            return "; ".join(str(one) for one in value)
        case _:
            return str(value)


def _differences(
    fields: dict[str, str],
    before: object | None,
    after: object,
    *,
    shown: Callable[[str, object], str] | None = None,
) -> list[Change]:
    in_field = shown or (lambda _name, value: in_words(value))
    found = []
    for name, label in fields.items():
        was = "" if before is None else in_field(name, getattr(before, name))
        now = in_field(name, getattr(after, name))
        if was != now:
            found.append(Change(what=label, before=was, after=now))
    return found


def _scope(name: str, value: object) -> str:
    if name == "force" and value is None:
        return "All forces together"
    return in_words(value)


def _lines(plan: Plan, kind: PartKind) -> str:
    return "\n".join(
        f"{part.name} | {part.note}" if part.note else part.name for part in plan.listed(kind)
    )
