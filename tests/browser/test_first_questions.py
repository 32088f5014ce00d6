"""The questions that choose a desk, asked and decided in the browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.envelope.keyring_file import sign_keyring
from tests.browser import acts
from tests.browser.between import Between
from tests.browser.test_page_and_python import opened

pytestmark = pytest.mark.browser


def says(page: Page, server: Between, **answers: str) -> None:
    acts.opens(page, server, "/report")
    page.get_by_label(answers.get("about", "A colleague")).check()
    for question in ("force", "wish"):
        if question in answers:
            group = {"force": "Which force", "wish": "Who should deal"}[question]
            named = page.get_by_role("group", name=re.compile(group))
            named.get_by_label(answers[question]).check()
    if "category" in answers:
        page.get_by_label("What kind of concern").select_option(answers["category"])
    acts.goes_on(page)


def test_what_was_chosen_is_shown_again_and_sealed_with_the_letter(
    page: Page, server: Between, complaints
):
    says(page, server, force="Eastmere", category="bullying", wish="The force may deal with it")
    page.get_by_label("What happened").fill(acts.WORDS)
    acts.goes_on(page)
    for question, words in {
        "about": "A colleague",
        "force": "Eastmere Constabulary",
        "category": "Bullying, intimidation or favouritism at work",
        "wish": "The force may deal with it",
        "danger": "Not provided",
    }.items():
        expect(page.locator(f'[data-answer="{question}"]')).to_have_text(words)
    acts.sends(page)
    acts.reads_receipt(page)
    [posted] = server.posted
    assert [name for name, _ in posted.fields] == ["ticket", "desk", "tag", "mailbox", "urgent"]
    letter, _files = opened(posted.envelope, server.people.keys["amara"].identity)
    said = {name: letter.answers[name] for name in ("about", "force", "category", "wish")}
    assert said == {"about": "colleague", "force": "b", "category": "bullying", "wish": "force"}
    assert complaints == []


def test_what_was_not_answered_is_nothing(page: Page, server: Between):
    says(page, server)
    page.get_by_label("What happened").fill(acts.WORDS)
    acts.goes_on(page)
    for question in ("force", "category", "wish"):
        expect(page.locator(f'[data-answer="{question}"]')).to_have_text("Not provided")
    acts.sends(page)
    acts.reads_receipt(page)
    letter, _files = opened(server.posted[0].envelope, server.people.keys["amara"].identity)
    assert [letter.answers[name] for name in ("force", "category", "wish")] == ["", "", ""]


def test_the_kind_of_concern_chooses_the_desk(page: Page, server: Between):
    """There is no counter-corruption unit here: it falls through, past Professional Standards."""
    says(page, server, category="theft_fraud")
    expect(page.locator("[data-readers] li")).to_have_text(["Dev", "Ruth"])


def test_the_keyrings_own_fall_through_is_followed(page: Page, server: Between):
    people = server.people
    ring = people.next_keyring(fall_through={"ccu": ("psd",)})
    server.keyring = sign_keyring(ring, people.signers)
    says(page, server, category="theft_fraud")
    expect(page.locator("[data-readers] li")).to_have_text(["Amara", "Helen", "Tom"])


def test_only_those_are_named_who_can_take_it(page: Page, server: Between):
    says(page, server, wish="Nobody in any police force")
    expect(acts.heading(page)).to_have_text("Somebody outside should take this")
    expect(page.locator("[data-signpost]:visible dt")).to_have_text(
        ["IOPC Report Line", "Police Anti-Corruption and Abuse Reporting Service", "Protect"]
    )
    page.get_by_role("button", name="Back to the questions").click()
    page.get_by_label("Somebody in the local policing body").check()
    page.get_by_label("The force may deal with it").check()
    acts.goes_on(page)
    expect(page.locator("[data-signpost]:visible dt")).to_have_text(
        ["IOPC Report Line", "Protect", "The Police and Crime Panel"]
    )
    assert server.posted == []


def test_nothing_chosen_comes_back(page: Page, server: Between):
    says(page, server, category="theft_fraud", force="Eastmere")
    page.goto("about:blank")
    page.go_back()
    page.wait_for_load_state()
    assert page.locator("[name=force]:checked, [name=about]:checked").count() == 0
    for chosen in page.locator("select").all():
        assert chosen.input_value() == ""
