"""The demonstration's page collects at a press; nowhere else is there such a page."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from app.collection import turns
from app.factory import build
from app.mailbox.tables import EntryRow
from app.web import logs
from tests.collection.letters import a_letter


def press(browser):
    page = BeautifulSoup(browser.get("/demo").text, "html.parser")
    token = page.select_one("form[action='/demo/collect'] input[name=csrf_token]")["value"]
    return browser.post("/demo/collect", data={"csrf_token": token})


@pytest.mark.parametrize(
    ("letters", "says"),
    [
        (0, "The letterbox was empty"),
        (1, "1 letter was collected"),
        (3, "3 letters were collected"),
    ],
)
def test_it_says_how_many(portal, post, letters, says):
    for _ in range(letters):
        post.drop(a_letter())
    browser = portal.test_client()
    answer = press(browser)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/demo")
    page = browser.get("/demo").text
    assert says in page
    assert says not in browser.get("/demo").text
    assert post.count(EntryRow) == letters


def test_while_somebody_else_collects_nothing_is_lost(portal, post):
    logs.configure()
    sent = [post.drop(a_letter())]
    with turns.turn(post.database):
        assert press(portal.test_client()).status_code == 503
    assert press(portal.test_client()).status_code == 303
    assert post.count(EntryRow) == len(sent)


def test_it_is_nowhere_but_in_a_demonstration(settings, clock):
    real = build(replace(settings, demonstration=False), clock=clock)
    try:
        assert not [rule for rule in real.url_map.iter_rules() if rule.rule.startswith("/demo")]
    finally:
        real.extensions["candour"]["database"].engine.dispose()
