"""Leafing through what a search found: the newest first, ten on a page, and no words in an address."""

from datetime import timedelta

import pytest

from app.casework import search
from app.casework.store import Readers
from app.work import begin
from tests.casework.test_search import links, searches

ON_SQLITE_UNLESS_PROVING = True


@pytest.fixture
def desk(desk, empty_memory, monkeypatch):
    monkeypatch.setattr(search, "ON_A_PAGE", 2)
    return desk


@pytest.fixture
def five(desk):
    """Five cases, each received a day after the one before, the newest first."""
    refs = []
    for _ in range(5):
        desk.clock.now += timedelta(days=1)
        refs.insert(0, desk.receives(desk.reporter()))
    return refs


@pytest.fixture
def amara(desk, five):
    """She has opened them all."""
    found = desk.person("amara")
    for ref in five:
        found.reads(ref)
    return found


def turns(page):
    """Return where the buttons below what was found lead, and what they are called."""
    buttons = page.soup.select("nav.govuk-pagination button[name=page]")
    return {" ".join(button.text.split()): button["value"] for button in buttons}


def turned(person, page, way):
    """Press one of them, as a browser without scripts does."""
    [form] = [form for form in page.soup.select("form") if form.select("[name=page]")]
    assert (form["method"], form["action"]) == ("post", "/staff/search/")
    fields = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    [number] = [value for name, value in turns(page).items() if name.startswith(way)]
    return person.posts("/staff/search/", fields | {"page": number})


def heading(page):
    return page.soup.select_one("h2[role=status]").text.strip()


def test_everything_found_can_be_reached_the_newest_first(amara, five):
    first = searches(amara, "supervisor")
    assert links(first) == five[:2]
    assert heading(first) == "Cases 1 to 2"
    assert "Those received last come first." in first.text
    assert turns(first) == {"Older cases: page 2": "2"}
    second = turned(amara, first, "Older")
    assert links(second) == five[2:4]
    assert heading(second) == "Cases 3 to 4"
    assert turns(second) == {"Newer cases: page 1": "1", "Older cases: page 3": "3"}
    assert second.soup.select_one("#words")["value"] == "supervisor"
    third = turned(amara, second, "Older")
    assert links(third) == five[4:]
    assert turns(third) == {"Newer cases: page 2": "2"}
    assert links(turned(amara, third, "Newer")) == five[2:4]
    # A new search begins at its first page.
    again = third.form("/staff/search/", having="words")
    assert "page" not in again
    assert links(amara.posts("/staff/search/", again)) == five[:2]


def test_where_nothing_is_found_there_are_no_pages(amara):
    page = searches(amara, "zebra")
    assert turns(page) == {}
    assert heading(page) == "Nothing found"
    assert "come first" not in page.text


@pytest.mark.parametrize("number", ["", "0", "-1", "x", "1.5", "٣", "1\n", "01", "10000", "9" * 50])
def test_a_number_that_is_no_page_is_asked_for_again(desk, number):
    amara = desk.person("amara")
    page = amara.submits("/staff/search/", "/staff/search/", words="spoon", page=number)
    assert page.status == 422
    assert "There is no such page" in page.soup.select_one(".govuk-error-summary").text
    assert page.soup.select_one("#words")["value"] == "spoon"
    assert not page.soup.select(".govuk-form-group--error"), "the words are right"


def test_a_page_beyond_the_end_is_the_last_one(amara, five):
    page = amara.submits("/staff/search/", "/staff/search/", words="supervisor", page="9999")
    assert page.status == 200
    assert links(page) == five[4:]
    none = amara.submits("/staff/search/", "/staff/search/", words="zebra", page="9999")
    assert heading(none) == "Nothing found"
    assert turns(none) == {}


def test_what_is_hers_no_longer_is_on_no_page(desk, amara, five):
    first = searches(amara, "supervisor")
    with begin(desk.database, desk.clock) as work:
        for ref in (five[0], *five[3:]):
            Readers(work.session).keep_from(ref, {"amara"})
    second = turned(amara, first, "Older")
    assert links(second) == five[1:3], "two are left: the last page is the first"
    assert turns(second) == {}
    assert heading(second) == "2 cases"


def test_a_forged_letter_takes_no_place_and_promises_no_page(desk):
    amara = desk.person("amara")
    refs = []
    for number in range(4):
        reporter = desk.reporter()
        refs.append(desk.receives(reporter))
        amara.reads(refs[-1])
        forged = {"spoil": "signature"} if number % 2 else {}
        desk.receives(reporter, reporter.seal(text="A planted parasol", **forged))
    page = searches(amara, "parasol")
    assert sorted(links(page)) == sorted([refs[0], refs[2]])
    assert turns(page) == {}


def test_words_that_look_like_markup_stay_words_in_the_form_of_the_buttons(amara, five):
    page = searches(amara, '"supervisor"><b>')
    assert links(page) == []
    page = searches(amara, '"supervisor"><')
    assert len(page.soup.select("input[type=hidden][name=words]")) == 1
    assert links(turned(amara, page, "Older")) == five[2:4]
