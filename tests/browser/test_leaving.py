"""Leaving the page: a question where text would be lost, none where somebody must get away."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.between import Between

pytestmark = pytest.mark.browser


@pytest.fixture
def questions(page: Page) -> list[str]:
    """The questions that the browser asked before leaving; all are answered with yes."""
    asked: list[str] = []

    def answer(dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    return asked


def test_typed_text_is_not_lost_without_a_question(page: Page, server: Between, questions):
    acts.opens(page, server, "/report")
    page.reload()
    assert questions == []
    acts.writes(page, server)
    page.reload()
    assert questions == ["beforeunload"]


@pytest.mark.parametrize("by", ["button", "keys"])
def test_exit_this_page_asks_nothing_and_leaves_nothing(page: Page, server: Between, questions, by):
    acts.writes(page, server)
    if by == "button":
        page.get_by_role("button", name="Exit this page").click()
    else:
        for _ in range(3):
            page.keyboard.press("Shift")
    page.wait_for_url("**/leave")
    assert questions == []
    page.go_back()
    expect(acts.heading(page)).to_have_text("Choose who can read your concern")
    expect(page.get_by_label("A colleague")).not_to_be_checked()
    assert acts.WORDS not in page.content()


def test_after_it_was_stored_nothing_is_asked(page: Page, server: Between, questions):
    acts.writes(page, server)
    acts.seals(page)
    acts.proves_receipt(page, acts.reads_receipt(page))
    expect(acts.heading(page)).to_have_text("Your concern is sealed")
    page.goto(f"{server.address}/leave")
    assert questions == []


def test_a_page_kept_for_the_back_button_holds_nothing(page: Page, server: Between):
    acts.writes(page, server)
    page.get_by_role("button", name="Back").click()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    expect(page.locator("#main-content")).to_be_empty()
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(page.get_by_label("A colleague")).not_to_be_checked()
