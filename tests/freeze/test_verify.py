"""`candour releases verify` finds every way in which a release could be another than it was."""

import pytest
from sqlalchemy import update

from app.freeze import withdrawing
from app.freeze.domain import WitnessAbsent
from app.freeze.verifying import Verified, verify
from app.freeze.witness import SHOWN
from app.trends.tables import CellRow, LedgerRow, ReleaseRow
from app.work import begin
from tests.freeze.conftest import CAROL, CYRIL, sqlite_copy, sqlite_restore
from tests.trends.statistics_side import NORTH

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = on_sqlite


@pytest.fixture
def frozen(house):
    house.hand_over(*(house.slip() for _ in range(10)))
    house.freezes("2026Q1")
    return house


def changed(house, statement):
    with begin(house.stores.statistics) as work:
        work.session.execute(statement)
    return verify(house.stores).faults


def test_what_a_freeze_wrote_is_sound(frozen):
    assert verify(frozen.stores) == Verified(1, ())


def test_a_changed_figure_is_found(frozen):
    [fault] = changed(frozen, update(CellRow).where(CellRow.place == 0).values(value=99))
    assert "not those that were signed" in fault


def test_a_changed_note_is_found_twice(frozen):
    faults = changed(frozen, update(ReleaseRow).values(note="nothing signed"))
    assert [fault.partition(": ")[2] for fault in faults] == [
        "not signed by the log's key",
        "the witness knows another",
    ]


def test_a_changed_ledger_is_found(frozen):
    [fault] = changed(frozen, update(LedgerRow).values(denominator=1_000))
    assert "ledger" in fault


def test_spending_above_the_cap_is_found(frozen):
    faults = changed(frozen, update(LedgerRow).values(numerator=1, denominator=1))
    assert "some matter has spent more than the cap" in faults


def test_a_release_the_witness_does_not_know_is_found(frozen):
    for path in frozen.stores.witness.folder.rglob("*"):
        if path.is_file() and SHOWN in str(path):
            path.unlink()
    [fault] = verify(frozen.stores).faults
    assert "the witness does not know it" in fault


def test_a_release_that_is_gone_is_found(frozen, tmp_path):
    """An older copy of the database is whole as far as it goes."""
    backup = sqlite_copy(frozen.stores.statistics, tmp_path / "older.sqlite")
    frozen.freezes("2026Q2")
    assert verify(frozen.stores) == Verified(2, ())
    sqlite_restore(frozen.stores.statistics, backup)
    [fault] = verify(frozen.stores).faults
    assert fault.endswith("release 2: the witness has it, and it is not here")


def test_a_withdrawal_that_is_undone_is_found(frozen):
    proposal = withdrawing.propose(frozen.stores, NORTH, 1, why="It counted twice", by=CAROL)
    withdrawing.carry_out(frozen.stores, proposal.id, by=CYRIL)
    assert verify(frozen.stores) == Verified(1, ())
    [fault] = changed(frozen, update(ReleaseRow).values(withdrawn_on=None, withdrawn_why=None))
    assert "differ on whether it was withdrawn" in fault


def test_without_the_witness_nothing_is_vouched_for(frozen):
    frozen.stores.witness.folder.rename(frozen.stores.witness.folder.with_name("away"))
    with pytest.raises(WitnessAbsent):
        verify(frozen.stores)
