"""The words of an inbox for what it can be narrowed to and sorted by."""

from app.casework.domain import Priority
from app.casework.inbox import Due, Order, Received
from app.casework.wording import STATES

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
        "What is due first",
        {
            Order.PRIORITY.value: "P0",
            Order.UNREAD.value: "New letters",
            Order.STATE.value: "Early states",
            Order.NEWEST.value: "The newest",
            Order.OLDEST.value: "The oldest",
        },
    ),
)
