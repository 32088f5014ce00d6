"""How much presses on a desk: what is overdue, due today and due within a week, what was missed.

Counted from the one day that stands in clear of each case, along the index of the inbox, and never
beyond so many: it costs the same whether ten cases lie there or twenty thousand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
# Of one state, priority and unread alike, so that the index gives them in the order of their days.
_OVERDUE = (
    select(CaseRow.due_on, CaseRow.ref, CaseRow.mailbox)
    .where(
        CaseRow.desk == bindparam("desk"),
        CaseRow.state == bindparam("state"),
        CaseRow.unread == bindparam("unread"),
        CaseRow.priority == bindparam("priority"),
        CaseRow.due_on < bindparam("today"),
        READABLE,
    )
    .order_by(CaseRow.due_on, CaseRow.ref)
    .limit(bindparam("most"))
)
Counts = dict[Drawer, dict[Pressing, int]]


@dataclass(frozen=True, slots=True)
class Missed:
    """Cases in which a promise to the reporter was missed."""

    # By reference, the day by which the desk should have written; the longest ago first.
    since: Mapping[str, date]
    # Whether more is overdue than was looked at.
    is_cut: bool


def missed_on_desk(work: Work, *, by: StaffMember) -> Missed:
    """Return the cases that `by` may read in which a promise to the reporter was missed.

    A case of which this is so is overdue, whatever state it is in, so that only those are looked
    at, and of each state no more than `ENOUGH`, those that are overdue longest.
    """
    since: dict[str, date] = {}
    is_cut = False
    for state in CaseState:
        overdue = _overdue(work, state, by)
        is_cut = is_cut or len(overdue) > ENOUGH
        mailbox_of = {ref: mailbox for _, ref, mailbox in overdue[:ENOUGH]}
        days = mailboxes.days_in(work, list(mailbox_of.values()))
        for ref, mailbox in mailbox_of.items():
            day = missed(days[mailbox], work.today, closed=state is CaseState.CLOSED)
            if day is not None:
                since[ref] = day
    return Missed(dict(sorted(since.items(), key=lambda one: (one[1], one[0]))), is_cut)


def _overdue(work: Work, state: CaseState, by: StaffMember) -> list[tuple[date, str, bytes]]:
    found: list[tuple[date, str, bytes]] = []
    said = {"state": state, "today": work.today, "most": ENOUGH + 1}
    hers = {"member": by.id, "desk": by.desk or ""}
    for unread in _BOTH:
        for priority in Priority:
            rows = work.session.execute(
                _OVERDUE, said | hers | {"unread": unread, "priority": priority}
            )
            found += [(due_on, ref, mailbox) for due_on, ref, mailbox in rows]
    return sorted(found)


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
