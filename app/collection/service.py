"""The collection: everything that waits goes, shuffled, to its final place.

Two phases. Payloads are copied to the object store first, because files know no transaction: an
object that no row names is swept later. Then one transaction writes every row and empties the
letterbox. Killed between any two statements, a collection has either happened or not.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from app.alerts import service as alerts
from app.audit.service import record
from app.casework import service as casework
from app.collection import traces
from app.collection.domain import Destined, Fate, decide
from app.collection.store import Collections
from app.collection.turns import turn
from app.database import Database
from app.intake import letterbox
from app.mailbox import service as mailboxes
from app.mailbox.domain import Side
from app.mailbox.objects import Objects
from app.work import Clock, Work, begin, look

ACTOR = "collection"
MOVED = frozenset({Fate.OPENS, Fate.JOINS})
Thing = TypeVar("Thing")

# By the letter's id: the name under which its payload was stored.
Copies = dict[bytes, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a collection did, in numbers."""

    letters: int
    refused: int
    waiting: int


def collect(
    database: Database, clock: Clock, objects: Objects, *, only_urgent: bool = False
) -> int:
    """Empty the letterbox into mailboxes and cases, and return the number of letters.

    Args:
        database: the casework database.
        clock: its date is the postmark.
        objects: where payloads go.
        only_urgent: take only the letters whose reporter asked for it. No audit entry is
            written then and no day counted: the minute would be hers. The next day's
            collection counts them.

    Raises:
        Busy: if somebody else is collecting; or, once everything is in its place, if what
            the letterbox left behind cannot be wiped just now. `tidy` tries that again.
    """
    with turn(database):
        copies = _copy_payloads(database, clock, objects, only_urgent=only_urgent)
        if only_urgent and not copies:
            return 0
        with begin(database, clock) as work:
            made = _move_letters(work, copies, only_urgent=only_urgent)
            if only_urgent:
                Collections(work.session).add_urgent(made.letters)
            else:
                _close_the_day(work, made)
        if only_urgent:
            # The rest of the letterbox still lies as it came: there is no order to undo yet.
            traces.empty_log(database)
        else:
            _tidy(database, clock, objects)
    return made.letters


def tidy(database: Database, clock: Clock, objects: Objects) -> None:
    """Wipe what collections left behind, killed ones included. May be repeated.

    Raises:
        Busy: if somebody is collecting, or the database cannot be wiped just now.
    """
    with turn(database):
        _tidy(database, clock, objects)


def last_made_on(work: Work) -> date | None:
    """Return the day of the last collection, if there ever was one."""
    return Collections(work.session).last_made_on()


def _copy_payloads(
    database: Database, clock: Clock, objects: Objects, *, only_urgent: bool
) -> Copies:
    copies: Copies = {}
    try:
        with look(database, clock) as work:
            going = [one for one in _decided(work, only_urgent=only_urgent) if one.fate in MOVED]
            # A file's ctime cannot be set, so the order of the files is the order of the shuffle.
            for one in _shuffled(going):
                copies[one.letter.id] = objects.put(letterbox.payload(work, one.letter.id))
    except Exception:
        for name in copies.values():
            objects.delete(name)
        raise
    return copies


def _decided(work: Work, *, only_urgent: bool, copies: Copies | None = None) -> list[Destined]:
    letters = _shuffled(letterbox.waiting(work))
    # Of two first letters of one tag the one that was copied is to be the first this time too.
    letters.sort(key=lambda letter: letter.id not in (copies or {}))
    return decide(
        letters,
        mailboxes=mailboxes.ids_by_tag(work, {letter.tag_hash for letter in letters}),
        taken=mailboxes.taken(work, {letter.mailbox for letter in letters}),
        only_urgent=only_urgent,
    )


def _move_letters(work: Work, copies: Copies, *, only_urgent: bool) -> Made:
    # Decided again: since the copies were made a deposit may have come, and will wait.
    decided = _decided(work, only_urgent=only_urgent, copies=copies)
    moved = [one for one in decided if one.fate in MOVED and one.letter.id in copies]
    refused = [one for one in decided if one.fate is Fate.REFUSED]
    opening = [one for one in moved if one.fate is Fate.OPENS]
    opened = {one.mailbox for one in opening}
    for one in _shuffled(opening):
        _open_mailbox(work, one)
    for one in _shuffled(moved):
        _place(work, one, copies[one.letter.id])
    for one in _shuffled(opening):
        _open_case(work, one)
    for mailbox in _shuffled({one.mailbox for one in moved} - opened):
        casework.letter_came(work, mailbox=mailbox)
    alerts.note(work, {one.letter.desk or "" for one in opening if one.letter.urgent})
    letterbox.remove(work, [one.letter.id for one in (*moved, *refused)])
    waiting = sum(one.fate is Fate.WAITS for one in decided)
    return Made(letters=len(moved), refused=len(refused), waiting=waiting)


def _open_mailbox(work: Work, one: Destined) -> None:
    mailboxes.open_mailbox(
        work, id=one.mailbox, tag_hash=one.letter.tag_hash, desk=one.letter.desk or ""
    )


def _place(work: Work, one: Destined, object_name: str) -> None:
    mailboxes.place(
        work,
        mailbox=one.mailbox,
        side=Side.REPORTER,
        postmark=work.today,
        header=one.letter.header,
        size=one.letter.size,
        object_name=object_name,
    )


def _open_case(work: Work, one: Destined) -> None:
    casework.open_case(
        work,
        mailbox=one.mailbox,
        desk=one.letter.desk or "",
        urgent=one.letter.urgent,
        received_on=work.today,
    )


def _close_the_day(work: Work, made: Made) -> None:
    collections = Collections(work.session)
    letterbox.sweep(work, work.today)
    collections.note(work.today)
    letters = made.letters + collections.take_urgent()
    record(
        work,
        actor=ACTOR,
        verb="collection.made",
        letters=letters,
        refused=made.refused,
        waiting=made.waiting,
    )


def _tidy(database: Database, clock: Clock, objects: Objects) -> None:
    with look(database, clock) as work:
        orphans = mailboxes.orphans(work, objects)
    for name in orphans:
        objects.delete(name)
    objects.sweep_unfinished(older_than=mailboxes.ORPHAN_AFTER)
    traces.wipe(database)


def _shuffled(things: Iterable[Thing]) -> list[Thing]:
    shuffled = list(things)
    secrets.SystemRandom().shuffle(shuffled)
    return shuffled
