"""What the pages of a plan share: the blueprint, the addresses' questions, forms as they stand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, abort, request

from app.identity.access import signed_in
from app.identity.domain import Permission
from app.plan.changes import in_words
from app.plan.choices import Status, Theme
from app.plan.domain import SLUG, Change, Filter
from app.plan.entries import Choice, Problem, as_line

bp = Blueprint("plan", __name__, url_prefix="/staff/plans")

LATEST_YEAR = 2199


@bp.url_value_preprocessor
def _plain_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    # What cannot be a short name is the name of no plan; it never reaches the database.
    if values and "slug" in values and not SLUG.fullmatch(values["slug"]):
        values["slug"] = "-"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form as it is shown: what stands in it, and what is wrong with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    version: int = 1
    # Whether somebody else saved first, and what stands there now beside what was typed here.
    stale: bool = False
    differences: Sequence[Change] = ()

    def value(self, name: str) -> str:
        """Return what stands in a field."""
        return self.values.get(name, "")

    def error(self, name: str) -> str | None:
        """Return what is wrong with a field."""
        return next((found.text for found in self.problems if found.field == name), None)


def filled(thing: object, fields: Iterable[str], *, version: int) -> Sheet:
    """Return a form filled with the fields of a thing."""
    values: dict[str, str] = {}
    for name in fields:
        value = getattr(thing, name)
        values[name] = "\n".join(value) if isinstance(value, tuple) else in_words(value)
        if name.endswith("_on"):
            values |= day_parts(name, values[name])
    return Sheet(values, version=version)


def given(days: Sequence[str] = ()) -> dict[str, str]:
    """Return what was typed, with each date put together from its three boxes."""
    typed = dict(request.form.items())
    for name in days:
        parts = [typed.get(f"{name}-{part}", "").strip() for part in ("year", "month", "day")]
        typed[name] = "-".join(parts) if any(parts) else ""
    return typed


def day_parts(name: str, iso: str) -> dict[str, str]:
    """Return the three boxes of a date."""
    parts = iso.split("-") if iso else ["", "", ""]
    named = zip(("year", "month", "day"), parts, strict=True)
    return {f"{name}-{part}": value.lstrip("0") for part, value in named}


def seen_version(typed: Mapping[str, str]) -> int:
    """Return the version that was on the screen. Nobody types it: without one, ours it is not."""
    said = typed.get("version", "")
    if not (said.isascii() and said.isdigit() and 0 < len(said) < 9):
        abort(400)
    return int(said)


def asked_page() -> int:
    """Return the page asked for; the first, if what was asked is none."""
    said = request.args.get("page", "1")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 1


def asked_filter() -> Filter:
    """Return the filter of the address. What it does not know leaves nothing out."""
    asked = request.args
    return Filter(
        plan=as_line(asked.get("plan", "")) or None,
        owner=as_line(asked.get("owner", "")) or None,
        theme=_asked(Theme, asked.get("theme", "")),
        status=_asked(Status, asked.get("status", "")),
        overdue=asked.get("overdue", "") == "yes",
    )


def in_address(chosen: Filter) -> dict[str, str]:
    """Return a filter as the query of an address."""
    named = {
        "plan": chosen.plan,
        "owner": chosen.owner,
        "theme": chosen.theme.value if chosen.theme else None,
        "status": chosen.status.value if chosen.status else None,
        "overdue": "yes" if chosen.overdue else None,
    }
    return {name: value for name, value in named.items() if value is not None}


def may_edit() -> bool:
    """Say whether who is signed in leads on integrity."""
    return signed_in().may(Permission.EDIT_PLAN)


def may_export() -> bool:
    """Say whether who is signed in may take files away."""
    return signed_in().may(Permission.EXPORT)


def _asked(among: type[Choice], said: str) -> Choice | None:
    return next((member for member in among if member.value == said), None)
