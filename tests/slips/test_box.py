"""What is in the box is sealed, of one size, replaced by a correction, and lies in no order."""

import itertools
from io import BytesIO

import pytest
from sqlalchemy.exc import IntegrityError

from app.envelope.opening import open_header, open_payload
from app.envelope.slips import SlipKind, SlipPlace, parse_slip
from app.slips import service
from app.slips.tables import BoxRow
from app.work import begin, look
from tests.slips.boxes import in_box, put, rows, slip


def opened(people, row):
    file_key = open_header(row.header, people.statistics)
    place = SlipPlace(id=row.id, force=row.force, period=row.period, kind=SlipKind(row.kind))
    return parse_slip(open_payload(file_key, BytesIO(row.payload)).read(), place)


def test_a_new_place_is_of_today(database, clock):
    with look(database, clock) as work:
        entry = service.new_place(SlipKind.ENTRY, force="a", work=work)
        closure = service.new_place(SlipKind.CLOSURE, force="a", work=work)
    assert (entry.period, closure.period) == ("2026Q4", "2026")
    assert entry.id != closure.id


def test_slips_are_sealed_to_the_statistics_and_all_of_one_size(database, clock, people):
    long = ("leadership", "neighbourhood-and-local-policing")
    put(database, clock, people, slip(), slip(says=long, force="b"))
    found = rows(database)
    assert len({(len(row.header), len(row.payload)) for row in found}) == 1
    assert sorted(opened(people, row).says for row in found) == [("bullying", "response"), long]


def test_a_correction_takes_the_place_of_what_waits(database, clock, people):
    first = slip()
    put(database, clock, people, first, slip())
    put(database, clock, people, slip(id=first.place.id, says=("evidence", "crime"), force="b"))
    found = {row.id: row for row in rows(database)}
    assert len(found) == 2
    assert opened(people, found[first.place.id]).says == ("evidence", "crime")


def test_what_waits_is_taken_back_and_nothing_else(database, clock, people):
    first, second = slip(), slip()
    put(database, clock, people, first, second)
    with begin(database, clock) as work:
        assert service.waits(work, first.place.id)
        assert service.take_back(work, [first.place.id, bytes(16)]) == {first.place.id}
        assert service.take_back(work, [first.place.id]) == set()
        assert service.take_back(work, []) == set()
        assert not service.waits(work, first.place.id)
    assert in_box(database) == [second.place.id]


def test_what_may_be_in_the_statistics_is_not_taken_back(database, clock, people):
    """Between the delivery and the removal a slip is on both sides: it stays the same slip."""
    mine = [slip() for _ in range(5)]
    put(database, clock, people, *mine)
    with begin(database, clock) as work:
        assert len(service.send_ready(work)) == 5
    put(database, clock, people, slip(id=mine[0].place.id, says=("evidence", "crime")), slip())
    with begin(database, clock) as work:
        assert not service.waits(work, mine[0].place.id)
        assert service.take_back(work, [one.place.id for one in mine]) == set()
    assert len(in_box(database)) == 6


def test_exactly_what_was_delivered_is_removed(database, clock, people):
    mine = [slip() for _ in range(5)]
    put(database, clock, people, *mine)
    with look(database, clock) as work:
        going = service.ready_to_go(work)
    assert len(going) == 5
    corrected, later = mine[0], slip()
    put(database, clock, people, slip(id=corrected.place.id, says=("evidence", "crime")), later)
    with begin(database, clock) as work:
        assert service.remove_delivered(work, going) == 4
        assert service.remove_delivered(work, going) == 0
    assert sorted(in_box(database)) == sorted([corrected.place.id, later.place.id])


def test_a_small_group_waits(database, clock, people):
    put(database, clock, people, *(slip() for _ in range(4)), *(slip(force="b") for _ in range(5)))
    with look(database, clock) as work:
        assert {one.place.force for one in service.ready_to_go(work)} == {"b"}


def test_where_a_row_lies_does_not_tell_which_deed_it_came_with(database, clock, people):
    """With the audit log beside it, an order of rows would join each slip to a case."""
    slips = [slip() for _ in range(30)]
    put(database, clock, people, *slips)
    came = [one.place.id for one in slips]
    lies = in_box(database)
    assert sorted(lies) == sorted(came)
    # A run of the order of arrival, forwards or backwards, chance does not make.
    steps = [came.index(after) - came.index(before) for before, after in itertools.pairwise(lies)]
    assert sum(abs(step) == 1 for step in steps) < 12
    # And the newest, above all, is not where a new row would lie.
    ends = 0
    for _ in range(12):
        newest = slip()
        put(database, clock, people, newest)
        ends += in_box(database)[-1] == newest.place.id
    assert ends < 6


@pytest.mark.parametrize("column", ["id", "kind"])
def test_the_box_takes_nothing_but_slips(database, column):
    values = {"id": bytes(16), "force": "a", "period": "2026", "kind": "entry"}
    values |= {
        "header": b"x",
        "payload": b"x",
        "sent": False,
        column: {"id": b"short", "kind": "other"}[column],
    }
    with begin(database) as work:
        work.session.add(BoxRow(**values))
        with pytest.raises(IntegrityError):
            work.session.flush()
        work.session.rollback()
