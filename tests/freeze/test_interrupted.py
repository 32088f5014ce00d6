"""Interrupted anywhere, a freeze leaves nothing or all, and is finished with the noise it drew."""

import os
import signal
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from app.approval import service as approval
from app.approval.domain import NoLongerOpen, Standing
from app.errors import PortalError
from app.freeze import publishing, service
from app.freeze.domain import FREEZE, WitnessedAlready
from app.freeze.witness import Witness
from app.freeze.worker import FreezeWorker
from app.trends.domain import Period
from app.trends.ledger import most_spent
from app.trends.releases import parse_release
from app.trends.store import Ledger
from app.work import begin, look
from tests.freeze.conftest import CAROL, CLEO, CYRIL, House
from tests.trends.statistics_side import day_of, plans

FORCES = [f"force-{number:03}" for number in range(140)]
MANY = plans(first="2026Q1", forces=FORCES)


class Killed(BaseException):
    """Nothing catches it: the process is gone from here on."""


class Steps:
    """Counts everything that reaches a disk, and dies at one of them."""

    def __init__(self, dies_at: int | None, die=None) -> None:
        self.count, self.dies_at, self._die = 0, dies_at, die or self._raise

    def __call__(self, *_args) -> None:
        self.count += 1
        if self.count == self.dies_at:
            self._die()

    def _raise(self) -> None:
        raise Killed


@contextmanager
def watched(stores, steps):
    """Step before every statement and every commit, and before and after every note."""
    engines = [database.engine for database in (stores.casework, stores.statistics)]
    put = Witness._put

    def noted(witness, path, content):
        steps()
        stands = put(witness, path, content)
        steps()
        return stands

    for engine in engines:
        event.listen(engine, "before_cursor_execute", steps)
        event.listen(engine, "commit", steps)
    Witness._put = noted
    try:
        yield
    finally:
        Witness._put = put
        for engine in engines:
            event.remove(engine, "before_cursor_execute", steps)
            event.remove(engine, "commit", steps)


def rows(house, table, force):
    with look(house.stores.statistics) as work:
        counted = text(f"SELECT count(*) FROM {table} WHERE force = :force")
        return work.session.execute(counted, {"force": force}).scalar()


def check_nothing_or_all(house, force):
    written = rows(house, "trends_release", force)
    assert (rows(house, "trends_cell", force) > 0) == bool(written)
    assert rows(house, "trends_ledger", force) == written * 1
    assert rows(house, "trends_ledger_quarter", force) == written * 1
    with look(house.stores.statistics) as work:
        said = text("SELECT count(*) FROM trends_audit_out WHERE subject = :subject")
        told = work.session.execute(said, {"subject": f"{force}/1"}).scalar()
    assert told == written
    assert len(house.releases(force)) <= written
    return written


def check_is_done(house, force):
    [shown] = house.releases(force)
    drawn = house.witness.drawn(force, 1)
    assert parse_release(drawn.canonical) == shown.release
    assert house.witness.confirmed(force, 1) == shown.note
    with look(house.stores.statistics) as work:
        spent = Ledger(work.session).of(force)
    assert most_spent(spent) <= house.stores.plans.newest.cap
    assert check_nothing_or_all(house, force) == 1


def drawn_before(house, force):
    found = house.witness.drawn(force, 1)
    return None if found is None else found.canonical


@pytest.fixture
def many(house) -> House:
    house.stores = replace(house.stores, plans=MANY)
    house.clock.now = day_of("2026Q1", MANY)
    # Before any of them is frozen: afterwards a slip of the quarter is late everywhere.
    assert house.hand_over(*(house.slip(force=force) for force in FORCES)).late == 0
    return house


def scene(house, force):
    return house.proposes(force=force)


def test_a_freeze_that_dies_at_any_step_is_nothing_or_all_and_can_be_resumed(many):
    died = 0
    for dies_at, force in enumerate(FORCES, start=1):
        proposal = scene(many, force)
        steps = Steps(dies_at)
        try:
            with watched(many.stores, steps):
                many.approves(proposal)
        except Killed:
            died += 1
            check_nothing_or_all(many, force)
            drawn = drawn_before(many, force)
            _resume(many, proposal, force)
            assert drawn in {None, drawn_before(many, force)}, "no second noise, ever"
            check_is_done(many, force)
            continue
        check_is_done(many, force)
        break
    assert died == steps.count, "it died at every step there is"
    assert died > 30


def _resume(house, proposal, force):
    """Whoever comes after the crash: the approver, or who comes when all was written."""
    try:
        house.approves(proposal)
    except PortalError:
        publishing.catch_up(house.stores)
    if not house.releases(force):
        publishing.catch_up(house.stores)


def test_what_was_drawn_is_finished_without_any_key(many):
    """The custodians are gone: what the witness holds can be finished as it is by anybody."""
    finished = 0
    for dies_at, force in enumerate(FORCES, start=1):
        proposal = scene(many, force)
        steps = Steps(dies_at)
        try:
            with watched(many.stores, steps):
                many.approves(proposal)
        except Killed:
            drawn = drawn_before(many, force)
            publishing.catch_up(many.stores)
            assert len(many.releases(force)) == (drawn is not None)
            if drawn is not None:
                check_is_done(many, force)
                finished += 1
            continue
        break
    assert finished > 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("dies_at", [15, 24, 28, 31, 34, 37, 40, 44, 48])
def test_a_killed_process_leaves_nothing_or_all(many, settings, dies_at):
    force = FORCES[0]
    proposal = scene(many, force)
    for database in (many.stores.casework, many.stores.statistics):
        database.engine.dispose()
    child = os.fork()
    if not child:
        _freeze_and_die(many, proposal, dies_at)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "it was killed on its way"
    assert os.WTERMSIG(status) == signal.SIGKILL
    check_nothing_or_all(many, force)
    drawn = drawn_before(many, force)
    _resume(many, proposal, force)
    assert drawn in {None, drawn_before(many, force)}
    check_is_done(many, force)


def _freeze_and_die(house, proposal, dies_at):
    try:
        steps = Steps(dies_at, die=lambda: os.kill(os.getpid(), signal.SIGKILL))
        with watched(house.stores, steps):
            house.approves(proposal)
    finally:
        os._exit(1)


def at_once(*deeds):
    gate, outcomes = threading.Barrier(len(deeds)), []

    def run(deed):
        gate.wait()
        try:
            outcomes.append(deed())
        except PortalError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_who_approve_at_once_give_one_release(many):
    for force in FORCES[:5]:
        proposal = scene(many, force)
        outcomes = at_once(
            lambda proposal=proposal: many.approves(proposal, by=CYRIL),
            lambda proposal=proposal: many.approves(proposal, by=CLEO),
        )
        done = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
        assert len(done) == 1, outcomes
        check_is_done(many, force)


def test_two_who_resume_at_once_give_one_release(many):
    for force in FORCES[:5]:
        proposal = scene(many, force)
        steps = Steps(28)
        with pytest.raises(Killed), watched(many.stores, steps):
            many.approves(proposal)
        at_once(
            lambda proposal=proposal: many.approves(proposal),
            lambda proposal=proposal: many.approves(proposal),
            lambda: publishing.catch_up(many.stores),
        )
        _resume(many, proposal, force)
        check_is_done(many, force)


def test_a_freeze_that_was_begun_can_be_proposed_anew(many):
    """Both custodians of the first attempt are away: two others finish it, with the same intent."""
    force = FORCES[0]
    proposal = scene(many, force)
    with pytest.raises(Killed), watched(many.stores, Steps(31)):
        many.approves(proposal)
    with begin(many.stores.casework, many.clock) as work:
        approval.withdraw(work, FREEZE, proposal.id, by=CLEO)
    again = service.propose(
        many.stores, force, Period.parse("2026Q1"), by=CLEO, key=many.people.keys["cleo"]
    )
    many.approves(again, by=CAROL)
    check_is_done(many, force)


def test_an_approval_that_was_interrupted_waits_no_longer_than_a_proposal(many):
    """What it kept opens the statistics for one more key."""
    force = FORCES[0]
    proposal = scene(many, force)
    with pytest.raises(Killed), watched(many.stores, Steps(31)):
        many.approves(proposal)
    many.clock.now += FREEZE.lasts + timedelta(days=1)
    with pytest.raises(NoLongerOpen):
        many.approves(proposal)
    FreezeWorker(many.stores).look_round()
    with look(many.stores.casework, many.clock) as work:
        ended = approval.proposal(work, FREEZE, proposal.id)
    assert (ended.standing, ended.payload) == (Standing.EXPIRED, None)
    many.approves(many.proposes(force=force), by=CLEO)
    check_is_done(many, force)


def test_a_force_that_is_stuck_holds_up_no_other(many, monkeypatch):
    def dies(*_given, **_named):
        raise Killed

    for force in FORCES[:2]:
        proposal = scene(many, force)
        with monkeypatch.context() as crash:
            crash.setattr(publishing.freezing, "write_release", dies)
            with pytest.raises(Killed):
                many.approves(proposal)
    many.witness.confirm(FORCES[0], 1, "a note of another copy of the database")
    with pytest.raises(WitnessedAlready):
        publishing.catch_up(many.stores)
    assert many.releases(FORCES[0]) == []
    check_is_done(many, FORCES[1])
