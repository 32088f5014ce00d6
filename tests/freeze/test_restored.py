"""An older copy of the statistics database gets no second noise; the witness brings it back."""

import shutil
from contextlib import nullcontext
from dataclasses import replace
from fractions import Fraction

import pytest

from app.errors import Broken, Refused
from app.freeze import publishing, recovering, service, withdrawing
from app.freeze.domain import WitnessAbsent, WitnessedAlready
from app.freeze.witness import Drawn, Witness
from app.trends.domain import Period, Table
from app.trends.ledger import Spent
from app.trends.releases import verify_chain
from tests.freeze.conftest import CLEO, CYRIL, FIRST, sqlite_copy, sqlite_restore
from tests.freeze.test_interrupted import Killed, Steps, watched
from tests.trends.statistics_side import NORTH, SOUTH

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def backed_up(house, to):
    return sqlite_copy(house.stores.statistics, to)


def restore(house, backup):
    sqlite_restore(house.stores.statistics, backup)


def frozen_after(house, tmp_path, moment):
    """Freeze, with a backup of the statistics database taken at a moment of it."""
    house.hand_over(*(house.slip() for _ in range(10)))
    backup = tmp_path / "backup.sqlite"
    if moment == "before intent":
        backed_up(house, backup)
    proposal = house.proposes()
    if moment == "between intent and commit":
        begin = publishing.publish

        def publish(*arguments):
            backed_up(house, backup)
            begin(*arguments)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(publishing, "publish", publish)
            house.approves(proposal)
    else:
        house.approves(proposal)
    if moment == "after":
        backed_up(house, backup)
    return backup


MOMENTS = ["before intent", "between intent and commit", "after"]


@on_sqlite
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_second_freeze_after_restoring_a_backup_is_refused(house, tmp_path, moment):
    backup = frozen_after(house, tmp_path, moment)
    [first] = house.releases()
    before = house.witnessed()
    restore(house, backup)
    for by, approver in ((CYRIL, CLEO), (CLEO, CYRIL)):
        with pytest.raises(Refused):
            house.approves(house.proposes(by=by), by=approver)
    with pytest.raises(WitnessedAlready) if moment == MOMENTS[1] else nullcontext():
        publishing.catch_up(house.stores)
    assert house.witnessed() - before == set()
    assert [found.release for found in house.releases()] in ([], [first.release])


@on_sqlite
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_witness_gives_back_what_a_backup_lost(house, tmp_path, moment):
    backup = frozen_after(house, tmp_path, moment)
    house.freezes("2026Q2")
    lost = house.releases()
    restore(house, backup)
    assert recovering.recover(house.stores) == (1 if moment == "after" else 2)
    assert house.releases() == lost
    verify_chain([found.release for found in house.releases()])
    assert recovering.recover(house.stores) == 0
    house.freezes("2026Q3")
    verify_chain([found.release for found in house.releases()])


@on_sqlite
def test_recovery_goes_on_after_a_freeze_that_was_refused(house, tmp_path):
    backup = frozen_after(house, tmp_path, "before intent")
    lost = house.releases()
    restore(house, backup)
    with pytest.raises(WitnessedAlready):
        house.approves(house.proposes())
    assert recovering.recover(house.stores) == 1
    assert house.releases() == lost


@on_sqlite
def test_a_backup_from_between_a_draw_and_its_commit_is_finished_with_that_draw(house, tmp_path):
    """Nothing was shown yet: the one noise that exists is used, and no other."""
    house.hand_over(*(house.slip() for _ in range(10)))
    proposal = house.proposes()
    backup = tmp_path / "backup.sqlite"
    backed_up(house, backup)
    put = publishing._drawn_once

    def drawn_and_dead(*arguments):
        put(*arguments)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "_drawn_once", drawn_and_dead)
        with pytest.raises(Killed):
            house.approves(proposal)
    drawn = house.witness.drawn(NORTH, 1)
    restore(house, backup)
    with pytest.raises(Refused):
        house.approves(proposal)
    assert house.witness.drawn(NORTH, 1) == drawn
    assert house.releases() == []


def test_a_release_the_witness_never_confirmed_is_not_recovered(house):
    house.proposes()
    house.witness.keep_draw(SOUTH, 1, Drawn(bytes(16), b"{}", "half"))
    assert recovering.recover(house.stores) == 0


@on_sqlite
def test_an_altered_note_of_the_witness_is_not_believed(house, tmp_path):
    backup = frozen_after(house, tmp_path, "before intent")
    restore(house, backup)
    path = house.witness.folder / "drawn" / "north--1"
    path.write_bytes(path.read_bytes().replace(b'\\"value\\":', b'\\"value\\":1', 1))
    with pytest.raises(Broken):
        recovering.recover(house.stores)
    assert house.releases() == []


def test_a_release_that_was_altered_here_is_not_confirmed_twice(house):
    house.freezes()
    with pytest.raises(WitnessedAlready):
        house.witness.confirm(NORTH, 1, "another note")


@pytest.fixture
def witness(tmp_path) -> Witness:
    found = Witness(tmp_path / "elsewhere")
    found.mark()
    return found


SPENT = (Spent(NORTH, Table.QT, FIRST, Fraction(1, 18)),)


def test_the_same_intent_may_reserve_again_and_no_other(witness):
    witness.reserve(SPENT, b"a" * 16)
    witness.reserve(SPENT, b"a" * 16)
    witness.check_free(SPENT, b"a" * 16)
    for deed in (witness.reserve, witness.check_free):
        with pytest.raises(WitnessedAlready):
            deed(SPENT, b"b" * 16)
    with pytest.raises(WitnessedAlready):
        witness.check_free(SPENT, None)
    witness.check_free((replace(SPENT[0], period=Period.parse("2026Q2")),), None)


def test_the_first_draw_stands(witness):
    first, second = Drawn(b"a" * 16, b"{1}", "half"), Drawn(b"b" * 16, b"{2}", "half")
    assert witness.drawn(NORTH, 1) is None
    assert witness.keep_draw(NORTH, 1, first) == first
    assert witness.keep_draw(NORTH, 1, second) == first
    assert witness.drawn(NORTH, 1) == first


def test_a_note_that_was_cut_off_does_not_stand(witness, monkeypatch):
    """The machine stops while a note is written: it is whole or not there."""
    monkeypatch.setattr("os.link", lambda *_paths: (_ for _ in ()).throw(Killed()))
    with pytest.raises(Killed):
        witness.reserve(SPENT, b"a" * 16)
    monkeypatch.undo()
    witness.check_free(SPENT, None)
    assert list((witness.folder / "spent").iterdir()) == []


def test_what_the_witness_holds_is_its_owners_alone(witness):
    witness.reserve(SPENT, b"a" * 16)
    paths = [witness.folder, *witness.folder.rglob("*")]
    assert [path for path in paths if path.stat().st_mode & 0o077] == []


def test_a_folder_without_its_mark_is_not_the_witness(witness):
    (witness.folder / "candour-witness").unlink()
    with pytest.raises(WitnessAbsent):
        witness.reserve(SPENT, b"a" * 16)
    shutil.rmtree(witness.folder)
    with pytest.raises(WitnessAbsent):
        witness.drawn(NORTH, 1)


def test_a_witness_that_cannot_be_written_to_stops_the_freeze_and_it_goes_on_after(
    house, monkeypatch
):
    proposal = house.proposes()

    def full(*_paths):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.link", full)
        with pytest.raises(WitnessAbsent):
            house.approves(proposal)
    assert house.releases() == []
    service.carry_out(house.stores, proposal.id, by=CYRIL, key=house.people.keys["cyril"])
    assert len(house.releases()) == 1


def test_dying_steps_are_many(house):
    steps = Steps(None)
    with watched(house.stores, steps):
        house.freezes()
    assert steps.count > 30


def withdrawn(house, number=1):
    proposal = withdrawing.propose(
        house.stores, NORTH, number, why="A coding fault in two directorates", by=CYRIL
    )
    return withdrawing.carry_out(house.stores, proposal.id, by=CLEO)


@on_sqlite
def test_a_withdrawal_is_not_lost_with_a_backup(house, tmp_path):
    house.freezes()
    backup = backed_up(house, tmp_path / "backup.sqlite")
    withdrawn(house)
    lost = house.releases()
    restore(house, backup)
    recovering.recover(house.stores)
    assert house.releases() == lost
    assert not lost[0].stands
