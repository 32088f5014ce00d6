"""What her own page says: a promise that was missed, a review, a letter for another team."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from app.envelope.letter import Kind, Letter
from app.mailbox import service as mailbox
from app.mailbox.domain import Side, Standing
from app.work import begin
from tests.intake.desk import collect, envelope, opened, parts_of, put, reply, waiting

MISSED = "We promised to write to you by 28 November 2026. We have not."
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def stands(portal, concern, standing, *, desk=None):
    id = bytes.fromhex(concern.mailbox)
    with begin(parts_of(portal)["database"]) as work:
        mailbox.set_standing(work, id, standing, look_again_on=None)
        if desk:
            mailbox.pass_to(work, id, desk)


@pytest.fixture
def concern(portal, reporter, people):
    reporter.reports(what="It began in May.")
    [(letter, payload)] = waiting(portal)
    inside, _files = opened(letter.header, payload, people.keys["amara"])
    collect(portal)
    return inside


def status(page):
    return " ".join(page.main.select_one(".cd-status").text.split())


@on_sqlite
def test_a_promise_is_said_and_a_missed_one_is_owned_up_to(
    portal, reporter, people, concern, clock
):
    assert "We promised to write to you by 28 November 2026, even if" in status(
        reporter.comes_back()
    )
    clock.now += timedelta(days=7)
    assert "We have not" not in status(reporter.comes_back())
    clock.now += timedelta(days=1)
    page = reporter.comes_back()
    assert MISSED in status(page)
    assert "our failure and not yours" in status(page)
    # True on every desk: a head may have been left out, or have no account.
    assert "Everybody on the team who may read your concern is shown that" in status(page)
    assert "head" not in status(page)
    assert page.main.select_one(".cd-status a")["href"] == "/"
    reply(portal, people, "amara", concern, "We are sorry.")
    page = reporter.comes_back()
    assert "We have not" not in status(page)
    assert "by 27 December 2026" in status(page)
    clock.now += timedelta(days=29)
    assert "by 27 December 2026. We have not" in status(reporter.comes_back())
    stands(portal, concern, Standing.CLOSED)
    assert "promised" not in status(reporter.comes_back())


@on_sqlite
def test_what_it_says_is_the_same_for_every_desk_and_every_standing(
    portal, reporter, people, concern, clock
):
    clock.now += timedelta(days=8)
    said = set()
    for desk in people.keyring.desks:
        for standing in Standing:
            stands(portal, concern, standing, desk=desk.id)
            paragraphs = reporter.comes_back().main.select(".cd-status p")
            assert [p.get("data-if") for p in paragraphs] == [None, "missed"]
            said.add(str(paragraphs[1]))
    assert len(said) == 1
    [only] = said
    assert MISSED in " ".join(BeautifulSoup(only, "html.parser").text.split())
    for desk in people.keyring.desks:
        assert desk.label not in only
    assert ":" not in BeautifulSoup(only, "html.parser").text, "no time finer than a day"


def asks(reporter, **typed):
    reporter.comes_back()
    return reporter.submits("/mailbox/check", text="Ask the night shift.", **typed)


@on_sqlite
def test_a_review_is_asked_for_inside_the_letter_alone(portal, reporter, people, concern):
    assert reporter.comes_back().main.select_one("[name=review]") is None
    stands(portal, concern, Standing.CLOSED)
    page = asks(reporter, review="yes")
    assert "You ask for a review of the outcome" in page.main.text
    # Back to change it, and on again: it is still chosen.
    page = reporter.submits("/mailbox/send", to="/mailbox")
    assert page.main.select_one("[name=review]").has_attr("checked")
    page = reporter.submits("/mailbox/check", text="")
    assert page.status == 422
    assert page.main.select_one("[name=review]").has_attr("checked")
    reporter.submits("/mailbox/check", text="Ask the night shift.")
    assert reporter.submits("/mailbox/send").heading == "Your message is sealed"
    [(asking, asked)] = waiting(portal)
    inside, _ = opened(asking.header, asked, people.keys["amara"])
    assert inside.asks_for_review
    assert dict(inside.answers) == {"asks": "review"}
    assert inside.text == "Ask the night shift."
    [*_, last] = reporter.comes_back().letters
    assert last[2] == "You ask for a review of the outcome\nAsk the night shift."
    asks(reporter)
    reporter.submits("/mailbox/send")
    [(plain, payload)] = [one for one in waiting(portal) if one[0].id != asking.id]
    inside, _ = opened(plain.header, payload, people.keys["amara"])
    assert not inside.asks_for_review
    outside = [
        (one.size, len(one.header), one.first, one.urgent, one.desk, one.mailbox, one.tag_hash)
        for one in (asking, plain)
    ]
    assert outside[0] == outside[1]
    assert len(asked) == len(payload)


def passed_on(portal, people, concern, *, place_no=0):
    letter = Letter(
        kind=Kind.REPLY,
        mailbox=concern.mailbox,
        author="amara",
        verification_key=people.keys["amara"].verification_key,
        place=place_no,
        desk="independent",
        readers=("dev", "ruth"),
        left_out=concern.left_out,
        keyring=concern.keyring,
        text="Your concern has been passed to a separate team.",
    )
    key = people.keys["amara"].signing_key
    header, payload = envelope([concern.recipient], letter, key)
    put(portal, bytes.fromhex(concern.mailbox), Side.DESK, header, payload)
    with begin(parts_of(portal)["database"]) as work:
        mailbox.pass_to(work, bytes.fromhex(concern.mailbox), "independent")


@on_sqlite
def test_a_letter_for_the_team_before_is_asked_for_again(portal, reporter, people, concern, clock):
    reporter.comes_back()
    reporter.answers("And another thing.")
    clock.now += timedelta(days=1)
    passed_on(portal, people, concern)
    # It waits still, sealed for those who have the concern no more.
    assert "please write it again" in " ".join(reporter.comes_back().warnings)
    collect(portal)
    page = reporter.comes_back()
    [warning] = page.warnings
    assert "may not be able to open it" in warning
    reporter.answers("And another thing.")
    assert reporter.comes_back().warnings == []
    letter, payload = waiting(portal)[-1]
    inside, _ = opened(letter.header, payload, people.keys["ruth"])
    assert inside.desk == "independent"


@on_sqlite
def test_a_letter_that_came_before_it_was_passed_on_is_not(
    portal, reporter, people, concern, clock
):
    reporter.comes_back()
    reporter.answers("And another thing.")
    collect(portal)
    clock.now += timedelta(days=1)
    passed_on(portal, people, concern)
    assert reporter.comes_back().warnings == []
