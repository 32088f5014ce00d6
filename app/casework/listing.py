"""An inbox out of the database: a few shelves, each read from a place on, and merged.

Nothing in a page depends on a case that a member may not read, and its cost not on how many
cases there are.
"""

from dataclasses import replace
from datetime import date
from functools import cache

from sqlalchemy import (
    Date,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.casework.domain import Case, CaseState, Declaration, Drawer, Priority, drawer_of
from app.casework.inbox import COUNTED, ON_A_PAGE, Asked, Inbox, Mark, Shelf
from app.casework.store import CASE_COLUMNS
from app.casework.tables import CaseRow, DeclarationRow, ReaderRow
from app.identity.domain import StaffMember
from app.work import Work

NOWHERE = Mark(0, date.min, "")
BEYOND = Mark(0, date.max, "~")  # after every reference

# One row looked up for each case in turn, whatever else the planner might think of.
READABLE = and_(
    exists(
        select(ReaderRow.ref)
        .where(
            ReaderRow.member == bindparam("member"),
            ReaderRow.ref == CaseRow.ref,
            ReaderRow.may_read,
        )
        .correlate(CaseRow)
    ),
    ~exists(
        select(DeclarationRow.ref)
        .where(
            DeclarationRow.member == bindparam("member"),
            DeclarationRow.ref == CaseRow.ref,
            DeclarationRow.said == Declaration.CONFLICT,
        )
        .correlate(CaseRow)
    ),
)
ALIKE = and_(
    CaseRow.desk == bindparam("desk"),
    CaseRow.state == bindparam("state"),
    CaseRow.unread == bindparam("unread"),
)
_COUNTED = select(func.count()).select_from(
    select(literal(1).label("one"))
    .select_from(CaseRow)
    .where(ALIKE, CaseRow.priority.in_(list(Priority)), READABLE)
    .limit(COUNTED)
    .subquery()
)


def inbox(work: Work, asked: Asked, *, by: StaffMember) -> Inbox:
    """Return a page of the cases on her desk that `by` may read.

    Args:
        work: may be one that only reads.
        asked: which of them, in which order; without a part of the inbox, what waits to be
            opened, or what is open if nothing does.
        by: whose inbox.
    """
    counts = _counts(work, by)
    drawer = asked.drawer
    if drawer is None:
        nothing_waits = counts[Drawer.OPEN] and not counts[Drawer.WAITING]
        drawer = Drawer.OPEN if nothing_waits else Drawer.WAITING
    asked = replace(asked, drawer=drawer)
    marks = _marks(work, asked, by)
    more, marks = len(marks) > ON_A_PAGE, marks[:ON_A_PAGE]
    back = asked.before is not None
    if back:
        marks.reverse()
    return Inbox(
        asked=asked,
        drawer=drawer,
        cases=_cases(work, marks),
        counts=counts,
        earlier=marks[0] if marks and (asked.after or (back and more)) else None,
        later=marks[-1] if marks and (back or more) else None,
    )


def nearest(work: Work, drawer: Drawer, *, most: int, by: StaffMember) -> list[Case]:
    """Return what comes first in one part of an inbox, `most` cases of those `by` may read."""
    return _cases(work, _marks(work, Asked(drawer=drawer), by, most=most))


def _marks(work: Work, asked: Asked, by: StaffMember, *, most: int = ON_A_PAGE + 1) -> list[Mark]:
    """Return the marks of a page and of one case more, in the order they are looked for."""
    found: list[tuple[int, date, str]] = []
    chosen = _on_shelf(by_receipt=asked.by_receipt, down=asked.is_downward)
    connection, hers = work.session.connection(), {"member": by.id, "desk": by.desk or ""}
    # By rank: once a page is full, no shelf further on has anything for it.
    for shelf in sorted(asked.shelves(), key=asked.rank, reverse=asked.is_downward):
        rank = asked.rank(shelf)
        if len(found) >= most and found[-1][0] != rank:
            break
        bounds = _bounds(asked, shelf, work.today) | hers | {"most": most}
        bounds["last_day"] = _last_day(found, rank, most, down=asked.is_downward)
        found += [(rank, day, ref) for day, ref in connection.execute(chosen, bounds)]
        found.sort(reverse=asked.is_downward)
        del found[most:]
    return [Mark(*one) for one in found]


def _last_day(found: list[tuple[int, date, str]], rank: int, most: int, *, down: bool) -> date:
    """Return the day behind which no case of this rank comes onto a page that begins so."""
    if len(found) >= most and found[-1][0] == rank:
        return found[-1][1]
    return date.min if down else date.max


def _bounds(asked: Asked, shelf: Shelf, today: date) -> dict[str, object]:
    mark = asked.mark
    if mark is None or mark.rank != asked.rank(shelf):
        mark = BEYOND if asked.is_downward else NOWHERE
    due, received = asked.due_between(today), asked.received_between(today)
    return {
        "state": shelf.state,
        "unread": shelf.unread,
        "priority": shelf.priority,
        "due_from": due[0],
        "due_to": due[1],
        "received_from": received[0],
        "received_to": received[1],
        "mark_day": mark.day,
        "mark_ref": mark.ref,
    }


@cache
def _on_shelf(*, by_receipt: bool, down: bool) -> Select[date, str]:
    day: InstrumentedAttribute[date] = CaseRow.received_on if by_receipt else CaseRow.due_on
    mark_day = bindparam("mark_day", type_=Date)
    mark_ref = bindparam("mark_ref", type_=String)
    last_day = bindparam("last_day", type_=Date)
    # The first bound is where an index begins to be read.
    bound = day <= mark_day if down else day >= mark_day
    further = day < mark_day if down else day > mark_day
    on_the_day = CaseRow.ref < mark_ref if down else CaseRow.ref > mark_ref
    order = (day.desc(), CaseRow.ref.desc()) if down else (day, CaseRow.ref)
    return (
        select(day, CaseRow.ref)
        .where(
            ALIKE,
            CaseRow.priority == bindparam("priority"),
            bound,
            day >= last_day if down else day <= last_day,
            or_(further, on_the_day),
            CaseRow.due_on.between(bindparam("due_from"), bindparam("due_to")),
            CaseRow.received_on.between(bindparam("received_from"), bindparam("received_to")),
            READABLE,
        )
        .order_by(*order)
        .limit(bindparam("most"))
    )


def _cases(work: Work, marks: list[Mark]) -> list[Case]:
    chosen = select(*CASE_COLUMNS).where(CaseRow.ref.in_([mark.ref for mark in marks]))
    rows = work.session.connection().execute(chosen).mappings()
    found = {row["ref"]: Case(**row) for row in rows}
    return [found[mark.ref] for mark in marks]


def _counts(work: Work, by: StaffMember) -> dict[Drawer, int]:
    counts = dict.fromkeys(Drawer, 0)
    for state in CaseState:
        for unread in (True, False):
            drawer = drawer_of(state, unread=unread)
            said = {"state": state, "unread": unread, "member": by.id, "desk": by.desk or ""}
            if counts[drawer] < COUNTED:
                count = work.session.scalar(_COUNTED, said) or 0
                counts[drawer] = min(COUNTED, counts[drawer] + count)
    return counts
