"""Whoever was shown a receipt can come back, wherever the portal was killed meanwhile.

Web processes and collections are killed at random moments while reporters send. Afterwards every
letter is whole and in one place, and nothing half-made is left.
"""

import http.client
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select, text

from app.audit import service as audit
from app.casework.tables import CaseRow
from app.collection.service import tidy
from app.database import open_database
from app.envelope.receipts import Receipt
from app.errors import Busy
from app.intake.tables import LetterPartRow, LetterRow, WaitingFileRow, WaitingPartRow
from app.mailbox.objects import Objects
from app.mailbox.tables import EntryRow, MailboxRow
from app.work import look, system_clock
from config import ROOT
from tests.journeys.pages import Enclosed
from tests.journeys.running import PATIENCE, RunningPortal
from tests.journeys.scripted import ScriptedReporter, read_whole
from tests.journeys.visitors import Refused, Reporter, receipt_carried
from tests.proof import PROVING

SUBMISSIONS = 300 if PROVING else 24
AT_ONCE = 4  # reporters
LONGEST_WAIT = 0.7  # seconds before a kill
LARGE = 700_000  # bytes: three pieces in the letterbox
TWO_HOURS = 7200  # seconds
BROKEN_OFF = (OSError, http.client.HTTPException)


@dataclass
class Attempt:
    """One concern that somebody tried to send."""

    text: str
    file: bytes
    receipt: Receipt | None = None
    shown: bool = False
    answers: list[str] = field(default_factory=list)


class Sender:
    """A reporter who tries once, with scripts or without, and notes how far she came."""

    def __init__(self, portal: RunningPortal, chance: random.Random) -> None:
        self.portal = portal
        self.scripted = chance.random() < 0.5
        self.urgent = chance.random() < 0.3
        file = secrets.token_bytes(LARGE) if chance.random() < 0.4 else b""
        self.attempt = Attempt(f"Sent {secrets.token_hex(8)}.", file)

    def tries(self) -> Attempt:
        try:
            self._with_scripts() if self.scripted else self._without()
        except (*BROKEN_OFF, Refused) as error:
            self.attempt.answers.append(str(error)[:200])
        return self.attempt

    def _with_scripts(self) -> None:
        attempt = self.attempt
        attempt.receipt = Receipt.generate()
        _, answer = ScriptedReporter(self.portal).seals_herself(
            attempt.text, attempt.file, receipt=attempt.receipt, urgent=self.urgent
        )
        attempt.answers.append(str(answer))
        # The script shows the words on these two, and on nothing else.
        attempt.shown = answer.status in {200, 201}

    def _without(self) -> None:
        attempt, reporter = self.attempt, Reporter(self.portal)
        files = [Enclosed("f", attempt.file)] if attempt.file else []
        check = reporter.writes(reporter.chooses(), {"what": attempt.text}, files)
        attempt.receipt = receipt_carried(check)
        page = reporter.submits(check, "/report/send", "Seal and send")
        attempt.shown = page.texts("ol[data-words] li") == list(attempt.receipt.words)


class Killer:
    """Kills what runs, at moments that a seed decides as far as a machine allows."""

    def __init__(self, portal: RunningPortal, chance: random.Random) -> None:
        self.portal = portal
        self.chance = chance
        self.killed: list[str] = []

    def strikes(self) -> None:
        """Kill a web process, all of them, or a collection in its midst."""
        blow = self.chance.choice([self.one_worker, self.everything, self.a_collection])
        moment = self.chance.uniform(0, LONGEST_WAIT)
        time.sleep(moment)
        blow()
        self.killed.append(f"{blow.__name__} after {moment:.3f} s")

    def one_worker(self) -> None:
        if workers := self.portal.workers:
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(workers), signal.SIGKILL)

    def everything(self) -> None:
        self.portal.kill()
        self.portal.start()

    def a_collection(self) -> None:
        with collecting(self.portal, *self.chance.choice([(), ("urgent",)])) as process:
            process.stdin.write("go\n")
            process.stdin.flush()
            time.sleep(self.chance.uniform(0, 0.25))
            process.kill()


@contextmanager
def collecting(portal: RunningPortal, *how: str):
    """Have a collection ready in a process of its own; it begins when it is told."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.collecting", *how],
        env=portal.environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout.readline() == "ready\n"
        yield process


def say(what: str) -> None:
    """Write what pytest shows if the test fails."""
    sys.stdout.write(f"{what}\n")


def collect_what_is_left(portal: RunningPortal) -> None:
    """Collect, once the turn of a killed collection has ended."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            portal.collect()
            return
        except Busy:
            # PostgreSQL notices a client that is gone when it next looks.
            assert time.monotonic() < deadline
            time.sleep(0.1)


def send_under_fire(portal: RunningPortal, chance: random.Random) -> list[Attempt]:
    attempts: list[Attempt] = []
    killer = Killer(portal, chance)
    with ThreadPoolExecutor(AT_ONCE + 1) as crowd:
        while len(attempts) < SUBMISSIONS:
            senders = [Sender(portal, chance) for _ in range(AT_ONCE)]
            sending = [crowd.submit(sender.tries) for sender in senders]
            striking = crowd.submit(killer.strikes)
            attempts += [one.result() for one in sending]
            striking.result()
            portal.wait_until_it_answers()
    shown = sum(attempt.shown for attempt in attempts)
    say(f"{shown} of {len(attempts)} receipts shown; killed: {'; '.join(killer.killed)}")
    return attempts


@pytest.fixture
def chance() -> random.Random:
    seed = int(os.environ.get("CANDOUR_SEED") or secrets.randbits(32))
    say(f"CANDOUR_SEED={seed}")
    return random.Random(seed)


def test_no_receipt_is_shown_for_a_letter_that_a_kill_could_take(own_portal, chance):
    portal = own_portal
    attempts = send_under_fire(portal, chance)
    attempts.append(Sender(portal, chance).tries())
    assert attempts[-1].shown, "and in peace it works"
    collect_what_is_left(portal)

    database = open_database(portal.settings.database_url)
    try:
        stored = assert_everything_is_whole(portal, database, attempts)
        assert_nothing_half_made_is_left(portal, database)
        if database.is_sqlite:
            with database.engine.connect() as connection:
                assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
    finally:
        database.engine.dispose()
    reporter = Reporter(portal)
    for attempt in attempts:
        if attempt.shown:
            assert attempt.receipt.mailbox_id in stored, attempt.answers
            assert attempt.text in reporter.returns(attempt.receipt.words).main


def assert_everything_is_whole(portal, database, attempts) -> set[str]:
    """Every letter that was stored is on its desk once, with the words and file it was sent with."""
    sent = {attempt.receipt.mailbox_id: attempt for attempt in attempts if attempt.receipt}
    identity = portal.people.keys["helen"].identity
    objects = Objects(portal.settings.objects)
    with look(database) as work:
        entries = list(work.session.scalars(select(EntryRow)))
        mailboxes = {row.id.hex() for row in work.session.scalars(select(MailboxRow))}
        cases = [row.mailbox.hex() for row in work.session.scalars(select(CaseRow))]
        audit.verify(work)
        made = [one for one in audit.last_entries(work, 10_000) if one.verb == "collection.made"]
    assert sorted(cases) == sorted(mailboxes)
    assert sorted(entry.mailbox.hex() for entry in entries) == sorted(mailboxes)
    assert mailboxes <= set(sent)
    for entry in entries:
        with objects.open(entry.object_name) as payload:
            letter, files = read_whole(entry.header, payload, identity)
        attempt = sent[entry.mailbox.hex()]
        assert letter.answers["what"] == attempt.text
        assert b"".join(files) == attempt.file
    # What the log says was collected is what is there; killed collections are in it or did nothing.
    assert sum(one.details["letters"] for one in made) == len(entries)
    assert sum(one.details["refused"] for one in made) == 0
    return mailboxes


def assert_nothing_half_made_is_left(portal, database) -> None:
    with look(database) as work:
        rows = work.session
        assert not list(rows.scalars(select(LetterRow.id)))
        assert not list(rows.scalars(select(LetterPartRow.number)))
        waiting = {row.id: row.size for row in rows.scalars(select(WaitingFileRow))}
        parts: dict[bytes, list[tuple[int, int]]] = {}
        for row in rows.scalars(select(WaitingPartRow)):
            parts.setdefault(row.file, []).append((row.number, len(row.sealed)))
        named = set(rows.scalars(select(EntryRow.object_name)))
    # Files of pages that were never sent wait for their day to end, and are whole as well.
    assert {file: sum(size for _, size in found) for file, found in parts.items()} == waiting
    for found in parts.values():
        assert sorted(number for number, _ in found) == list(range(len(found)))
    for path in portal.settings.objects.iterdir():
        age = path.stat().st_mtime - TWO_HOURS
        os.utime(path, (age, age))
    tidy(database, system_clock, Objects(portal.settings.objects))
    assert {path.name for path in portal.settings.objects.iterdir()} == named
    assert list(portal.settings.spool.iterdir()) == []
