"""The demonstration's past: invented, the same at every start, and by the rules of a real one."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from app.cli import demo_releases
from app.cli.demo_matters import Dice, invented_closures, invented_entries
from app.cli.setting_up import mark_witness
from app.envelope.identities import Identity
from app.freeze.opening import Opener
from app.freeze.publishing import catch_up
from app.freeze.stores import Stores
from app.freeze.verifying import Verified, verify
from app.trends import service
from app.trends.board import board_of
from app.trends.calendar import next_quarter
from app.trends.domain import Period, Table
from app.trends.ledger import most_spent
from app.trends.publication import freeze_day, publication_plan
from app.trends.releases import verify_chain
from app.trends.slips import SlipKind
from app.trends.store import Ledger, Slips
from app.trends.trend_words import TrendWord
from app.work import look
from tests.trends.invented import all_releases, tables_of

PLAN = publication_plan()
NEWEST = Period.parse("2026Q2")


@pytest.fixture
def database_url(tmp_path, migrated):
    import shutil

    (tmp_path / "data").mkdir(exist_ok=True)
    return f"sqlite:///{shutil.copy(migrated, tmp_path / 'data' / 'casework.sqlite')}"


@pytest.fixture
def recipient():
    return Identity.generate()


@pytest.fixture
def sown(settings, statistics, clock, recipient):
    mark_witness(settings)
    demo_releases.sow(settings, recipient.recipient, clock=clock)
    return all_releases(statistics)


def test_three_years_are_published_on_the_announced_days(sown):
    for force, found in sown.items():
        quarters = [release.period for release in found]
        assert quarters[0] == PLAN.force(force).first_period
        assert quarters[-1] == NEWEST.previous()
        assert len(found) >= 12
        verify_chain([release.release for release in found])
        for release in found:
            assert release.frozen_on == freeze_day(PLAN, Table.QT, release.period)
            assert release.release.digest().hex() in release.note


def test_the_ledger_holds(sown, statistics):
    with look(statistics) as work:
        for force in sown:
            assert most_spent(Ledger(work.session).of(force)) <= PLAN.cap


def test_the_newest_quarter_waits_sealed_for_two_custodians(sown, statistics, recipient):
    with look(statistics) as work:
        for force in PLAN.forces:
            assert next_quarter(work, force.id) == NEWEST
            slips = list(Slips(work.session).of(force.id, SlipKind.ENTRY, [NEWEST]))
            opened, faults = Opener(recipient, PLAN, force.id).open(slips)
            assert faults == {}
            assert Counter(opened.of(NEWEST)) == Counter(invented_entries(PLAN, force.id, NEWEST))


def test_nothing_is_left_to_catch_up_with(sown, settings, database, statistics, clock):
    stores = Stores.of(settings, database, statistics, clock)
    assert catch_up(stores) == 0
    assert verify(stores) == Verified(sum(map(len, sown.values())), ())
    assert all_releases(statistics) == sown


def test_it_is_the_same_at_every_start(sown, invented_digests):
    assert {f: found[11].release.digest().hex() for f, found in sown.items()} == invented_digests


@pytest.fixture
def invented_digests(tmp_path, migrated, migrated_statistics, people, clock):
    """The digests of the twelfth releases in another installation."""
    import shutil

    from app.database import open_database
    from config import Settings

    data = tmp_path / "another"
    for folder in (data, data / "keys", data / "witness"):
        folder.mkdir()
    made = Settings(
        secret_key="x" * 40,
        data=data,
        database_url=f"sqlite:///{shutil.copy(migrated, data / 'casework.sqlite')}",
        statistics_url=f"sqlite:///{shutil.copy(migrated_statistics, data / 'stats.sqlite')}",
        keyring=data / "keys" / "keyring.json",
        keyring_signer=data / "keys" / "signer.pub",
        witness=data / "witness",
    )
    mark_witness(made)
    demo_releases.sow(made, Identity.generate().recipient, clock=clock)
    database = open_database(made.statistics_url)
    try:
        found = all_releases(database)
        return {force: some[11].release.digest().hex() for force, some in found.items()}
    finally:
        database.engine.dispose()


def test_every_page_has_something_to_show(sown):
    tables = tables_of(sown)
    boards = {force: board_of(PLAN, {force: tables[force]}) for force in tables}
    for board in [*boards.values(), board_of(PLAN, tables)]:
        assert None not in (board.line, board.total, board.themes, board.outcomes, board.times)
        assert not board.line.limits.trial
    assert boards["a"].themes_that_are(TrendWord.HIGHER) == ["Sexual misconduct and harassment"]
    words = {row.word for board in boards.values() for row in board.themes.rows}
    assert {TrendWord.HIGHER, TrendWord.NO_CLEAR_CHANGE} <= words


def test_before_anything_is_due_nothing_is_published(settings, statistics, recipient, clock):
    mark_witness(settings)
    clock.now = datetime(2023, 5, 1, 12, tzinfo=UTC)
    demo_releases.sow(settings, recipient.recipient, clock=clock)
    assert all_releases(statistics) == {"a": [], "b": [], "c": []}
    with look(statistics) as work:
        assert service.published_cells(work) == []


def test_the_dice_are_even_and_the_same():
    assert [Dice("x").below(1000) for _ in range(3)] == [Dice("x").below(1000)] * 3
    dice = Dice("even")
    thrown = Counter(dice.below(6) for _ in range(6000))
    assert all(850 < thrown[face] < 1150 for face in range(6))
    chosen = Counter(Dice("weights", str(n)).one_of({"a": 3, "b": 1}) for n in range(2000))
    assert 1400 < chosen["a"] < 1600


def test_closures_are_of_a_year():
    closed = invented_closures(PLAN, "a", Period.parse("2025"))
    assert 200 < len(closed) < 400
    with pytest.raises(ValueError, match="year"):
        invented_closures(PLAN, "a", Period.parse("2025Q1"))
