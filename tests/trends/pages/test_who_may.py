"""Every page of the board, for every role: let in, or refused."""

import pytest

from app.web import paper as pack
from tests.house.test_routes import door

BOARD = "/staff/trends"
SEEN = [
    BOARD, f"{BOARD}/calendar", f"{BOARD}/what-the-numbers-are",
    *(f"{BOARD}/forces/{force}" for force in "abc"), f"{BOARD}/alliances/alliance",
    f"{BOARD}/forces/a/pack", f"{BOARD}/alliances/alliance/pack", f"{BOARD}/forces/a/releases",
    f"{BOARD}/forces/a/releases/1", f"{BOARD}/forces/a/releases/12",
]  # fmt: skip
FILES = [f"{BOARD}/forces/a/releases/12.{ending}" for ending in ("csv", "xlsx", "json", "txt")]
PAPER = [f"{BOARD}/forces/a/pack.pdf", f"{BOARD}/alliances/alliance/pack.pdf"]
SEE = {"ines": True, "hugo": True, "bea": True, "omar": True, "carol": True,
       "amara": False, "helen": False, "sam": False}  # fmt: skip
EXPORT = {"ines", "bea", "omar"}


@pytest.fixture(autouse=True)
def _light_paper(monkeypatch):
    """Making a PDF is tested elsewhere; here it is who may."""
    monkeypatch.setattr(pack, "can_print", lambda: True)
    monkeypatch.setattr(pack, "write_pdf", lambda _html: b"%PDF")


@pytest.mark.parametrize(("name", "may"), SEE.items())
def test_pages(house, name, may):
    person = house.person(name)
    for path in SEEN:
        assert person.opens(path).status == (200 if may else 403), path
    for path in [*FILES, *PAPER]:
        assert person.opens(path).status == (200 if name in EXPORT else 403), path


def test_a_stranger_signs_in_first(portal):
    for path in [*SEEN, *FILES, *PAPER]:
        answer = portal.test_client().get(path)
        assert answer.status_code == 303, path
        assert answer.headers["Location"].startswith("/staff/sign-in"), path


def test_every_page_of_the_room_is_tried_here(portal):
    tried = set()
    adapter = portal.url_map.bind("localhost")
    for path in [*SEEN, *FILES, *PAPER]:
        tried.add(adapter.match(path, method="GET")[0])
    rules = [rule for rule in portal.url_map.iter_rules() if rule.endpoint.startswith("trends.")]
    assert {rule.endpoint for rule in rules} == tried
    assert all(rule.methods <= {"GET", "HEAD", "OPTIONS"} for rule in rules), "it only reads"
    assert all(door(portal, rule) for rule in rules)


@pytest.mark.parametrize("name", [name for name, may in SEE.items() if may])
def test_no_link_leads_nowhere_and_none_to_a_case(house, name):
    person = house.person(name)
    tried = set()
    for path in SEEN:
        for link in person.opens(path).links():
            assert not link.startswith("/staff/cases"), (path, link)
            if link.startswith(BOARD) and link not in tried:
                tried.add(link)
                assert person.opens(link).status == 200, (path, link)
    files = {link for link in tried if "." in link}
    assert bool(files) is (name in EXPORT), "only what she may take is offered"


@pytest.mark.parametrize(
    "path",
    [
        "/forces/d", "/forces/alliance", "/alliances/a", "/forces/%00", "/forces/a/releases/99",
        "/forces/d/releases", "/forces/a/releases/0", "/forces/a/releases/99.csv",
        "/forces/d/releases/1.json", "/forces/a/releases/99999999999", "/forces/d/pack",
        "/alliances/d/pack", "/forces/d/pack.pdf", "/forces/a/releases/1.exe", "/forces",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(board_member, path):
    assert board_member.opens(BOARD + path).status == 404
