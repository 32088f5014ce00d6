"""A freeze: 10,000 slips opened, counted and published at a year's end, by two custodians."""

import resource
import secrets
import tempfile
from datetime import UTC, datetime, time
from pathlib import Path
from time import perf_counter, process_time

from app.cli.setting_up import make_folders, make_secret, mark_witness, migrate
from app.database import open_database
from app.envelope.custody import make_custody
from app.envelope.slips import Slip, SlipKind, SlipPlace, seal_slip
from app.freeze import service
from app.freeze.stores import Stores
from app.identity.domain import Role, StaffId, StaffMember
from app.trends import service as trends
from app.trends.domain import Period, Table
from app.trends.publication import freeze_day
from app.trends.slips import ReceivedSlip
from app.trends.slips import SlipKind as Kind
from app.work import begin
from config import Settings
from tests.people import CUSTODIANS, People

SLIPS = 10_000
FORCE = "a"
MIB = 1024  # KiB


def measure() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        return _measure(Path(folder))


def _measure(data: Path) -> dict[str, object]:
    stores, people, hands = _portal(data)
    plan = stores.plans.newest
    year = plan.force(FORCE).first_period.year
    for quarter in Period.parse(str(year)).quarters:
        hands.now = datetime.combine(freeze_day(plan, Table.QT, quarter), time(12), UTC)
        if quarter.part == 4:
            _hand_over(stores, people, year)
        proposal = service.propose(
            stores, FORCE, quarter, by=_custodian(0), key=people.keys[CUSTODIANS[0]]
        )
        begun, cpu = perf_counter(), process_time()
        service.carry_out(stores, proposal.id, by=_custodian(1), key=people.keys[CUSTODIANS[1]])
        took, used = perf_counter() - begun, process_time() - cpu
    return {
        "freeze_10000_slips_s": round(took, 2),
        "freeze_10000_slips_cpu_s": round(used, 2),
        "freeze_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB),
    }


class _Hands:
    now = datetime(2023, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def _portal(data: Path) -> tuple[Stores, People, _Hands]:
    make_folders(data)
    make_secret(data)
    settings = Settings.from_environment({"PORTAL_DATA": str(data)})
    migrate(settings)
    mark_witness(settings)
    people, hands = People.make(middle_of_the_freezes()), _Hands()
    people.write_keyring(data / "keys")
    stores = Stores.of(
        settings,
        open_database(settings.database_url),
        open_database(settings.statistics_url),
        hands,
    )
    custodians = {name: people.keys[name].recipient for name in CUSTODIANS}
    stores.custody_file.write_bytes(make_custody(people.statistics, custodians).to_bytes())
    return stores, people, hands


def middle_of_the_freezes():
    """A day in the middle of the first year's freezes, so that the keyring covers them."""
    return datetime(2023, 10, 1, tzinfo=UTC).date()


def _custodian(place: int) -> StaffMember:
    name = CUSTODIANS[place]
    return StaffMember(id=StaffId(name), name=name, role=Role.CUSTODIAN)


def _hand_over(stores: Stores, people: People, year: int) -> None:
    """Closures of the year, and entries of the one quarter that is not frozen yet."""
    plan = stores.plans.newest
    themes, outcomes = [t.id for t in plan.themes], [o.id for o in plan.outcomes]
    directorate, band = plan.force(FORCE).directorates[0].id, plan.bands[0].id
    slips = []
    for number in range(SLIPS):
        if number % 2:
            kind, period, says = SlipKind.ENTRY, f"{year}Q4", (themes[number % 7], directorate)
        else:
            kind, period, says = SlipKind.CLOSURE, str(year), (outcomes[number % 3], band)
        place = SlipPlace(id=secrets.token_bytes(16), force=FORCE, period=period, kind=kind)
        sealed = seal_slip(Slip(place=place, says=says), people.statistics.recipient)
        slips.append(
            ReceivedSlip(
                id=place.id,
                force=FORCE,
                period=Period.parse(period),
                kind=Kind(kind.value),
                header=sealed.header,
                payload=sealed.payload,
            )
        )
    with begin(stores.statistics, stores.clock) as work:
        trends.receive_slips(work, slips)


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:40} {value}")
