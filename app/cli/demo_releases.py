"""The demonstration's releases: three invented years, published by the steps of a real freeze.

Everything but the opening of slips is done as two custodians' freeze does it, on the announced
days and with the witness. The noise is the same at every start, as only an invented figure's
may be. The newest quarter that is due is left with its slips sealed, for two custodians.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

from app.cli.demo_matters import Dice, invented_closures, invented_entries
from app.database import open_database
from app.envelope.recipients import Recipient
from app.envelope.slips import Slip, SlipPlace, seal_slip
from app.envelope.slips import SlipKind as SealedKind
from app.freeze.publishing import note_text
from app.freeze.stores import Stores
from app.freeze.witness import Drawn
from app.trends import freezing
from app.trends.calendar import NothingDue
from app.trends.domain import Entry, Period, PeriodKind, Table
from app.trends.drawing import Opened, noise_of
from app.trends.publication import PublicationPlan, freeze_day
from app.trends.published import Intent
from app.trends.service import receive_slips
from app.trends.slips import ReceivedSlip, SlipKind
from app.work import Clock, begin, system_clock
from config import Settings


def sow(settings: Settings, recipient: Recipient, *, clock: Clock = system_clock) -> None:
    """Publish what was due before the newest due quarter, and seal the slips of that one.

    Args:
        settings: the demonstration's.
        recipient: whom slips are sealed to.
        clock: tells which quarters are due.
    """
    casework = open_database(settings.database_url)
    statistics = open_database(settings.statistics_url)
    stores = Stores.of(settings, casework, statistics, clock)
    plan = stores.plans.newest
    try:
        for force in plan.forces:
            quarters = list(_due(plan, force.first_period, clock().date()))
            for quarter in quarters[:-1]:
                _freeze(stores, force.id, quarter)
            if quarters:
                slips = _sealed(plan, force.id, quarters[-1], recipient)
                with begin(statistics, clock) as work:
                    receive_slips(work, slips)
    finally:
        casework.engine.dispose()
        statistics.engine.dispose()


def _due(plan: PublicationPlan, first: Period, today: date) -> Iterator[Period]:
    quarter = first
    while freeze_day(plan, Table.QT, quarter) <= today:
        yield quarter
        quarter = quarter.next()


def _freeze(stores: Stores, force: str, quarter: Period) -> None:
    plan = stores.plans.of(quarter)
    noon = datetime.combine(freeze_day(plan, Table.QT, quarter), time(12), UTC)

    def that_day() -> datetime:
        return noon

    try:
        with begin(stores.statistics, that_day) as work:
            intent = freezing.begin_freeze(work, force, quarter, plans=stores.plans)
    except NothingDue:
        return
    stores.witness.reserve(intent.prospect.spends, intent.id)
    _draw(stores, intent, that_day)


def _draw(stores: Stores, intent: Intent, that_day: Clock) -> None:
    found = intent.prospect
    dice = Dice("noise", found.force, str(found.quarter))
    opened = invented(found.plan, found.force, found.quarter)
    with begin(stores.statistics, that_day) as work:
        draw = noise_of(found.plan, dice.below)
        release = freezing.draw_release(work, intent, opened, draw)
        drawn = Drawn(intent.id, release.canonical_json(), found.cadence.value)
        stores.witness.keep_draw(found.force, found.number, drawn)
        note = stores.signer().sign(note_text(release))
        freezing.write_release(work, intent, release, note=note)
        stores.witness.confirm(found.force, found.number, note)
        freezing.show_release(work, found.force, found.number)


def invented(plan: PublicationPlan, force: str, quarter: Period) -> Opened:
    """Return what the slips of a force say that a freeze of `quarter` may count."""
    year = quarter.widened(PeriodKind.YEAR)
    begun = [part for part in year.quarters if part <= quarter]
    return Opened(
        entries={part: invented_entries(plan, force, part) for part in begun},
        closures=invented_closures(plan, force, year) if quarter == year.quarters[-1] else (),
    )


def _sealed(
    plan: PublicationPlan, force: str, quarter: Period, recipient: Recipient
) -> Sequence[ReceivedSlip]:
    dice = Dice("slips", force, str(quarter))
    return [
        _slip(dice, force, quarter, entry, recipient)
        for entry in invented_entries(plan, force, quarter)
    ]


def _slip(
    dice: Dice, force: str, quarter: Period, entry: Entry, recipient: Recipient
) -> ReceivedSlip:
    id = dice.below(1 << 128).to_bytes(16)
    place = SlipPlace(id=id, force=force, period=str(quarter), kind=SealedKind.ENTRY)
    sealed = seal_slip(Slip(place=place, says=(entry.theme, entry.directorate)), recipient)
    return ReceivedSlip(
        id=id,
        force=force,
        period=quarter,
        kind=SlipKind.ENTRY,
        header=sealed.header,
        payload=sealed.payload,
    )
