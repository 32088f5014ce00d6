"""The weekly hand-over of slips, and the way back for audit entries.

No transaction spans both databases. What waits on one side is first written on the other, where
writing it again changes nothing, and only then removed: killed between any two statements,
nothing is lost and nothing is there twice.
"""

import secrets
from dataclasses import dataclass
from datetime import date

from app.audit.service import record
from app.database import Database
from app.envelope.slips import SealedSlip
from app.handover import traces
from app.handover.store import Carried, Handovers
from app.slips import service as slips
from app.trends import service as trends
from app.trends.domain import Period
from app.trends.slips import Received, ReceivedSlip, SlipKind
from app.work import Clock, Work, begin, begin_alone, look

ACTOR = "handover"
AT_ONCE = 100  # audit entries in one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """The two sides."""

    casework: Database
    statistics: Database


def hand_over(databases: Databases, clock: Clock) -> int:
    """Hand the slips that may go over to the statistics, shuffled, and return how many went.

    Raises:
        Busy: once everything is in its place, if what is left behind cannot be wiped just now.
            `tidy` tries that again.
    """
    with begin(databases.casework, clock) as work:
        going = slips.send_ready(work)
    secrets.SystemRandom().shuffle(going)
    received = _deliver(databases.statistics, clock, going)
    with begin(databases.casework, clock) as work:
        slips.remove_delivered(work, going)
        Handovers(work.session).note(work.today)
        record(work, actor=ACTOR, verb="slips.handed-over", slips=len(going), late=received.late)
    tidy(databases)
    return len(going)


def tidy(databases: Databases) -> None:
    """Wipe what hand-overs, and the deeds that filled the box, left behind. May be repeated.

    Raises:
        Busy: if one of the databases cannot be wiped just now.
    """
    traces.wipe(databases.casework, traces.BOX)
    traces.wipe(databases.statistics, traces.SLIPS)


def carry_back(databases: Databases, clock: Clock) -> int:
    """Carry audit entries of the statistics side to the audit log; return how many were new.

    Each is recorded once, however often it is carried: the log's side remembers its random id
    in the transaction that records it.
    """
    recorded = 0
    while True:
        with look(databases.statistics, clock) as work:
            waiting = trends.audit_waiting(work, AT_ONCE)
        if not waiting:
            return recorded
        with begin(databases.casework, clock) as work:
            carried = Carried(work.session)
            known = carried.among([entry.id for entry in waiting])
            new = [entry for entry in waiting if entry.id not in known]
            for entry in new:
                carried.add(entry.id)
            for entry in new:
                record(
                    work,
                    actor=entry.actor,
                    verb=entry.verb,
                    subject=entry.subject,
                    **entry.details,
                )
        with begin(databases.statistics, clock) as work:
            trends.audit_delivered(work, [entry.id for entry in waiting])
        recorded += len(new)


def last_made_on(work: Work) -> date | None:
    """Return the day of the last hand-over, if there ever was one."""
    return Handovers(work.session).last_made_on()


def _deliver(statistics: Database, clock: Clock, going: list[SealedSlip]) -> Received:
    if not going:
        return Received(kept=0, late=0)
    with begin_alone(statistics, clock) as work:
        received = trends.receive_slips(work, [_received(slip) for slip in going])
        # Those of earlier weeks as well: where a row lies is not to tell its week.
        trends.shuffle_slips(work)
        return received


def _received(slip: SealedSlip) -> ReceivedSlip:
    return ReceivedSlip(
        id=slip.place.id,
        force=slip.place.force,
        period=Period.parse(slip.place.period),
        kind=SlipKind(slip.place.kind.value),
        header=slip.header,
        payload=slip.payload,
    )
