"""A member of the desk reads a concern, after she declared; whoever may not finds nothing."""

import pytest

from app.audit import service as audit
from app.casework import reading, service
from app.casework.domain import CaseState, Declaration
from app.casework.tables import DeclarationRow, ReaderRow
from app.errors import Missing
from app.mailbox.domain import Standing
from app.mailbox.tables import EntryRow, MailboxRow
from app.work import begin

PAGES = ["", "/declare", "/reply", "/attachments/" + "0" * 32 + "/1"]
NOWHERE = "ZZZZ-ZZZZ"


def test_a_concern_is_read_as_questions_and_answers(desk):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")

    assert amara.listed("waiting") == [ref]
    page = amara.reads(ref)

    assert page.status == 200
    assert page.heading == f"Case {ref}"
    questions = [tag.text for tag in page.soup.select(".cd-letter__question")]
    assert questions[:2] == ["What happened", "Where"]
    assert "A supervisor takes files home." in page.text
    assert "A supervisor or manager" in page.text
    assert page.soup.select_one(".cd-letter__from").text == "The reporter"
    assert desk.case(ref).state is CaseState.OPENED
    assert [row.standing for row in desk.rows(MailboxRow)] == [Standing.BEING_READ]
    assert amara.listed("waiting") == []
    assert amara.listed("open") == [ref]


def test_what_a_reporter_writes_is_text_and_nothing_else(desk):
    reporter = desk.reporter()
    first = reporter.seal()
    desk.receives(reporter, first)
    later = reporter.seal(text="<script>alert(1)</script>{{ 7*7 }} &amp; <b>")
    ref = desk.receives(reporter, later)
    page = desk.person("amara").reads(ref)
    assert "<script>alert(1)</script>{{ 7*7 }} &amp; <b>" in page.text
    assert not page.soup.select("main script, main b")


def test_nothing_opens_before_a_declaration(desk):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.opens("/staff/")
    for page in ("", "/reply", "/attachments/" + "0" * 32 + "/1"):
        answer = amara.browser.get(f"/staff/cases/{ref}{page}")
        assert (answer.status_code, answer.headers["Location"]) == (
            303,
            f"/staff/cases/{ref}/declare",
        )
    assert desk.case(ref).state is CaseState.SEALED
    assert desk.audit("case.read") == []
    page = amara.opens(f"/staff/cases/{ref}/declare")
    assert "files home" not in page.answer.text


def test_a_declaration_must_be_made(desk):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.opens("/staff/")
    path = f"/staff/cases/{ref}/declare"
    for typed in ({}, {"said": "perhaps"}):
        page = amara.submits(path, path, **typed)
        assert page.status == 422
        [link] = page.soup.select(".govuk-error-summary a")
        assert link.text == "Say whether you have a conflict of interest"
        assert page.soup.select_one(link["href"]) is not None
    assert desk.rows(DeclarationRow) == []


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


def test_declaring_twice_is_one_declaration(desk):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.opens("/staff/")
    path = f"/staff/cases/{ref}/declare"
    form = amara.opens(path).form(path) | {"said": "no conflict"}
    for _ in range(2):
        assert amara.posts(path, form).answer.headers["Location"] == f"/staff/cases/{ref}"
    [row] = desk.rows(DeclarationRow)
    assert row.said is Declaration.NO_CONFLICT
    assert len(desk.audit("case.declared")) == 1


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


def test_a_reading_that_cannot_be_recorded_is_not_a_reading(desk, monkeypatch):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.opens("/staff/")
    amara.declares(ref)

    def broken(*_args, **_named):
        raise RuntimeError

    monkeypatch.setattr(reading, "record", broken)
    page = amara.opens(f"/staff/cases/{ref}")
    assert page.status == 500
    assert "files home" not in page.answer.text
    assert desk.case(ref).state is CaseState.SEALED
    assert desk.audit("case.opened") == []


def test_reading_is_recorded_with_its_deed(desk):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.reads(ref)
    amara.opens(f"/staff/cases/{ref}")
    verbs = [e.verb.value for e in desk.audit("case") if e.actor == "amara"]
    assert verbs == ["case.listed", "case.declared", "case.opened", "case.read", "case.read"]


def test_the_log_holds_and_names_no_words(desk):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    amara = desk.person("amara")
    amara.reads(ref)
    amara.replies(ref, "What station is it?")
    with begin(desk.database) as work:
        assert audit.verify(work).size == len(desk.audit())
    leaves = repr(desk.audit())
    assert "station" not in leaves
    assert "files" not in leaves


def test_a_concern_that_is_gone_comes_before_somebodys_eyes(desk):
    """To be rid of a concern by breaking it must not look like a concern for somebody else."""
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    with begin(desk.database) as work:
        work.session.query(EntryRow).delete()
    amara = desk.person("amara")
    assert amara.listed("waiting") == [ref]
    page = amara.reads(ref)
    assert "there should be one" in page.text


def test_a_broken_header_is_shown_as_refused(desk):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    with begin(desk.database) as work:
        row = work.session.query(EntryRow).one()
        row.header = row.header[:-20] + b"A" * 19 + b"\n"
    page = desk.person("amara").reads(ref)
    assert page.soup.select(".cd-thread__warning")
    assert desk.case(ref).state is CaseState.SEALED


def test_a_payload_that_is_gone_is_shown_as_refused(desk):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    desk.objects.delete(desk.entries(reporter)[0].object_name)
    page = desk.person("amara").reads(ref)
    assert "its content is not there any more" in page.text


def test_find_case_asks_for_desk_and_reader(desk, people):
    ref = desk.receives(desk.reporter())
    amara = desk.person("amara")
    amara.opens("/staff/")
    from app.identity.domain import Role, StaffMember

    here = StaffMember(id="amara", name="Amara", role=Role.HANDLER, desk="psd")
    there = StaffMember(id="amara", name="Amara", role=Role.HANDLER, desk="independent")
    with begin(desk.database, desk.clock) as work:
        assert service.find_case(work, ref, by=here).ref == ref
        with pytest.raises(Missing):
            service.find_case(work, ref, by=there)
