"""What becomes of a letter that waits, and when a day's collection is due."""

import enum
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.intake.domain import Waiting


class Fate(enum.Enum):
    """What a collection does with one letter."""

    OPENS = "opens a mailbox and a case"
    JOINS = "joins its mailbox"
    # Its mailbox is not there, or it names no desk. That does not happen unless a database was
    # put back or meddled with: nothing of a reporter's is thrown away for it, and the audit
    # log says how many there are.
    WAITS = "waits for its mailbox"
    # A first letter under a tag or an id that is taken: the same form sent twice, or somebody
    # who would slip a second concern into a thread. It is not stored beside the first.
    REFUSED = "is refused as a second first letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destined:
    """A letter with its fate, and the mailbox it goes to."""

    letter: Waiting
    fate: Fate
    mailbox: bytes


def decide(
    letters: Iterable[Waiting],
    *,
    mailboxes: Mapping[bytes, bytes],
    taken: Collection[bytes],
    only_urgent: bool = False,
) -> list[Destined]:
    """Return what becomes of each letter that is collected now.

    Args:
        letters: all that wait, shuffled: of two first letters of one tag the first stays.
        mailboxes: the ids of the mailboxes that are there, by the hash of their tag.
        taken: those of the letters' mailbox ids that are there under any tag.
        only_urgent: leave out what is not urgent.
    """
    collected = [letter for letter in letters if letter.urgent or not only_urgent]
    homes = dict(mailboxes)
    used = set(taken)
    decided = []
    for letter in (letter for letter in collected if letter.first):
        fate = _of_first(letter, homes, used)
        if fate is Fate.OPENS:
            homes[letter.tag_hash] = letter.mailbox
            used.add(letter.mailbox)
        decided.append(Destined(letter=letter, fate=fate, mailbox=letter.mailbox))
    for letter in (letter for letter in collected if not letter.first):
        home = homes.get(letter.tag_hash)
        fate = Fate.WAITS if home is None else Fate.JOINS
        decided.append(Destined(letter=letter, fate=fate, mailbox=home or letter.mailbox))
    return decided


def _of_first(letter: Waiting, homes: Mapping[bytes, bytes], used: Collection[bytes]) -> Fate:
    if letter.tag_hash in homes or letter.mailbox in used:
        return Fate.REFUSED
    return Fate.OPENS if letter.desk else Fate.WAITS


def is_due(now: datetime, *, collect_at: int, last_made_on: date | None) -> bool:
    """Say whether a day's collection is to be made.

    One that was missed is made up for as soon as anybody asks, and stands for its day's own.

    Args:
        now: in UTC.
        collect_at: hour of the day, UTC.
        last_made_on: the day of the last one, if there ever was one.
    """
    newest = now.date() if now.hour >= collect_at else now.date() - timedelta(days=1)
    return last_made_on is None or last_made_on < newest
