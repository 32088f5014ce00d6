"""What a reporter was promised follows from postmarks, and is the same for every desk."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.casework.clocks import clocks_on
from app.casework.domain import ANSWER_WITHIN
from app.mailbox import promises, service
from app.mailbox.domain import Side
from app.mailbox.promises import Days, missed, promised
from app.work import begin, look
from tests.mailbox.test_mailboxes import a_mailbox, an_entry

DAY = date(2026, 11, 2)


def after(days):
    return DAY + timedelta(days=days)


def days(reporters=(0,), desks=()):
    return Days(tuple(map(after, reporters)), tuple(map(after, desks)))


@pytest.mark.parametrize(
    ("found", "open_by", "closed_by"),
    [
        (days(), 7, 7),
        (days(desks=(3,)), 31, None),
        (days(desks=(0,)), 28, None),
        # Another letter of hers before the first answer gains nobody time.
        (days((0, 5)), 7, 7),
        (days((0, 5), (3,)), 12, 12),
        # Of the same day: the collection came first.
        (days((0, 5), (5,)), 33, None),
        # What she is owed anyway comes no later because she wrote.
        (days((0, 30), (3,)), 31, 37),
        (days((0, 5, 9), (3, 7)), 16, 16),
        (days((), ()), None, None),
    ],
)
def test_a_letter_is_promised_by_a_day(found, open_by, closed_by):
    for closed, by in ((False, open_by), (True, closed_by)):
        assert promised(found, closed=closed) == (None if by is None else after(by))


@given(st.lists(st.integers(0, 90), min_size=1), st.lists(st.integers(0, 90)), st.booleans())
def test_it_is_missed_from_the_day_after_until_the_desk_writes(hers, ours, closed):
    found = days(sorted(hers), sorted(ours))
    by = promised(found, closed=closed)
    if by is None:
        assert missed(found, date.max, closed=closed) is None
        return
    assert missed(found, by, closed=closed) is None
    late = by + timedelta(days=1)
    assert missed(found, late, closed=closed) == by
    latest = max(*found.reporters, late)
    answered = Days(found.reporters, (*found.desks, latest))
    assert missed(answered, latest + timedelta(days=1), closed=closed) is None


def test_the_promise_is_that_of_the_clocks():
    known = {clock.id: clock for clock in clocks_on(DAY).clocks}
    assert promises.ANSWER_WITHIN == timedelta(days=known["first-letter"].most) == ANSWER_WITHIN
    assert timedelta(days=known["update"].most) == promises.WRITE_AGAIN_WITHIN


def test_the_days_of_a_thread_are_read_from_its_rows(database, clock):
    with begin(database, clock) as work:
        id, _ = a_mailbox(work)
        other, _ = a_mailbox(work)
        for side, day in ((Side.DESK, 9), (Side.REPORTER, 4), (Side.REPORTER, 0), (Side.DESK, 2)):
            an_entry(work, id, side, after(day))
    with look(database, clock) as work:
        found = service.days_in(work, [id, other])
        assert found == {id: days((0, 4), (2, 9)), other: Days()}
        assert Days.of(service.entries(work, id)) == found[id] == service.days_of(work, id)
