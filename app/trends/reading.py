"""What the pages read from the statistics database: released tables, and the calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.errors import Missing
from app.trends.calendar import cadence_of, calendar_of
from app.trends.domain import Period, Table
from app.trends.plans import shipped
from app.trends.publication import PublicationPlan, due
from app.trends.published import PublishedRelease
from app.trends.releases import ReleasedTable
from app.trends.service import published_volume, releases
from app.work import Work

AHEAD = 5  # freezes of a force that the calendar announces


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A force, or an alliance, with the releases of each of its forces."""

    id: str
    name: str
    releases: Mapping[str, Sequence[PublishedRelease]]
    is_alliance: bool = False

    @property
    def tables(self) -> dict[str, list[ReleasedTable]]:
        """The tables of each force that stand, in the order of publishing."""
        return {
            force: [table for found in some if found.stands for table in found.tables]
            for force, some in self.releases.items()
        }

    @property
    def withdrawn(self) -> list[PublishedRelease]:
        """The releases that were withdrawn."""
        return [found for some in self.releases.values() for found in some if not found.stands]

    @property
    def newest(self) -> PublishedRelease | None:
        """The newest release that stands."""
        standing = [found for some in self.releases.values() for found in some if found.stands]
        return max(standing, key=lambda found: found.frozen_on, default=None)


@dataclass(frozen=True, slots=True)
class Coming:
    """A freeze that is announced; its tables are None while no published figure decides them."""

    quarter: Period
    day: date
    tables: tuple[tuple[Table, Period], ...] | None


def plan_shown() -> PublicationPlan:
    """Return the version of the publication plan whose names the pages use."""
    return shipped().newest


def shown_force(work: Work, force: str) -> Shown:
    """Return a force with its releases.

    Raises:
        Missing: if the plan has no such force.
    """
    for known in plan_shown().forces:
        if known.id == force:
            return Shown(id=force, name=known.name, releases={force: releases(work, force)})
    raise Missing("a force of the publication plan")


def shown_alliance(work: Work, alliance: str) -> Shown:
    """Return an alliance with the releases of its forces.

    Raises:
        Missing: if the plan has no such alliance.
    """
    for known in plan_shown().alliances:
        if known.id == alliance:
            found = {force: releases(work, force) for force in known.forces}
            return Shown(id=alliance, name=known.name, releases=found, is_alliance=True)
    raise Missing("an alliance of the publication plan")


def coming(work: Work, force: str, *, ahead: int = AHEAD) -> list[Coming]:
    """Return the next freezes of a force, with their pre-announced days."""
    return [
        Coming(quarter, day, _tables(work, force, quarter))
        for quarter, day in calendar_of(work, force, ahead=ahead)
    ]


def _tables(work: Work, force: str, quarter: Period) -> tuple[tuple[Table, Period], ...] | None:
    first = plan_shown().force(force).first_period
    known = quarter.year <= first.year or (
        published_volume(work, force, quarter.year - 1, first=first) is not None
    )
    return due(quarter, cadence_of(work, force, quarter.year)) if known else None
