"""Reads a version of the publication plan, strictly: an unknown name stops it."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from app.trends.domain import Cadence, Period, Table
from app.trends.exact_json import (
    Json,
    UnfitJson,
    fraction_in,
    names_of,
    number_in,
    object_in,
    objects_in,
    read_object,
    text_in,
    texts_in,
)
from app.trends.plan_parts import (
    Alliance,
    Band,
    Force,
    Label,
    Outcome,
    PublicationPlan,
    Theme,
    UnfitPlan,
)

FORMAT = "candour-publication/1"
_Part = TypeVar("_Part")
_Object = dict[str, Json]


def read_plan(content: bytes) -> PublicationPlan:
    """Return the plan in `content`.

    Raises:
        UnfitPlan: if a name is missing or unknown, a value unfit, or the plan contradicts itself.
    """
    try:
        return _plan(read_object(content))
    except UnfitPlan:
        raise
    except (UnfitJson, ValueError) as error:
        raise UnfitPlan(f"the publication plan: {error}") from error


def _plan(value: _Object) -> PublicationPlan:
    names_of(
        value, "format", "version", "effective_from", "cap", "sigma2", "threshold", "groups",
        "themes", "strategy_themes", "outcomes", "bands", "forces", "alliances",
    )  # fmt: skip
    if text_in(value, "format") != FORMAT:
        raise UnfitPlan(f"the publication plan is not {FORMAT}")
    sigma2 = object_in(value, "sigma2")
    names_of(sigma2, *(table.value for table in Table))
    return PublicationPlan(
        version=number_in(value, "version"),
        effective_from=date.fromisoformat(text_in(value, "effective_from")),
        cap=fraction_in(value, "cap"),
        sigma2={table: number_in(sigma2, table.value) for table in Table},
        threshold=number_in(value, "threshold"),
        groups=_parts(value, "groups", _label),
        themes=_parts(value, "themes", _theme),
        strategy_themes=_parts(value, "strategy_themes", _label),
        outcomes=_parts(value, "outcomes", _outcome),
        bands=_parts(value, "bands", _band),
        forces=_parts(value, "forces", _force),
        alliances=_parts(value, "alliances", _alliance),
    )


def _parts(value: _Object, name: str, read: Callable[[_Object], _Part]) -> tuple[_Part, ...]:
    return tuple(read(item) for item in objects_in(value, name))


def _label(value: _Object) -> Label:
    names_of(value, "id", "name")
    return Label(text_in(value, "id"), text_in(value, "name"))


def _theme(value: _Object) -> Theme:
    names_of(value, "id", "name", "group", "categories", "strategy")
    return Theme(
        text_in(value, "id"),
        text_in(value, "name"),
        group=text_in(value, "group"),
        categories=texts_in(value, "categories"),
        strategy=texts_in(value, "strategy"),
    )


def _outcome(value: _Object) -> Outcome:
    names_of(value, "id", "name", "classes")
    return Outcome(text_in(value, "id"), text_in(value, "name"), texts_in(value, "classes"))


def _band(value: _Object) -> Band:
    names_of(value, "id", "name", "up_to_days")
    endless = value["up_to_days"] is None
    return Band(
        text_in(value, "id"),
        text_in(value, "name"),
        None if endless else number_in(value, "up_to_days"),
    )


def _force(value: _Object) -> Force:
    names_of(value, "id", "name", "first_period", "first_cadence", "directorates")
    return Force(
        text_in(value, "id"),
        text_in(value, "name"),
        first_period=Period.parse(text_in(value, "first_period")),
        first_cadence=Cadence(text_in(value, "first_cadence")),
        directorates=_parts(value, "directorates", _label),
    )


def _alliance(value: _Object) -> Alliance:
    names_of(value, "id", "name", "forces")
    return Alliance(text_in(value, "id"), text_in(value, "name"), texts_in(value, "forces"))
