"""Which desks must not read a case, by what its reporter answered before anything was sealed.

The routing table barred them then. What was barred stays barred when a case is passed on: nobody
who works it sends it to those whom its reporter was promised that they do not read it.
"""

from collections.abc import Collection
from datetime import date

from app.casework.reading import Thread, concerns
from app.envelope.letter import Letter
from app.routing.domain import ABOUT, CATEGORY, FORCE, WISH, Answers, barred_desks
from app.routing.service import table_on


def barred_for(thread: Thread, desks: Collection[str], today: date) -> frozenset[str]:
    """Return which of these desks must not read a case.

    By every verified version of its concern, and by the tables of the day it came and of today: a
    newer table may know of a conflict that an older one did not, and takes back no promise.

    Args:
        thread: its letters.
        desks: ids of the keyring.
        today: the day.
    """
    return frozenset[str]().union(
        *(
            barred_desks(table_on(day), answers_of(entry.content.letter), desks)
            for entry in concerns(thread)
            for day in (entry.postmark, today)
        )
    )


def answers_of(letter: Letter) -> Answers:
    """Return what a concern says that chooses its desk; a letter of before says less."""
    said = letter.answers
    return Answers(
        about=tuple(said.get(ABOUT, "").split()),
        force=said.get(FORCE, ""),
        category=said.get(CATEGORY, ""),
        wish=said.get(WISH, ""),
    )
