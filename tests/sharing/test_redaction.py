"""A redacted version: what is in it, and who may read it."""

import pytest

from app.envelope.opening import can_open
from app.sharing.tables import RedactionReaderRow, RedactionRow


@pytest.fixture
def opened(desk):
    reporter = desk.reporter(left_out=("tom",))
    ref = desk.receives(reporter)
    helen = desk.person("helen")
    helen.reads(ref)
    return desk, ref, helen


def redacts(person, ref, action="redact", **said):
    path = f"/staff/cases/{ref}/redact"
    fields = person.opens(path).form("/redact")
    fields |= {"phrases": "supervisor\nstation in the north", "readers": ["dev"]} | said
    return person.posts(f"/staff/cases/{ref}/{action}", fields)


def test_it_is_read_by_those_on_its_list_and_by_nobody_else(opened, people):
    desk, ref, helen = opened
    assert redacts(helen, ref).status == 303
    [row] = desk.rows(RedactionRow)
    assert [one.member for one in desk.rows(RedactionReaderRow)] == ["dev"]
    for name, key in people.keys.items():
        assert can_open(row.header, key.identity) == (name == "dev"), name
    dev, ruth = desk.person("dev"), desk.person("ruth")
    page = dev.opens("/staff/redacted")
    path = page.soup.select_one("main li a")["href"]
    assert row.id.hex() in path
    shown = dev.opens(path)
    assert "A [removed] takes files home." in shown.text
    assert "The [removed]" in shown.text
    assert "supervisor" not in shown.text
    assert ref not in shown.text
    for other in (ruth, helen):
        assert other.opens(path).status == 404
        assert "Version" not in other.opens("/staff/redacted").soup.select_one("main").text.replace("Redacted versions", "")  # fmt: skip
    assert dev.opens(f"/staff/cases/{ref}").status == 404, "the case itself is not hers"
    [made] = desk.audit("case.redacted")
    assert (made.actor, made.subject, made.details["readers"]) == ("helen", ref, 1)
    [read] = desk.audit("case.redaction-read")
    assert (read.actor, read.subject) == ("dev", row.id.hex())


def test_who_was_left_out_cannot_be_put_on_the_list(opened):
    desk, ref, helen = opened
    page = helen.opens(f"/staff/cases/{ref}/redact")
    offered = {box["value"] for box in page.soup.select("input[type=checkbox]")}
    assert "tom" not in offered
    assert {"amara", "dev", "ruth"} <= offered
    assert redacts(helen, ref, readers=["tom"]).status == 422
    assert redacts(helen, ref, readers=["dev", "carol"]).status == 422
    amara = desk.person("amara")
    amara.opens("/staff/")
    amara.declares(ref, "conflict")
    assert redacts(helen, ref, readers=["amara"]).status == 422
    assert desk.rows(RedactionRow) == []


@pytest.mark.parametrize("said", [{"phrases": ""}, {"readers": []}, {"phrases": "x" * 121}])
def test_wrong_input_keeps_what_was_typed(opened, said):
    desk, ref, helen = opened
    page = redacts(helen, ref, **said)
    assert page.status == 422
    assert page.soup.select_one(".govuk-error-summary")
    assert page.form("/redact")["phrases"] == said.get(
        "phrases", "supervisor\nstation in the north"
    )
    assert desk.rows(RedactionRow) == []


def test_what_is_left_is_shown_before_it_is_sealed(opened):
    desk, ref, helen = opened
    page = redacts(helen, ref, action="redact/preview")
    assert "A [removed] takes files home." in page.text
    assert page.soup.select_one("input[value=dev]").has_attr("checked")
    assert desk.rows(RedactionRow) == []


def test_a_planted_version_is_not_shown(opened):
    desk, ref, helen = opened
    redacts(helen, ref)
    redacts(helen, ref)
    first, second = desk.rows(RedactionRow)
    with desk.database.writing.begin() as session:
        row = session.get(RedactionRow, first.id)
        row.header, row.payload = second.header, second.payload
    dev = desk.person("dev")
    assert dev.opens(f"/staff/redacted/{first.id.hex()}").status == 500
    assert dev.opens(f"/staff/redacted/{second.id.hex()}").status == 200
    for odd in ("x", "0" * 32, "0" * 31):
        assert dev.opens(f"/staff/redacted/{odd}").status == 404
