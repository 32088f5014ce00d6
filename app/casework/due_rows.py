"""How much presses on a desk: what is overdue, due today and due within a week, what was missed.

Counted from the one day that stands in clear of each case, along the index of the inbox, and never
beyond so many: it costs the same whether ten cases lie there or twenty thousand.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import bindparam, func, literal, select

from app.casework.clocks import WEEK, Pressing
from app.casework.domain import Case, CaseState, Drawer, Priority
from app.casework.listing import READABLE
from app.casework.tables import CaseRow
from app.identity.domain import StaffMember
from app.mailbox import service as mailboxes
from app.mailbox.promises import missed
from app.work import Work

ENOUGH = 50  # cases; more of them press no more
_BOTH = (True, False)
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
# What is at rest presses nobody; a closed case with a new letter is not at rest.
_LYING = {
    Drawer.WAITING: (((CaseState.SEALED,), _BOTH),),
    Drawer.OPEN: (
        ((CaseState.OPENED, CaseState.TRIAGE, CaseState.UNDER_WAY), _BOTH),
        ((CaseState.CLOSED,), (True,)),
    ),
}
_OVERDUE = (
    select(CaseRow.ref, CaseRow.mailbox, CaseRow.state)
    .where(
        CaseRow.desk == bindparam("desk"),
        CaseRow.state.in_(bindparam("states", expanding=True)),
        CaseRow.unread.in_(_BOTH),
        CaseRow.priority.in_(list(Priority)),
        CaseRow.due_on < bindparam("today"),
        READABLE,
    )
    .limit(ENOUGH)
)
Counts = dict[Drawer, dict[Pressing, int]]


def missed_on_desk(work: Work, *, by: StaffMember) -> dict[str, date]:
    """Return the cases that `by` may read in which a promise to the reporter was missed.

    By reference, the day by which the desk should have written; the longest ago first. A case of
    which this is so is overdue, whatever state it is in, so that only those are looked at, and of
    each state no more than `ENOUGH`.
    """
    found: list[tuple[str, bytes, CaseState]] = []
    for state in CaseState:
        said = {"states": (state,), "today": work.today, "member": by.id, "desk": by.desk or ""}
        found += [(ref, mailbox, at) for ref, mailbox, at in work.session.execute(_OVERDUE, said)]
    days = mailboxes.days_in(work, [mailbox for _, mailbox, _ in found])
    late = {
        ref: missed(days[mailbox], work.today, closed=state is CaseState.CLOSED)
        for ref, mailbox, state in found
    }
    since = {ref: day for ref, day in late.items() if day is not None}
    return dict(sorted(since.items(), key=lambda one: (one[1], one[0])))


def missed_among(work: Work, cases: Iterable[Case]) -> dict[str, date]:
    """Return, of some cases, those in which a promise to the reporter was missed, as above."""
    late = [case for case in cases if case.due_on < work.today]
    days = mailboxes.days_in(work, [case.mailbox for case in late])
    found = {
        case.ref: missed(days[case.mailbox], work.today, closed=case.state is CaseState.CLOSED)
        for case in late
    }
    return {ref: day for ref, day in found.items() if day is not None}


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
