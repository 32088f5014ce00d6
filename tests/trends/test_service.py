"""Slips come in once and not after their freeze; what was published is read as it was."""

from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Conflict, Missing
from app.trends import freezing, service
from app.trends.calendar import AlreadyFrozen, NothingDue, OutOfTurn, TooEarly, calendar_of
from app.trends.domain import Cadence, Period, Table
from app.trends.ledger import most_spent
from app.trends.releases import FIRST, parse_release, verify_chain
from app.trends.slips import ReceivedSlip, SlipKind
from app.trends.store import Ledger, Releases, Slips
from tests.trends.statistics_side import (
    NORTH,
    SOUTH,
    Side,
    day_of,
    noiseless,
    opened,
    plans,
    quarter,
    slip,
)

YEAR = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
FIRST_QUARTER = quarter("2025Q1")


@pytest.fixture
def side(statistics, clock):
    clock.now = datetime(2025, 1, 1, 12, tzinfo=UTC)
    return Side(statistics, clock)


def kept(side, *, force=NORTH, kind=SlipKind.ENTRY, periods=YEAR):
    with side.reading() as work:
        return list(Slips(work.session).of(force, kind, [Period.parse(p) for p in periods]))


def receive(side, *slips):
    with side.writing() as work:
        return service.receive_slips(work, slips)


def test_slips_are_kept_as_they_are_and_twice_is_once(side):
    both = slip(1), slip(2, kind=SlipKind.CLOSURE, period="2025")
    for _twice in range(2):
        received = receive(side, *both)
        assert (received.kept, received.late) == (2, 0)
    assert kept(side) == [both[0]]
    assert kept(side, kind=SlipKind.CLOSURE, periods=["2025"]) == [both[1]]


def test_a_later_slip_takes_the_place_of_the_earlier_one(side):
    receive(side, slip(1))
    receive(side, slip(1, force=SOUTH, period="2025Q2", payload=b"corrected"))
    assert kept(side) == []
    assert [found.payload for found in kept(side, force=SOUTH)] == [b"corrected"]


def test_a_slip_leaves_no_freeze_that_was_begun(side):
    """What was drawn may lie with the witness alone: moved, its matter would count twice."""
    receive(side, slip(1), slip(2, period="2025Q2"))
    side.clock.now = day_of("2025Q1", side.plans)
    with side.writing() as work:
        freezing.begin_freeze(work, NORTH, quarter("2025Q1"), plans=side.plans)
    moved = slip(1, force=SOUTH), slip(2, force=SOUTH, period="2025Q2"), slip(3)
    assert receive(side, *moved).late == 2
    assert kept(side) == [slip(1)]
    assert len(kept(side, force=SOUTH, periods=["2025Q2"])) == 1


def test_a_slip_that_was_counted_and_removed_counts_for_no_other_force(side):
    receive(side, slip(1, period="2025Q4"), slip(2, kind=SlipKind.CLOSURE, period="2025"))
    receive(side, slip(3, force=SOUTH, period="2025Q4"))
    for text in ("2025Q1", "2025Q2", "2025Q3", "2025Q4"):
        side.freeze(text)
    assert kept(side, periods=["2025Q4"]) == []
    moved = (
        slip(1, force=SOUTH, period="2025Q4"),
        slip(2, force=SOUTH, kind=SlipKind.CLOSURE, period="2025"),
    )
    assert receive(side, *moved).late == 2
    corrected = slip(3, force=SOUTH, period="2025Q4", payload=b"corrected")
    assert receive(side, corrected).kept == 1


def test_many_slips_at_once(side):
    receive(side, *(slip(number) for number in range(1200)))
    received = receive(side, *(slip(number, payload=b"again") for number in range(1300)))
    assert (received.kept, received.late) == (1300, 0)
    assert {found.payload for found in kept(side)} == {b"again"}


def test_a_slip_that_comes_after_the_freeze_is_left_out(side):
    receive(side, slip(1), slip(2, force=SOUTH))
    side.freeze("2025Q1")
    received = receive(
        side, slip(1, payload=b"late"), slip(3), slip(1, period="2025Q2"),
        slip(2, force=SOUTH, payload=b"in time"), slip(4, period="2025Q2"),
    )  # fmt: skip
    assert (received.kept, received.late) == (2, 3)
    assert [(found.id, found.payload) for found in kept(side)] == [
        (slip(1).id, b"sealed"), (slip(4).id, b"sealed"),
    ]  # fmt: skip
    assert [found.payload for found in kept(side, force=SOUTH)] == [b"in time"]


def test_a_closure_comes_too_late_only_after_its_year(side):
    for text in YEAR[:3]:
        side.freeze(text)
    closed = slip(9, kind=SlipKind.CLOSURE, period="2025")
    assert receive(side, closed).kept == 1
    side.freeze("2025Q4")
    assert receive(side, closed).late == 1


def test_slips_go_when_nothing_will_count_them_again(side):
    receive(
        side, slip(1), slip(2, period="2025Q4"), slip(3, period="2026Q1"), slip(4, force=SOUTH),
        slip(5, kind=SlipKind.CLOSURE, period="2025"),
    )  # fmt: skip
    for text in YEAR:
        assert len(kept(side)) == 2, "the year's tables count them still"
        side.freeze(text)
    assert kept(side) == kept(side, kind=SlipKind.CLOSURE, periods=["2025"]) == []
    assert len(kept(side, periods=["2026Q1"])) == 1
    assert len(kept(side, force=SOUTH)) == 1


@pytest.mark.parametrize(
    "changes",
    [{"id": b"short"}, {"period": Period.parse("2025")}, {"kind": SlipKind.CLOSURE}],
)
def test_a_slip_of_another_shape_is_not_one(changes):
    said = {
        "id": bytes(16), "force": NORTH, "period": Period.parse("2025Q1"),
        "kind": SlipKind.ENTRY, "header": b"", "payload": b"",
    }  # fmt: skip
    with pytest.raises(ValueError, match="16 bytes"):
        ReceivedSlip(**said | changes)


@pytest.fixture
def year(side):
    return [side.freeze(text) for text in YEAR]


def test_a_year_is_published_and_read_back(side, year):
    with side.reading() as work:
        shown = service.releases(work, NORTH)
        cells = service.published_cells(work, force=NORTH)
        assert service.releases(work, SOUTH) == []
        assert service.release(work, NORTH, 3).release == year[2]
    assert [found.release for found in shown] == year
    verify_chain([found.release for found in shown])
    figures = [
        (table.table, table.period, figure.key, figure.value, figure.lower, figure.upper)
        for release in year
        for table in release.tables
        for figure in table.figures
    ]
    assert figures == [(c.table, c.period, c.key, c.value, c.lower, c.upper) for c in cells]
    assert len({cell.id for cell in cells}) == len(cells)


def test_the_tables_are_those_the_plan_announced(year):
    assert [[(t.table.value, str(t.period)) for t in release.tables] for release in year] == [
        [("QT", "2025Q1")],
        [("QT", "2025Q2"), ("TH", "2025H1")],
        [("QT", "2025Q3")],
        [("QT", "2025Q4"), ("TH", "2025H2"), ("DY", "2025"), ("OY", "2025"), ("CY", "2025")],
    ]


def test_every_part_adds_up(side, year):
    totals = {t.period: t.total for r in year for t in r.tables if t.table is Table.QT}
    assert totals[quarter("2025Q1")] == 30
    for release in year:
        for table in release.tables:
            if table.table in {Table.TH, Table.DY}:
                assert table.total == sum(totals[part] for part in table.period.quarters)
    with side.reading() as work:
        assert service.published_volume(work, NORTH, 2025, first=FIRST_QUARTER) == 120
        assert service.published_volume(work, NORTH, 2024, first=FIRST_QUARTER) is None


def test_a_cell_is_found_by_its_id(side, year):
    with side.reading() as work:
        every = service.published_cells(work)
        for known in every[:3]:
            assert service.cell(work, known.id) == known
        rolled = next(cell for cell in every if len(cell.members) > 1)
        assert "|".join(rolled.members) == rolled.key
        with pytest.raises(Missing):
            service.cell(work, "0" * 32)
        with pytest.raises(Missing):
            service.release(work, NORTH, 9)


def test_what_is_not_shown_yet_is_nowhere(side):
    side.clock.now = day_of("2025Q1", side.plans)
    with side.writing() as work:
        intent = freezing.begin_freeze(work, NORTH, quarter("2025Q1"), plans=side.plans)
        release = freezing.draw_release(work, intent, opened(), noiseless)
        freezing.write_release(work, intent, release)
    with side.reading() as work:
        assert service.releases(work) == service.published_cells(work) == []
        [waiting] = freezing.not_shown(work)
        assert waiting.release == release
    with side.writing() as work:
        freezing.show_release(work, NORTH, 1)
    with side.reading() as work:
        assert len(service.releases(work)) == 1


def test_nothing_is_frozen_before_its_day(side):
    day = day_of("2025Q1", side.plans)
    side.clock.now = day - timedelta(days=1)
    assert str(day.date()) == "2025-07-01"
    with pytest.raises(TooEarly), side.writing() as work:
        freezing.freeze(work, NORTH, quarter("2025Q1"), opened(), noiseless, plans=side.plans)


def test_nothing_is_frozen_twice(side, year):
    for text in YEAR:
        with pytest.raises(AlreadyFrozen):
            side.freeze(text)
    with side.reading() as work:
        assert len(service.releases(work)) == 4


def test_nothing_is_frozen_out_of_turn(side):
    with pytest.raises(OutOfTurn):
        side.freeze("2025Q2")
    with pytest.raises(NothingDue):
        side.freeze("2024Q4")


def test_a_small_force_has_nothing_to_freeze_before_the_years_end(statistics, clock):
    small = Side(statistics, clock, plans(cadence=Cadence.GROUPS))
    with pytest.raises(NothingDue):
        small.freeze("2025Q1")
    release = small.freeze("2025Q4")
    assert [(t.table, str(t.period)) for t in release.tables][:2] == [
        (Table.QT, "2025"), (Table.TH, "2025"),
    ]  # fmt: skip
    groups = {group.id for group in small.plans.newest.groups}
    assert {m for f in release.tables[1].figures for m in f.members} <= groups


def test_the_calendar_is_known_ahead(side):
    with side.reading() as work:
        found = calendar_of(work, NORTH, ahead=3, plans=side.plans)
    assert [(str(period), str(day)) for period, day in found] == [
        ("2025Q1", "2025-07-01"), ("2025Q2", "2025-10-01"), ("2025Q3", "2026-01-02"),
    ]  # fmt: skip


def test_a_year_keeps_the_cadence_it_began_with(side):
    for text in YEAR:
        side.freeze(text, slips=opened(100))
    assert [t.table for t in side.freeze("2026Q1").tables] == [Table.QT, Table.TH]
    with side.writing() as work:
        freezing.withdraw_release(work, NORTH, 2, why="wrong", proposed_by="ann", approved_by="ben")
        assert service.published_volume(work, NORTH, 2025, first=FIRST_QUARTER) is None
    assert [t.table for t in side.freeze("2026Q2").tables] == [Table.QT, Table.TH]


def test_no_freeze_begins_while_the_release_before_it_waits_for_the_witness(side):
    """It would take that total for withdrawn, and leave a year's tables out for good."""
    side.clock.now = day_of("2025Q2", side.plans)
    with side.writing() as work:
        intent = freezing.begin_freeze(work, NORTH, FIRST_QUARTER, plans=side.plans)
        release = freezing.draw_release(work, intent, opened(), noiseless)
        freezing.write_release(work, intent, release)
    with pytest.raises(OutOfTurn), side.writing() as work:
        freezing.begin_freeze(work, NORTH, quarter("2025Q2"), plans=side.plans)
    with side.writing() as work:
        freezing.show_release(work, NORTH, 1)
        freezing.begin_freeze(work, NORTH, quarter("2025Q2"), plans=side.plans)


@pytest.mark.parametrize("force", ["", "no-such", "\0", "nor\0th", "\u202e", "x" * 3000])
def test_a_release_of_no_force_is_missing(side, force):
    with pytest.raises(Missing), side.reading() as work:
        service.release(work, force, 1)


def test_the_ledger_holds_each_table_once_and_exactly(side, year):
    with side.reading() as work:
        spent = Ledger(work.session).of(NORTH)
        covered = Ledger(work.session).covered()
    assert most_spent(spent).as_integer_ratio() == (43, 144)
    assert len(covered) == 5 * 4


def test_the_release_is_stored_as_it_is_hashed(side, year):
    with side.reading() as work:
        for release in year:
            row = Releases(work.session).find(NORTH, release.number)
            assert parse_release(row.canonical) == release
            assert row.digest == release.digest()
    assert year[0].previous == FIRST


def test_a_withdrawal_is_whole_and_gives_nothing_back(side, year):
    with side.writing() as work:
        freezing.withdraw_release(
            work, NORTH, 2, why="A coding fault", proposed_by="ann", approved_by="ben"
        )
    with side.reading() as work:
        shown = service.releases(work)
        assert [found.stands for found in shown] == [True, False, True, True]
        assert shown[1].withdrawn_why == "A coding fault"
        cells = service.published_cells(work)
        assert {cell.number for cell in cells if cell.withdrawn} == {2}
        assert most_spent(Ledger(work.session).of(NORTH)).as_integer_ratio() == (43, 144)
    with pytest.raises(AlreadyFrozen):
        side.freeze("2025Q2")
    with pytest.raises(Conflict), side.writing() as work:
        freezing.withdraw_release(work, NORTH, 2, why="x", proposed_by="a", approved_by="b")


def test_nothing_adds_up_to_a_total_that_was_withdrawn(side):
    for text in YEAR[:2]:
        side.freeze(text)
    with side.writing() as work:
        freezing.withdraw_release(work, NORTH, 1, why="x", proposed_by="a", approved_by="b")
    side.freeze("2025Q3")
    tables = [table.table for table in side.freeze("2025Q4").tables]
    assert tables == [Table.QT, Table.TH, Table.OY, Table.CY], "no directorates of that year"


def test_nothing_is_withdrawn_beneath_a_freeze_that_is_not_finished(side):
    side.freeze("2025Q1")
    side.clock.now = day_of("2025Q2", side.plans)
    with side.writing() as work:
        freezing.begin_freeze(work, NORTH, quarter("2025Q2"), plans=side.plans)
    with pytest.raises(Conflict), side.writing() as work:
        freezing.withdraw_release(work, NORTH, 1, why="x", proposed_by="a", approved_by="b")


def test_another_release_than_the_one_begun_is_not_written(side):
    side.freeze("2025Q1")
    side.clock.now = day_of("2025Q2", side.plans)
    with side.writing() as work:
        intent = freezing.begin_freeze(work, NORTH, quarter("2025Q2"), plans=side.plans)
    with side.reading() as work:
        other = service.release(work, NORTH, 1).release
    with pytest.raises(Conflict), side.writing() as work:
        freezing.write_release(work, intent, other)


def test_a_freeze_that_was_begun_is_carried_on_with_the_same_intent(side):
    side.clock.now = day_of("2025Q1", side.plans)
    with side.writing() as work:
        first = freezing.begin_freeze(work, NORTH, quarter("2025Q1"), plans=side.plans)
    with side.writing() as work:
        again = freezing.begin_freeze(work, NORTH, quarter("2025Q1"), plans=side.plans)
    assert first == again
    assert first.prospect.digest() == again.prospect.digest()


def test_entries_for_the_audit_log_wait_to_be_carried(side, year):
    with side.reading() as work:
        waiting = service.audit_waiting(work, most=3)
    assert [(entry.verb, entry.subject) for entry in waiting] == [
        ("release.frozen", f"north/{number}") for number in (1, 2, 3)
    ]
    assert waiting[0].details["digest"] == year[0].digest().hex()
    for _twice in range(2):
        with side.writing() as work:
            service.audit_delivered(work, [entry.id for entry in waiting])
    with side.reading() as work:
        assert [entry.subject for entry in service.audit_waiting(work)] == ["north/4"]
