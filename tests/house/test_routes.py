"""Every page has a door, reading never changes anything, and no form is taken on trust."""

import pytest

from app.web.doors import OPEN_TO_ALL, OPEN_TO_REPORTERS
from app.web.headers import HEADERS

ON_SQLITE_UNLESS_PROVING = True


@pytest.fixture
def rules(portal):
    return [rule for rule in portal.url_map.iter_rules() if rule.endpoint != "static"]


def door(portal, rule):
    return getattr(portal.view_functions[rule.endpoint], "door", None)


def address(portal, rule):
    with portal.test_request_context():
        values = {
            name: 1 if type(converter).__name__ == "IntegerConverter" else "x"
            for name, converter in rule._converters.items()
        }
        return portal.url_for(rule.endpoint, **values)


def test_every_view_says_who_may_use_it(portal, rules):
    assert [rule.endpoint for rule in rules if door(portal, rule) is None] == []


def test_only_reporters_pages_are_open_to_reporters(portal, rules):
    for rule in rules:
        of_reporters = not rule.rule.startswith(("/staff", "/demo"))
        assert (door(portal, rule) == OPEN_TO_REPORTERS) == of_reporters, rule.rule


def test_a_view_reads_or_writes_but_not_both(rules):
    for rule in rules:
        assert rule.methods - {"HEAD", "OPTIONS"} in ({"GET"}, {"POST"}), rule.endpoint


def test_no_staff_form_without_its_token(portal, rules):
    posts = [r for r in rules if "POST" in r.methods and door(portal, r) != OPEN_TO_REPORTERS]
    assert posts
    for rule in posts:
        answer = portal.test_client().post(address(portal, rule))
        assert answer.status_code in {400, 401}, rule.rule


def test_paths_are_lower_case_and_kebab(rules):
    for rule in rules:
        fixed = [part.content for part in rule._parts if part.static]
        assert not any("_" in part or part != part.lower() for part in fixed), rule.rule


def test_every_answer_carries_the_headers(portal, rules):
    for rule in rules:
        method = "GET" if "GET" in rule.methods else "POST"
        answer = portal.test_client().open(address(portal, rule), method=method)
        missing = set(HEADERS) - set(answer.headers.keys())
        assert not missing, (rule.rule, missing)
        assert answer.headers["Cache-Control"] == "no-store", rule.rule


def test_no_page_of_a_reporters_sets_a_cookie(portal, rules):
    for rule in rules:
        if door(portal, rule) != OPEN_TO_REPORTERS:
            continue
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            answer = portal.test_client().open(address(portal, rule), method=method)
            assert "Set-Cookie" not in answer.headers, rule.rule


def test_staff_pages_send_a_stranger_to_sign_in(portal, rules):
    for rule in rules:
        if door(portal, rule) in {OPEN_TO_ALL, OPEN_TO_REPORTERS} or "GET" not in rule.methods:
            continue
        answer = portal.test_client().get(address(portal, rule))
        assert answer.status_code == 303, rule.rule
        assert answer.headers["Location"].startswith("/staff/sign-in"), rule.rule


@pytest.mark.parametrize("path", ["/no-such-page", "/staff/no-such-page", "/report/../x"])
def test_an_unknown_address_is_a_page(portal, path):
    answer = portal.test_client().get(path)
    assert answer.status_code == 404
    assert "<h1" in answer.text
