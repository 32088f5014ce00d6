"""A portal to measure: the real server on a data folder of its own, and its CPU time."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.cli.setting_up import make_folders, make_secret, migrate
from config import ROOT, Settings
from tests.people import People

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Portal:
    """A server that answers on `port`, and the process that started it."""

    port: int
    process: subprocess.Popen
    settings: Settings
    people: People

    def get(self, path: str) -> bytes:
        status, content = self.ask("GET", path)
        assert status == 200, (path, status)
        return content

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": kind} if kind else {}
        try:
            connection.request(method, path, body=body or None, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def cpu_seconds(self) -> float:
        """User and system time of the server's processes so far."""
        return sum(_cpu(pid) for pid in _family(self.process.pid))


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


def _family(pid: int) -> list[int]:
    found = [pid]
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found += _family(int(entry.name))
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_portal() -> Iterator[Portal]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        make_folders(data)
        make_secret(data)
        people = People.make(datetime.now(UTC).date(), six_desks=True)
        people.write_keyring(data / "keys")
        port = free_port()
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")},
            "PORTAL_DATA": folder,
            "PORTAL_PORT": str(port),
            "PORTAL_SECURE_COOKIES": "no",
        }
        settings = Settings.from_environment(environment)
        migrate(settings)
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve"],
            env=environment,
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(port, process)
            yield Portal(port, process, settings, people)
        finally:
            process.terminate()
            process.wait(30)


def _wait(port: int, process: subprocess.Popen) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the portal stopped before it answered")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                time.sleep(0.5)
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the portal does not answer")
