"""In an alliance a force may have desks to itself: each is of its kind, on every page."""

from dataclasses import replace

import pytest

from app.casework.domain import Priority
from app.casework.tables import CaseRow
from tests.casework.sheets import PLACED, in_triage, path
from tests.casework.test_barred_desks import says
from tests.conftest import NOON
from tests.people import People

ON_SQLITE_UNLESS_PROVING = True

OWN = {"psd": "psd-c", "ccu": "ccu-a", "independent": "independent-a", "chief": "psdx"}


@pytest.fixture
def people() -> People:
    made = People.make(NOON.date(), six_desks=True)
    desks = tuple(replace(one, id=OWN.get(one.id, one.id)) for one in made.keyring.desks)
    return replace(made, keyring=replace(made.keyring, desks=desks))


def at_work(desk, name, on, **answers):
    person = desk.person(name)
    ref = in_triage(desk, person, says(desk.reporter(desk=on), **answers))
    assert person.submits(path(ref), path(ref), **PLACED).status == 303
    return person, ref


def offered(page):
    return {one["value"] for one in page.soup.select("[name=desk]")}


def test_a_handler_of_a_forces_own_desk_takes_no_step_of_its_heads(desk):
    ada, ref = at_work(desk, "amara", "psd-c")
    assert ada.opens(path(ref, "next/refer-iopc")).status == 409
    helen = desk.person("helen")
    helen.reads(ref)
    assert helen.opens(path(ref, "next/refer-iopc")).status == 200


def test_it_is_sent_to_a_forces_own_counter_corruption_unit(desk):
    ada, ref = at_work(desk, "amara", "psd-c")
    page = ada.opens(path(ref, "next/send-to-ccu"))
    assert offered(page) == {"ccu-a"}
    assert ada.takes(ref, "send-to-ccu", desk="psdx").status == 409
    assert desk.case(ref).desk == "psd-c"
    assert ada.takes(ref, "send-to-ccu", desk="ccu-a").status == 303
    nadia = desk.person("nadia")
    nadia.reads(ref)
    assert nadia.takes(ref, "return-from-ccu", desk="psd-c").status == 303


def test_a_conflict_is_passed_on_to_no_desk_of_a_barred_kind(desk):
    ruth, ref = at_work(desk, "ruth", "independent-a", about="psd_or_ccu")
    page = ruth.opens(path(ref, "next/declare-conflict"))
    assert offered(page) == {"psdx", "reciprocal", "policing-body"} - (
        # Of which force it is she did not say, so nobody knows whose Professional Standards.
        {"reciprocal"}
    )
    assert ruth.takes(ref, "declare-conflict", desk="psdx", code="subject").status == 303
    # Taken from there because of a conflict, it never goes back.
    mira = desk.person("mira")
    mira.reads(ref)
    assert "independent-a" not in offered(mira.opens(path(ref, "next/declare-conflict")))


def test_an_alert_lies_with_a_forces_own_independent_recipients(desk):
    helen, ref = at_work(desk, "helen", "psd-c")
    there = path(ref, "links")
    assert helen.submits(there, f"{there}/alert", words="Moved to nights.").status == 303
    [alert] = [row for row in desk.rows(CaseRow) if row.priority is Priority.URGENT]
    assert alert.desk == "independent-a"
