"""The words of an inbox for what it can be narrowed to and sorted by."""

from collections.abc import Container, Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from app.casework.domain import Priority
from app.casework.inbox import Due, Inbox, Order, Received
from app.casework.wording import STATES, due
from app.web.templates import in_words

# The field, its label, its empty choice, the rest.
CHOICES = (
    ("state", "State", "Every state", {state.value: text for state, text in STATES.items()}),
    (
        "priority",
        "Priority",
        "Every priority",
        {Priority.URGENT.value: "P0, danger to life", Priority.ORDINARY.value: "Ordinary"},
    ),
    ("unread", "Letters", "Any", {"yes": "New letter", "no": "All read"}),
    (
        "due",
        "Due",
        "Any day",
        {
            Due.OVERDUE.value: "Overdue",
            Due.TODAY.value: "Today",
            Due.WEEK.value: "Within a week, or overdue",
            Due.LATER.value: "Later than a week",
        },
    ),
    (
        "received",
        "Received",
        "Any day",
        {
            Received.WEEK.value: "In the last week",
            Received.MONTH.value: "In the last four weeks",
            Received.EARLIER.value: "Earlier",
        },
    ),
    (
        "order",
        "First",
        "P0, then what is due first",
        {
            Order.DUE.value: "What is due first",
            Order.UNREAD.value: "New letters",
            Order.STATE.value: "Early states",
            Order.NEWEST.value: "The newest",
            Order.OLDEST.value: "The oldest",
        },
    ),
)

DATES = 1024  # days whose words are kept ready
LATE, SOON = "cd-due--late", "cd-due--soon"


class Row(NamedTuple):
    """A case as its inbox shows it: words alone, so that a page of fifty costs little to write."""

    ref: str
    is_urgent: bool
    unread: bool
    received: str
    state: str
    due: str
    due_class: str


def rows(inbox: Inbox, today: date, owed: Container[str] = ()) -> Iterator[Row]:
    """Yield the cases of a page in their order; `owed` are those whose reporter waits in vain.

    Of a letter that is owed nobody says that nothing is due.
    """
    for case in inbox.cases:
        days = case.days_left(today)
        yield Row(
            ref=case.ref,
            is_urgent=case.is_urgent,
            unread=case.unread,
            received=_in_words(case.received_on),
            state=STATES[case.state],
            due="" if days is None and case.ref in owed else due(days),
            due_class="" if days is None or days > 1 else LATE if days < 0 else SOON,
        )


@lru_cache(maxsize=DATES)
def _in_words(day: date) -> str:
    return in_words(day)
