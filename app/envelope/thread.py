"""The thread: letters of two sides in their order, with everything that is wrong in it shown.

Pure: whoever opened and verified the letters says what each is; this module only arranges. A
gap may be honest (a message waits for its collection) and a fork may be (two tabs), so both are
shown and nothing is dropped.

Source: docs/envelope-spec.md, section 5.4.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from heapq import merge
from itertools import groupby
from typing import Generic, TypeVar

Content = TypeVar("Content")


class Side(StrEnum):
    """Who writes: the reporter, or the desks; all members of desks are one side."""

    REPORTER = "reporter"
    DESKS = "desks"


class Doubt(StrEnum):
    """Why letters at one place are a fork."""

    SEVERAL = "several letters at one place"
    DOES_NOT_FOLLOW = "does not follow the letter before it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Generic[Content]):
    """A letter that was opened and verified.

    `place`, `previous` are the letter's; `digest` is its SHA-256 in hexadecimal; `postmark` is
    the day it was collected. `content` is whatever the caller wants back, such as the letter.
    """

    side: Side
    postmark: date
    place: int
    previous: str
    digest: str
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An envelope on this thread that did not open or did not verify.

    `reference` is the caller's name for it, `reason` a fault without content.
    """

    side: Side
    postmark: date
    reference: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Places of one side at which no letter lies, from `first` to `last`, both included."""

    side: Side
    postmark: date
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork(Generic[Content]):
    """Letters at one place that cannot all, or not surely, be what was written there."""

    side: Side
    postmark: date
    place: int
    doubt: Doubt
    entries: tuple[Entry[Content], ...]


Item = Entry[Content] | Fork[Content] | Gap | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread(Generic[Content]):
    """A thread as it is to be shown: its items in their order."""

    items: tuple[Item[Content], ...]

    @property
    def sound(self) -> bool:
        """Whether there is nothing to warn of: no gap, no fork, no refusal."""
        return all(isinstance(item, Entry) for item in self.items)

    @property
    def entries(self) -> tuple[Entry[Content], ...]:
        """Every letter of the thread, those of forks included."""
        return tuple(
            entry
            for item in self.items
            if isinstance(item, Entry | Fork)
            for entry in (item.entries if isinstance(item, Fork) else (item,))
        )

    def next_place(self, side: Side) -> tuple[int, str]:
        """Return the place and the `previous` of the next letter that `side` writes."""
        # In a fork at the end the first stands for the rest: any of them continues the chain.
        last: Entry[Content] | None = None
        for entry in self.entries:
            if entry.side is side and (last is None or entry.place > last.place):
                last = entry
        return (0, "") if last is None else (last.place + 1, last.digest)


def arrange(found: Iterable[Entry[Content] | Refused]) -> Thread[Content]:
    """Return the thread of what was found, in whatever order it was found.

    Each side keeps the order of its places. The two are merged by postmark, as no letter says
    which letters of the other side its author had read; of one day, the reporter's come first. A
    second copy of a letter is shown once, with its earliest postmark.
    """
    everything = list(found)
    sides = [_side([item for item in everything if item.side is side]) for side in Side]
    return Thread(items=tuple(item for _day, item in merge(*sides, key=lambda pair: pair[0])))


Dated = tuple[date, Item[Content]]


def _side(found: Sequence[Entry[Content] | Refused]) -> Iterator[Dated[Content]]:
    """Return one side's items, each with the day that it is sorted by."""
    entries = _once_each(item for item in found if isinstance(item, Entry))
    refusals = sorted(
        (item for item in found if isinstance(item, Refused)),
        key=lambda item: (item.postmark, item.reference),
    )
    refused: Iterator[Dated[Content]] = ((item.postmark, item) for item in refusals)
    return merge(_never_back(_in_places(entries)), refused, key=lambda dated: dated[0])


def _once_each(entries: Iterable[Entry[Content]]) -> list[Entry[Content]]:
    """Return the entries without second copies, sorted by place, day and digest."""
    once: dict[str, Entry[Content]] = {}
    for entry in sorted(entries, key=lambda entry: entry.postmark):
        once.setdefault(entry.digest, entry)
    return sorted(once.values(), key=lambda entry: (entry.place, entry.postmark, entry.digest))


def _in_places(entries: list[Entry[Content]]) -> Iterator[Item[Content]]:
    expected = 0
    # What the next letter may name as `previous`; None behind a gap, where nobody can tell.
    chain: set[str] | None = {""}
    for place, group in groupby(entries, key=lambda entry: entry.place):
        here = tuple(group)
        if place > expected:
            yield Gap(side=here[0].side, postmark=here[0].postmark, first=expected, last=place - 1)
            chain = None
        yield _at_one_place(here, chain)
        expected, chain = place + 1, {entry.digest for entry in here}


def _at_one_place(
    here: tuple[Entry[Content], ...], chain: set[str] | None
) -> Entry[Content] | Fork[Content]:
    follows = chain is None or all(entry.previous in chain for entry in here)
    if len(here) == 1 and follows:
        return here[0]
    return Fork(
        side=here[0].side,
        postmark=here[0].postmark,
        place=here[0].place,
        doubt=Doubt.SEVERAL if len(here) > 1 else Doubt.DOES_NOT_FOLLOW,
        entries=here,
    )


def _never_back(items: Iterable[Item[Content]]) -> Iterator[Dated[Content]]:
    """Date the items so that a late letter does not pull those after it before it."""
    day = date.min
    for item in items:
        day = max(day, item.postmark)
        yield day, item
