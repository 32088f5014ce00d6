"""What may leave the box together, so that no slip is seen to follow one case."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

# Fewer slips of one force, kind and period than this wait for company.
FEWEST_TOGETHER = 5
# By then nothing of the period is to come, and its freeze is months away.
LAST_CALL = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """What stands beside a sealed slip in clear."""

    id: bytes
    force: str
    period: str
    kind: str


def quarter_of(day: date) -> str:
    """Return the quarter of `day` as a slip names it: 2026Q4."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def year_of(day: date) -> str:
    """Return the year of `day` as a slip names it: 2026."""
    return f"{day.year:04d}"


def last_day_of(period: str) -> date:
    """Return the last day of a period as slips name them, a quarter or a year."""
    year, _, quarter = period.partition("Q")
    month = 3 * int(quarter or "4")
    first_after = date(int(year) + month // 12, month % 12 + 1, 1)
    return first_after - timedelta(days=1)


def counted_by(period: str) -> date:
    """Return the day whose reference data a period is counted by: its last quarter's first."""
    last = last_day_of(period)
    return date(last.year, last.month - 2, 1)


def ready(waiting: Iterable[Clear], today: date) -> Sequence[bytes]:
    """Return the ids of the slips that may be handed over on `today`.

    Slips of one force, kind and period go together, five of them at least: what arrives in a
    week then belongs to some of the cases that moved on, and nobody sees which. A group that
    stays smaller goes all the same once its period is over for four weeks.

    The answer depends on what stands in clear and on nothing else.
    """
    found = list(waiting)
    sizes = Counter(map(_group, found))
    return [
        one.id
        for one in found
        if sizes[_group(one)] >= FEWEST_TOGETHER or today > last_day_of(one.period) + LAST_CALL
    ]


def _group(slip: Clear) -> tuple[str, str, str]:
    return slip.force, slip.kind, slip.period
