"""A freeze as the statistics database sees it: begun, drawn, written, shown, withdrawn.

Nothing here opens a slip: the entries come in opened, and are gone with the caller. What a
freeze does between these steps, and who may ask for it, is the business of the room `freeze`.
"""

import secrets
from collections.abc import Iterator, Mapping
from datetime import date

from app.errors import Conflict
from app.trends.calendar import AlreadyFrozen, NothingDue, cadence_of, check_turn
from app.trends.disclosure import Draw
from app.trends.domain import Cadence, Period, PeriodKind, Table
from app.trends.drawing import Freeze, Opened, draw_tables
from app.trends.ledger import BY_CLOSURE, Spent, check_spending
from app.trends.outbox import AuditOutbox
from app.trends.plans import Plans, shipped
from app.trends.publication import rho
from app.trends.published import Intent, Prospect, PublishedRelease
from app.trends.releases import FIRST, Release
from app.trends.service import published_totals
from app.trends.slips import ReceivedSlip, SlipKind
from app.trends.store import Freezes, Ledger, Releases, Slips
from app.trends.tables import FreezeRow
from app.work import Work

ID = 16  # bytes of an intent, random


def prospect(work: Work, force: str, quarter: Period, *, plans: Plans | None = None) -> Prospect:
    """Return what a freeze of `quarter` would publish.

    Raises:
        NothingDue: if nothing of this force ends with that quarter.
    """
    plans = plans or shipped()
    standing = begun(work, force, quarter, plans=plans)
    if standing is not None:
        return standing.prospect
    last = Releases(work.session).last(force)
    return _prospect(
        work,
        Freeze(
            plan=plans.of(quarter),
            force=force,
            quarter=quarter,
            cadence=cadence_of(work, force, quarter.year, plans=plans),
            tables=plans.tables,
        ),
        number=next_number(work, force),
        previous=FIRST if last is None else last.digest,
    )


def _prospect(work: Work, freeze: Freeze, *, number: int, previous: bytes) -> Prospect:
    listed = _to_draw(freeze, published_totals(work, freeze.force))
    if freeze.quarter < freeze.plan.force(freeze.force).first_period or not listed:
        raise NothingDue(f"{freeze.quarter} of {freeze.force}")
    return Prospect(
        number=number,
        previous=previous,
        plan=freeze.plan,
        force=freeze.force,
        quarter=freeze.quarter,
        cadence=freeze.cadence,
        spends=tuple(
            Spent(freeze.force, table, period, rho(freeze.plan, table)) for table, period in listed
        ),
    )


def _to_draw(freeze: Freeze, totals: Mapping[Period, int]) -> list[tuple[Table, Period]]:
    # A table that would have to add up to a total that was withdrawn is left out for good: to
    # publish it would publish the total again.
    known = set(totals) | {period for table, period in freeze.due if table is Table.QT}
    first = freeze.plan.force(freeze.force).first_period

    def adds_up(table: Table, period: Period) -> bool:
        if table is Table.QT or table in BY_CLOSURE or period in known:
            return True
        return all(part in known for part in period.quarters if part >= first)

    return [pair for pair in freeze.due if adds_up(*pair)]


def begun(work: Work, force: str, quarter: Period, *, plans: Plans | None = None) -> Intent | None:
    """Return with what the freeze of a quarter was begun, if it was."""
    row = Freezes(work.session).begun(force, quarter)
    return None if row is None else _intent(work, row, plans or shipped())


def unfinished(work: Work, *, plans: Plans | None = None) -> list[Intent]:
    """Return the freezes that were begun and whose release is not written."""
    found = Freezes(work.session).unfinished()
    return [_intent(work, row, plans or shipped()) for row in found]


def check_may_begin(work: Work, force: str, quarter: Period, *, plans: Plans | None = None) -> None:
    """Check that a freeze of `quarter` can be begun today, or carried on.

    Raises:
        AlreadyFrozen, TooEarly, OutOfTurn, NothingDue: as `begin_freeze`.
    """
    row = Freezes(work.session).begun(force, quarter)
    if row is None:
        check_turn(work, force, quarter, plans=plans)
        return
    release = Releases(work.session).find(force, row.number)
    if release is not None and release.confirmed:
        raise AlreadyFrozen(f"{quarter} of {force} was frozen")


def begin_freeze(work: Work, force: str, quarter: Period, *, plans: Plans | None = None) -> Intent:
    """Write down that a freeze begins, and return with what. Commit it before anything is drawn.

    A freeze that was begun and not finished is carried on: the same intent is returned.

    Raises:
        AlreadyFrozen, TooEarly, OutOfTurn: as `check_turn`.
        NothingDue: if nothing is published of that quarter.
        Conflict: if somebody else began at the same moment.
    """
    plans = plans or shipped()
    check_may_begin(work, force, quarter, plans=plans)
    standing = begun(work, force, quarter, plans=plans)
    if standing is not None:
        return standing
    found = prospect(work, force, quarter, plans=plans)
    check_spending(Ledger(work.session).of(force), found.spends, cap=found.plan.cap)
    intent = Intent(id=secrets.token_bytes(ID), prospect=found, begun_on=work.today)
    Freezes(work.session).add(
        FreezeRow(
            intent=intent.id,
            force=force,
            period=str(quarter),
            number=found.number,
            previous=found.previous,
            plan_version=found.plan.version,
            cadence=found.cadence,
            begun_on=intent.begun_on,
        )
    )
    return intent


def adopt(
    work: Work,
    release: Release,
    intent: bytes,
    cadence: Cadence,
    *,
    plans: Plans | None = None,
) -> Intent:
    """Return the intent of a release that was shown once and is to be written again.

    One that was begun in its place meanwhile gives way to it: nothing was drawn for that.

    Raises:
        Conflict: if the release does not follow the last one here.
    """
    freezes = Freezes(work.session)
    freezes.remove_unfinished(release.force)
    last = Releases(work.session).last(release.force)
    if release.previous != (FIRST if last is None else last.digest):
        raise Conflict(f"release {release.number} of {release.force} does not follow")
    freezes.add(
        FreezeRow(
            intent=intent,
            force=release.force,
            period=str(release.period),
            number=release.number,
            previous=release.previous,
            plan_version=release.plan_version,
            cadence=cadence,
            begun_on=release.frozen_on,
        )
    )
    found = Prospect(
        force=release.force,
        quarter=release.period,
        number=release.number,
        previous=release.previous,
        plan=(plans or shipped()).version(release.plan_version),
        cadence=cadence,
        spends=tuple(
            Spent(release.force, table.table, table.period, release.budgets[table.table])
            for table in release.tables
        ),
    )
    return Intent(id=intent, prospect=found, begun_on=release.frozen_on)


def next_number(work: Work, force: str) -> int:
    """Return the place in a force's chain that its next release takes."""
    last = Releases(work.session).last(force)
    return 1 if last is None else last.number + 1


def _intent(work: Work, row: FreezeRow, plans: Plans) -> Intent:
    freeze = Freeze(
        plan=plans.version(row.plan_version),
        force=row.force,
        quarter=Period.parse(row.period),
        cadence=row.cadence,
        tables=plans.tables,
    )
    found = _prospect(work, freeze, number=row.number, previous=row.previous)
    return Intent(id=row.intent, prospect=found, begun_on=row.begun_on)


def slips_counted(work: Work, found: Prospect) -> Iterator[ReceivedSlip]:
    """Yield the slips that a freeze counts, sealed as they are."""
    quarters = {
        part
        for spent in found.spends
        if spent.table not in BY_CLOSURE
        for part in spent.period.quarters
    }
    years = {spent.period for spent in found.spends if spent.table in BY_CLOSURE}
    slips = Slips(work.session)
    yield from slips.of(found.force, SlipKind.ENTRY, sorted(quarters))
    yield from slips.of(found.force, SlipKind.CLOSURE, sorted(years))


def draw_release(work: Work, intent: Intent, opened: Opened, draw: Draw) -> Release:
    """Return the release that these opened slips give, with this noise. Nothing is written.

    This is the function that every audit of the method runs: it takes a statistics transaction,
    the opened slips and one value of noise at a time, and nothing else.
    """
    found = intent.prospect
    freeze = Freeze(
        plan=found.plan,
        force=found.force,
        quarter=found.quarter,
        cadence=found.cadence,
        tables=found.tables,
    )
    totals = published_totals(work, found.force)
    return Release(
        number=found.number,
        plan_version=found.plan.version,
        force=found.force,
        period=found.quarter,
        frozen_on=intent.begun_on,
        tables=draw_tables(freeze, opened, published=totals, draw=draw),
        budgets={spent.table: spent.rho for spent in found.spends},
        previous=found.previous,
    )


def write_release(
    work: Work,
    intent: Intent,
    release: Release,
    *,
    note: str = "",
    set_aside: int = 0,
    proposed_by: str = "nobody",
    approved_by: str = "nobody",
) -> None:
    """Write a release with its cells and what it spends. It is not shown yet.

    The slips that no later freeze counts are removed.

    Raises:
        Conflict: if the release is not the one that was begun, or its place is taken.
        AlreadySpent, OverCap: if the ledger does not allow it.
    """
    found = intent.prospect
    _check_is_the_one(intent, release)
    ledger = Ledger(work.session)
    check_spending(ledger.of(found.force), found.spends, cap=found.plan.cap)
    Releases(work.session).add(release, note)
    for spent in found.spends:
        ledger.add(
            spent, number=release.number, plan_version=release.plan_version, intent=intent.id
        )
    Freezes(work.session).set_aside(intent.id, set_aside)
    _remove_counted(work, found)
    AuditOutbox(work.session).add(
        "freeze",
        "release.frozen",
        f"{found.force}/{found.number}",
        {
            "period": str(found.quarter),
            "digest": release.digest().hex(),
            "plan": found.plan.version,
            "proposed_by": proposed_by,
            "approved_by": approved_by,
            "set_aside": set_aside,
        },
    )


def _check_is_the_one(intent: Intent, release: Release) -> None:
    found = intent.prospect
    begun = (found.force, found.quarter, found.number, found.previous, found.plan.version)
    drawn = (release.force, release.period, release.number, release.previous, release.plan_version)
    budgets = {spent.table: spent.rho for spent in found.spends}
    if begun != drawn or budgets != dict(release.budgets):
        raise Conflict(f"release {release.number} is not the one that was begun")


def _remove_counted(work: Work, found: Prospect) -> None:
    # The year's tables are the last that count a slip; until then the quarters' slips wait.
    if found.quarter.part < len(_year(found.quarter).quarters):
        return
    year = _year(found.quarter)
    slips = Slips(work.session)
    slips.remove(found.force, SlipKind.ENTRY, year.quarters)
    slips.remove(found.force, SlipKind.CLOSURE, [year])


def _year(quarter: Period) -> Period:
    return quarter.widened(PeriodKind.YEAR)


def written(work: Work, intent: Intent) -> bool:
    """Say whether the release that was begun with `intent` is written."""
    found = intent.prospect
    return Releases(work.session).find(found.force, found.number) is not None


def set_aside_of(work: Work, force: str, number: int) -> int:
    """Return how many slips the freeze of a release could not count."""
    return Freezes(work.session).aside(force, number)


def not_shown(work: Work) -> list[PublishedRelease]:
    """Return the releases that are written and wait for the witness."""
    return Releases(work.session).waiting()


def show_release(work: Work, force: str, number: int) -> None:
    """Show a release that the witness has confirmed. Safe to repeat."""
    Releases(work.session).show(force, number)


def check_may_withdraw(work: Work, force: str) -> None:
    """Check that no freeze of `force` was begun whose release may add up to an earlier one.

    Raises:
        Conflict: if one was.
    """
    if Freezes(work.session).unfinished(force):
        raise Conflict(f"a freeze of {force} is not finished")


def withdraw_release(
    work: Work,
    force: str,
    number: int,
    *,
    why: str,
    proposed_by: str,
    approved_by: str,
    on: date | None = None,
) -> None:
    """Mark a release as withdrawn, whole. Its figures stay to be seen and its budget stays spent.

    Raises:
        Conflict: if it was not shown, or is withdrawn already, or if a freeze of the force was
            begun and is not finished: what it draws may add up to this release.
    """
    store = Releases(work.session)
    check_may_withdraw(work, force)
    if not store.withdraw(force, number, on=on or work.today, why=why):
        raise Conflict(f"release {number} of {force} cannot be withdrawn")
    AuditOutbox(work.session).add(
        "freeze",
        "release.withdrawn",
        f"{force}/{number}",
        {"proposed_by": proposed_by, "approved_by": approved_by},
    )


def freeze(
    work: Work,
    force: str,
    quarter: Period,
    opened: Opened,
    draw: Draw,
    *,
    plans: Plans | None = None,
) -> Release:
    """Freeze a quarter in one transaction and return its release, shown.

    For an empty store without a witness: a rehearsal, an audit of the method, a demonstration's
    past. It holds to the calendar, the turn and the ledger as a real freeze does.
    """
    intent = begin_freeze(work, force, quarter, plans=plans)
    release = draw_release(work, intent, opened, draw)
    write_release(work, intent, release)
    show_release(work, force, release.number)
    return release
