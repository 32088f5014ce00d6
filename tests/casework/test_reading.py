"""A member of the desk reads a concern, after she declared; whoever may not finds nothing."""

from app.casework.domain import CaseState
from app.mailbox.domain import Standing
from app.mailbox.tables import MailboxRow


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
