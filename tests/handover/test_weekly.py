"""Once a week, from Monday on, what may go goes to the statistics; killed anywhere, all is well."""

import itertools
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text

from app.audit.service import last_entries
from app.handover import service
from app.handover.domain import is_due
from app.handover.service import Databases, carry_back, hand_over, tidy
from app.handover.worker import HandoverWorker
from app.trends.outbox import AuditOutbox
from app.trends.tables import AuditOutRow, SlipRow
from app.work import begin, look
from tests.slips.boxes import in_box, put, slip

MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def both(database, statistics):
    return Databases(casework=database, statistics=statistics)


def delivered(both):
    """Return the ids in the statistics, in the order in which their rows lie."""
    place = "rowid" if both.statistics.is_sqlite else "ctid"
    with look(both.statistics) as work:
        found = work.session.execute(text(f"SELECT id FROM trends_slip ORDER BY {place}"))
        return [bytes(row[0]) for row in found]


def log_of(both, verb=""):
    with look(both.casework) as work:
        return [e for e in last_entries(work, 1000) if e.verb.value.startswith(verb)]


def announce(both, clock, count=3):
    with begin(both.statistics, clock) as work:
        for number in range(count):
            AuditOutbox(work.session).add(
                "carol", "approval.proposed", f"a-{number}", {"period": "2026Q1"}
            )


# --- when


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        (MONDAY, None, True),
        (MONDAY, MONDAY.date(), False),
        (MONDAY, MONDAY.date() - timedelta(days=1), True),
        (MONDAY - timedelta(hours=1), MONDAY.date() - timedelta(days=7), False),
        (MONDAY - timedelta(hours=1), MONDAY.date() - timedelta(days=8), True),
        (MONDAY + timedelta(days=6), MONDAY.date(), False),
        (MONDAY + timedelta(days=6), MONDAY.date() + timedelta(days=2), False),
        (MONDAY + timedelta(days=7), MONDAY.date() + timedelta(days=2), True),
        (MONDAY + timedelta(days=30), MONDAY.date(), True),
    ],
)
def test_one_hand_over_a_week_from_its_monday_on(now, last, due):
    assert is_due(now, hand_over_at=3, last_made_on=last) is due


def test_the_worker_makes_it_once_a_week_and_tidies_daily(both, clock, people, monkeypatch):
    tidied = []
    monkeypatch.setattr("app.handover.worker.tidy", lambda _both: tidied.append(clock.now))
    worker = HandoverWorker(both, hand_over_at=3, clock=clock)
    clock.now = MONDAY
    put(both.casework, clock, people, *(slip() for _ in range(5)))
    for quarter in range(30 * 4):
        clock.now = MONDAY + timedelta(hours=6 * quarter)
        worker.look_round()
    assert len(delivered(both)) == 5
    made = [entry.at.date() for entry in log_of(both, "slips.handed-over")]
    assert made == [(MONDAY + timedelta(weeks=week)).date() for week in range(5)]
    assert len(tidied) == 25


def test_the_process_log_does_not_say_how_many_went(both, clock, people, capsys):
    clock.now = MONDAY
    put(both.casework, clock, people, *(slip() for _ in range(37)))
    HandoverWorker(both, hand_over_at=3, clock=clock).look_round()
    logged = capsys.readouterr()
    assert "handed over" in logged.out + logged.err
    assert "37" not in logged.out + logged.err


def test_a_failure_is_logged_by_its_type_and_tried_again(both, clock, people, monkeypatch, capsys):
    from app.web import logs

    logs.configure()
    put(both.casework, clock, people, *(slip() for _ in range(5)))
    worker = HandoverWorker(both, hand_over_at=3, clock=clock)
    with monkeypatch.context() as broken:
        broken.setattr(service.trends, "receive_slips", _fails)
        worker.look_round()
    assert delivered(both) == []
    assert "secret row" not in capsys.readouterr().err
    worker.look_round()
    assert len(delivered(both)) == 5


def _fails(*_args):
    raise ValueError("secret row")


# --- what


def test_slips_go_as_they_are_and_the_box_is_empty(both, clock, people):
    slips = [slip() for _ in range(7)]
    put(both.casework, clock, people, *slips)
    assert hand_over(both, clock) == 7
    assert in_box(both.casework) == []
    assert sorted(delivered(both)) == sorted(one.place.id for one in slips)
    [entry] = log_of(both, "slips.handed-over")
    assert (entry.actor, dict(entry.details)) == ("handover", {"slips": 7, "late": 0})


def test_nothing_to_hand_over_is_a_week_like_any_other(both, clock):
    assert hand_over(both, clock) == 0
    assert [dict(e.details) for e in log_of(both, "slips")] == [{"slips": 0, "late": 0}]


def test_a_correction_replaces_what_was_delivered(both, clock, people):
    slips = [slip() for _ in range(5)]
    put(both.casework, clock, people, *slips)
    hand_over(both, clock)
    before = {row.id: row.payload for row in _slip_rows(both)}
    put(both.casework, clock, people, *(slip(id=one.place.id) for one in slips))
    hand_over(both, clock)
    after = {row.id: row.payload for row in _slip_rows(both)}
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())


def _slip_rows(both):
    with look(both.statistics) as work:
        return list(work.session.query(SlipRow).all())


def test_where_a_slip_lies_tells_neither_its_deed_nor_its_week(both, clock, people):
    weeks = []
    for _week in range(3):
        slips = [slip() for _ in range(20)]
        put(both.casework, clock, people, *slips)
        hand_over(both, clock)
        weeks.append([one.place.id for one in slips])
    lies = delivered(both)
    came = [id for week in weeks for id in week]
    assert sorted(lies) == sorted(came)
    neighbours = list(itertools.pairwise(lies))
    assert sum(came.index(b) - came.index(a) == 1 for a, b in neighbours) < 10
    week_of = {id: number for number, week in enumerate(weeks) for id in week}
    # In their order of weeks there would be two changes from one row to the next; by chance 39.
    changes = sum(week_of[a] != week_of[b] for a, b in neighbours)
    assert changes > 20
    if both.statistics.is_sqlite:
        return
    with look(both.statistics) as work:
        numbers = work.session.execute(text("SELECT DISTINCT xmin::text FROM trends_slip")).all()
    assert len(numbers) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_page_of_either_file_keeps_what_left_it(both, clock, people, settings):
    assert both.casework.is_sqlite
    # By chance they lie in this order, or in its reverse, twice in 20 factorial runs.
    slips = [slip() for _ in range(20)]
    put(both.casework, clock, people, *slips)
    hand_over(both, clock)
    for file in settings.data.glob("casework.sqlite*"):
        content = file.read_bytes()
        assert not any(one.place.id in content for one in slips), file.name
    content = b"".join(f.read_bytes() for f in settings.data.glob("statistics.sqlite*"))
    # Once in its row and once in the index of the key: what was written before is not there.
    assert {content.count(one.place.id) for one in slips} <= {1, 2}
    offsets = [content.index(one.place.id) for one in slips]
    assert offsets not in (sorted(offsets), sorted(offsets, reverse=True))


# --- killed


class Killed(BaseException):
    """As good as SIGKILL: nothing of ours catches it."""


@pytest.fixture
def kill_at():
    """Die at the n-th statement or commit of either database."""
    listening = []

    def arm(both, at):
        left = [at]

        def count(*_args):
            left[0] -= 1
            if left[0] == 0:
                raise Killed

        for database in (both.casework, both.statistics):
            for name in ("before_cursor_execute", "commit"):
                event.listen(database.engine, name, count)
                listening.append((database.engine, name, count))
        return left

    def disarm():
        while listening:
            event.remove(*listening.pop())

    yield arm, disarm
    disarm()


def test_killed_at_any_statement_nothing_is_lost_or_doubled(
    both, clock, people, kill_at, monkeypatch
):
    monkeypatch.setattr(service, "tidy", lambda _both: None)
    arm, disarm = kill_at
    deaths = 0
    for at in range(1, 200):
        slips = [slip(force=f"f{at}") for _ in range(5)]
        put(both.casework, clock, people, *slips)
        arm(both, at)
        try:
            hand_over(both, clock)
            finished = True
        except Killed:
            finished = False
            deaths += 1
        disarm()
        mine = {one.place.id for one in slips}
        everywhere = set(in_box(both.casework)) | set(delivered(both))
        assert mine <= everywhere, at
        hand_over(both, clock)
        assert not mine & set(in_box(both.casework))
        assert mine <= set(delivered(both))
        assert len(delivered(both)) == len(set(delivered(both)))
        if finished:
            break
    assert finished
    assert deaths > 10


def test_two_workers_at_once_lose_nothing(both, clock, people, monkeypatch):
    slips = [slip() for _ in range(6)]
    put(both.casework, clock, people, *slips)
    real = service._deliver

    def after_another_did(*given):
        monkeypatch.setattr(service, "_deliver", real)
        hand_over(both, clock)
        return real(*given)

    monkeypatch.setattr(service, "tidy", lambda _both: None)
    monkeypatch.setattr(service, "_deliver", after_another_did)
    hand_over(both, clock)
    assert in_box(both.casework) == []
    assert sorted(delivered(both)) == sorted(one.place.id for one in slips)


# --- the way back


def test_audit_entries_come_back_once_and_in_their_order(both, clock):
    announce(both, clock)
    assert carry_back(both, clock) == 3
    assert carry_back(both, clock) == 0
    found = log_of(both, "approval.proposed")
    assert [entry.subject for entry in found] == ["a-0", "a-1", "a-2"]
    assert found[0].actor == "carol"
    assert dict(found[0].details) == {"period": "2026Q1"}


def test_an_entry_that_is_offered_again_is_not_recorded_again(both, clock):
    announce(both, clock)
    carry_back(both, clock)
    # As after a statistics database was put back from a backup.
    with begin(both.statistics, clock) as work:
        work.session.query(AuditOutRow).update({"delivered": False})
    assert carry_back(both, clock) == 0
    assert len(log_of(both, "approval.proposed")) == 3


def test_more_than_fit_one_transaction_all_come(both, clock, monkeypatch):
    monkeypatch.setattr(service, "AT_ONCE", 4)
    announce(both, clock, 11)
    assert carry_back(both, clock) == 11
    assert len(log_of(both, "approval.proposed")) == 11


def test_carrying_killed_at_any_statement_records_each_once(both, clock, kill_at):
    arm, disarm = kill_at
    finished, deaths, announced = False, 0, 0
    for at in range(1, 200):
        announce(both, clock, 2)
        announced += 2
        arm(both, at)
        try:
            carry_back(both, clock)
            finished = True
        except Killed:
            deaths += 1
        disarm()
        carry_back(both, clock)
        assert len(log_of(both, "approval.proposed")) == announced, at
        if finished:
            break
    assert finished
    assert deaths > 5


def test_what_no_log_would_take_stops_the_carrying_and_loses_nothing(both, clock):
    with begin(both.statistics, clock) as work:
        AuditOutbox(work.session).add("carol", "nobody.knows", "a", {})
    with pytest.raises(ValueError, match=r"nobody\.knows"):
        carry_back(both, clock)
    with look(both.statistics) as work:
        assert len(AuditOutbox(work.session).waiting(10)) == 1


def test_tidying_may_be_repeated(both, clock, people):
    put(both.casework, clock, people, slip(id=secrets.token_bytes(16)))
    tidy(both)
    tidy(both)
    assert len(in_box(both.casework)) == 1
