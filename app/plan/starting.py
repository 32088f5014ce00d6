"""Reads a plan from a JSON file: the starting data of the portal, or a force's own.

A file is taken whole or not at all, and every complaint names the place it is about.
"""

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from app.plan.choices import PartKind
from app.plan.domain import HIGHEST_NUMBER, Action, CorporateRisk, Plan, Risk
from app.plan.entries import Entry
from app.plan.readers import Around, Read, action_of, corporate_of, plan_of, risk_of

Thing = TypeVar("Thing")

FORMAT = "candour-plan/1"
LARGEST_FILE = 8 * 1024 * 1024  # bytes
FOLDER = Path(__file__).with_name("data")
# What `candour plan load` calls the plans that come with the portal.
STARTING = {
    "herts": "hertfordshire.json",
    "norfolk-suffolk": "norfolk-suffolk.json",
    "alliance": "alliance.json",
}
LISTS = {
    "forces": PartKind.FORCE,
    "owners": PartKind.OWNER,
    "sections": PartKind.SECTION,
    "principles": PartKind.PRINCIPLE,
    "objectives": PartKind.OBJECTIVE,
    "considerations": PartKind.CONSIDERATION,
    "themes": PartKind.THEME,
    "bodies": PartKind.BODY,
}
PLAN_KEYS = {
    "format", "slug", "title", "kind", "about", "source", "review", "corporate_risks", "risks",
    "actions", *LISTS,
}  # fmt: skip
CORPORATE_KEYS = {"number", "title", "details"}
RISK_KEYS = {*CORPORATE_KEYS, "corporate", "likelihood", "impact", "theme", "force"}
ACTION_KEYS = {
    "number", "section", "title", "details", "kind", "owners", "theme", "priority", "status",
    "read_from", "review_on", "objective", "risk", "progress",
}  # fmt: skip


class UnfitPlanFile(ValueError):
    """A file of which nothing was taken. `complaints` says why, place by place."""

    def __init__(self, complaints: Sequence[str]) -> None:
        super().__init__("; ".join(complaints[:5]))
        self.complaints = tuple(complaints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A plan with everything in it, as a file has it."""

    plan: Plan
    corporate: tuple[CorporateRisk, ...] = ()
    risks: tuple[Risk, ...] = ()
    actions: tuple[Action, ...] = ()
    # By number of the action: its progress as the document tells it.
    progress: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class _Row:
    """One object of a list of the file: where it stands, its number, its fields as texts."""

    place: str
    number: int
    texts: Mapping[str, str]


def starting_plan(name: str, today: date) -> Whole:
    """Return one of the plans that come with the portal, begun today."""
    return read_plan((FOLDER / STARTING[name]).read_bytes(), today)


def read_plan(content: bytes, today: date) -> Whole:
    """Read a plan from a file.

    Raises:
        UnfitPlanFile: if anything at all is wrong with it.
    """
    reading = _Reading(_parsed(content))
    whole = reading.whole(today)
    if reading.complaints:
        raise UnfitPlanFile(reading.complaints)
    return whole


class _Reading:
    """One file, read from the plan down to its actions."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self.complaints: list[str] = []
        self._given = given

    def whole(self, today: date) -> Whole:
        """Return what stands in the file; fit to be used only without complaints."""
        plan = self._plan(today)
        corporate = self._rows("corporate_risks", CORPORATE_KEYS)
        risks = self._rows("risks", RISK_KEYS)
        actions = self._rows("actions", ACTION_KEYS)
        around = Around(
            objectives=frozenset(part.position for part in plan.objectives),
            risks=frozenset(row.number for row in risks),
            corporate=frozenset(row.number for row in corporate),
            forces=plan.forces,
        )
        slug = plan.slug
        return Whole(
            plan=plan,
            corporate=tuple(
                self._fit(row.place, corporate_of(slug, row.number, row.texts)) for row in corporate
            ),
            risks=tuple(
                self._fit(row.place, risk_of(slug, row.number, row.texts, around)) for row in risks
            ),
            actions=tuple(
                self._fit(row.place, action_of(slug, row.number, row.texts, around))
                for row in actions
            ),
            progress={row.number: note for row in actions if (note := self._progress(row))},
        )

    def _plan(self, today: date) -> Plan:
        self._check_keys("plan", self._given, PLAN_KEYS)
        texts = {
            key: self._text("plan", key, self._given[key])
            for key in ("title", "kind", "about", "source")
            if key in self._given
        }
        texts |= self._review()
        for key, kind in LISTS.items():
            texts[kind.value] = "\n".join(self._lines(key))
        slug = self._text("plan", "slug", self._given.get("slug", ""))
        return self._fit("plan", plan_of(slug, texts, begun_on=today))

    def _review(self) -> dict[str, str]:
        review = self._given.get("review")
        if review is None:
            return {}
        found = self._object("review", review)
        self._check_keys("review", found, {"months", "stated"})
        return {
            "review_months": self._text("review", "months", found.get("months", "")),
            "review_is_stated": "yes" if found.get("stated") is True else "no",
        }

    def _lines(self, key: str) -> Iterator[str]:
        for place, item in self._items(key):
            given = {"name": item, "note": ""} if isinstance(item, str) else item
            found = self._object(place, given)
            self._check_keys(place, found, {"name", "note"})
            name, note = (self._text(place, part, found.get(part, "")) for part in ("name", "note"))
            if "|" in name or "\n" in name + note:
                self.complaints.append(
                    f"{place}: a name has no upright line, and neither name nor note ends a line"
                )
            yield f"{name} | {note}"

    def _rows(self, key: str, allowed: Set[str]) -> list[_Row]:
        rows: list[_Row] = []
        for place, item in self._items(key):
            found = self._object(place, item)
            self._check_keys(place, found, allowed)
            number = found.get("number")
            if type(number) is not int or not 1 <= number <= HIGHEST_NUMBER:
                self.complaints.append(f"{place}, number: not a number from 1")
            elif any(row.number == number for row in rows):
                self.complaints.append(f"{place}, number: {number} is there twice")
            else:
                texts = {name: self._text(place, name, value) for name, value in found.items()}
                rows.append(_Row(place, number, texts))
        return rows

    def _progress(self, row: _Row) -> str:
        entry = Entry(row.texts)
        return self._fit(row.place, Read(entry.text("progress", "The progress"), entry.problems))

    def _fit(self, place: str, read: Read[Thing]) -> Thing:
        self.complaints += [f"{place}, {found.field}: {found.text}" for found in read.problems]
        return read.thing

    def _items(self, key: str) -> Iterator[tuple[str, object]]:
        found = self._given.get(key, [])
        if not isinstance(found, list):
            self.complaints.append(f"{key}: not a list")
            return
        for position, item in enumerate(found, start=1):
            yield f"{key} {position}", item

    def _object(self, place: str, found: object) -> Mapping[str, object]:
        if isinstance(found, dict):
            return found
        self.complaints.append(f"{place}: not an object")
        return {}

    def _check_keys(self, place: str, found: Mapping[str, object], allowed: Set[str]) -> None:
        self.complaints += [
            f"{place}: “{key[:40]}” is not known" for key in sorted(set(found) - allowed)
        ]

    def _text(self, place: str, key: str, value: object) -> str:
        if isinstance(value, str):
            return value
        if type(value) is int:
            return str(value)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return "\n".join(value)
        self.complaints.append(f"{place}, {key}: not a text")
        return ""


def _parsed(content: bytes) -> Mapping[str, object]:
    if len(content) > LARGEST_FILE:
        raise UnfitPlanFile([f"the file is larger than {LARGEST_FILE // (1024 * 1024)} MiB"])
    try:
        found = json.loads(content.decode("utf-8"), object_pairs_hook=_no_key_twice)
    except UnfitPlanFile:
        raise
    except (ValueError, RecursionError) as error:
        raise UnfitPlanFile(["the file is not JSON in UTF-8"]) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise UnfitPlanFile([f"the file does not say that its format is {FORMAT}"])
    return found


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnfitPlanFile(["an object of the file has a key twice"])
    return found
