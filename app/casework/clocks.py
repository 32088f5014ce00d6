"""The twelve clocks of a case: what is due, until when, by which rule, and who hears of a breach.

Pure. No clock stops because a reporter was asked something, and none closes a case by running
out. Days are days: no hour of anything is known here.

Source: the rules named in `data/clocks-1.json`, each beside its clock.
"""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, StrEnum
from functools import cache
from pathlib import Path

import holidays

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
FORMAT = "candour-clocks/1"
WEEK = timedelta(days=7)
# By event, its days in their order.
Events = Mapping[str, tuple[date, ...]]


class Unit(StrEnum):
    """What a limit is counted in."""

    DAYS = "days"
    WORKING_DAYS = "working-days"
    MONTHS = "months"


class Told(StrEnum):
    """Who is told that a limit was missed."""

    DESK_HEAD = "desk-head"
    DEPUTY_CHIEF_CONSTABLE = "deputy-chief-constable"
    NOBODY = "nobody"


class Pressing(Enum):
    """How soon something is due."""

    OVERDUE = "overdue"
    TODAY = "today"
    THIS_WEEK = "this week"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock: between which events it runs, and for how long."""

    id: str
    label: str
    starts: str
    stops: str
    # Whether each new start winds it up again.
    restarts: bool
    least: int | None
    # Without one nothing is ever late: the rule names no day.
    most: int | None
    unit: Unit
    # The limit where somebody is in danger.
    urgent: int | None
    # How long each further turn lasts, once it ran out and its report was sent.
    again: int | None
    source: str
    breach: Told


@dataclass(frozen=True, slots=True)
class MilestoneKind:
    """Something a clock asks for that no step of the course says."""

    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """One version of all of it."""

    version: int
    effective_from: date
    clocks: tuple[Clock, ...]
    milestones: tuple[MilestoneKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A clock of one case on one day."""

    clock: Clock
    started: date
    due: date | None
    # Not before this day, where the rule says so.
    earliest: date | None
    stopped: date | None

    @property
    def runs(self) -> bool:
        """Whether it has not been stopped."""
        return self.stopped is None

    @property
    def was_missed(self) -> bool:
        """Whether it was stopped, and too late."""
        return self.stopped is not None and self.due is not None and self.stopped > self.due

    @property
    def was_early(self) -> bool:
        """Whether it was stopped before the rule allows."""
        return (
            self.stopped is not None and self.earliest is not None and self.stopped < self.earliest
        )

    def is_late(self, today: date) -> bool:
        """Whether it still runs, and its limit has passed."""
        return self.runs and self.due is not None and today > self.due

    def pressing(self, today: date) -> Pressing | None:
        """Return how soon it is due; None once it was stopped, or if no day is named."""
        return pressing(self.due, today) if self.runs and self.due is not None else None


def pressing(due: date, today: date) -> Pressing:
    """Return how soon something due on a day is due: this week is the next seven days."""
    if due < today:
        return Pressing.OVERDUE
    if due == today:
        return Pressing.TODAY
    return Pressing.THIS_WEEK if due < today + WEEK else Pressing.LATER


def read_clocks(events: Events, *, urgent: bool, known: Clocks) -> list[Reading]:
    """Return the clocks that were started in a case, as they stand.

    Args:
        events: the days of what happened, by its name, each in order.
        urgent: whether the reporter said that somebody is in danger.
        known: the clocks in force.
    """
    found = (_reading(clock, events, urgent=urgent) for clock in known.clocks)
    return [reading for reading in found if reading is not None]


def next_due(readings: Iterable[Reading]) -> date | None:
    """Return the earliest day on which something is due, late or not; None if nothing is."""
    return min((one.due for one in readings if one.runs and one.due is not None), default=None)


def _reading(clock: Clock, events: Events, *, urgent: bool) -> Reading | None:
    begun = events.get(clock.starts, ())
    if not begun:
        return None
    started = begun[-1] if clock.restarts else begun[0]
    stopped = next((day for day in events.get(clock.stops, ()) if day >= started), None)
    limit = clock.urgent if urgent and clock.urgent is not None else clock.most
    return Reading(
        clock=clock,
        started=started,
        due=None if limit is None else _due(clock, started, limit, events),
        earliest=None if clock.least is None else later(started, clock.least, clock.unit),
        stopped=stopped,
    )


def _due(clock: Clock, started: date, limit: int, events: Events) -> date:
    if clock.again is not None:
        # Each report that was sent winds it up for another turn.
        reports = [day for day in events.get("progress-report", ()) if day >= started]
        limit += clock.again * len(reports)
    return later(started, limit, clock.unit)


def later(day: date, count: int, unit: Unit) -> date:
    """Return the last day of a limit of `count` units that began on `day`."""
    if unit is Unit.DAYS:
        return day + timedelta(days=count)
    if unit is Unit.MONTHS:
        month = day.month - 1 + count
        year, month = day.year + month // 12, month % 12 + 1
        return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def is_working_day(day: date) -> bool:
    """Say whether `day` is neither at a weekend nor a bank holiday in England and Wales."""
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    # The same in Wales.
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def clocks_on(day: date) -> Clocks:
    """Return the version in force on `day`, or the first before there was one."""
    return in_force(_versions(), day)


@cache
def _versions() -> tuple[Clocks, ...]:
    return tuple(parse_clocks(file.read_bytes()) for file in sorted(FOLDER.glob("clocks-*.json")))


def parse_clocks(content: bytes) -> Clocks:
    """Return the clocks in a file.

    Raises:
        UnfitJson: if it is malformed in any particular.
    """
    found = read_object(content)
    names_of(found, ("format", "version", "effective_from", "clocks", "milestones"))
    if text_in(found, "format") != FORMAT:
        raise UnfitJson("the clocks are of another format")
    try:
        effective_from = date.fromisoformat(text_in(found, "effective_from"))
        clocks = tuple(map(_clock, objects_in(found, "clocks")))
    except ValueError:
        raise UnfitJson("a date, a unit or a role is none") from None
    milestones = tuple(
        MilestoneKind(text_in(one, "id"), text_in(one, "label"))
        for one in objects_in(found, "milestones")
    )
    for ids in ([one.id for one in clocks], [one.id for one in milestones]):
        if not ids or len(set(ids)) != len(ids):
            raise UnfitJson("an id stands twice, or there is none")
    return Clocks(
        version=integer_in(found, "version", least=1),
        effective_from=effective_from,
        clocks=clocks,
        milestones=milestones,
    )


def _clock(found: dict[str, Json]) -> Clock:
    names_of(
        found,
        ("id", "label", "starts", "stops", "restarts", "least", "most", "unit", "urgent", "again",
         "source", "breach"),
    )  # fmt: skip
    if not isinstance(found["restarts"], bool):
        raise UnfitJson("a clock is wound up again, or it is not")
    return Clock(
        id=text_in(found, "id"),
        label=text_in(found, "label"),
        starts=text_in(found, "starts"),
        stops=text_in(found, "stops"),
        restarts=found["restarts"],
        least=_number(found, "least"),
        most=_number(found, "most"),
        unit=Unit(text_in(found, "unit")),
        urgent=_number(found, "urgent"),
        again=_number(found, "again"),
        source=text_in(found, "source"),
        breach=Told(text_in(found, "breach")),
    )


def _number(found: dict[str, Json], name: str) -> int | None:
    return None if found[name] is None else integer_in(found, name, least=1)
