"""A ticket serves once, on its day and the next, and none but ours serves at all."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.tickets import ForgedTicket, StaleTicket, TicketOffice
from tests.conftest import NOON
from tests.intake.desk import waiting
from tests.proof import examples

ON_SQLITE_UNLESS_PROVING = True

OFFICE = TicketOffice.of("a secret of an installation, long enough")
TODAY = NOON.date()


def test_a_ticket_is_read_by_the_office_that_issued_it():
    ticket = OFFICE.read(OFFICE.issue(TODAY))
    assert ticket.issued_on == TODAY
    assert ticket.valid_on == TODAY + timedelta(days=1)
    for day in (0, 1):
        ticket.check_day(TODAY + timedelta(days=day))
    for day in (-1, 2):
        with pytest.raises(StaleTicket):
            ticket.check_day(TODAY + timedelta(days=day))


def test_no_two_tickets_are_alike():
    assert len({OFFICE.issue(TODAY) for _ in range(100)}) == 100


def test_another_offices_ticket_is_none():
    with pytest.raises(ForgedTicket):
        OFFICE.read(TicketOffice.of("another secret that is long enough").issue(TODAY))


@given(st.data())
@examples(normal=150)
def test_a_ticket_altered_anywhere_is_none(data):
    ticket = OFFICE.issue(TODAY)
    place = data.draw(st.integers(0, len(ticket) - 1))
    other = data.draw(st.characters().filter(lambda sign: sign != ticket[place]))
    with pytest.raises(ForgedTicket):
        OFFICE.read(ticket[:place] + other + ticket[place + 1 :])


@given(st.text(max_size=60))
@examples(normal=150)
def test_no_text_is_a_ticket(text):
    with pytest.raises(ForgedTicket):
        OFFICE.read(text)


POSTS = [
    "/report",
    "/report/write",
    "/report/check",
    "/report/send",
    "/report/receipt",
    "/report/envelope",
    "/mailbox",
    "/mailbox/check",
    "/mailbox/send",
    "/mailbox/envelope",
    "/mailbox/file",
    # These two write nothing: without a tag they are refused.
    "/mailbox/open",
    "/mailbox/enclosure",
]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("ticket", [None, "", "A" * 48, "x"])
def test_a_form_without_a_ticket_of_ours_is_refused(portal, path, ticket):
    answer = portal.test_client().post(path, data={} if ticket is None else {"ticket": ticket})
    assert answer.status_code == 400
    assert waiting(portal) == []


def test_every_form_of_a_reporters_needs_a_ticket(portal):
    posts = {rule.rule for rule in portal.url_map.iter_rules() if "POST" in rule.methods}
    assert posts == set(POSTS)


def test_a_page_left_open_for_days_is_answered_with_a_fresh_ticket(portal, reporter, clock):
    reporter.writes(what="Slowly written.", where="Here")
    old = reporter.page.form("/report/send")
    clock.now += timedelta(days=2)
    page = reporter.submits("/report/send")
    assert page.status == 409
    assert "press the button again" in page.problems[0]
    again = page.form("/report/send")
    assert again["ticket"] != old["ticket"]
    del again["ticket"]
    del old["ticket"]
    assert again == old
    assert waiting(portal) == []
    assert reporter.submits("/report/send").words
    assert len(waiting(portal)) == 1


def test_a_ticket_of_yesterday_serves(portal, reporter, clock):
    reporter.writes()
    clock.now += timedelta(days=1)
    assert reporter.submits("/report/send").words


def test_a_spent_ticket_serves_nothing_else(portal, reporter):
    reporter.writes(what="First.")
    spent = reporter.page.form("/report/send")["ticket"]
    reporter.submits("/report/send")
    reporter.writes(what="Second.")
    page = reporter.submits("/report/send", ticket=spent)
    assert page.status == 409
    assert "press the button again" in page.problems[0]
    assert len(waiting(portal)) == 1
    reporter.submits("/report/send")
    assert len(waiting(portal)) == 2
