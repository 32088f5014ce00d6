"""A member of the desk reads a concern, after she declared; whoever may not finds nothing."""

from app.audit import service as audit
from app.casework import reading
from app.casework.domain import CaseState, Declaration
from app.casework.tables import DeclarationRow
from app.mailbox.domain import Standing
from app.mailbox.tables import EntryRow, MailboxRow
from app.work import begin

ON_SQLITE_UNLESS_PROVING = True


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
