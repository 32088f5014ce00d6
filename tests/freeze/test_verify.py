"""`candour releases verify` finds every way in which a release could be another than it was."""

import pytest
from sqlalchemy import update

from app.freeze.domain import WitnessAbsent
from app.freeze.verifying import Verified, verify
from app.freeze.witness import SHOWN
from app.trends.tables import CellRow, LedgerRow, ReleaseRow
from app.work import begin

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


def test_without_the_witness_nothing_is_vouched_for(frozen):
    frozen.stores.witness.folder.rename(frozen.stores.witness.folder.with_name("away"))
    with pytest.raises(WitnessAbsent):
        verify(frozen.stores)
