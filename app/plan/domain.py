"""Plans and strategies as they stand: corporate risk, integrity risk, action, owners, status."""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from app.errors import Conflict
from app.plan.choices import (
    ActionKind,
    EvidenceKind,
    Level,
    PartKind,
    PlanKind,
    Priority,
    Status,
    Subject,
    Theme,
)

SLUG = re.compile(r"[a-z][a-z0-9-]{2,47}", re.ASCII)
# Words of addresses that are pages of their own, so no plan may be called by them.
RESERVED = frozenset({"actions", "new"})
OFFICE_ID = re.compile(r"[a-z][a-z0-9-]{1,47}", re.ASCII)

LONGEST_LINE = 200  # characters of a section, a name, a risk's title
LONGEST_TITLE = 300  # characters of an action's title
LONGEST_OFFICE = 60
LONGEST_TEXT = 4_000  # characters of details, a progress note, a reason
MOST_OWNERS = 12
HIGHEST_NUMBER = 9_999
MONTHS_OF_REVIEW = range(1, 61)


class Stale(Conflict):
    """Somebody else changed it since this page was loaded; nothing was written."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who did something: an account, whoever runs the portal, or a document as published."""

    id: str
    name: str


OPERATOR = Author("operator", "Whoever runs the portal")
AS_PUBLISHED = Author("as-published", "As published")


@dataclass(frozen=True, slots=True)
class Office:
    """An office that owns actions. Two spellings with one id are one office."""

    name: str

    @property
    def id(self) -> str:
        """What an account's office, an address and a filter call it."""
        return office_id(self.name)


def office_id(name: str) -> str:
    """Return the id of the office called `name`: "Board & group leads" is board-and-group-leads."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower().replace("&", " and "))
    return words.strip("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One line of a list of a plan: an objective, a body, a consideration."""

    kind: PartKind
    position: int
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan or a strategy, of one force or of several, with one owner or joint owners."""

    slug: str
    title: str
    kind: PlanKind
    about: str = ""
    # What the data is: where it came from and what in it is a reading of ours.
    source: str = ""
    review_months: int | None = None
    # Whether the document itself gives that interval; if not, every page says so.
    review_is_stated: bool = False
    begun_on: date
    reviewed_on: date | None = None
    parts: tuple[Part, ...] = ()
    version: int = 1

    def listed(self, kind: PartKind) -> tuple[Part, ...]:
        """Return one of its lists, in order."""
        return tuple(part for part in self.parts if part.kind is kind)

    @property
    def forces(self) -> tuple[str, ...]:
        """The forces it covers."""
        return tuple(part.name for part in self.listed(PartKind.FORCE))

    @property
    def owners(self) -> tuple[str, ...]:
        """Who owns it; several own it jointly."""
        return tuple(part.name for part in self.listed(PartKind.OWNER))

    @property
    def objectives(self) -> tuple[Part, ...]:
        """Its objectives; their position is their number."""
        return self.listed(PartKind.OBJECTIVE)

    @property
    def is_of_alliance(self) -> bool:
        """Whether more than one force is in it."""
        return len(self.forces) > 1

    @property
    def review_on(self) -> date | None:
        """The day by which it is to be reviewed; None if it has no cycle."""
        if self.review_months is None:
            return None
        return months_after(self.reviewed_on or self.begun_on, self.review_months)

    def is_overdue(self, today: date) -> bool:
        """Say whether its review is late."""
        return self.review_on is not None and self.review_on < today

    def at(self, version: int) -> Self:
        """Return this plan if it is still at `version`.

        Raises:
            Stale: if it is not.
        """
        _check_version(self.slug, self.version, version)
        return self

    def reviewed(self, today: date) -> Self:
        """Return this plan as reviewed today."""
        return replace(self, reviewed_on=today)


def months_after(day: date, months: int) -> date:
    """Return the same day of the month `months` later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorporateRisk:
    """A line of the corporate risk register, under which integrity risks stand."""

    plan: str
    number: int
    title: str
    details: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """An integrity risk. `force` is one of the plan's forces, or None for all of them together."""

    plan: str
    number: int
    title: str
    details: str = ""
    corporate: int
    likelihood: int
    impact: int
    theme: Theme
    force: str | None = None
    version: int = 1

    @property
    def score(self) -> int:
        """Likelihood times impact, 1 to 25."""
        return self.likelihood * self.impact

    @property
    def level(self) -> Level:
        """How much it weighs."""
        return level(self.likelihood, self.impact)


def level(likelihood: int, impact: int) -> Level:
    """Return the level of a risk: high from 15, medium from 6."""
    score = likelihood * impact
    if score >= 15:
        return Level.HIGH
    return Level.MEDIUM if score >= 6 else Level.LOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that offices are to do."""

    plan: str
    number: int
    title: str
    section: str = ""
    details: str = ""
    kind: ActionKind = ActionKind.OTHER
    owners: tuple[str, ...] = ()
    theme: Theme | None = None
    priority: Priority = Priority.NOT_STATED
    status: Status = Status.NOT_STARTED
    # What a document says where it states no status and one was read into it; else empty.
    read_from: str = ""
    review_on: date | None = None
    # Numbers of an objective and of an integrity risk of the same plan.
    objective: int | None = None
    risk: int | None = None
    version: int = 1

    @property
    def offices(self) -> tuple[str, ...]:
        """The ids of its owners."""
        return tuple(office_id(name) for name in self.owners)

    def is_overdue(self, today: date) -> bool:
        """Say whether its review date has passed; what is done is never overdue."""
        return (
            self.review_on is not None and self.review_on < today and self.status is not Status.DONE
        )

    def progressed(self, status: Status) -> Self:
        """Return this action at `status`, which is then stated and no longer a reading."""
        if status is self.status:
            return self
        return replace(self, status=status, read_from="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A progress note. Notes are added and never changed."""

    noted_on: date
    by: Author
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an action rests on: the id of a released cell, or a document's title and source."""

    id: int
    kind: EvidenceKind
    cell: str | None = None
    title: str = ""
    source: str = ""
    dated_on: date | None = None
    why: str = ""
    added_on: date
    by: Author


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of one thing, from what to what."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A change as the history keeps it."""

    subject: Subject
    number: int | None
    changed_on: date
    by: Author
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which actions a list shows. What is None leaves nothing out."""

    plan: str | None = None
    owner: str | None = None
    theme: Theme | None = None
    status: Status | None = None
    overdue: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it leaves nothing out."""
        return self == Filter()


def at_version(thing: CorporateRisk | Risk | Action, version: int) -> None:
    """Check that a thing is still as it was when somebody looked at it.

    Raises:
        Stale: if it is at another version.
    """
    _check_version(f"{thing.plan} {thing.number}", thing.version, version)


def _check_version(name: str, now: int, seen: int) -> None:
    if now != seen:
        raise Stale(f"{name} is no longer at version {seen}")
