"""Searching opened cases: what is found, what never is, and how soon it is forgotten."""

import time
from datetime import timedelta

import pytest

from app.casework import search_rows
from app.casework.store import Readers
from app.casework.tables import ReaderRow
from app.envelope.identities import Identity
from app.envelope.places import KEPT
from app.identity import memory
from app.identity.domain import Role, StaffMember
from app.work import begin, look
from tests.casework.reporter import ANSWERS


@pytest.fixture
def desk(desk, empty_memory):
    return desk


def searches(person, words):
    return person.submits("/staff/search/", "/staff/search/", words=words)


def links(page):
    return [link.text for link in page.soup.select(".cd-found a")]


def test_a_word_of_an_opened_case_finds_it(desk):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.reads(ref)
    page = searches(amara, "supervisor FILES")
    assert links(page) == [ref]
    assert [mark.text for mark in page.soup.select("mark")] == ["supervisor", "files"]
    assert "1 case that you have opened was searched" in page.text


def test_what_is_written_later_is_found_at_the_next_search(desk):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    amara = desk.person("amara")
    amara.reads(ref)
    assert links(searches(amara, "umbrella")) == []
    amara.replies(ref, "Did you see an umbrella?")
    assert links(searches(amara, "umbrella")) == [ref]
    desk.receives(reporter, reporter.seal(text="It was a parasol."))
    assert links(searches(amara, "parasol")) == [ref]
    amara.places(ref, note="Look for the walking stick")
    page = searches(amara, "stick")
    assert links(page) == [ref]
    assert "Case sheet" in page.text
    path = f"/staff/cases/{ref}/notes/"
    amara.submits(path, path, note="Call the locksmith")
    page = searches(amara, "locksmith")
    assert links(page) == [ref]
    assert "Internal note" in page.text


def test_a_case_without_her_declaration_is_not_searched(desk):
    """A search would otherwise read a case before she said that she may."""
    ref = desk.receives(desk.reporter())
    amara, helen = desk.person("amara"), desk.person("helen")
    amara.reads(ref)
    helen.opens("/staff/")
    page = searches(helen, "supervisor")
    assert links(page) == []
    assert "0 cases that you have opened were searched" in page.text
    helen.declares(ref)
    assert links(searches(helen, "supervisor")) == [ref]


def test_nothing_that_is_not_hers_is_found_or_counted(desk):
    """Of another desk, left out by the reporter, withdrawn from, or hers no longer."""
    mine = desk.receives(desk.reporter())
    desk.receives(desk.reporter(left_out=("tom",)))
    desk.receives(desk.reporter(desk="independent"))
    taken = desk.receives(desk.reporter())
    tom = desk.person("tom")
    for ref in (mine, taken):
        tom.reads(ref)
    assert set(links(searches(tom, "supervisor"))) == {mine, taken}
    tom.declares(taken, "conflict")
    page = searches(tom, "supervisor")
    assert links(page) == [mine]
    assert "1 case that you have opened was searched" in page.text


def test_a_case_whose_newest_sheet_is_not_for_her_is_not_searched(desk, people):
    """She was left out of it after she had opened it: nothing of it is hers any more."""
    from dataclasses import replace

    from app.casework import sheet_keeping
    from app.casework.sheet import CaseSheet
    from app.casework.sheet_keeping import OpenSheet, Pen
    from app.casework.store import Cases

    ref = desk.receives(desk.reporter())
    tom = desk.person("tom")
    tom.reads(ref)
    assert links(searches(tom, "supervisor")) == [ref]
    amara = StaffMember(id="amara", name="Amara", role=Role.HANDLER, desk="psd")
    readers = tuple(people.keyring.member(name) for name in ("amara", "helen"))
    pen = Pen(by=amara, key=people.keys["amara"], keyring=people.keyring, readers=readers)
    blank = CaseSheet.blank(ref, author="amara", on=desk.clock().date())
    with begin(desk.database, desk.clock) as work:
        case = Cases(work.session).readable_by(ref, desk="psd", member="tom")
        before = OpenSheet(sheet=blank, digest="")
        sheet_keeping.save(work, case, before, replace(blank, note="About Tom"), pen=pen)
    assert links(searches(tom, "supervisor")) == []


def test_where_many_are_to_be_read_the_newest_come_first(desk, monkeypatch):
    monkeypatch.setattr(search_rows, "AT_ONCE", 1)
    found = []
    for _ in range(3):
        desk.clock.now += timedelta(days=1)
        found.append(desk.receives(desk.reporter()))
        amara = desk.person("amara")
        amara.reads(found[-1])
    assert sorted(links(searches(amara, "supervisor"))) == sorted(found)
    by = StaffMember(id="amara", name="Amara", role=Role.HANDLER, desk="psd")
    with look(desk.database) as work:
        stamps = search_rows.stamps(work, by=by)
        order = search_rows.newest_first(work, list(stamps.items()), by=by)
    assert [ref for ref, _ in order] == found[::-1]


def test_a_forged_letter_is_not_searched(desk):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    amara = desk.person("amara")
    amara.reads(ref)
    desk.receives(reporter, reporter.seal(spoil="signature", text="A planted parasol"))
    assert links(searches(amara, "parasol")) == []


@pytest.fixture
def trials(monkeypatch):
    """The stanzas that were tried, one after the other."""
    tried, unwrap = [], Identity.unwrap
    monkeypatch.setattr(Identity, "unwrap", lambda me, one: tried.append(one) or unwrap(me, one))
    return tried


def places_of(desk, ref, member):
    with look(desk.database) as work:
        return work.session.get(ReaderRow, (member, ref)).places


def test_a_search_tries_one_stanza_of_each_envelope_she_opened_before(desk, trials, empty_memory):
    """On the case's page, on that of its sheet, or in a search whose index is gone."""
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    amara, helen = desk.person("amara"), desk.person("helen")
    amara.opens("/staff/")
    amara.reads(ref)
    helen.reads(ref)
    amara.places(ref, note="Look for the walking stick")
    amara.opens(f"/staff/cases/{ref}/sheet")
    trials.clear()
    assert links(searches(amara, "stick")) == [ref]
    assert len(trials) == 2, "a letter and a sheet"
    # Helen has never seen this sheet. The first search finds its place, and the next knows it.
    searches(helen, "stick")
    assert len(trials) > 3
    for session in list(empty_memory._kept):
        empty_memory.forget(session)
    trials.clear()
    assert links(searches(helen, "stick")) == [ref]
    assert len(trials) == 2


def test_trying_a_key_finds_the_place_for_the_first_opening(desk, trials):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.opens("/staff/")
    before = places_of(desk, ref, "amara")
    trials.clear()
    amara.reads(ref)
    amara.opens(f"/staff/cases/{ref}")
    assert len(set(trials)) == 1
    assert places_of(desk, ref, "amara") == before


def test_whatever_stands_where_places_are_kept_pages_and_search_work(desk, empty_memory):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.reads(ref)
    amara.places(ref, note="Look for the walking stick")
    for kept in (None, b"", b"x", bytes(KEPT), b"\xff" * KEPT, bytes(5000)):
        with begin(desk.database) as work:
            work.session.get(ReaderRow, ("amara", ref)).places = kept
        for session in list(empty_memory._kept):
            empty_memory.forget(session)
        assert links(searches(amara, "supervisor stick")) == [ref]
        assert len(places_of(desk, ref, "amara")) == KEPT
    for end in ("", "/sheet", "/reply"):
        with begin(desk.database) as work:
            work.session.get(ReaderRow, ("amara", ref)).places = b"\xff" * KEPT
        assert amara.opens(f"/staff/cases/{ref}{end}").status == 200


def test_what_is_kept_says_nothing_of_how_a_row_came(desk):
    """Whoever can read and whoever cannot, found by trying or written: one length, all unlike."""
    refs = [desk.receives(desk.reporter(left_out=("tom",))), desk.receives(desk.reporter())]
    for name in ("amara", "tom"):
        desk.person(name).opens("/staff/")
    with begin(desk.database) as work:
        Readers(work.session).keep_from(refs[1], {"helen"})
    rows = desk.rows(ReaderRow)
    assert {row.may_read for row in rows} == {True, False}
    assert {len(row.places) for row in rows} == {KEPT}
    assert len({row.places for row in rows}) == len(rows)


@pytest.mark.parametrize("words", ["", "   ", "…", "x" * 201])
def test_wrong_words_are_asked_for_again(desk, words):
    page = searches(desk.person("amara"), words)
    assert page.status == 422
    assert page.soup.select_one(".govuk-error-summary")


def test_what_a_reporter_wrote_cannot_become_markup(desk):
    answers = dict.fromkeys(ANSWERS, "") | {"what": "<script>alert(1)</script> & zebra"}
    reporter = desk.reporter()
    letter = reporter.letter().answers
    ref = desk.receives(reporter, reporter.seal(answers=dict(letter) | answers))
    amara = desk.person("amara")
    amara.reads(ref)
    page = searches(amara, "zebra")
    assert links(page) == [ref]
    assert page.soup.select_one("main script") is None
    assert "<script>alert(1)</script>" in page.text


def test_a_search_is_recorded_and_its_words_are_not(desk):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.reads(ref)
    searches(amara, "supervisor")
    searches(amara, "zebra")
    [built] = desk.audit("search.built")
    assert (built.actor, dict(built.details)) == ("amara", {"cases": 1})
    assert sorted(dict(one.details)["shown"] for one in desk.audit("search.made")) == [0, 1]
    leaves = " ".join(entry.leaf().decode() for entry in desk.audit())
    assert "supervisor" not in leaves
    assert "zebra" not in leaves


def wait_until(holds):
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_signing_out_forgets_at_once(desk, empty_memory):
    desk.receives(desk.reporter())
    amara = desk.person("amara")
    searches(amara, "supervisor")
    assert len(empty_memory._kept) == 1
    page = amara.opens("/staff/account")
    amara.posts("/staff/sign-out", page.form("sign-out"))
    assert not empty_memory._kept
    wait_until(lambda: empty_memory._watch is None)


@pytest.mark.parametrize("how", ["idle", "ended elsewhere", "no answer"])
def test_whatever_ends_a_session_has_its_words_forgotten(desk, empty_memory, how, monkeypatch):
    desk.receives(desk.reporter())
    amara = desk.person("amara")
    searches(amara, "supervisor")
    time.sleep(0.2)
    assert len(empty_memory._kept) == 1, "while she is there, it stays"
    if how == "idle":
        from app.identity.domain import IDLE_LOCK

        desk.clock.now += IDLE_LOCK * 2
    elif how == "ended elsewhere":
        from app.identity import service

        with begin(desk.database, desk.clock) as work:
            service.end_sessions(work, "amara", by="sam")
    else:
        from app.identity import access

        def broken(*_args):
            raise OSError("no database")

        monkeypatch.setattr(access, "still_open", broken)
    wait_until(lambda: not empty_memory._kept)


def test_what_is_kept_is_given_to_its_own_session_and_member_alone():
    class Thing:
        size = 10

    kept = memory.SessionMemory(most=25, look_every=60)
    things = [Thing() for _ in range(3)]
    for number, thing in enumerate(things):
        kept.keep(bytes([number]), "amara", thing, is_open=lambda ids: ids)
    assert kept.kept(b"\x00", "amara") is None, "the one used longest ago made room"
    assert kept.kept(b"\x01", "amara") is things[1]
    assert kept.kept(b"\x01", "tom") is None
    assert kept.kept(b"\x09", "amara") is None
    for number in range(3):
        kept.forget(bytes([number]))
    with pytest.raises(ValueError, match="too large"):
        memory.SessionMemory(most=5).keep(b"\x01", "amara", things[0], is_open=lambda ids: ids)
