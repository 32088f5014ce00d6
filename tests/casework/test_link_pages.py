"""Cases that belong together: linked on both sheets, parted again, and shown to whoever reads both."""

import pytest

from app.casework.alert_text import begin
from app.casework.domain import NEVER
from app.casework.tables import SheetRow
from tests.casework.sheets import PLACED, in_triage, path, sheet_of
from tests.casework.test_barred_desks import says

ON_SQLITE_UNLESS_PROVING = True


def links(person, ref, other, kind="linked"):
    there = path(ref, "links")
    return person.submits(there, there, other=other, kind=kind)


def test_two_cases_are_linked_on_both_sheets_and_shown_to_whoever_reads_both(desk, ada, ref):
    other = in_triage(desk, ada, desk.reporter(left_out=("tom",)))
    assert links(ada, ref, other.lower()).status == 303
    assert other in ada.opens(path(ref, "links")).text
    assert ref in ada.opens(path(other, "links")).text
    tom = desk.person("tom")
    tom.reads(ref)
    page = tom.opens(path(ref, "links"))
    assert other not in page.text
    assert "No case that you may read is linked" in page.text
    for end in ("sheet/versions", "timeline", "summary"):
        assert other not in tom.opens(path(ref, end)).text


def test_a_case_that_is_not_hers_cannot_be_linked(desk, ada, ref):
    theirs = desk.receives(desk.reporter().another())
    unread = desk.receives(desk.reporter())
    for other in ("BCDF-2345", unread, "x"):
        page = links(ada, ref, other)
        assert page.status == 422
    assert links(ada, ref, ref).status == 422
    assert links(ada, ref, theirs, kind="cousin").status == 422
    assert desk.rows(SheetRow) == []


def test_a_duplicate_is_counted_where_it_is_dealt_with(desk, ada, ref):
    other = in_triage(desk, ada)
    assert links(ada, ref, other, kind="duplicate-of").status == 303
    assert sheet_of(desk, ref).same_as == other
    assert not sheet_of(desk, ref).counts
    assert "dealt with as part of this one" in ada.opens(path(other, "links")).text
    # A chain would be counted nowhere.
    third = in_triage(desk, ada)
    assert links(ada, third, ref, kind="duplicate-of").status == 422


def unlinks(person, ref, other, reason="Two stations of one name", **said):
    there = path(ref, f"links/{other}/remove")
    page = person.opens(there)
    return (
        page
        if page.status != 200
        else person.posts(there, page.form(there) | {"reason": reason} | said)
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_link_that_was_a_mistake_goes_from_both_sheets_and_its_reason_stays(desk, ada, ref):
    other = in_triage(desk, ada, desk.reporter(left_out=("tom",)))
    third = in_triage(desk, ada)
    links(ada, ref, other, kind="duplicate-of")
    links(ada, ref, third)
    assert not sheet_of(desk, ref).counts
    page = ada.opens(path(ref, "links"))
    [link] = [a["href"] for a in page.soup.select("main li a") if f"links/{other}/" in a["href"]]
    assert "counted as one" in ada.opens(link).text
    assert unlinks(ada, ref, other).status == 303
    assert "removed on both case sheets" in ada.opens(path(ref, "links")).text
    assert sheet_of(desk, ref).counts
    assert [link.ref for link in sheet_of(desk, ref).links] == [third]
    assert sheet_of(desk, other).links == ()
    assert sheet_of(desk, third).links != ()
    for one in (ref, other):
        assert "Two stations of one name" in ada.opens(path(one, "notes/")).text
    # Whoever reads one of them alone does not learn that there was a link.
    tom = desk.person("tom")
    tom.reads(ref)
    ada.submits(path(ref, "notes/"), path(ref, "notes/"), note="The rota is in the file")
    page = tom.opens(path(ref, "notes/"))
    assert "The rota is in the file" in page.text
    assert "1 note is not shown to you" in page.text
    for end in ("notes/", "links", "timeline", "summary"):
        told = tom.opens(path(ref, end)).text
        assert other not in told
        for word in ("Two stations of one name", "link between"):
            assert word not in told
    tom.submits("/staff/search/", "/staff/search/", words="stations")
    assert ref not in tom.submits("/staff/search/", "/staff/search/", words="stations").text
    # What is not linked any more cannot be parted again.
    assert unlinks(ada, ref, other).status == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_reason_stays_kept_from_others_when_the_readers_of_a_case_change(desk, ada, ref):
    other = in_triage(desk, ada, desk.reporter(left_out=("tom",)))
    links(ada, ref, other)
    assert unlinks(ada, ref, other).status == 303
    tom, helen = desk.person("tom"), desk.person("helen")
    for person in (tom, helen):
        person.reads(ref)
    helen.reads(other)
    people = path(ref, "people")
    assert ada.submits(people, people, access=["amara", "tom"]).status == 303
    assert ada.submits(people, people, access=[]).status == 303
    said = "Two stations of one name"
    assert said in ada.opens(path(ref, "notes/")).text
    helen.opens("/staff/")
    assert said in helen.opens(path(ref, "notes/")).text
    assert said not in tom.opens(path(ref, "notes/")).text
    # It hinders nobody who does not see it in passing the case on, and shows nobody there.
    assert tom.submits(path(ref), path(ref), **PLACED).status == 303
    assert tom.takes(ref, "declare-conflict", desk="independent", code="subject").status == 303
    ruth = desk.person("ruth")
    ruth.reads(ref)
    page = ruth.opens(path(ref, "notes/"))
    assert said not in page.text
    assert "1 note is not shown to you" in page.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("reason", ["", " ", "x" * 501, "See {other}", "see {other} lower"])
def test_a_reason_is_asked_for_that_names_neither_case(desk, ada, ref, reason):
    other = in_triage(desk, ada)
    links(ada, ref, other)
    before = len(desk.rows(SheetRow))
    said = reason.format(other=other.lower() if "lower" in reason else other)
    page = unlinks(ada, ref, other, said)
    assert page.status == 422
    assert page.soup.select(".govuk-error-summary a")
    assert page.form("/remove")["reason"] == said.strip()
    assert len(desk.rows(SheetRow)) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_may_not_read_both_cannot_part_them(desk, ada, ref):
    other = in_triage(desk, ada, desk.reporter(left_out=("tom",)))
    links(ada, ref, other)
    tom, ruth = desk.person("tom"), desk.person("ruth")
    tom.reads(ref)
    ruth.opens("/staff/")
    missing = tom.opens("/staff/cases/BCDF-2345").text
    token = {"csrf_token": tom.opens("/staff/account/password").form("password")["csrf_token"]}
    address = path(ref, f"links/{other}/remove")
    assert tom.opens(address).text == missing
    assert tom.posts(address, token).status == 404
    assert ruth.opens(address).text == missing
    for odd in ("BCDF-2345", ref, "x"):
        assert ada.opens(path(ref, f"links/{odd}/remove")).status == 404
    assert sheet_of(desk, ref).links != ()
    # An alert was sent, and stays sent.
    ada.submits(path(ref, "links"), path(ref, "links/alert"), words="She was moved to nights.")
    [alert] = [one.ref for one in sheet_of(desk, ref).links if one.ref != other]
    assert ada.opens(path(ref, f"links/{alert}/remove")).status == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sheet_that_moved_on_keeps_its_link_and_what_was_typed(desk, ada, ref):
    other = in_triage(desk, ada)
    links(ada, ref, other)
    page = unlinks(ada, ref, other, version="0")
    assert page.status == 409
    assert page.form("/remove")["reason"] == "Two stations of one name"
    assert page.form("/remove")["version"] == "1"
    assert sheet_of(desk, ref).links != ()


# --- what a concern says of itself


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("known", [False, True])
def test_what_only_calls_itself_an_alert_is_said_to_do_so_and_is_made_a_concern(desk, ada, known):
    named = in_triage(desk, ada) if known else "BCDF-3333"
    words = begin("Counter-Corruption Unit", named) + "My sergeant told me to write this."
    ref = in_triage(desk, ada, says(desk.reporter(), what=words))
    page = ada.opens(f"/staff/cases/{ref}")
    assert "This concern says of itself that it is an alert" in page.text
    assert "Check before you speak to anybody about it" in page.text
    assert desk.case(ref).due_on == NEVER
    page = ada.opens(path(ref, "links"))
    assert "This case says of itself" in page.text
    [link] = [a["href"] for a in page.soup.select("main li a") if f"links/{named}/" in a["href"]]
    page = ada.opens(link)
    assert "begins with the words of one" in page.text
    assert unlinks(ada, ref, named, "").status == 422
    assert unlinks(ada, ref, named, f"See {named}").status == 422
    assert unlinks(ada, ref, named, "Her sergeant wrote it").status == 303
    page = ada.opens(path(ref, "links"))
    assert "The link is removed on this case sheet" in page.text
    assert named not in page.text
    assert sheet_of(desk, ref).links == ()
    # Its reporter is answered like any other.
    assert desk.case(ref).due_on != NEVER
    assert "First letter to the reporter" in ada.opens(path(ref, "clocks")).text
    tom = desk.person("tom")
    tom.reads(ref)
    assert "Her sergeant wrote it" in tom.opens(path(ref, "notes/")).text
    assert unlinks(ada, ref, named).status == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_alert_that_the_other_case_knows_of_stays_one(desk):
    ruth = desk.person("ruth")
    # Where every other desk is barred, those who read the case read the alert.
    ref = in_triage(desk, ruth, says(desk.reporter(desk="independent"), about="psd_or_ccu"))
    ruth.submits(path(ref, "links"), path(ref, "links/alert"), words="She was moved to nights.")
    [alert] = [one.ref for one in sheet_of(desk, ref, by="ruth").links]
    ruth.reads(alert)
    assert ruth.steps(alert).status == 303
    page = ruth.opens(path(alert, f"links/{ref}/remove"))
    assert page.status == 409
    assert "says on its own sheet that this alert was sent" in page.text
    token = ruth.opens(path(alert)).form(path(alert))["csrf_token"]
    said = {"csrf_token": token, "version": "0", "reason": "None"}
    assert ruth.posts(path(alert, f"links/{ref}/remove"), said).status == 409
    assert desk.case(alert).due_on == NEVER
