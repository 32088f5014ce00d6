"""The worker ends what waited too long, finishes what only waited, and survives what it cannot."""

from datetime import timedelta

import pytest

from app.approval import service as approval
from app.approval.domain import Standing
from app.freeze import publishing
from app.freeze.domain import FREEZE
from app.freeze.worker import FreezeWorker
from app.work import look
from tests.freeze.test_interrupted import Killed


def standing(house, proposal):
    with look(house.stores.casework, house.clock) as work:
        return approval.proposal(work, FREEZE, proposal.id)


def test_what_expired_is_gone_from_the_database_without_anybody_looking(house):
    proposal = house.proposes()
    worker = FreezeWorker(house.stores)
    worker.look_round()
    assert standing(house, proposal).standing is Standing.OPEN
    house.clock.now += FREEZE.lasts + timedelta(days=1)
    worker.look_round()
    assert (standing(house, proposal).standing, standing(house, proposal).payload) == (
        Standing.EXPIRED, None,
    )  # fmt: skip


def test_a_release_that_a_crash_left_unshown_is_shown(house):
    proposal = house.proposes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "show_written", lambda *_all: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            house.approves(proposal)
    assert house.releases() == []
    FreezeWorker(house.stores).look_round()
    assert len(house.releases()) == 1


def test_it_goes_on_without_the_witness(house, capsys):
    proposal = house.proposes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "show_written", lambda *_all: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            house.approves(proposal)
    (house.witness.folder / "candour-witness").unlink()
    FreezeWorker(house.stores).look_round()
    assert house.releases() == []
    house.witness.mark()
    FreezeWorker(house.stores).look_round()
    assert len(house.releases()) == 1
