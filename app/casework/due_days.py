"""The one day that stands in clear of a case: when the first thing is due, whatever it is.

Written anew whenever something happens that a clock goes by: a reading, a letter, a step, a
milestone. It follows the clocks of the case, and what its reporter was promised; so whatever is
late is overdue here, and an inbox needs no key to know.
"""

from collections.abc import Iterable
from datetime import date

from app.casework import service
from app.casework.breaches import Breach, breaches
from app.casework.clocks import Reading, clocks_on
from app.casework.course import course_on
from app.casework.domain import Case, CaseState
from app.casework.sheet import CaseSheet
from app.casework.timing import clocks_for, due_on, events_of, is_alert, read_case, to_do
from app.mailbox import service as mailboxes
from app.mailbox.promises import promised
from app.work import Work


def readings(work: Work, case: Case, sheet: CaseSheet, letters: Iterable[date]) -> list[Reading]:
    """Return the clocks of a case as they stand today.

    Args:
        work: the transaction.
        case: as it stands in clear.
        sheet: its newest version.
        letters: the postmarks of what the desk wrote.
    """
    return read_case(
        case,
        sheet,
        letters=letters,
        opened_on=service.opened_on(work, case.ref),
        course=course_on(work.today),
        known=clocks_on(work.today),
    )


def missed_limits(
    work: Work, case: Case, sheet: CaseSheet, letters: Iterable[date]
) -> list[Breach]:
    """Return the limits of a case that were missed, and of which somebody is to be told."""
    events = events_of(
        case,
        sheet,
        letters=letters,
        opened_on=service.opened_on(work, case.ref),
        course=course_on(work.today),
    )
    known = clocks_for(sheet, clocks_on(work.today))
    return breaches(events, work.today, urgent=case.is_urgent, known=known)


def due_day(work: Work, case: Case, sheet: CaseSheet) -> date:
    """Return when the first thing of a case is due, after what was just written.

    Args:
        work: the transaction; letters that it places count.
        case: in the state it is in from now on.
        sheet: what its sheet says from now on. Of a case at rest it does not matter: nothing is
            due of it but an answer to what its reporter wrote.
    """
    days, closed = mailboxes.days_of(work, case.mailbox), case.state is CaseState.CLOSED
    found = [] if closed else readings(work, case, sheet, days.desks)
    owed = None if is_alert(sheet) else promised(days, closed=closed)
    return due_on(found, owed, [] if closed else to_do(sheet))
