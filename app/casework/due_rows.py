"""How much presses on a desk: what is overdue, due today and due within a week.

Counted from the one day that stands in clear of each case, and never beyond so many: it costs the
same whether ten cases lie there or twenty thousand.
"""

from collections import Counter

from sqlalchemy import bindparam, select

from app.casework.clocks import WEEK, Pressing, pressing
from app.casework.domain import Drawer
from app.casework.inbox import COUNTED, SHELVES
from app.casework.listing import ALIKE, READABLE
from app.casework.tables import CaseRow
from app.identity.domain import StaffMember
from app.work import Work

_SOON = (
    select(CaseRow.due_on)
    .where(
        ALIKE,
        CaseRow.priority == bindparam("priority"),
        CaseRow.due_on < bindparam("until"),
        READABLE,
    )
    .order_by(CaseRow.due_on)
    .limit(COUNTED)
)
Counts = dict[Drawer, dict[Pressing, int]]


def count(work: Work, *, by: StaffMember) -> Counts:
    """Return how many cases that `by` may read press how much, by part of her inbox.

    A count that reaches `COUNTED` is that many or more. What is at rest presses nobody.
    """
    found: dict[Drawer, Counter[Pressing]] = {Drawer.WAITING: Counter(), Drawer.OPEN: Counter()}
    for shelf in SHELVES:
        if shelf.drawer is not Drawer.CLOSED:
            said = {
                "state": shelf.state,
                "unread": shelf.unread,
                "priority": shelf.priority,
                "until": work.today + WEEK,
                "member": by.id,
                "desk": by.desk or "",
            }
            days = work.session.scalars(_SOON, said)
            found[shelf.drawer].update(pressing(day, work.today) for day in days)
    return {
        drawer: {how: min(COUNTED, counts[how]) for how in Pressing if counts[how]}
        for drawer, counts in found.items()
    }
