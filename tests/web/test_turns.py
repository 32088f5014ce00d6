"""Threads that write wait for one another in the process, and not by trying again."""

import threading

import pytest

from app import work as unit_of_work
from app.database import open_database
from app.errors import Busy
from app.work import begin, look


@pytest.fixture
def sqlite(migrated):
    opened = open_database(f"sqlite:///{migrated}")
    yield opened
    opened.engine.dispose()


def test_a_second_writer_waits_for_the_first(sqlite):
    done = []

    def write(name):
        with begin(sqlite):
            done.append(name)

    with begin(sqlite):
        second = threading.Thread(target=write, args=["second"])
        second.start()
        second.join(0.2)
        assert second.is_alive()
        done.append("first")
    second.join(10)
    assert done == ["first", "second"]


def test_a_reader_does_not_wait(sqlite):
    with begin(sqlite), look(sqlite) as work:
        assert work.session.connection()


def test_whoever_waits_too_long_is_told_so(sqlite, monkeypatch):
    monkeypatch.setattr(unit_of_work, "BUSY_TIMEOUT", 50)
    with begin(sqlite), pytest.raises(Busy), begin(sqlite):
        pytest.fail("two wrote at once")
    with begin(sqlite):
        """The turn was given back."""
