"""An urgent concern alerts the people on call for its desk, and for one that it is passed to.

The alert is noted in the transaction that puts the case there, and sent after it by the worker: a
mail is no part of a transaction, and a mail server that is away must not hold a collection up.
Told twice is better than not at all, so a note is removed after its mail was taken.

Nothing of this is recorded in the audit log: its minute would be the reporter's.
"""

from collections.abc import Iterable, Sequence

from app.alerts.store import Alerts
from app.work import Work


def note(work: Work, desks: Iterable[str]) -> None:
    """Note that the people on call for these desks are to be told."""
    waiting = Alerts(work.session)
    for desk in sorted(set(desks)):
        waiting.add(desk)


def waiting(work: Work) -> list[str]:
    """Return the desks whose people were not told yet."""
    return Alerts(work.session).waiting()


def forget(work: Work, desks: Sequence[str]) -> None:
    """Forget that these are to be told: they were, or nobody can be."""
    Alerts(work.session).remove(desks)
