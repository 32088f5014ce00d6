"""The worker does what is due, makes up for what was missed, and stops when told."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from app.collection import worker as worker_module
from app.collection.domain import is_due
from app.collection.service import last_made_on
from app.collection.worker import Worker
from app.intake.tables import LetterRow
from app.keyring.service import KeyringFiles
from app.mailbox.tables import EntryRow
from app.web import logs
from app.work import look
from tests.collection.letters import a_letter


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        (at(21, 2), 20, False),
        (at(21, 3), 20, True),
        (at(21, 23), 21, False),
        (at(22, 2), 21, False),
        (at(21, 2), 19, True),
        (at(21, 12), 15, True),
        (at(21, 12), None, True),
        (at(21, 2), None, True),
    ],
    ids=[
        "before the hour", "at the hour", "made today", "made yesterday", "missed yesterday",
        "away for a week", "never made", "never made, before the hour",
    ],
)  # fmt: skip
def test_when_a_collection_is_due(now, last, due):
    made = None if last is None else at(last, 0).date()
    assert is_due(now, collect_at=3, last_made_on=made) is due


@pytest.fixture
def worker(post, settings) -> Worker:
    files = KeyringFiles.of(settings)
    return Worker(post.database, post.objects, files, collect_at=3, clock=post.clock)


def test_it_collects_once_a_day(post, worker, clock, capsys):
    logs.configure()
    worker.look_round()
    post.drop(a_letter())
    worker.look_round()
    assert post.count(LetterRow) == 1
    clock.now += timedelta(hours=14)
    worker.look_round()
    assert post.count(LetterRow) == 1
    clock.now += timedelta(hours=2)
    worker.look_round()
    assert post.count(LetterRow) == 0
    assert capsys.readouterr().err.splitlines() == [
        "level=info event=collected count=0",
        "level=info event=collected count=1",
    ]


def test_an_urgent_letter_goes_with_the_next_round_and_without_a_line(post, worker, capsys):
    logs.configure()
    worker.look_round()
    capsys.readouterr()
    post.drop(a_letter(urgent=True))
    post.drop(a_letter())
    worker.look_round()
    assert (post.count(EntryRow), post.count(LetterRow)) == (1, 1)
    assert capsys.readouterr().err == ""


def test_a_keyring_is_accepted_once_a_day(post, worker, clock):
    logs.configure()
    worker.look_round()
    clock.now += timedelta(days=1)
    worker.look_round()
    verbs = [entry.verb.value for entry in post.audit()]
    assert verbs == ["keyring.accepted", "collection.made", "collection.made"]


def test_a_keyring_nobody_may_use_keeps_no_letter_waiting(post, worker, settings, capsys):
    logs.configure()
    settings.keyring.write_bytes(b"{}")
    sent = [post.drop(a_letter())]
    worker.look_round()
    post.assert_each_once(sent)
    assert 'event="keyring refused" what=UNSIGNED' in capsys.readouterr().err


def test_a_failure_is_said_by_its_type_and_tried_again(post, worker, monkeypatch, capsys):
    logs.configure()
    sent = [post.drop(a_letter())]

    def refuse(_source):
        raise OSError(28, "No space left on device: secret-name")

    monkeypatch.setattr(post.objects, "put", refuse)
    worker.look_round()
    err = capsys.readouterr().err
    assert "what=OSError" in err
    assert "secret-name" not in err
    monkeypatch.undo()
    worker.look_round()
    post.assert_each_once(sent)


def test_what_a_killed_worker_left_is_wiped_by_the_next(post, worker, monkeypatch, clock):
    """The commit of the day's collection stands, but the pages were not wiped any more."""
    logs.configure()
    post.drop(a_letter())
    wiped = []
    wipe = worker_module.tidy

    def note(*parts):
        wiped.append(parts)
        wipe(*parts)

    monkeypatch.setattr("app.collection.traces.wipe", lambda _database: 1 / 0)
    worker.look_round()
    with look(post.database) as work:
        assert last_made_on(work) == clock.now.date()
    monkeypatch.undo()
    monkeypatch.setattr(worker_module, "tidy", note)
    worker.look_round()
    worker.look_round()
    assert len(wiped) == 1


def test_it_stops_when_told(settings):
    code = (
        "from config import Settings\nfrom app.database import open_database\n"
        "from app.web import logs\nfrom app.collection import worker\n"
        "settings = Settings.from_environment()\nlogs.configure()\n"
        "worker.run(open_database(settings.database_url), settings)\n"
    )
    environment = {
        "PORTAL_SECRET_KEY": settings.secret_key,
        "PORTAL_DATA": str(settings.data),
        "PORTAL_DATABASE_URL": settings.database_url,
        "PATH": os.environ["PATH"],
    }
    process = subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        for line in process.stderr:
            if "collected" in line:
                break
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert time.monotonic() - begun < 5
        assert "worker stopped" in process.stderr.read()
    finally:
        process.kill()
        process.stderr.close()
