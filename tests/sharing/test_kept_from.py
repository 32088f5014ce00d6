"""Who is kept from a case later on is kept from the redacted versions of it, too."""

from threading import Thread

import pytest

from app.casework import service
from app.casework.domain import Declaration
from app.identity.domain import Role, StaffMember
from app.sharing import redaction_views
from app.sharing.tables import RedactionReaderRow, RedactionRow
from app.work import begin
from tests.casework.sheets import in_triage, path

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def helen(desk):
    return desk.person("helen")


def redacts(person, ref, *readers):
    fields = person.opens(path(ref, "redact")).form("/redact")
    fields |= {"phrases": "supervisor", "readers": list(readers)}
    return person.posts(path(ref, "redact"), fields)


def listed(person):
    return [link["href"] for link in person.opens("/staff/redacted").soup.select("main li a")]


def is_nothing_to(person, address):
    """Neither listed nor found: the same page as for a version that never was."""
    assert listed(person) == []
    missing = person.opens(f"/staff/redacted/{'0' * 32}")
    page = person.opens(address)
    assert (page.status, page.text) == (404, missing.text)


def test_whoever_declares_a_conflict_has_no_redacted_version_any_more(desk, helen):
    ref, other = in_triage(desk, helen), in_triage(desk, helen)
    amara = desk.person("amara")
    amara.reads(ref)
    amara.reads(other)
    redacts(helen, ref, "amara", "dev")
    redacts(helen, other, "amara")
    assert len(listed(amara)) == 2
    [address] = listed(dev := desk.person("dev"))
    assert amara.declares(ref, "conflict").status == 303
    [left] = listed(amara)
    assert amara.opens(left).status == 200, "the other case is still hers"
    assert amara.opens(address).status == 404
    assert listed(dev) == [address]
    assert redacts(helen, ref, "amara").status == 422, "and none is made for her again"


def test_whoever_is_left_out_has_no_redacted_version_any_more(desk, helen):
    ref = in_triage(desk, helen)
    tom = desk.person("tom")
    tom.reads(ref)
    redacts(helen, ref, "tom")
    [address] = listed(tom)
    page = helen.submits(path(ref, "people"), path(ref, "people"), left_out=["tom"])
    assert page.status == 303
    is_nothing_to(tom, address)
    assert desk.rows(RedactionReaderRow) == []
    assert "nobody any more" in helen.opens(path(ref, "redact")).text


def test_the_last_reader_with_a_conflict_has_none_and_none_is_made_for_her_elsewhere(desk, helen):
    ref = in_triage(desk, helen, desk.reporter(left_out=("tom", "amara")))
    redacts(helen, ref, "helen", "dev")
    [address] = listed(helen)
    there = path(ref, "declare")
    helen.submits(there, there, said="conflict", desk="independent")
    assert desk.case(ref).desk == "independent"
    is_nothing_to(helen, address)
    ruth = desk.person("ruth")
    ruth.reads(ref)
    offered = {
        box["value"] for box in ruth.opens(path(ref, "redact")).soup.select("[type=checkbox]")
    }
    assert "helen" not in offered


def test_a_desk_that_a_conflict_took_a_case_from_keeps_none(desk, helen):
    ref = in_triage(desk, helen)
    redacts(helen, ref, "amara", "dev")
    amara = desk.person("amara")
    [address] = listed(amara)
    page = helen.takes(ref, "declare-conflict", code="subject", desk="independent")
    assert page.status == 303
    is_nothing_to(amara, address)
    assert listed(desk.person("dev")) == [address]
    ruth = desk.person("ruth")
    ruth.reads(ref)
    offered = {
        box["value"] for box in ruth.opens(path(ref, "redact")).soup.select("[type=checkbox]")
    }
    assert not offered & {"amara", "tom", "helen"}


def test_what_happens_while_a_version_is_made_counts(desk, helen, monkeypatch):
    """Somebody declares a conflict between the look at the list and the sealing."""
    ref = in_triage(desk, helen)
    desk.person("amara").reads(ref)
    amara = StaffMember(id="amara", name="Amara", role=Role.HANDLER, desk="psd")
    make = redaction_views.redaction.redact

    def made_meanwhile(*given, **named):
        with begin(desk.database, desk.clock) as work:
            service.declare(work, ref, Declaration.CONFLICT, by=amara)
        return make(*given, **named)

    monkeypatch.setattr(redaction_views.redaction, "redact", made_meanwhile)
    page = redacts(helen, ref, "amara", "dev")
    assert page.status == 409
    assert "Look at who may read it" in page.text
    assert page.form("/redact")["phrases"] == "supervisor"
    assert desk.rows(RedactionRow) == []


def test_what_is_written_on_the_sheet_while_a_version_is_made_counts(desk, helen, monkeypatch):
    ref = in_triage(desk, helen)
    amara, there = desk.person("amara"), path(ref, "people")
    make = redaction_views.redaction.redact
    amara.reads(ref)

    def made_meanwhile(*given, **named):
        monkeypatch.setattr(redaction_views.redaction, "redact", make)
        # A thread of its own: within helen's request it would be helen who is signed in.
        other = Thread(target=amara.submits, args=[there, there], kwargs={"left_out": ["tom"]})
        other.start()
        other.join()
        return make(*given, **named)

    monkeypatch.setattr(redaction_views.redaction, "redact", made_meanwhile)
    page = redacts(helen, ref, "tom", "dev")
    assert page.status == 409
    assert "Tom" not in page.text
    assert desk.rows(RedactionRow) == []
    assert redacts(helen, ref, "dev").status == 303
