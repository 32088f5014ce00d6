"""Custodians, their copies of the statistics' identity, slips, and everything a freeze touches."""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.envelope.custody import make_custody
from app.envelope.slips import Slip, SlipKind, SlipPlace, seal_slip
from app.freeze import service
from app.freeze.stores import Stores
from app.freeze.witness import Witness
from app.identity.domain import Role, StaffId, StaffMember
from app.trends import service as trends
from app.trends.domain import Period
from app.trends.slips import ReceivedSlip
from app.trends.slips import SlipKind as Kind
from app.work import begin, look
from tests.people import CUSTODIANS
from tests.trends.statistics_side import NORTH, day_of, plans

PLANS = plans(first="2026Q1")
PLAN = PLANS.newest
FIRST = Period.parse("2026Q1")
THEMES = [theme.id for theme in PLAN.themes]


def custodian(name) -> StaffMember:
    return StaffMember(id=StaffId(name), name=name.title(), role=Role.CUSTODIAN)


CAROL, CYRIL, CLEO = map(custodian, CUSTODIANS)


@dataclass
class House:
    """A portal's stores, with people who hold keys to them."""

    stores: Stores
    people: object
    clock: object

    def day(self, text="2026Q1"):
        self.clock.now = max(self.clock.now, day_of(text, PLANS))

    def slip(self, *, recipient=None, place=None, says=None, **changes) -> ReceivedSlip:
        """A slip as it is handed over; anything about it may be another."""
        told = place or self.place(**changes)
        kind = told.kind
        default = (THEMES[0], "operations")
        if kind is SlipKind.CLOSURE:
            default = (PLAN.outcomes[0].id, PLAN.bands[0].id)
        sealed = seal_slip(
            Slip(place=told, says=says or default), recipient or self.people.statistics.recipient
        )
        return ReceivedSlip(
            id=told.id, force=told.force, period=Period.parse(told.period), kind=Kind(kind.value),
            header=sealed.header, payload=sealed.payload,
        )  # fmt: skip

    def place(self, *, force=NORTH, period="2026Q1", kind=SlipKind.ENTRY) -> SlipPlace:
        return SlipPlace(id=secrets.token_bytes(16), force=force, period=period, kind=kind)

    def hand_over(self, *slips):
        with begin(self.stores.statistics, self.clock) as work:
            return trends.receive_slips(work, slips)

    def proposes(self, by=CAROL, *, force=NORTH, quarter=FIRST):
        return service.propose(self.stores, force, quarter, by=by, key=self.people.keys[by.id])

    def approves(self, proposal, by=CYRIL, *, set_aside=0):
        return service.carry_out(
            self.stores, proposal.id, by=by, key=self.people.keys[by.id], set_aside=set_aside
        )

    def freezes(self, quarter="2026Q1", *, force=NORTH):
        self.day(quarter)
        return self.approves(self.proposes(force=force, quarter=Period.parse(quarter)))

    def releases(self, force=None):
        with look(self.stores.statistics, self.clock) as work:
            return trends.releases(work, force)

    def cells(self):
        with look(self.stores.statistics, self.clock) as work:
            return trends.published_cells(work)

    def verbs(self):
        from app.audit.service import last_entries

        with look(self.stores.casework) as work:
            return [entry.verb.value for entry in last_entries(work, 1000)]

    @property
    def witness(self) -> Witness:
        return self.stores.witness

    def witnessed(self) -> set[str]:
        return {
            str(path.relative_to(self.witness.folder))
            for path in self.witness.folder.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def stores(settings, database, statistics, clock, people) -> Stores:
    custodians = {name: people.keys[name].recipient for name in CUSTODIANS}
    made = Stores.of(settings, database, statistics, clock)
    made.custody_file.write_bytes(make_custody(people.statistics, custodians).to_bytes())
    made.witness.mark()
    return replace(made, plans=PLANS)


@pytest.fixture
def house(stores, people, clock) -> House:
    found = House(stores, people, clock)
    found.clock.now = day_of("2026Q1", PLANS)
    return found


def sqlite_copy(database, to: Path) -> Path:
    """Back a SQLite database up, as an operator would."""
    import sqlite3

    with sqlite3.connect(database.engine.url.database) as source, sqlite3.connect(to) as copy:
        source.backup(copy)
    source.close()
    copy.close()
    return to


def sqlite_restore(database, backup: Path) -> None:
    """Put a backup in a database's place, journal and all."""
    import shutil

    database.engine.dispose()
    path = Path(database.engine.url.database)
    for old in (path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        old.unlink(missing_ok=True)
    shutil.copy(backup, path)
