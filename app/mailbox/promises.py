"""What a reporter was promised, and by which day: from postmarks alone. Pure.

The same for every desk, and known without any key: the days on which either side wrote stand in
clear beside the envelopes. What a reporter's page says of a promise and what a desk's inbox says
of it are therefore one and the same.

Source: the clocks `first-letter` and `update` of casework; a test holds the two together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.mailbox.domain import Entry, Side

ANSWER_WITHIN = timedelta(days=7)
WRITE_AGAIN_WITHIN = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Days:
    """On which days a thread's letters came, of either side; each in order."""

    reporters: tuple[date, ...] = ()
    desks: tuple[date, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Days":
        """Return the days of some entries."""
        found: dict[Side, list[date]] = {side: [] for side in Side}
        for entry in entries:
            found[entry.side].append(entry.postmark)
        return cls(tuple(sorted(found[Side.REPORTER])), tuple(sorted(found[Side.DESK])))


def promised(days: Days, *, closed: bool) -> date | None:
    """Return the day by which the desk promised to write; None if nothing is promised.

    Whatever a reporter writes is answered within a week of its postmark, and until the end she
    hears something every four weeks. A letter of the desk's of the same day answers hers: the
    collection comes first.

    Args:
        days: of her thread, as far as it was collected.
        closed: whether the case is at its end: then only what she wrote is to be answered.
    """
    last = days.desks[-1] if days.desks else date.min
    owed = [day + ANSWER_WITHIN for day in days.reporters if day > last][:1]
    if days.desks and not closed:
        owed.append(last + WRITE_AGAIN_WITHIN)
    return min(owed, default=None)


def missed(days: Days, today: date, *, closed: bool) -> date | None:
    """Return the day by which the desk should have written and has not; None if there is none."""
    by = promised(days, closed=closed)
    return by if by is not None and by < today else None
