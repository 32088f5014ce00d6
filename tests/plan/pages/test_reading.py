"""What the pages show: what is known, and that what is not known is not."""

import pytest
from bs4 import BeautifulSoup

from tests.plan.publishing import publish, withdraw

HERTS, NORFOLK, ALLIANCE = (
    f"/staff/plans/{slug}" for slug in ("hertfordshire", "norfolk-suffolk", "alliance")
)


def rows(page):
    return [
        [" ".join(cell.text.split()) for cell in row.select("td, th")]
        for row in page.soup.select("tbody tr")
    ]


def test_the_front_page_has_plans_and_strategies_side_by_side(lead):
    page = lead.opens("/staff/plans")
    cards = [" ".join(card.text.split()) for card in page.soup.select(".cd-card")]
    assert len(cards) == 3
    assert any("Hertfordshire Constabulary 11 not started 9 in progress" in card for card in cards)
    assert any("Norfolk Constabulary, Suffolk Constabulary 10 objectives" in card for card in cards)
    assert any("2 overdue" in card for card in cards)


def test_an_owner_finds_the_actions_of_her_office(loaded):
    hugo = loaded.person("hugo")
    page = hugo.opens("/staff/plans")
    [link] = [link for link in page.links() if "owner=hr" in link]
    listed = hugo.opens(link)
    assert "9 actions" in listed.text
    assert {row[2] for row in rows(listed)} <= {"HR", "HR, Staff Associations"}


def test_an_empty_portal_teaches(house):
    lead, board = house.person("ines"), house.person("bea")
    assert "candour plan load herts" in lead.opens("/staff/plans").text
    assert "The integrity lead adds the first one" in board.opens("/staff/plans").text
    assert "There are no actions here yet" in board.opens("/staff/plans/actions").text


def test_a_strategy_page_has_all_its_lists(lead):
    page = lead.opens(NORFOLK)
    assert len(page.soup.select(".cd-objectives li")) == 10
    assert len(page.soup.select(".cd-chips li")) == 11
    for said in ("Joint owners", "an alliance of 2 forces", "Integrity Working Group",
                 "Proposed, to be considered", "Scrutiny by public bodies",
                 "Every 12 months (an assumption: the document gives no interval)",
                 "Next by 21 November 2027", "No actions yet", "had no part in this portal"):  # fmt: skip
        assert said in page.text, said


def test_a_reading_is_shown_as_one(lead):
    page = lead.opens(f"{HERTS}/actions/15")
    assert "This status is a reading" in page.text
    assert "Its progress column is empty." in page.text
    assert "No progress is stated" in page.text
    assert "PriorityNot stated" in page.text
    assert "This status is a reading" not in lead.opens(f"{ALLIANCE}/actions/1").text


def test_adopted_no_change_is_no_doing(lead):
    page = lead.opens(f"{HERTS}/actions/3")
    assert "Adopted, no change" in page.text
    assert "the Herts Way is not changed for now" in page.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [({"owner": "psd"}, [7, 18]), ({"status": "adopted, no change"}, [3]),
     ({"theme": "performance"}, [17]), ({"owner": "hr", "status": "in progress"}, [8, 10]),
     ({"owner": "nobody"}, []), ({"overdue": "yes"}, []), ({"status": "nonsense"}, list(range(1, 22))),
     ({"theme": "\u0661", "page": "-1"}, list(range(1, 22)))],
)  # fmt: skip
def test_filters_are_in_the_address(lead, query, expected):
    page = lead.opens("/staff/plans/actions", plan="hertfordshire", **query)
    assert [int(row[0]) for row in rows(page)] == expected
    for name, value in query.items():
        if expected != list(range(1, 22)) and name != "owner":
            assert page.soup.select_one(f"select[name={name}] option[selected]")["value"] == value


def test_a_list_without_anything_says_why(lead):
    assert "Nothing here is overdue" in lead.opens(
        "/staff/plans/actions", plan="hertfordshire", overdue="yes").text  # fmt: skip
    assert "No action is left by these filters" in lead.opens(
        "/staff/plans/actions", owner="psd", theme="performance").text  # fmt: skip
    assert "There are no actions here yet" in lead.opens(
        "/staff/plans/actions", plan="norfolk-suffolk").text  # fmt: skip
    assert lead.opens("/staff/plans/actions", plan="\x00").status == 200


def test_the_register_places_every_risk(lead):
    page = lead.opens(f"{ALLIANCE}/risks")
    placed = {link.text.removeprefix("Risk "): link.parent["class"][0] for link in page.soup.select(
        ".cd-matrix a")}  # fmt: skip
    assert placed == {
        "1": "cd-matrix__high", "2": "cd-matrix__high", "3": "cd-matrix__medium",
        "4": "cd-matrix__medium",
    }  # fmt: skip
    assert "No risks are written down yet" in lead.opens(f"{HERTS}/risks").text
    assert "none were invented for it" in lead.opens(f"{HERTS}/risks").text
    assert "Southdown Constabulary" in lead.opens(f"{ALLIANCE}/risks/4").text


def test_the_board_view_says_it_in_a_sentence(lead):
    page = lead.opens(f"{ALLIANCE}/board")
    assert "2 of 7 actions are done or decided, 3 are under way, and 2 are overdue." in page.text
    assert "No figure cited" in page.text
    assert "none is overdue" in lead.opens(f"{HERTS}/board").text
    assert "There is nothing to report on yet" in lead.opens(f"{NORFOLK}/board").text


def test_cited_figures_stand_with_their_words(loaded):
    publish(loaded.plans, [10, 10, 10, 10, 40, 40, 40, 40])
    lead = loaded.person("ines")
    path = f"{ALLIANCE}/actions/2/figure"
    page = lead.opens(path)
    [first, *_] = page.soup.select("input[name=cell]")
    done = lead.submits(path, cell=first["value"], why="It doubled")
    assert done.status == 303
    for seen in (f"{ALLIANCE}/actions/2", f"{ALLIANCE}/board", f"{ALLIANCE}/statement"):
        text = lead.opens(seen).text
        assert "about 40 (36 to 44), higher than the year before" in text, seen
    assert "It doubled" in lead.opens(f"{ALLIANCE}/actions/2").text
    withdraw(loaded.plans, 8)
    assert "Withdrawn since" in lead.opens(f"{ALLIANCE}/actions/2").text
    assert "Withdrawn since" in lead.opens(f"{ALLIANCE}/board").text


def test_a_statement_can_be_asked_for_another_year(lead):
    assert lead.opens(f"{HERTS}/statement").heading.startswith("Statement for the annual plan 2026")
    assert "annual plan 2025" in lead.opens(f"{HERTS}/statement", year="2025").heading
    for year in ("99", "0000", "x", "\u0662\u0660\u0662\u0665"):
        assert "annual plan 2026" in lead.opens(f"{HERTS}/statement", year=year).heading


def test_text_is_text(loaded):
    lead = loaded.person("ines")
    lead.submits(
        f"{ALLIANCE}/actions/1/edit", title="<script>alert(1)</script>", owners="<b>HR</b>"
    )
    for path in (f"{ALLIANCE}/actions/1", "/staff/plans/actions", f"{ALLIANCE}/history",
                 f"{ALLIANCE}/board", f"{ALLIANCE}/statement"):  # fmt: skip
        soup = BeautifulSoup(lead.opens(path).answer.text, "html5lib")
        assert not soup.select("main script, main b"), path


def test_history_comes_in_pages(loaded):
    lead = loaded.person("ines")
    lead_path = f"{ALLIANCE}/actions/1/progress"
    for number in range(45):
        assert lead.submits(lead_path, note=f"Note {number}").status == 303
    first = lead.opens(f"{ALLIANCE}/history")
    assert "Note 44" in first.text
    assert "Page 1 of 2" in first.text
    assert "Added: Three-force Integrity Plan" in lead.opens(f"{ALLIANCE}/history", page=9).text
