"""What a case sheet may say in codes: forces, directorates, categories, outcomes, bands of time.

The project's own data, in versions: forces merge and directorates move. What is published of it
is the publication plan's to say; `tests/house` keeps the two in step.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from app.editions import in_force
from app.envelope.strict_json import (
    Json,
    UnfitJson,
    integer_in,
    names_of,
    objects_in,
    read_object,
    text_in,
)

FOLDER = Path(__file__).with_name("data")
FORMAT = "candour-case-reference/1"


@dataclass(frozen=True, slots=True)
class Directorate:
    """A part of a force that a concern is about."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Force:
    """A force whose matters are counted apart."""

    id: str
    name: str
    directorates: tuple[Directorate, ...]
    # Its last day, where it became part of another; None while it is there.
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """What a concern is about, and the published theme it counts under."""

    id: str
    label: str
    theme: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A class of outcomes, and the published one it counts under."""

    id: str
    label: str
    published_as: str


@dataclass(frozen=True, slots=True)
class Band:
    """How long a case took: up to so many days, or however long."""

    id: str
    up_to_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One version of all of it."""

    version: int
    effective_from: date
    forces: tuple[Force, ...]
    categories: tuple[Category, ...]
    outcomes: tuple[Outcome, ...]
    bands: tuple[Band, ...]

    def offered(self, day: date, *, also: str) -> tuple[Force, ...]:
        """Return the forces that a sheet may name on `day`, and `also` the one that it names."""
        return tuple(
            force
            for force in self.forces
            if force.valid_until is None or day <= force.valid_until or force.id == also
        )

    @property
    def directorates(self) -> Mapping[str, frozenset[str]]:
        """The ids of each force's directorates."""
        return {
            force.id: frozenset(directorate.id for directorate in force.directorates)
            for force in self.forces
        }

    def theme_of(self, category: str) -> str:
        """Return the theme that a category is published under."""
        return next(found.theme for found in self.categories if found.id == category)

    def published_outcome(self, outcome: str) -> str:
        """Return the outcome that a class of outcomes is published under."""
        return next(found.published_as for found in self.outcomes if found.id == outcome)

    def band_of(self, days: int) -> str:
        """Return the band of a case that took `days`."""
        return next(
            band.id for band in self.bands if band.up_to_days is None or days <= band.up_to_days
        )


def reference_on(day: date) -> Reference:
    """Return the version in force on `day`, or the first before there was one."""
    return in_force(_versions(), day)


@cache
def _versions() -> tuple[Reference, ...]:
    files = sorted(FOLDER.glob("case-reference-*.json"))
    return tuple(read_reference(file.read_bytes()) for file in files)


def read_reference(content: bytes) -> Reference:
    """Return the reference data in a file.

    Raises:
        UnfitJson: if it is malformed in any particular.
    """
    found = read_object(content)
    names_of(
        found,
        ("format", "version", "effective_from", "forces", "categories", "outcomes", "bands"),
    )
    if text_in(found, "format") != FORMAT:
        raise UnfitJson("the reference data is of another format")
    reference = Reference(
        version=integer_in(found, "version", least=1),
        effective_from=_day(text_in(found, "effective_from")),
        forces=tuple(map(_force, objects_in(found, "forces"))),
        categories=tuple(
            Category(*_texts(one, "id", "label", "theme"))
            for one in objects_in(found, "categories")
        ),
        outcomes=tuple(
            Outcome(*_texts(one, "id", "label", "published_as"))
            for one in objects_in(found, "outcomes")
        ),
        bands=tuple(map(_band, objects_in(found, "bands"))),
    )
    _refuse_unfit(reference)
    return reference


def _force(found: dict[str, Json]) -> Force:
    names_of(found, ("id", "name", "valid_until", "directorates"))
    directorates = tuple(
        Directorate(*_texts(one, "id", "name")) for one in objects_in(found, "directorates")
    )
    _refuse_twice([one.id for one in directorates])
    until = None if found["valid_until"] is None else _day(text_in(found, "valid_until"))
    return Force(text_in(found, "id"), text_in(found, "name"), directorates, until)


def _band(found: dict[str, Json]) -> Band:
    names_of(found, ("id", "up_to_days"))
    most = found["up_to_days"]
    return Band(text_in(found, "id"), None if most is None else integer_in(found, "up_to_days"))


def _texts(found: dict[str, Json], *names: str) -> list[str]:
    names_of(found, names)
    return [text_in(found, name) for name in names]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnfitJson("a date is not one") from None


def _refuse_unfit(reference: Reference) -> None:
    for things in (
        reference.forces,
        reference.categories,
        reference.outcomes,
        reference.bands,
    ):
        _refuse_twice([thing.id for thing in things])
    days = [band.up_to_days for band in reference.bands]
    limits = [day for day in days if day is not None]
    if not days or days[-1] is not None or len(limits) != len(days) - 1:
        raise UnfitJson("the last band, and no other, is without an end")
    if limits != sorted(set(limits)):
        raise UnfitJson("the bands are not in order")


def _refuse_twice(ids: list[str]) -> None:
    if not ids or len(set(ids)) != len(ids):
        raise UnfitJson("an id stands twice, or there is none")
