"""An alert of retaliation lies on a desk apart: another than the case's own, and none that is barred."""

import pytest

from app.alerts import service as on_call
from app.casework import link_views
from app.casework.domain import Priority
from app.casework.tables import CaseRow
from app.errors import Broken
from app.work import begin, look
from tests.casework.sheets import PLACED, in_triage, path
from tests.casework.test_barred_desks import says
from tests.conftest import NOON
from tests.people import People

ON_SQLITE_UNLESS_PROVING = True

HEADS = {
    "psd": "helen", "ccu": "nadia", "independent": "ruth", "chief": "mira",
    "reciprocal": "grace", "policing-body": "joan",
}  # fmt: skip


@pytest.fixture
def people() -> People:
    return People.make(NOON.date(), six_desks=True)


def alerts(desk, person, ref):
    there = path(ref, "links")
    page = person.submits(there, f"{there}/alert", words="She was moved to nights.")
    found = [row for row in desk.rows(CaseRow) if row.priority is Priority.URGENT]
    return page, found[0] if found else None


@pytest.mark.parametrize(
    ("on", "answers", "to"),
    [
        ("psd", {"about": "manager"}, "independent"),
        ("ccu", {"about": "manager"}, "independent"),
        ("chief", {"about": "manager"}, "independent"),
        ("reciprocal", {"about": "manager"}, "independent"),
        ("policing-body", {"about": "manager"}, "independent"),
        # On the first choice already: another reads it.
        ("independent", {"about": "manager"}, "chief"),
        # Whoever must not read the case does not read the alert.
        ("chief", {"about": "chief_officer", "force": "a"}, "reciprocal"),
        ("reciprocal", {"about": "chief_officer", "force": "a"}, "chief"),
        ("reciprocal", {"wish": "outside_force"}, "policing-body"),
        # Where no other is left, those who read the case.
        ("policing-body", {"about": "chief_constable"}, "policing-body"),
    ],
)
def test_it_goes_to_another_desk_apart_that_is_not_barred(desk, on, answers, to):
    person = desk.person(HEADS[on])
    ref = in_triage(desk, person, says(desk.reporter(desk=on), **answers))
    page, alert = alerts(desk, person, ref)
    assert page.status == 303
    assert alert.desk == to


def test_without_a_desk_apart_there_is_none(desk):
    helen = desk.person("helen")
    ref = in_triage(desk, helen, says(desk.reporter(), wish="independent"))
    page, alert = alerts(desk, helen, ref)
    assert page.status == 409
    assert "no independent desk" in page.text
    assert alert is None


def test_it_is_passed_on_to_nobody_who_may_not_read_the_case(desk):
    grace = desk.person("grace")
    reporter = says(
        desk.reporter(desk="reciprocal"), left_out=("hal", "kofi", "owen"), about="manager"
    )
    ref = in_triage(desk, grace, reporter)
    _, alert = alerts(desk, grace, ref)
    assert alert.desk == "independent"
    ruth = desk.person("ruth")
    ruth.reads(alert.ref)
    assert ruth.steps(alert.ref).status == 303
    ruth.submits(path(alert.ref), path(alert.ref), **PLACED)
    page = ruth.opens(f"/staff/cases/{alert.ref}")
    assert "Being treated badly for speaking up" in page.text
    assert "A supervisor or manager" in page.text
    page = ruth.opens(path(alert.ref, "next/declare-conflict"))
    offered = {one["value"] for one in page.soup.select("[name=desk]")}
    # What is about retaliation bars two departments; whoever was left out leaves one alone there.
    assert offered == {"reciprocal"}


# --- and who is told


def told(desk):
    with look(desk.database) as work:
        return on_call.waiting(work)


@pytest.fixture
def nobody_told(desk):
    """Return what forgets who was told so far."""

    def forgets():
        with begin(desk.database) as work:
            on_call.forget(work, on_call.waiting(work))

    return forgets


def test_the_people_on_call_for_its_desk_are_told(desk):
    helen = desk.person("helen")
    ref = in_triage(desk, helen)
    assert told(desk) == []
    alerts(desk, helen, ref)
    assert told(desk) == ["independent"]


def test_of_an_alert_that_is_not_placed_nobody_is_told(desk, monkeypatch):
    helen = desk.person("helen")
    ref = in_triage(desk, helen)

    def fails(*_args, **_named):
        raise Broken("the store is away")

    monkeypatch.setattr(link_views, "save", fails)
    page, alert = alerts(desk, helen, ref)
    assert page.status == 503
    assert alert is None
    assert told(desk) == []


@pytest.mark.parametrize("urgent", [True, False])
def test_an_urgent_case_that_is_passed_on_is_told_to_those_on_call_there(desk, nobody_told, urgent):
    helen = desk.person("helen")
    ref = desk.receives(desk.reporter(), urgent=urgent)
    assert told(desk) == (["psd"] if urgent else [])
    nobody_told()
    helen.reads(ref)
    helen.steps(ref)
    helen.submits(path(ref), path(ref), **PLACED)
    page = helen.takes(ref, "declare-conflict", desk="reciprocal", code="subject")
    assert page.status == 303
    assert told(desk) == (["reciprocal"] if urgent else [])
