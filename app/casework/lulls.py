"""That nothing came since somebody last looked: told from three counts, so that looking can wait.

Looking for cases that were never tried with a key, or that a keyring has not reached, takes as
long as there are cases on a desk. While the counts stay what they were when there was none, there
is none. Should one case have left the desk and another come between two looks, that is found at
the next look after `LOOK_ANYWAY_AFTER`.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from app.casework.store import Cases
from app.identity.domain import StaffMember
from app.work import Work

LOOK_ANYWAY_AFTER = timedelta(minutes=5)

_Seen = tuple[tuple[int, ...], datetime]


@dataclass
class Lull:
    """What was counted when a look of one kind found nothing. Of this process, by database."""

    _quiet: WeakKeyDictionary[Engine, dict[tuple[str, str, int], _Seen]] = field(
        default_factory=WeakKeyDictionary, repr=False
    )

    def lasts(self, work: Work, by: StaffMember, *, serial: int = 0) -> bool:
        """Say whether nothing can have come for `by` since a look found nothing.

        Args:
            work: may be one that only reads.
            by: whose cases.
            serial: of whatever else a look depends on.
        """
        seen = self._of(work).get((by.desk or "", by.id, serial))
        if seen is None:
            return False
        counts, at = seen
        recent = timedelta(0) <= work.now - at < LOOK_ANYWAY_AFTER
        return recent and counts == _counts(work, by)

    def begins(self, work: Work, by: StaffMember, *, serial: int = 0) -> None:
        """Note that a look has found nothing in this transaction."""
        self._of(work)[by.desk or "", by.id, serial] = _counts(work, by), work.now

    def _of(self, work: Work) -> dict[tuple[str, str, int], _Seen]:
        return self._quiet.setdefault(work.session.get_bind().engine, {})


def _counts(work: Work, by: StaffMember) -> tuple[int, ...]:
    # Both kinds of look ask this in one transaction that reads.
    known: dict[tuple[str, str], tuple[int, ...]] = work.session.info.setdefault("lulls", {})
    of = (by.desk or "", by.id)
    if of not in known:
        known[of] = Cases(work.session).count_for_trying(desk=of[0], member=of[1])
    return known[of]
