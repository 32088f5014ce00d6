"""The doors of the statistics: slips come in, releases and their cells are read."""

from collections.abc import Sequence

from app.errors import Missing
from app.trends.domain import Period, Table
from app.trends.ledger import BY_CLOSURE, BY_ENTRY, Spent
from app.trends.outbox import AuditOutbox
from app.trends.publication import publication_plan
from app.trends.published import AuditOut, PublishedCell, PublishedRelease
from app.trends.slips import LENGTHS, Received, ReceivedSlip, SlipKind
from app.trends.store import Cells, Freezes, Ledger, Releases, Slips
from app.work import Work

TABLES = {SlipKind.ENTRY: BY_ENTRY, SlipKind.CLOSURE: BY_CLOSURE}


def receive_slips(work: Work, slips: Sequence[ReceivedSlip]) -> Received:
    """Take slips as they are, sealed; the same ones again change nothing.

    Call it in a serialisable transaction: a freeze of the same moment sees it whole or not.

    A slip takes the place of an earlier one with its id. One whose period was frozen, or is
    being frozen, or that would replace one that was counted, comes too late: it is left out for
    ever, and the number of those is told. A slip that is not here may have been counted and
    removed, whatever force it names by now: it is late once any force has frozen its period.
    """
    store, frozen = Slips(work.session), _frozen(work)
    before = store.places([slip.id for slip in slips])
    anywhere = {(kind, period) for _force, kind, period in frozen}
    kept = 0
    for slip in slips:
        if slip.id in before:
            late = not frozen.isdisjoint({before[slip.id], (slip.force, slip.kind, slip.period)})
        else:
            late = (slip.kind, slip.period) in anywhere
        if late:
            continue
        store.put(slip)
        kept += 1
    return Received(kept=kept, late=len(slips) - kept)


def shuffle_slips(work: Work) -> None:
    """Write the slips that wait anew, shuffled: where one lies does not tell when it came."""
    Slips(work.session).shuffle()


def _frozen(work: Work) -> set[tuple[str, SlipKind, Period]]:
    # What was drawn may lie with the witness alone, and then counts all the same.
    covered = Ledger(work.session).covered() | Freezes(work.session).covered()
    return {
        (force, kind, quarter.widened(LENGTHS[kind]))
        for force, table, quarter in covered
        for kind, tables in TABLES.items()
        if table in tables
    }


def releases(work: Work, force: str | None = None) -> list[PublishedRelease]:
    """Return the releases that were shown, force by force in the order of their chains.

    One that was withdrawn is among them and says so.
    """
    return Releases(work.session).shown(force)


def release(work: Work, force: str, number: int) -> PublishedRelease:
    """Return one release that was shown.

    Raises:
        Missing: if there is none.
    """
    # PostgreSQL takes no zero byte, not even to compare with.
    for found in releases(work, force) if "\0" not in force else ():
        if found.number == number:
            return found
    raise Missing(f"release {number} of {force}")


def spent(work: Work) -> list[Spent]:
    """Return what every table of every period has spent, of all forces."""
    return Ledger(work.session).of()


def published_cells(work: Work, *, force: str | None = None) -> list[PublishedCell]:
    """Return the cells of the releases that were shown, in the order of publishing."""
    return Cells(work.session).shown(force=force)


def cell(work: Work, id: str) -> PublishedCell:
    """Return one published cell.

    Raises:
        Missing: if there is none of this id.
    """
    found = Cells(work.session).shown(id=id)
    if not found:
        raise Missing("a published cell")
    return found[0]


def published_volume(
    work: Work, force: str, year: int, *, first: Period | None = None
) -> int | None:
    """Return how many matters of a year were published in all; None if a part is missing.

    What was withdrawn is missing; what was before `first`, the first quarter that the newest
    plan counts unless another is named, is not.
    """
    totals = published_totals(work, force)
    whole = Period.parse(str(year))
    if whole in totals:
        return totals[whole]
    first = first or publication_plan().force(force).first_period
    quarters = [quarter for quarter in whole.quarters if quarter >= first]
    if not quarters or any(quarter not in totals for quarter in quarters):
        return None
    return sum(totals[quarter] for quarter in quarters)


def published_totals(work: Work, force: str) -> dict[Period, int]:
    """Return the totals of a force that stand, by period."""
    return {
        cell.period: cell.value
        for cell in published_cells(work, force=force)
        if cell.table is Table.QT and not cell.withdrawn
    }


def audit_waiting(work: Work, most: int = 100) -> list[AuditOut]:
    """Return entries that wait to be carried to the audit log, the oldest first."""
    return AuditOutbox(work.session).waiting(most)


def audit_delivered(work: Work, ids: Sequence[bytes]) -> None:
    """Note that entries stand in the audit log. Safe to repeat."""
    AuditOutbox(work.session).delivered(ids)
