"""Copies of a case that rooms above this one made for readers of their own: who is kept, follows.

This room does not know them. Whoever makes such copies asks to be told, once, when it is loaded.
"""

from collections.abc import Callable, Collection

from app.work import Work

# Takes the copies of a case from some members, in the transaction that keeps them from the case.
TakesAway = Callable[[Work, str, Collection[str]], None]

_told: list[TakesAway] = []


def also_tell(takes_away: TakesAway) -> None:
    """Have `takes_away` told whenever somebody is kept from a case from now on."""
    if takes_away not in _told:
        _told.append(takes_away)


def keep_from(work: Work, ref: str, members: Collection[str]) -> None:
    """Take every copy of a case from those who are kept from it from now on."""
    for takes_away in _told:
        takes_away(work, ref, members)
