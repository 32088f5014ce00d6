"""Killed between any two steps, a collection has happened or it has not; never half, never twice."""

import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import event

from app.collection.service import collect
from app.intake.tables import LetterRow
from app.mailbox.tables import EntryRow
from tests.collection.letters import a_later_letter, a_letter


class Killed(BaseException):
    """The process ended here: no handler of the product may catch it."""


@contextmanager
def dies_at_step(post, monkeypatch, step):
    """Die before the `step`-th statement or put; yields how many steps were taken."""
    taken = []

    def next_step(*_):
        taken.append(None)
        if len(taken) == step:
            raise Killed

    put = post.objects.put

    def put_and_count(source):
        next_step()
        return put(source)

    monkeypatch.setattr(post.objects, "put", put_and_count)
    event.listen(post.database.engine, "before_cursor_execute", next_step)
    event.listen(post.database.engine, "commit", next_step)
    try:
        yield taken
    finally:
        event.remove(post.database.engine, "before_cursor_execute", next_step)
        event.remove(post.database.engine, "commit", next_step)
        monkeypatch.undo()


@pytest.mark.parametrize("only_urgent", [False, True], ids=["the day's", "urgent"])
def test_every_letter_exactly_once_wherever_it_died(post, monkeypatch, only_urgent):
    sent = []
    for step in range(1, 1000):
        first = a_letter(urgent=True)
        sent += [post.drop(first), post.drop(a_later_letter(first)), post.drop(a_letter())]
        with dies_at_step(post, monkeypatch, step) as taken:
            try:
                post.collect(only_urgent=only_urgent)
            except Killed:
                moved, waiting = post.count(EntryRow), post.count(LetterRow)
                assert moved + waiting == len(sent), "all or nothing"
        post.collect()
        if len(taken) < step:
            break
    post.assert_each_once(sent)
    assert step >= 20, "otherwise this did not look between the statements"


def test_the_log_says_every_letter_once_wherever_it_died(post, monkeypatch):
    sent = []
    for step in range(1, 60):
        sent += [post.drop(a_letter(urgent=True))]
        with dies_at_step(post, monkeypatch, step), suppress(Killed):
            post.collect(only_urgent=True)
    post.collect()
    assert sum(entry.details["letters"] for entry in post.audit()) == len(sent)


def test_a_killed_process_lets_the_next_one_collect(post, settings):
    """The turn ends with its process, at whatever moment that is killed."""
    sent = [post.drop(a_letter(size=200_000)) for _ in range(8)]
    code = (
        "import sys\nfrom pathlib import Path\nfrom app.collection.service import collect\n"
        "from app.database import open_database\nfrom app.mailbox.objects import Objects\n"
        "from app.work import system_clock\n"
        "print('begun', flush=True)\n"
        "collect(open_database(sys.argv[1]), system_clock, Objects(Path(sys.argv[2])))\n"
    )
    folder = post.objects._folder
    command = [sys.executable, "-c", code, settings.database_url, str(folder)]
    for delay in (0.0, 0.02, 0.05):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "begun\n"
        time.sleep(delay)
        process.kill()
        process.wait()
        process.stdout.close()
    # PostgreSQL notices a client that is gone when it next hears from the socket.
    for _ in range(50):
        try:
            collect(post.database, post.clock, post.objects)
            break
        except Exception:
            time.sleep(0.1)
    post.assert_each_once(sent)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_letter_is_not_lost_with_its_object(post, monkeypatch, when):
    """The row that names an object is written after the object is whole, and never before."""
    sent = [post.drop(a_letter())]
    rename = type(post.objects._folder).rename

    def dying(path, target):
        if when == "after":
            rename(path, target)
        raise Killed

    monkeypatch.setattr(type(post.objects._folder), "rename", dying)
    with pytest.raises(Killed):
        post.collect()
    monkeypatch.undo()
    assert post.count(EntryRow) == 0
    post.collect()
    post.assert_each_once(sent)
