"""What a member asks of her inbox: which part of it, of what kind, in which order. Pure.

Cases that are alike in state, new letters and priority stand on one shelf, and on a shelf they
stand in the order of a day. Every order an inbox offers is a merge of a few shelves, each read
from its own place on: a page costs the same whether ten cases stand there or twenty thousand.
"""

import enum
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self, TypeVar

from app.casework.domain import Case, CaseState, Drawer, Priority, drawer_of

ON_A_PAGE = 20  # cases
# Above this a part of the inbox says "and more": to count them all would take as long as there
# are cases, and nobody works from such a number.
COUNTED = 200  # cases

_MARK = re.compile(r"(\d{1,2})\.(\d{4}-\d{2}-\d{2})\.([0-9A-Z-]{1,12})", re.ASCII)
_ANY_DAY = (date.min, date.max)

Chosen = TypeVar("Chosen", bound=enum.Enum)


class Order(enum.Enum):
    """What stands first."""

    DUE = "due"
    PRIORITY = "priority"
    UNREAD = "unread"
    STATE = "state"
    NEWEST = "newest"
    OLDEST = "oldest"


class Due(enum.Enum):
    """When something is to be done by."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"


class Received(enum.Enum):
    """How long ago the concern came."""

    WEEK = "week"
    MONTH = "month"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where cases of one kind stand."""

    state: CaseState
    unread: bool
    priority: Priority

    @property
    def drawer(self) -> Drawer:
        """The part of an inbox it is in."""
        return drawer_of(self.state, unread=self.unread)


SHELVES = tuple(
    Shelf(state, unread, priority)
    for state, unread, priority in itertools.product(CaseState, (True, False), Priority)
)
# Danger comes before what is late: a case of last month must not stand above one of this morning.
USUAL = Order.PRIORITY
_RANKS: dict[Order, Callable[[Shelf], int]] = {
    Order.PRIORITY: lambda shelf: int(shelf.priority is not Priority.URGENT),
    Order.UNREAD: lambda shelf: int(not shelf.unread),
    Order.STATE: lambda shelf: list(CaseState).index(shelf.state),
}


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A case's place in an order: a page begins after one, or ends before one."""

    rank: int
    day: date
    ref: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the mark that a page's address carries, or None if it is none."""
        found = _MARK.fullmatch(text)
        if found is None:
            return None
        try:
            return cls(int(found[1]), date.fromisoformat(found[2]), found[3])
        except ValueError:
            return None

    def __str__(self) -> str:
        """As the address of a page carries it."""
        return f"{self.rank}.{self.day.isoformat()}.{self.ref}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be listed. None is whatever there is."""

    drawer: Drawer | None = None
    state: CaseState | None = None
    priority: Priority | None = None
    unread: bool | None = None
    due: Due | None = None
    received: Received | None = None
    order: Order = USUAL
    after: Mark | None = None
    before: Mark | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether less than a whole part of the inbox is asked for."""
        narrow = (self.state, self.priority, self.unread, self.due, self.received)
        return any(chosen is not None for chosen in narrow)

    @property
    def by_receipt(self) -> bool:
        """Whether the day of an order is the one on which a concern came."""
        return self.order in {Order.NEWEST, Order.OLDEST}

    @property
    def is_downward(self) -> bool:
        """Whether the marks of a page are looked for from the last one down."""
        return (self.order is Order.NEWEST) != (self.before is not None)

    @property
    def mark(self) -> Mark | None:
        """Where the page begins, or before which it ends."""
        return self.before or self.after

    def shelves(self) -> list[Shelf]:
        """Return the shelves that what is asked for can stand on."""
        return [shelf for shelf in SHELVES if self._takes(shelf) and self._reaches(shelf)]

    def rank(self, shelf: Shelf) -> int:
        """Return how far up a shelf stands in this order, 0 first."""
        ranked = _RANKS.get(self.order)
        return ranked(shelf) if ranked else 0

    def mark_of(self, case: Case) -> Mark:
        """Return a case's place in this order."""
        shelf = Shelf(case.state, case.unread, case.priority)
        day = case.received_on if self.by_receipt else case.due_on
        return Mark(self.rank(shelf), day, case.ref)

    def due_between(self, today: date) -> tuple[date, date]:
        """Return the first and the last due day that is asked for."""
        week = today + timedelta(days=7)
        return {
            None: _ANY_DAY,
            Due.OVERDUE: (date.min, today - timedelta(days=1)),
            Due.TODAY: (today, today),
            Due.WEEK: (date.min, week),
            Due.LATER: (week + timedelta(days=1), date.max),
        }[self.due]

    def received_between(self, today: date) -> tuple[date, date]:
        """Return the first and the last day of receipt that is asked for."""
        month = today - timedelta(days=28)
        return {
            None: _ANY_DAY,
            Received.WEEK: (today - timedelta(days=7), date.max),
            Received.MONTH: (month, date.max),
            Received.EARLIER: (date.min, month - timedelta(days=1)),
        }[self.received]

    def with_drawer(self, drawer: Drawer) -> Self:
        """Return the same, of one part of the inbox."""
        return replace(self, drawer=drawer)

    def _reaches(self, shelf: Shelf) -> bool:
        if self.mark is None:
            return True
        rank = self.rank(shelf)
        return rank <= self.mark.rank if self.before is not None else rank >= self.mark.rank

    def _takes(self, shelf: Shelf) -> bool:
        return (
            self.drawer in {None, shelf.drawer}
            and self.state in {None, shelf.state}
            and self.priority in {None, shelf.priority}
            and self.unread in {None, shelf.unread}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """One page of what a member may read, and how much of it there is, as far as it is counted."""

    asked: Asked
    drawer: Drawer
    cases: list[Case]
    counts: Mapping[Drawer, int]
    # Marks for the pages on either side, if there are such pages.
    earlier: Mark | None
    later: Mark | None


def asked_by(address: Mapping[str, str]) -> Asked:
    """Return what the address of an inbox asks for. What it does not know, it leaves out."""
    after = Mark.parse(address.get("after", ""))
    return Asked(
        drawer=_one_of(Drawer, address.get("show", "")),
        state=_one_of(CaseState, address.get("state", "")),
        priority=_one_of(Priority, address.get("priority", "")),
        unread={"yes": True, "no": False}.get(address.get("unread", "")),
        due=_one_of(Due, address.get("due", "")),
        received=_one_of(Received, address.get("received", "")),
        order=_one_of(Order, address.get("order", "")) or USUAL,
        after=after,
        before=None if after else Mark.parse(address.get("before", "")),
    )


def address_of(asked: Asked) -> dict[str, str]:
    """Return the address of what is asked for, without the page; `asked_by` reads it back."""
    chosen: dict[str, enum.Enum | None] = {
        "show": asked.drawer,
        "state": asked.state,
        "priority": asked.priority,
        "due": asked.due,
        "received": asked.received,
    }
    found = {name: str(one.value) for name, one in chosen.items() if one is not None}
    if asked.unread is not None:
        found["unread"] = "yes" if asked.unread else "no"
    if asked.order is not USUAL:
        found["order"] = asked.order.value
    return found


def _one_of(members: type[Chosen], text: str) -> Chosen | None:
    return next((one for one in members if one.value == text), None)
