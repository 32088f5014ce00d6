"""The letterbox as the collection sees it: what waits, its bytes, and how it is emptied."""

from collections.abc import Sequence
from datetime import date
from typing import BinaryIO

from app.intake.domain import Waiting
from app.intake.store import Letters, SpentTickets, WaitingFiles
from app.work import Work

__all__ = ["Waiting", "payload", "remove", "sweep", "waiting"]


def waiting(work: Work) -> list[Waiting]:
    """Return the letters that wait. Their order means nothing and is to be shuffled anyway."""
    return Letters(work.session).all()


def payload(work: Work, letter: bytes) -> BinaryIO:
    """Return the sealed payload of `letter`, from its nonce to its last chunk, as a stream.

    The stream reads piece by piece from the transaction of `work` and ends with it.
    """
    return Letters(work.session).payload(letter)


def remove(work: Work, letters: Sequence[bytes]) -> None:
    """Take `letters` out of the letterbox: they are in their mailboxes now."""
    Letters(work.session).remove(letters)


def sweep(work: Work, today: date) -> None:
    """Remove what must not grow old: files of any other day, and tickets past their last day.

    A waiting file is of use only to the page that carries its key. Whoever lost that page
    left something here that nobody can open.
    """
    files = WaitingFiles(work.session)
    files.remove(files.of_other_days(today))
    SpentTickets(work.session).forget(before=today)
