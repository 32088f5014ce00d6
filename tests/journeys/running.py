"""A portal as its users have it: the real server on a data folder of its own, and who uses it."""

import fcntl
import os
import secrets
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyotp

from app.cli.setting_up import make_folders, make_secret
from app.collection.service import collect
from app.database import open_database
from app.identity.domain import Role
from app.identity.service import enrol
from app.mailbox.objects import Objects
from app.work import begin, system_clock
from config import ROOT, Settings
from tests.journeys.evidence import (
    cells_of,
    engine_for,
    files_under,
    folder_of_server,
    nameless_files,
    paths_under,
)
from tests.journeys.scanning import Finding, Scanner
from tests.journeys.timing import Diary, moments_in_tables
from tests.migrating import migrate, migrate_statistics
from tests.people import ON_DESK, People

PATIENCE = 60.0  # seconds
SIOCOUTQ = 0x5411  # ioctl: bytes that the other side has not acknowledged
OUR_PORTS = range(20_000, 30_000)  # below those the kernel gives to clients
PASSWORD = "a long password, {} chose it"


@dataclass
class RunningPortal:
    """A server that answers on `port`, everything it keeps, and what its reporters did when."""

    folder: Path
    settings: Settings
    people: People
    environment: dict[str, str]
    process: subprocess.Popen | None = None
    codes: dict[str, str] = field(default_factory=dict)
    diary: Diary = field(default_factory=Diary)
    # Processes beside the server's whose open files are looked into.
    watched: list[int] = field(default_factory=list)
    # The module that serves.
    server: tuple[str, ...] = ("app.cli", "serve")
    _steps: dict[str, int] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return self.settings.port

    @property
    def data(self) -> Path:
        return self.settings.data

    @property
    def temporary(self) -> Path:
        return self.folder / "temporary"

    @property
    def log(self) -> Path:
        return self.folder / "log" / "portal.log"

    def start(self) -> None:
        """Start the server, and return when it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.server],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        """Return when a worker of the server has answered a request."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process is None or self.process.poll() is None, self.log.read_text()
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                    probe.sendall(b"HEAD /leave HTTP/1.0\r\n\r\n")
                    if probe.recv(12).startswith(b"HTTP/1."):
                        return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the portal does not answer\n" + self.log.read_text())

    def stop(self) -> None:
        """Stop the server as a service manager does."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process = None

    def kill(self) -> None:
        """Kill the server and all its workers, as a power cut does."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)
            self.process = None
            self._wait_until_the_port_is_free()

    def _wait_until_the_port_is_free(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", self.port))
                    return
                except OSError:
                    time.sleep(0.02)
        raise AssertionError("a killed server still holds its port")

    @property
    def workers(self) -> list[int]:
        return children(self.process.pid) if self.process else []

    @property
    def processes(self) -> list[int]:
        return [self.process.pid, *self.workers] if self.process else []

    def collect(self) -> int:
        """Make a day's collection, as the worker does, and return how many letters there were."""
        database = open_database(self.settings.database_url)
        try:
            return collect(database, system_clock, Objects(self.settings.objects))
        finally:
            database.engine.dispose()

    def enrol(self, member: str) -> None:
        """Open an account for a member of a desk, with the keys that the keyring names."""
        desk = next(desk for desk, names in ON_DESK.items() if member in names)
        database = open_database(self.settings.database_url)
        with begin(database) as work:
            self.codes[member] = enrol(
                work,
                id=member,
                name=member.title(),
                role=Role(ON_DESK[desk][member].value),
                desk=desk,
                password=PASSWORD.format(member),
                key=self.people.keys[member],
                secret_key=self.settings.secret_key,
            )
        database.engine.dispose()

    def code_of(self, member: str) -> str:
        """Return a one-time code of a member's that she has not used yet."""
        # The one of now, or the next: both are good for half a minute at least.
        now = int(time.time()) // 30
        step = max(now, self._steps.get(member, 0) + 1)
        assert step <= now + 1, f"{member} signs in too often"
        self._steps[member] = step
        return pyotp.TOTP(self.codes[member]).generate_otp(step)

    def look_for(self, scanner: Scanner, *, in_server: bool = False) -> list[Finding]:
        """Return what `scanner` finds in files, named or not, the database and the log.

        Args:
            scanner: knows what must not be there.
            in_server: look into the files of a PostgreSQL server as well, its log among them.
        """
        engine = engine_for(self.settings.database_url)
        files = [
            *files_under(self.data, self.temporary, self.log.parent),
            *nameless_files([*self.processes, *self.watched]),
        ]
        if in_server and (folder := folder_of_server(engine)):
            files += files_under(folder)
        return [*scanner.look_at_files(files), *scanner.look_at_cells(cells_of(engine))]

    def look_for_times(self) -> list[Finding]:
        """Return whatever tells when a reporter did something, finer than the date."""
        engine = engine_for(self.settings.database_url)
        # The times that files have come first: reading the database may set one.
        found = self.diary.in_times_of(paths_under(self.data, self.temporary))
        found += moments_in_tables(engine)
        for where, content in files_under(self.data, self.temporary, self.log.parent):
            found += self.diary.in_text("the name of a file", where)
            found += self.diary.in_bytes(where, content)
            found += self.diary.in_text(where, content.decode("latin-1"))
        for where, value in cells_of(engine):
            found += self.diary.in_cell(where, value)
        return found

    def wait_until_read(self, connection: socket.socket) -> None:
        """Return when the server has read everything that was sent to it so far."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not _unsent(connection) and not _unread(connection):
                return
            time.sleep(0.01)
        raise AssertionError("the server does not read what is sent to it")


def _unsent(connection: socket.socket) -> int:
    return struct.unpack("i", fcntl.ioctl(connection, SIOCOUTQ, bytes(4)))[0]


def _unread(connection: socket.socket) -> int:
    """Return how many bytes lie in the server's end of `connection`, not read by it yet."""
    ours, theirs = (
        _as_in_proc(*name) for name in (connection.getsockname(), connection.getpeername())
    )
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1] == theirs and fields[2] == ours:
            return int(fields[4].partition(":")[2], 16)
    return 0


def _as_in_proc(address: str, port: int) -> str:
    return f"{socket.inet_aton(address)[::-1].hex().upper()}:{port:04X}"


def children(process: int) -> list[int]:
    """Return the processes that `process` started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(entry.name))
    return found


def free_port() -> int:
    """Return a port that nobody has, and that no outgoing connection will be given meanwhile."""
    for _ in range(100):
        port = secrets.choice(OUR_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port is free")


@contextmanager
def running_portal(
    folder: Path,
    databases: Callable[[Path], tuple[str, str]],
    *,
    people: People | None = None,
    start: bool = True,
) -> Iterator[RunningPortal]:
    """Run a portal below `folder`.

    Args:
        folder: where everything is.
        databases: given the data folder, the addresses of a migrated casework database and of a
            migrated statistics database.
        people: who is who; new people by default.
        start: False to get everything ready and not start it.
    """
    data = folder / "data"
    make_folders(data)
    make_secret(data)
    (folder / "temporary").mkdir()
    (folder / "log").mkdir()
    people = people or People.make(datetime.now(UTC).date())
    people.write_keyring(data / "keys")
    casework, statistics = databases(data)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")},
        "TMPDIR": str(folder / "temporary"),
        "PORTAL_DATA": str(data),
        "PORTAL_DATABASE_URL": casework,
        "PORTAL_STATISTICS_URL": statistics,
        "PORTAL_PORT": str(free_port()),
        "PORTAL_SECURE_COOKIES": "no",
    }
    portal = RunningPortal(folder, Settings.from_environment(environment), people, environment)
    try:
        if start:
            portal.start()
        yield portal
    finally:
        portal.stop()


def sqlite_in(data: Path) -> tuple[str, str]:
    """Make both databases in `data` by their migrations, and return their addresses."""
    casework, statistics = addresses_in(data)
    migrate(casework)
    migrate_statistics(statistics)
    return casework, statistics


def addresses_in(data: Path) -> tuple[str, str]:
    """Return where the embedded databases are in a data folder."""
    return f"sqlite:///{data / 'casework.sqlite'}", f"sqlite:///{data / 'statistics.sqlite'}"
