"""How much presses on a desk: what is overdue, due today and due within a week.

Counted from the one day that stands in clear of each case, along the index of the inbox, and never
beyond so many: it costs the same whether ten cases lie there or twenty thousand.
"""

from datetime import date, timedelta

from sqlalchemy import bindparam, func, literal, select

from app.casework.clocks import WEEK, Pressing
from app.casework.domain import CaseState, Drawer, Priority
from app.casework.listing import READABLE
from app.casework.tables import CaseRow
from app.identity.domain import StaffMember
from app.work import Work

ENOUGH = 50  # cases; more of them press no more
_PRESSING = select(func.count()).select_from(
    select(literal(1).label("one"))
    .select_from(CaseRow)
    .where(
        CaseRow.desk == bindparam("desk"),
        CaseRow.state.in_(bindparam("states", expanding=True)),
        CaseRow.unread.in_(bindparam("unread", expanding=True)),
        CaseRow.priority.in_(list(Priority)),
        CaseRow.due_on.between(bindparam("since"), bindparam("until")),
        READABLE,
    )
    .limit(ENOUGH)
    .subquery()
)
_BOTH = (True, False)
# What is at rest presses nobody; a closed case with a new letter is not at rest.
_LYING = {
    Drawer.WAITING: (((CaseState.SEALED,), _BOTH),),
    Drawer.OPEN: (
        ((CaseState.OPENED, CaseState.TRIAGE, CaseState.UNDER_WAY), _BOTH),
        ((CaseState.CLOSED,), (True,)),
    ),
}
Counts = dict[Drawer, dict[Pressing, int]]


def count(work: Work, *, by: StaffMember) -> Counts:
    """Return how many cases that `by` may read press how much, by part of her inbox.

    A count that reaches `ENOUGH` is that many or more; what there is none of is left out.
    """
    day = timedelta(days=1)
    spans = {
        Pressing.OVERDUE: (date.min, work.today - day),
        Pressing.TODAY: (work.today, work.today),
        Pressing.THIS_WEEK: (work.today + day, work.today + WEEK - day),
    }
    found: Counts = {}
    for drawer, lying in _LYING.items():
        counts = {}
        for how, (since, until) in spans.items():
            said = {"since": since, "until": until, "member": by.id, "desk": by.desk or ""}
            counts[how] = sum(
                work.session.scalar(_PRESSING, said | {"states": states, "unread": unread}) or 0
                for states, unread in lying
            )
        found[drawer] = {how: min(ENOUGH, number) for how, number in counts.items() if number}
    return found
