"""Limits that were missed, and whether whoever has to hear of it was told. Pure.

A clock that was wound up again forgets that it ran out before; a breach does not go away by being
late. Each stays until a milestone on the case sheet says that it was told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.casework.clocks import Clock, Clocks, Events, Told, later

# The milestone that says so, by the clock it is about.
TOLD_OF = "told-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A limit that has passed, or was met too late."""

    clock: Clock
    due: date
    # When it was done after all; None if it was not.
    done: date | None
    # When whoever is to hear of it was told; None if that is still to do.
    told: date | None

    @property
    def milestone(self) -> str:
        """What stands on the sheet once it was told."""
        return TOLD_OF + self.clock.id


def breaches(events: Events, today: date, *, urgent: bool, known: Clocks) -> list[Breach]:
    """Return the limits of a case that were missed and that somebody is to hear of.

    Args:
        events: the days of what happened, by its name, each in order; milestones among them.
        today: a limit of yesterday has passed.
        urgent: whether the reporter said that somebody is in danger.
        known: the clocks in force.
    """
    found = [
        Breach(clock=clock, due=due, done=done, told=_told(clock, events, due))
        for clock in known.clocks
        if clock.breach is not Told.NOBODY
        for due, done in _turns(clock, events, urgent=urgent)
        if due < (today if done is None else done)
    ]
    return sorted(found, key=lambda one: (one.due, one.clock.id))


def labels(known: Clocks) -> dict[str, str]:
    """Return the words for the milestones that say whom a breach was told."""
    return {
        TOLD_OF + clock.id: f"Told that a limit was missed: {clock.label}"
        for clock in known.clocks
        if clock.breach is not Told.NOBODY
    }


def _turns(clock: Clock, events: Events, *, urgent: bool) -> Iterator[tuple[date, date | None]]:
    """Yield each limit of a clock, with the day on which it was met, if it was."""
    limit = clock.urgent if urgent and clock.urgent is not None else clock.most
    begun = sorted(set(events.get(clock.starts, ())))
    starts = begun if clock.restarts else begun[:1]
    if limit is None:
        return
    for at, started in enumerate(starts):
        stops = [day for day in events.get(clock.stops, ()) if day >= started]
        ends = sorted([*stops[:1], *starts[at + 1 : at + 2]])
        if clock.again is None:
            yield later(started, limit, clock.unit), ends[0] if ends else None
            continue
        # Each report ends a turn, and the next one has its own limit.
        reports = [day for day in events.get("progress-report", ()) if day >= started]
        for turn, done in enumerate([*reports, ends[0] if ends else None]):
            yield later(started, limit + clock.again * turn, clock.unit), done


def _told(clock: Clock, events: Events, due: date) -> date | None:
    return next((day for day in events.get(TOLD_OF + clock.id, ()) if day > due), None)
