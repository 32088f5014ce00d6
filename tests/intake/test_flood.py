"""What is large waits for what is small, and nobody is known by an address."""

import threading
import time
from pathlib import Path

import pytest

from app.errors import Busy
from app.intake.flood import GRACE, LARGE, SLOWEST, Bucket, Gate, Passage


class Watch:
    """A clock that stands until somebody sleeps."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def passage(size, watch, *, gate=None, bucket=None):
    return Passage(
        size,
        gate=gate or Gate(1, 0.01),
        bucket=bucket or Bucket(1_000_000, 1_000_000, watch),
        clock=watch,
        sleep=watch.sleep,
    )


def test_a_gate_lets_in_so_many_and_asks_the_next_to_come_back():
    gate = Gate(2, 0.01)
    with gate.place(), gate.place(), pytest.raises(Busy):
        gate.enter()
    with gate.place():
        pass


def test_whoever_waits_gets_the_next_place():
    gate = Gate(1, 2.0)
    gate.enter()
    threading.Timer(0.05, gate.leave).start()
    began = time.monotonic()
    gate.enter()
    assert time.monotonic() - began < 2.0


def test_small_bodies_walk_through_a_full_gate():
    watch = Watch()
    gate = Gate(1, 0.01)
    gate.enter()
    with passage(LARGE, watch, gate=gate) as small:
        small.enter()
        small.let_through(10**9)
    assert watch.slept == []
    with passage(LARGE + 1, watch, gate=gate) as large, pytest.raises(Busy):
        large.enter()
    with passage(None, watch, gate=gate) as unknown, pytest.raises(Busy):
        unknown.enter()


def test_a_place_is_given_back_whatever_happens():
    watch = Watch()
    gate = Gate(1, 0.01)

    def breaks_off():
        with passage(LARGE + 1, watch, gate=gate) as large:
            large.enter()
            large.enter()
            raise ValueError

    for _ in range(3):
        with pytest.raises(ValueError):
            breaks_off()
    gate.enter()


def test_large_bodies_keep_a_pace_together():
    watch = Watch()
    bucket = Bucket(1_000_000, 2_000_000, watch)
    gate = Gate(2, 0.01)
    one, two = (passage(10**7, watch, gate=gate, bucket=bucket) for _ in range(2))
    with one, two:
        one.enter()
        two.enter()
        for _ in range(10):
            one.let_through(500_000)
            two.let_through(500_000)
    assert watch.now == pytest.approx(8.0), "ten megabytes, less the burst"


def test_a_bucket_is_never_fuller_than_a_burst():
    watch = Watch()
    bucket = Bucket(100, 1000, watch)
    watch.now = 10_000.0
    assert bucket.take(1000) == 0
    assert bucket.take(100) == pytest.approx(1.0)


def test_an_upload_that_only_keeps_others_out_is_ended():
    watch = Watch()
    with passage(10**7, watch) as slow:
        slow.enter()
        watch.now = GRACE - 1
        slow.let_through(1)
        watch.now = GRACE + 1
        with pytest.raises(Busy):
            slow.let_through(1)
    with passage(10**7, watch) as steady:
        steady.enter()
        for _ in range(100):
            watch.now += 1
            steady.let_through(2 * SLOWEST)


def test_no_address_is_looked_at_anywhere_in_intake():
    room = Path(__file__).parents[2] / "app" / "intake"
    for path in room.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        for word in (
            "remote_addr",
            "access_route",
            "user_agent",
            "X-Forwarded",
            "REMOTE_",
            "referrer",
        ):
            assert word not in text, path.name


def test_words_are_answered_while_large_uploads_hang(portal, reporter, monkeypatch):
    """Large uploads hold their places; a short concern goes all the way meanwhile."""
    gate = Gate(1, 0.01)
    gate.enter()
    defaults = Passage.__init__.__kwdefaults__
    monkeypatch.setattr(Passage.__init__, "__kwdefaults__", {**defaults, "gate": gate})
    assert reporter.reports(what="Still here. " * 500).words
    gate.leave()
