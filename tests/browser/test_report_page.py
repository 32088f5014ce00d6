"""The first letter with scripts: steps, mistakes, lost connections, and what never leaves the page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from app.envelope.keyring_file import sign_keyring
from app.envelope.signing import SigningKey
from app.web.templates import in_words
from tests.browser import acts
from tests.browser.between import STORED, Between, answer, refusal

pytestmark = pytest.mark.browser


def test_a_receipt_is_shown_once_and_proved(page: Page, server: Between, complaints):
    begun = datetime.now(UTC).date()
    acts.writes(page, server)
    acts.seals(page)
    receipt = acts.reads_receipt(page)
    expect(acts.heading(page)).to_be_focused()
    expect(page.locator('[data-shown="ask"]')).to_be_hidden()
    page.get_by_role("button", name="I have written them down").click()
    expect(page.locator("ol[data-words]")).to_be_hidden()
    page.locator("#word_1").fill("wrong")
    acts.goes_on(page)
    expect(acts.summary(page)).to_contain_text("not the words of your receipt")
    expect(page.locator("ol[data-words]")).to_be_visible()
    assert acts.reads_receipt(page) == receipt

    acts.proves_receipt(page, receipt)
    expect(acts.heading(page)).to_have_text("Your concern is sealed")
    # The real clock is asked here, by the browser too; midnight may lie between.
    named = [in_words(day + timedelta(days=8)) for day in (begun, datetime.now(UTC).date())]
    expect(page.locator("[data-date]")).to_have_text(re.compile("|".join(named)))
    assert receipt.words[0] not in page.locator("body").inner_text().split()
    assert complaints == []


def test_what_is_missing_is_said_beside_its_field(page: Page, server: Between, complaints):
    acts.opens(page, server, "/report")
    acts.goes_on(page)
    expect(acts.summary(page)).to_be_focused()
    assert page.title().startswith("Error: Choose who can read your concern")
    page.get_by_role("link", name="Choose who it is about").click()
    expect(page.get_by_label("A colleague")).to_be_focused()
    expect(page.get_by_role("group", name="Who is it about?")).to_have_accessible_description(
        re.compile(r"Error:\s+Choose who it is about")
    )

    page.get_by_label("A colleague").check()
    acts.goes_on(page)
    expect(acts.summary(page)).to_have_count(0)
    assert page.title().startswith("Write your concern")
    acts.goes_on(page)
    expect(page.get_by_label("What happened")).to_have_class("govuk-textarea govuk-textarea--error")
    assert complaints == []


def test_going_back_loses_nothing(page: Page, server: Between):
    acts.writes(page, server)
    acts.adds(page, ("a.txt", "text/plain", b"x"))
    acts.goes_on(page)
    expect(page.locator('[data-answer="what"]')).to_have_text(acts.WORDS)
    expect(page.locator('[data-answer="who"]')).to_have_text("Not provided")
    expect(page.locator('[data-answer="leave_out"]')).to_have_text("Tom")
    expect(page.locator("[data-files] li")).to_contain_text("File 1")
    page.get_by_role("button", name="Change What happened").click()
    expect(page.get_by_label("What happened")).to_have_value(acts.WORDS)
    expect(page.locator("[data-chosen] li")).to_have_count(1)
    page.get_by_role("button", name="Back").click()
    expect(acts.left_out(page, "tom")).to_be_checked()
    acts.left_out(page, "tom").uncheck()
    acts.goes_on(page)
    expect(page.locator("[data-readers] li")).to_have_text(["Amara", "Helen", "Tom"])
    expect(page.get_by_label("What happened")).to_have_value(acts.WORDS)


def test_changing_an_answer_goes_to_its_question(page: Page, server: Between):
    acts.writes(page, server)
    acts.goes_on(page)
    page.get_by_role("button", name="Change Who is involved?").click()
    expect(page.get_by_label("Who is involved?")).to_be_focused()


def test_only_danger_skips_the_collection(page: Page, server: Between):
    acts.writes(page, server)
    expect(page.get_by_label("Do not wait")).to_be_hidden()
    page.get_by_role("button", name="Back").click()
    page.get_by_role("radio", name="Yes").check()
    acts.goes_on(page)
    page.get_by_label("Do not wait").check()
    acts.seals(page)
    acts.reads_receipt(page)
    assert dict(server.posted[0].fields)["urgent"] == "yes"


def test_what_was_sent_can_be_read_with_the_receipt(page: Page, server: Between, complaints):
    acts.writes(page, server)
    acts.adds(page, ("a.txt", "text/plain", b"x" * 3000))
    acts.seals(page)
    receipt = acts.reads_receipt(page)
    acts.proves_receipt(page, receipt)
    for number in (1, 2):
        acts.enters(page, server, receipt)
        letters = page.locator("[data-thread] .cd-letter")
        expect(letters).to_have_count(number)
        acts.answers(page, f"Message {number}.")
        expect(acts.heading(page)).to_have_text("Your message is sealed")
    acts.enters(page, server, receipt)
    expect(letters).to_have_count(3)
    expect(letters.first).to_contain_text("File 1 (2.9 kB)")
    expect(letters.last.locator("[data-text]")).to_have_text("Message 2.")
    expect(page.locator(".cd-thread__warning")).to_have_count(0)
    assert complaints == []


def test_words_that_are_no_receipt_go_nowhere(page: Page, server: Between):
    acts.opens(page, server, "/mailbox")
    words = ["abandon"] * 12
    for typed, problem in [
        (words[1:], "Count them again"),
        (words, "do not fit together"),
        ([*words[:3], "abandonned", *words[4:]], "Word 4"),
        ([*words[:11], "about"], "no concern with this receipt"),
    ]:
        page.get_by_label("Your receipt").fill(" ".join(typed))
        page.get_by_role("button", name="Open").click()
        expect(acts.summary(page)).to_contain_text(problem)
    assert len(server.posted) == 1


def test_the_portal_points_elsewhere_and_sends_nothing(page: Page, server: Between):
    acts.opens(page, server, "/report")
    page.get_by_label("The chief constable").check()
    acts.goes_on(page)
    expect(acts.heading(page)).to_have_text("Somebody outside should take this")
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("The chief constable")).to_be_checked()
    assert server.posted == []


def test_a_lost_connection_loses_nothing_and_stores_once(page: Page, server: Between):
    acts.writes(page, server)
    page.route("**/report/envelope", lambda route: route.abort())
    acts.seals(page)
    expect(acts.summary(page)).to_contain_text("could not be reached")
    expect(page.locator('[data-answer="what"]')).to_have_text(acts.WORDS)
    page.unroute("**/report/envelope")
    server.answers = [refusal(503, "busy", Retry_After="1"), refusal(507, "full")]
    acts.sends(page)
    expect(acts.summary(page)).to_contain_text("no room", timeout=10_000)
    acts.sends(page)
    acts.reads_receipt(page)
    assert len({dict(posted.fields)["tag"] for posted in server.posted}) == 1
    assert len(set(server.envelopes())) == 1, "sealed once, posted as it was"


def test_a_stale_ticket_is_exchanged(page: Page, server: Between):
    acts.writes(page, server)
    server.answers = [refusal(409, "stale_ticket", ticket="fresh"), answer(201, STORED)]
    acts.seals(page)
    acts.reads_receipt(page)
    first, second = (dict(posted.fields)["ticket"] for posted in server.posted)
    assert (first != second, second) == (True, "fresh")


def test_an_earlier_version_that_had_arrived_is_said(page: Page, server: Between):
    acts.writes(page, server)
    page.route("**/report/envelope", lambda route: route.abort())
    acts.seals(page)
    expect(acts.summary(page)).to_be_visible()
    page.unroute("**/report/envelope")
    page.get_by_role("button", name="Change What happened").click()
    page.get_by_label("What happened").fill("Something else.")
    server.answers = [answer(200, STORED)]
    acts.seals(page)
    acts.reads_receipt(page)
    expect(page.locator("#main-content")).to_contain_text("had already arrived")


@pytest.mark.parametrize("fault", ["another signer", "one signer", "expired"])
def test_nothing_is_sealed_with_a_keyring_that_does_not_verify(page: Page, server: Between, fault):
    acts.writes(page, server)
    people = server.people
    keyring = people.keyring
    if fault == "expired":
        keyring = people.next_keyring(expires_on=keyring.issued_on)
    first, second = people.signers
    signers = {"another signer": [first, SigningKey.generate()], "one signer": [first]}
    server.keyring = sign_keyring(keyring, signers.get(fault, [first, second]))
    acts.goes_on(page)
    expect(acts.summary(page)).to_contain_text("could not be verified")
    assert server.posted == []
    expect(page.get_by_label("What happened")).to_have_value(acts.WORDS)


def test_readers_that_change_while_she_writes_are_said(page: Page, server: Between):
    acts.writes(page, server)
    acts.goes_on(page)
    people = server.people
    psd, independent = people.keyring.desks
    members = tuple(member for member in people.keyring.members if member.id != "helen")
    desks = (type(psd)(id="psd", label=psd.label, members=("amara", "tom")), independent)
    server.keyring = sign_keyring(people.next_keyring(members=members, desks=desks), people.signers)
    acts.sends(page)
    expect(acts.summary(page)).to_contain_text("have changed")
    assert server.posted == []


def test_nothing_readable_leaves_the_page_or_stays_in_the_browser(page: Page, server: Between):
    acts.writes(page, server, "alphabetagamma " * 50)
    acts.seals(page)
    receipt = acts.reads_receipt(page)
    [posted] = server.posted
    for secret in (
        b"alphabetagamma",
        receipt.entropy,
        receipt.words[0].encode() + b" ",
        b"colleague",
    ):
        assert secret not in posted.body
    assert "Cookie" not in posted.headers
    assert "Referer" not in posted.headers
    assert page.url == f"{server.address}/report"
    assert page.context.cookies() == []
    kept = "[localStorage.length, sessionStorage.length, history.length, String(history.state)]"
    assert page.evaluate(kept) == [0, 0, 2, "null"]
