"""The day in clear follows the clocks, and a missed promise stands where the desk head looks."""

from datetime import timedelta

import pytest

from app.casework import due_rows
from app.casework.alert_text import begin, case_in
from app.casework.domain import NEVER, CaseState
from app.casework.tables import CaseRow
from tests.casework.sheets import in_triage, path

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def reporter(desk):
    return desk.reporter()


@pytest.fixture
def ref(desk, reporter):
    return desk.receives(reporter)


def due(desk, ref, since):
    on = desk.case(ref).due_on
    return on if on == NEVER else (on - since).days


def missed(person):
    page = person.opens("/staff/")
    return [" ".join(one.text.split()) for one in page.soup.select("#broken ~ ul li")]


@on_sqlite
def test_the_due_day_follows_the_clocks_through_a_case(desk, reporter, ref):
    begun = desk.clock().date()
    assert due(desk, ref, begun) == 3
    desk.clock.now += timedelta(days=2)
    ada = desk.person("amara")
    ada.reads(ref)
    # Not a week from the reading: the first letter is owed since the concern came.
    assert due(desk, ref, begun) == 7
    ada.steps(ref)
    assert due(desk, ref, begun) == 7
    ada.sends(ref, "being-assessed")
    assert due(desk, ref, begun) == 2 + 28
    there = path(ref, "assessment")
    today = desk.clock().date()
    on = f"{today.day} {today.month} {today.year}"
    found = ada.submits(there, there, criterion="serious-assault", criterion_on=on)
    assert found.status == 303
    assert due(desk, ref, begun) == 2 + 1
    # It is not taken away in silence: a head decides that it is not to be referred.
    assert ada.submits(there, there, criterion="", criterion_on="").status == 422
    assert due(desk, ref, begun) == 2 + 1
    helen = desk.person("helen")
    helen.reads(ref)
    assert helen.takes(ref, "decide-no-referral").status == 303
    assert due(desk, ref, begun) == 2 + 28
    desk.receives(reporter)
    assert due(desk, ref, begun) == 2 + 7
    ada.opens(f"/staff/cases/{ref}")
    assert due(desk, ref, begun) == 2 + 7
    ada.sends(ref, "thanks")
    assert due(desk, ref, begun) == 2 + 28
    ada.ends_triage(ref)
    ada.closes(ref)
    assert desk.case(ref).state is CaseState.CLOSED
    assert due(desk, ref, begun) == NEVER


@on_sqlite
def test_a_closed_case_is_due_again_when_its_reporter_writes(desk, reporter, ref):
    ada = desk.person("amara")
    ada.reads(ref)
    ada.sends(ref, "being-assessed")
    ada.steps(ref)
    ada.ends_triage(ref)
    ada.closes(ref)
    desk.clock.now += timedelta(days=60)
    desk.receives(reporter)
    wrote = desk.clock().date()
    assert due(desk, ref, wrote) == 7
    helen = desk.person("helen")
    helen.reads(ref)
    assert missed(helen) == []
    desk.clock.now += timedelta(days=8)
    helen = desk.person("helen")
    assert missed(helen) == [f"{ref}: promised by 27 January 2027"]
    [row] = helen.opens("/staff/", show="closed").soup.select(".cd-inbox tbody tr")
    assert row.select_one("[data-label=Due]").text.strip() == "Letter owed"
    desk.person("amara").sends(ref, "thanks")
    assert missed(helen) == []
    assert due(desk, ref, wrote) == NEVER


def test_the_head_of_the_desk_is_shown_what_was_missed_and_nobody_else_elsewhere(desk, ref):
    desk.clock.now += timedelta(days=7)
    assert missed(desk.person("helen")) == []
    desk.clock.now += timedelta(days=1)
    helen, ada, ruth = (desk.person(name) for name in ("helen", "amara", "ruth"))
    assert missed(helen) == [f"{ref}: promised by 28 November 2026"]
    assert missed(ada) == []
    for person in (helen, ada):
        assert "Letter owed" in person.opens("/staff/", show="waiting").text
    assert ref not in ruth.opens("/staff/").text
    ada.reads(ref)
    assert missed(helen) == [f"{ref}: promised by 28 November 2026"]
    ada.sends(ref, "late")
    assert missed(helen) == []
    assert "Letter owed" not in helen.opens("/staff/", show="open").text


@on_sqlite
def test_whoever_may_read_a_case_is_shown_on_it_that_a_promise_was_missed(desk):
    ref = desk.receives(desk.reporter(left_out=("helen",)))
    ada, tom = desk.person("amara"), desk.person("tom")
    said = "The reporter was promised a letter by 28 November 2026, and none was sent"
    for person in (ada, tom):
        assert said not in person.reads(ref).text
    desk.clock.now += timedelta(days=8)
    ada, tom = desk.person("amara"), desk.person("tom")
    for person in (ada, tom):
        assert "Letter owed" in person.opens("/staff/", show="open").text
        assert said in person.opens(f"/staff/cases/{ref}").text
    ada.sends(ref, "late")
    assert said not in tom.opens(f"/staff/cases/{ref}").text


@on_sqlite
def test_of_more_than_are_looked_at_the_longest_overdue_are_shown_and_that_there_are_more(
    desk, monkeypatch
):
    refs = []
    for number in range(4):
        refs.append(desk.receives(desk.reporter(), urgent=number == 1))
        desk.clock.now += timedelta(days=1)
    desk.clock.now += timedelta(days=20)
    assert [one.split(":")[0] for one in missed(desk.person("helen"))] == refs
    assert "There may be more" not in desk.person("amara").opens("/staff/").text
    monkeypatch.setattr(due_rows, "ENOUGH", 2)
    desk.clock.now += timedelta(minutes=1)
    helen = desk.person("helen")
    # The urgent one was due first of all, and the longest promised stands first.
    assert [one.split(":")[0] for one in missed(helen)] == refs[:2]
    assert "There may be more" in helen.opens("/staff/").text


@on_sqlite
def test_what_the_head_may_not_read_is_not_among_it(desk):
    ref = desk.receives(desk.reporter(left_out=("helen",)))
    desk.clock.now += timedelta(days=8)
    helen = desk.person("helen")
    assert missed(helen) == []
    assert ref not in helen.opens("/staff/").text


# --- an alert is answered elsewhere


@on_sqlite
def test_an_alert_is_answered_in_the_case_it_is_for(desk):
    ada = desk.person("amara")
    ref = in_triage(desk, ada)
    ada.submits(path(ref, "links"), path(ref, "links/alert"), words="She was moved to nights.")
    [new] = [row.ref for row in desk.rows(CaseRow) if row.ref != ref]
    ruth = desk.person("ruth")
    page = ruth.reads(new)
    assert f"alert of retaliation that another desk wrote for the reporter of its case {ref}" in (
        page.text
    )
    # Nobody reads a letter in it, so none is promised, and none is missed.
    assert desk.case(new).due_on == NEVER
    assert "Nothing is due" in page.text
    assert "Nothing is due" in ruth.opens("/staff/", show="open").text
    rows = ruth.opens(path(new, "clocks")).soup.select("table td[data-label=What]")
    assert [next(row.stripped_strings) for row in rows] == ["Read the concern"]
    assert "alert of retaliation that another" not in ada.opens(f"/staff/cases/{ref}").text


@pytest.mark.parametrize(
    ("words", "ref"),
    [
        (begin("Professional Standards (West)", "BCDF-2345") + "She was moved.", "BCDF-2345"),
        ("It says: " + begin("PSD", "BCDF-2345"), ""),
        (begin("PSD", "BCDF-2345").strip(), ""),
        (begin("PSD", "no case"), ""),
        ("Alert of retaliation", ""),
    ],
)
def test_an_alert_is_known_by_how_it_begins(words, ref):
    assert case_in(words) == ref
