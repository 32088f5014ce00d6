"""My work: whose cases stand on it, what waits for whom, and that it tells nobody else anything."""

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.casework import worklist, worklists
from app.casework.clocks import clocks_on
from app.casework.course import Part, course_on
from app.casework.domain import Case, CaseState, Priority
from app.casework.sheet import CaseSheet
from app.casework.sheet_parts import Link, LinkKind, Step
from app.casework.tables import CaseRow, SheetRow
from app.casework.worklist import Gist, Turn, gist_of, sorted_out, turn
from tests.casework.sheets import in_triage, path

TODAY = date(2026, 11, 21)
COURSE = course_on(TODAY)
HANDLER, HEAD = frozenset({Part.HANDLER}), frozenset({Part.HANDLER, Part.DESK_HEAD})
APART = frozenset({Part.INDEPENDENT})


@pytest.fixture
def database_url(tmp_path, migrated):
    """On SQLite alone: what is asked of the database is asked by tests of search and inbox too."""
    (tmp_path / "data").mkdir()
    return f"sqlite:///{shutil.copy(migrated, tmp_path / 'data' / 'casework.sqlite')}"


@pytest.fixture
def desk(desk, empty_memory):
    return desk


def work_of(person):
    page = person.opens("/staff/work")
    assert page.status == 200
    return page


def section(page, id):
    """Return the cases under one heading, and its words."""
    [found] = page.soup.select(f"section[aria-labelledby={id}]")
    refs = [link.text for link in found.select("a.cd-exact")]
    return refs, " ".join(found.text.split())


def refs(page, id):
    return section(page, id)[0]


def gives(person, ref, **whom):
    page = person.submits(path(ref, "people"), path(ref, "people"), **whom)
    assert page.status == 303, page.text


# --- on paper


def case_of(ref="BCDF-2345", **said):
    said = {"received_on": TODAY, "due_on": TODAY, "state": CaseState.UNDER_WAY} | said
    return Case(ref=ref, mailbox=b"m" * 32, desk="psd", **said)


def lists(cases, gists, *, me="amara", parts=HANDLER):
    return sorted_out(cases, gists, me=me, parts=parts, course=COURSE, today=TODAY)


@pytest.mark.parametrize(
    ("state", "parts", "whose"),
    [
        ("triage", HANDLER, Turn.HERS),
        ("severity-assessed", HANDLER, Turn.DESK_HEAD),
        ("severity-assessed", HEAD, Turn.HERS),
        ("severity-assessed", APART, Turn.HERS),
        ("investigation", HANDLER, Turn.INVESTIGATOR),
        ("investigation", HANDLER | {Part.INVESTIGATOR}, Turn.HERS),
        ("iopc-referred", HANDLER, Turn.DESK_HEAD),
    ],
)
def test_whose_turn_it_is(state, parts, whose):
    assert turn(COURSE, state, frozenset(parts)) is whose


@pytest.mark.parametrize("state", COURSE.states)
def test_every_state_is_somebodys_turn_on_every_desk(state):
    for role in (HEAD, APART, HEAD | {Part.COVERT}):
        for_some = role | {Part.INVESTIGATOR}
        if state != "intelligence" or Part.COVERT in role:
            assert turn(COURSE, state, for_some) in {Turn.HERS, Turn.DESK_HEAD}


def test_danger_and_retaliation_come_before_what_is_due_first():
    late = case_of("BCDF-2222", due_on=TODAY - timedelta(days=9))
    alert, danger = case_of("BCDF-3333"), case_of("BCDF-4444", priority=Priority.URGENT)
    mine = Gist(state="under-way", assignee="amara")
    gists = {late.ref: mine, alert.ref: replace(mine, is_alert=True), danger.ref: mine}
    found = lists([late, alert, danger], gists)
    assert [item.case for item in found.hers] == [alert, danger, late]


def test_what_is_late_is_shown_to_whom_the_whole_desk_is_to_be_seen():
    due = worklist.Due("Update the reporter", TODAY - timedelta(days=1), head_is_told=True)
    case, gist = case_of(), Gist(state="under-way", due=(due, replace(due, on=TODAY)))
    assert [one.due for one in lists([case], {case.ref: gist}, parts=HEAD).late] == [due]
    assert lists([case], {case.ref: gist}, parts=APART).late
    assert lists([case], {case.ref: gist}).late == ()


def test_the_gist_of_a_sheet_says_where_a_case_came_from_until_it_is_taken_over():
    def gist(*steps, **said):
        sheet = CaseSheet(
            ref="BCDF-2345", version=1, author="amara", written_on=TODAY, steps=steps, **said
        )
        state = COURSE.states[steps[-1].to].coarse if steps else CaseState.TRIAGE
        return gist_of(
            case_of(state=state), sheet, letters=(), opened_on=TODAY, course=COURSE,
            known=clocks_on(TODAY),
        )  # fmt: skip

    def step(id, to, desk):
        return Step(
            id=id, to=to, on=TODAY, desk=desk, author="ruth", second="", code="", outcomes=(),
            reasons={},
        )  # fmt: skip

    passed = step("declare-conflict", "conflict-transfer", "independent")
    assert gist(passed).came_from == "independent"
    assert gist(passed, step("accept-transfer", "triage", "psd")).came_from == ""
    assert gist(category="retaliation").is_alert
    assert gist(links=(Link(LinkKind.RETALIATION_FOR, "BCDF-3333"),)).is_alert
    assert not gist(links=(Link(LinkKind.RETALIATION, "BCDF-3333"),)).is_alert
    assert min(due.on for due in gist().due) >= TODAY


# --- at the desk


def test_an_empty_list_says_what_will_stand_on_it(desk):
    for name, headings in (("amara", 5), ("helen", 7), ("ruth", 6)):
        page = work_of(desk.person(name))
        empties = page.soup.select(".cd-empty")
        assert len(empties) == headings, name
        assert all(len(one.select("p")[1].text) > 60 for one in empties)


def test_a_case_is_on_the_list_of_whom_its_sheet_names(desk, empty_memory):
    amara = desk.person("amara")
    ref = in_triage(desk, amara)
    tom = desk.person("tom")
    tom.reads(ref)
    assert refs(work_of(amara), "nobodys") == [ref]
    gives(amara, ref, assignee="tom", investigator="amara")
    page = work_of(tom)
    assert refs(page, "yours") == [ref]
    assert refs(page, "nobodys") == []
    cases, words = section(work_of(amara), "yours")
    assert cases == [ref]
    assert "You investigate" in words
    # In this process's memory, by session; in the database nowhere.
    assert len(empty_memory._kept) == 2
    said = json.dumps([[entry.actor, entry.verb.value, dict(entry.details)]
                       for entry in desk.audit("work-list")])  # fmt: skip
    assert ref not in said
    assert desk.audit("work-list.made")[-1].details == {"cases": 1}


def test_what_did_not_change_is_not_opened_again(desk, monkeypatch):
    amara = desk.person("amara")
    ref = in_triage(desk, amara)
    amara.places(ref)
    assert refs(work_of(amara), "nobodys") == [ref]
    opened = []
    put = worklists.put
    monkeypatch.setattr(
        worklists,
        "put",
        lambda looked, cases, *key: opened.extend(cases) or put(looked, cases, *key),
    )
    work_of(amara)
    assert opened == []
    gives(amara, ref, assignee="amara")
    assert refs(work_of(amara), "yours") == [ref]
    assert [one.case.ref for one in opened] == [ref]
    desk.clock.now += timedelta(minutes=1)
    assert len(desk.audit("work-list.made")) == 2


def test_nothing_of_a_case_she_has_not_declared_upon_is_looked_through(desk):
    amara, helen = desk.person("amara"), desk.person("helen")
    ref = in_triage(desk, amara)
    gives(amara, ref, assignee="helen")
    helen.opens("/staff/")
    page = work_of(helen)
    assert ref not in page.text
    assert "1 open case is left out" in page.text
    helen.declares(ref)
    assert refs(work_of(helen), "yours") == [ref]


def test_what_is_taken_from_her_leaves_no_trace(desk):
    """Left out, another desk's, or a conflict of her own: no row, no count, no gap."""
    amara, tom = desk.person("amara"), desk.person("tom")
    before = work_of(tom).text
    mine = in_triage(desk, amara)
    tom.reads(mine)
    gives(amara, mine, assignee="tom")
    assert refs(work_of(tom), "yours") == [mine]
    gives(amara, mine, assignee="", left_out="tom")
    desk.receives(desk.reporter(left_out=("tom",)))
    desk.receives(desk.reporter(desk="independent"))
    tom.opens("/staff/")
    assert work_of(tom).text == before


def test_texts_go_round_between_author_and_reader(desk):
    amara, tom = desk.person("amara"), desk.person("tom")
    ref = in_triage(desk, amara)
    tom.reads(ref)
    amara.drafts(ref, "Words of my own.")
    assert refs(work_of(amara), "others") == [ref]
    page = work_of(tom)
    assert refs(page, "waits") == [ref]
    assert "by Amara" in section(page, "waits")[1]
    tom.submits(path(ref, "draft"), path(ref, "draft/return"), remark="Say when")
    page = work_of(amara)
    assert refs(page, "others") == []
    assert "Your text came back" in section(page, "waits")[1]
    assert refs(work_of(tom), "waits") == []


def test_a_proposal_waits_for_everybody_but_its_author(desk):
    amara, helen = desk.person("amara"), desk.person("helen")
    ref = in_triage(desk, amara)
    helen.reads(ref)
    amara.places(ref)
    helen.takes(ref, "close-at-triage", outcomes="out-of-scope")
    cases, words = section(work_of(amara), "waits")
    assert cases == [ref]
    assert "proposed by Helen" in words
    page = work_of(helen)
    assert refs(page, "waits") == []
    assert refs(page, "others") == [ref]
    # Tom has not declared upon it: he sees no trace.
    assert ref not in work_of(desk.person("tom")).text


def test_a_case_that_was_passed_on_waits_to_be_taken_over(desk):
    amara = desk.person("amara")
    ref = in_triage(desk, amara)
    amara.places(ref)
    amara.takes(ref, "declare-conflict", desk="independent", code="subject")
    ruth = desk.person("ruth")
    ruth.reads(ref)
    cases, words = section(work_of(ruth), "waits")
    assert cases == [ref]
    assert "Passed on by Professional Standards" in words
    ruth.takes(ref, "accept-transfer")
    page = work_of(ruth)
    assert refs(page, "waits") == []
    assert refs(page, "nobodys") == [ref]


def test_an_alert_of_retaliation_stands_first_on_the_desk_apart(desk):
    amara = desk.person("amara")
    desk.receives(desk.reporter(desk="independent"))
    ref = in_triage(desk, amara)
    there = path(ref, "links")
    amara.submits(there, f"{there}/alert", words="She was moved to nights.")
    [alert] = [row.ref for row in desk.rows(CaseRow) if row.priority is Priority.URGENT]
    ruth = desk.person("ruth")
    ruth.opens("/staff/")
    cases, words = section(work_of(ruth), "open")
    assert cases[0] == alert
    assert len(cases) == 2
    assert "P0" in words


def test_an_alert_that_nobody_saved_a_sheet_for_is_one_and_no_letter_is_late_in_it(desk):
    amara = desk.person("amara")
    ref, there = in_triage(desk, amara), "links"
    amara.submits(path(ref, there), path(ref, "links/alert"), words="She was moved to nights.")
    [alert] = [row.ref for row in desk.rows(CaseRow) if row.priority is Priority.URGENT]
    ruth = desk.person("ruth")
    ruth.reads(alert)
    cases, words = section(work_of(ruth), "nobodys")
    assert cases == [alert]
    assert "Retaliation" in words
    desk.clock.now += timedelta(days=40)
    ruth = desk.person("ruth")
    for saved in (False, True):
        if saved:
            ruth.steps(alert)
            ruth.places(alert)
        page = work_of(ruth)
        assert refs(page, "nobodys") == [alert]
        assert "Retaliation" in section(page, "nobodys")[1]
        for wrong in ("Write to the reporter", "First letter", "Update"):
            assert wrong not in page.text
    # Any other urgent case is none, and its reporter waits for a letter.
    other = desk.receives(desk.reporter(desk="independent"), urgent=True)
    ruth.reads(other)
    page = work_of(ruth)
    assert section(page, "nobodys")[1].count("Retaliation") == 1
    desk.clock.now += timedelta(days=10)
    assert "First letter to the reporter" in work_of(desk.person("ruth")).text


def test_a_clock_that_ran_out_is_told_to_the_head_with_whose_case_it_is(desk):
    amara, helen = desk.person("amara"), desk.person("helen")
    ref = in_triage(desk, amara)
    helen.reads(ref)
    gives(amara, ref, assignee="amara")
    desk.clock.now += timedelta(days=9)
    cases, words = section(work_of(desk.person("helen")), "late")
    assert set(cases) == {ref}
    assert "The case of Amara" in words
    assert not work_of(desk.person("amara")).soup.select("section[aria-labelledby=late]")


def test_a_sheet_that_somebody_altered_comes_before_her_eyes(desk):
    amara = desk.person("amara")
    ref = in_triage(desk, amara)
    amara.places(ref)
    with desk.database.writing.begin() as session:
        row = session.query(SheetRow).one()
        row.payload = row.payload[:-1] + bytes([row.payload[-1] ^ 1])
    cases, words = section(work_of(amara), "waits")
    assert cases == [ref]
    assert "not what a colleague sealed" in words


def test_a_desk_that_could_lose_nobody_and_a_keyring_that_ends_are_told_to_its_head(desk):
    assert "If one of them leaves" in section(work_of(desk.person("ruth")), "desk")[1]
    page = work_of(desk.person("helen"))
    assert "If one of them leaves" not in section(page, "desk")[1]
    assert "signed in time" not in page.text
    desk.clock.now += timedelta(days=380)
    assert "signed in time" in work_of(desk.person("helen")).text


def test_the_list_is_gone_with_the_session(desk, empty_memory):
    amara = desk.person("amara")
    in_triage(desk, amara)
    page = work_of(amara)
    amara.submits("/staff/search/", "/staff/search/", words="supervisor")
    [(_, things)] = empty_memory._kept.values()
    assert set(things) == {"search", "work list"}
    amara.posts("/staff/sign-out", page.form("sign-out"))
    assert not empty_memory._kept
