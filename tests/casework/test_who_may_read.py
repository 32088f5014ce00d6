"""Who may not read a case finds nothing of it: not on a page, nor by its size, number or answer."""

import pytest

from app.casework import service
from app.casework.domain import CaseState
from app.casework.tables import ReaderRow
from app.errors import Missing
from app.identity.domain import Role, StaffMember
from app.work import begin

PAGES = ["", "/declare", "/reply", "/attachments/" + "0" * 32 + "/1"]
NOWHERE = "ZZZZ-ZZZZ"


def test_a_conflict_closes_the_case_to_her_and_to_nobody_else(desk):
    ref = desk.receives(desk.reporter())
    amara, tom = desk.person("amara"), desk.person("tom")
    amara.opens("/staff/")
    assert amara.declares(ref, "conflict").answer.headers["Location"] == "/staff/"
    page = amara.opens("/staff/")
    assert f"Case {ref} is closed to you" in page.text
    assert amara.listed("waiting") == []
    for end in PAGES:
        assert amara.opens(f"/staff/cases/{ref}{end}").status == 404
    path = f"/staff/cases/{ref}/declare"
    token = amara.opens("/staff/").soup.select_one("input[name=csrf_token]")["value"]
    again = amara.posts(path, {"csrf_token": token, "said": "no conflict"})
    assert again.status == 404
    assert tom.listed("waiting") == [ref]
    assert tom.reads(ref).status == 200
    first = desk.audit("case.declared")[0]
    assert (first.actor, first.subject, first.details["said"]) == ("amara", ref, "conflict")
    assert {e.actor for e in desk.audit("case.refused")} == {"amara"}


def test_a_conflict_found_while_reading(desk):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.reads(ref)
    amara.declares(ref, "conflict")
    assert amara.opens(f"/staff/cases/{ref}").status == 404


def test_the_head_learns_that_somebody_stands_aside_and_not_who(desk):
    ref = desk.receives(desk.reporter())
    amara, tom, helen = (desk.person(name) for name in ("amara", "tom", "helen"))
    amara.opens("/staff/")
    amara.declares(ref, "conflict")
    page = helen.reads(ref)
    assert "Somebody on the desk has stood aside" in page.text
    assert "stood aside" not in tom.reads(ref).text


@pytest.mark.parametrize("who", ["tom", "dev"], ids=["left out", "another desk"])
def test_who_may_not_read_finds_nothing_anywhere(desk, who):
    """Every page of the case is, byte for byte, the page of a case that is not there."""
    reporter = desk.reporter(left_out=("tom",))
    ref = desk.receives(reporter)
    [entry] = desk.entries(reporter)
    person = desk.person(who)

    assert person.listed("waiting") == person.listed("open") == person.listed("closed") == []
    empty = str(person.opens("/staff/").soup.main)
    for end in (
        *PAGES,
        f"/attachments/{entry.id.hex()}/1",
        f"/attachments/{entry.id.hex()}/1/preview",
    ):
        here = person.opens(f"/staff/cases/{ref}{end}")
        nowhere = person.opens(f"/staff/cases/{NOWHERE}{end}")
        assert here.status == nowhere.status == 404
        assert here.answer.data == nowhere.answer.data
        assert here.answer.headers == nowhere.answer.headers
    token = person.opens("/staff/").soup.select_one("input[name=csrf_token]")["value"]
    for end in ("/declare", "/reply", "/state"):
        fields = {"csrf_token": token, "said": "no conflict", "to": "triage", "version": "1",
                  "text": "Hello", "entry": "0" * 32}  # fmt: skip
        here = person.posts(f"/staff/cases/{ref}{end}", fields)
        nowhere = person.posts(f"/staff/cases/{NOWHERE}{end}", fields)
        assert here.status == nowhere.status == 404, end
        assert here.answer.data == nowhere.answer.data
    assert str(person.opens("/staff/").soup.main) == empty
    # Both are recorded, and alike: the difference would be a difference in time as well.
    asked = [e.subject for e in desk.audit("case.refused") if e.actor == who]
    assert asked.count(ref) == asked.count(NOWHERE) == 9
    assert desk.case(ref).state is CaseState.SEALED


def test_the_log_never_says_who_cannot_read(desk):
    ref = desk.receives(desk.reporter(left_out=("tom",)))
    for name in ("amara", "tom", "helen"):
        desk.person(name).opens("/staff/")
    assert {(e.actor, e.subject) for e in desk.audit("case.listed")} == {
        ("amara", ref),
        ("helen", ref),
    }
    assert {(row.member, row.may_read) for row in desk.rows(ReaderRow)} == {
        ("amara", True),
        ("tom", False),
        ("helen", True),
    }


def test_an_administrator_sees_no_case_and_opens_none(desk):
    ref = desk.receives(desk.reporter())
    sam = desk.person("sam")
    for path in ("/staff/", *(f"/staff/cases/{ref}{end}" for end in PAGES)):
        assert sam.opens(path).status == 403


def test_a_planted_reader_row_opens_nothing(desk):
    """Who writes to the database lists a case to a member, and gives her no key to it."""
    ref = desk.receives(desk.reporter(left_out=("tom",)))
    with begin(desk.database) as work:
        work.session.add(ReaderRow(member="tom", ref=ref, may_read=True))
    page = desk.person("tom").reads(ref)
    assert page.status == 200
    assert "files home" not in page.answer.text
    assert "refused" in page.text
    assert "You cannot answer" in page.text
    assert desk.case(ref).state is CaseState.SEALED


def test_find_case_asks_for_desk_and_reader(desk, people):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.opens("/staff/")
    here = StaffMember(id="amara", name="Amara", role=Role.HANDLER, desk="psd")
    there = StaffMember(id="amara", name="Amara", role=Role.HANDLER, desk="independent")
    with begin(desk.database, desk.clock) as work:
        assert service.find_case(work, ref, by=here).ref == ref
        with pytest.raises(Missing):
            service.find_case(work, ref, by=there)
