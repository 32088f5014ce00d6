"""A portal of six desks whose clock is turned by hand: what takes weeks is over in a moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pyotp

from app.collection.service import collect
from app.database import open_database
from app.identity import passwords
from app.identity.domain import Role
from app.identity.service import enrol
from app.mailbox.objects import Objects
from app.work import begin
from tests.journeys.running import PASSWORD, RunningPortal, running_portal
from tests.journeys.turned_server import CLOCK_FILE, QUICK, clock_in
from tests.people import LABELS, ON_DESK, ON_OTHER_DESKS, People

POSTS = {
    name: (Role(role.value), desk)
    for desk, members in (ON_DESK | ON_OTHER_DESKS).items()
    for name, role in members.items()
}


class TurnedPortal:
    """A running portal and its clock, which stands until somebody turns it.

    Has what windows and reporters ask of a running portal.
    """

    def __init__(self, portal: RunningPortal, clock_file: Path) -> None:
        self._portal = portal
        self._file = clock_file
        self.clock = clock_in(clock_file)
        self.codes = portal.codes
        self.people = portal.people
        self.diary = portal.diary
        self.settings = portal.settings

    @property
    def port(self) -> int:
        return self._portal.port

    @property
    def today(self) -> date:
        return self.clock().date()

    def turn(self, *, days: int) -> None:
        """Let days go by."""
        write_clock(self._file, self.clock() + timedelta(days=days))

    def collect(self) -> int:
        """Make the collection of the day the clock stands at; how many letters there were."""
        database = open_database(self.settings.database_url)
        try:
            return collect(database, self.clock, Objects(self.settings.objects))
        finally:
            database.engine.dispose()

    def enrol(self, name: str) -> None:
        """Open the account of a member of one of the six desks."""
        role, desk = POSTS[name]
        database = open_database(self.settings.database_url)
        with patch.multiple(passwords, **QUICK), begin(database, self.clock) as work:
            self.codes[name] = enrol(
                work,
                id=name,
                name=name.title(),
                role=role,
                desk=desk,
                password=PASSWORD.format(name),
                key=self.people.keys[name],
                secret_key=self.settings.secret_key,
            )
        database.engine.dispose()

    def code_of(self, name: str) -> str:
        """Return the one-time code of now: good once, so nobody signs in twice in one instant."""
        return pyotp.TOTP(self.codes[name]).at(self.clock())

    @staticmethod
    def inbox_of(name: str) -> str:
        """Return the heading of somebody's inbox."""
        return f"Cases for {LABELS[POSTS[name][1]]}"


def write_clock(path: Path, now: datetime) -> None:
    """Set the clock of a file; whoever reads it meanwhile reads the old time or the new."""
    fresh = path.with_suffix(".new")
    fresh.write_text(now.isoformat(), encoding="ascii")
    fresh.replace(path)


@contextmanager
def turned_portal(
    folder: Path, databases: Callable[[Path], tuple[str, str]]
) -> Iterator[TurnedPortal]:
    """Run a portal of six desks below `folder`; its clock stands at noon of today."""
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    clock_file = folder / "clock"
    write_clock(clock_file, noon)
    people = People.make(noon.date(), six_desks=True)
    with running_portal(folder, databases, people=people, start=False) as portal:
        portal.server = ("tests.journeys.turned_server",)
        portal.environment[CLOCK_FILE] = str(clock_file)
        portal.start()
        yield TurnedPortal(portal, clock_file)
