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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_same_form_sent_again_is_one_version_and_a_changed_one_is_another(opened):
    """Whoever goes back, adds a name that she forgot and seals again is not told it was done."""
    desk, ref, helen = opened
    path = f"/staff/cases/{ref}/redact"
    sent = helen.opens(path).form("/redact") | {"phrases": "supervisor", "readers": ["dev", "ruth"]}
    for _ in range(2):
        assert helen.posts(path, sent).status == 303
    [first] = desk.rows(RedactionRow)
    assert helen.posts(path, sent | {"readers": ["ruth", "dev"]}).status == 303
    assert len(desk.rows(RedactionRow)) == 1, "in another order they are the same readers"
    assert helen.posts(path, sent | {"phrases": "supervisor\nfiles"}).status == 303
    [second] = [row.id for row in desk.rows(RedactionRow) if row.id != first.id]
    dev = desk.person("dev")
    assert "files" in dev.opens(f"/staff/redacted/{first.id.hex()}").text
    assert "takes [removed] home" in dev.opens(f"/staff/redacted/{second.hex()}").text
    assert helen.posts(path, sent | {"readers": ["dev"]}).status == 303
    assert len(desk.rows(RedactionRow)) == 3
    assert len(desk.audit("case.redacted")) == 3
    page = helen.opens(path)
    assert "A new version takes none of these back" in page.text
    assert page.form("/redact")["version"] not in {row.id.hex() for row in desk.rows(RedactionRow)}


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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_version_that_is_withdrawn_is_gone_for_its_readers_and_stays_recorded(opened):
    desk, ref, helen = opened
    redacts(helen, ref)
    redacts(helen, ref, readers=["ruth"])
    dev = desk.person("dev")
    theirs = dev.opens("/staff/redacted").soup.select_one("main li a")["href"]
    id = theirs.rsplit("/", 1)[1]
    page = helen.opens(f"/staff/cases/{ref}/redact")
    [link] = [a["href"] for a in page.soup.select("main li a") if id in a["href"]]
    page = helen.opens(link)
    assert "read by Dev" in page.text
    assert helen.posts(link, page.form("/withdraw")).status == 303
    assert "Nobody can open it any more" in helen.opens(f"/staff/cases/{ref}/redact").text
    assert dev.opens(theirs).status == 404
    assert "Nothing was redacted for you" in dev.opens("/staff/redacted").text
    assert [one.member for one in desk.rows(RedactionReaderRow)] == ["ruth"]
    [row] = desk.rows(RedactionRow)
    assert row.id.hex() != id
    [entry] = desk.audit("case.redaction-withdrawn")
    assert (entry.actor, entry.subject, entry.details["version"]) == ("helen", ref, id)
    # Twice, or by an address that is none, is as if it had never been.
    missing = helen.opens("/staff/cases/BCDF-2345/redact").text
    for address in (link, link.replace(id, "0" * 32), link.replace(id, "x")):
        assert helen.opens(address).text == missing
        assert helen.posts(address, page.form("/withdraw")).status == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_else_withdraws_a_version(opened):
    desk, ref, helen = opened
    redacts(helen, ref)
    redacts(helen, ref, readers=["ruth"])
    other = desk.receives(desk.reporter())
    helen.reads(other)
    [row, _] = desk.rows(RedactionRow)
    address = f"/staff/cases/{ref}/redacted/{row.id.hex()}/withdraw"
    token = helen.opens(address).form("/withdraw")
    amara, ruth = desk.person("amara"), desk.person("ruth")
    amara.reads(ref)
    assert amara.opens(address).status == 403
    ruth.opens("/staff/")
    missing = ruth.opens("/staff/cases/BCDF-2345/redact").text
    for person, place in ((ruth, address), (helen, address.replace(ref, other))):
        fields = (
            token
            if person is helen
            else {
                "csrf_token": ruth.opens("/staff/account/password").form("password")["csrf_token"]
            }
        )
        answers = (person.opens(place), person.posts(place, fields))
        assert [(one.status, one.text) for one in answers] == [(404, missing)] * 2
    assert len(desk.rows(RedactionRow)) == 2
    assert desk.audit("case.redaction-withdrawn") == []
