"""A bundle tells every decision: each step with its reasons, by whom, and what was recorded."""

import csv
import io
import json
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pypdf
import pytest

from app.casework.course import course_on
from app.casework.sheet import CaseSheet
from app.casework.sheet_parts import Closing, Step, TriageEnd
from app.casework.story import story
from app.envelope.identities import Identity
from app.sharing.documents import centurion_row
from app.sharing.domain import CaseTold
from app.web import paper
from tests.casework.sheets import in_triage, path
from tests.sharing.test_exports import exports, members, opened_elsewhere

GRADE = {"source": "2", "information": "C", "handling": "C"}

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def bundle():
    """Return what exports a case as a bundle and opens it."""

    def made(person, ref, **said):
        recipient = Identity.generate()
        return members(opened_elsewhere(exports(person, ref, recipient, **said), recipient))

    return made


@on_sqlite
def test_every_step_is_told_with_its_reasons_and_people_by_their_names(desk, bundle):
    helen, amara = desk.person("helen"), desk.person("amara")
    ref = in_triage(desk, helen)
    amara.reads(ref)
    for number in range(3):
        amara.ends_triage(ref, f"Reason {number}")
        helen.takes(ref, "assess-again", action=f"Again {number}")
    assert helen.takes(ref, "refer-iopc", code="voluntary", risk="This gets known").status == 303
    there = path(ref, "people")
    helen.submits(there, there, assignee="amara", access=["amara", "helen"], left_out=["tom"])
    found = bundle(helen, ref)
    case = json.loads(found["case.json"])
    told = {(one["what"], one["reasons"][-1]["text"]) for one in case["events"] if one["reasons"]}
    for number in range(3):
        assert ("Triage ends", f"Reason {number}") in told
        assert f"Again {number}" in {text for _, text in told}
    [referred] = [one for one in case["events"] if one.get("step", {}).get("id") == "refer-iopc"]
    assert (referred["who"], referred["step"]["to"]) == ("Helen", "iopc-referred")
    assert (referred["step"]["code"], referred["step"]["desk"]) == ("voluntary", "psd")
    reasons = {one["heading"]: one["text"] for one in referred["reasons"]}
    assert reasons["What is at risk, and for whom"] == "This gets known"
    assert reasons["Chosen"].startswith("Voluntary")
    assert case["events"][0]["what"] == "The concern was received"
    sheet = {one["name"]: one["text"] for one in case["sheet"]}
    assert (sheet["Whose case it is"], sheet["Read by these alone"]) == ("Amara", "Amara, Helen")
    assert sheet["Left out"] == "Tom"
    assert sheet["Referral to the IOPC"].startswith("Voluntary")
    if paper.can_print():
        pages = pypdf.PdfReader(io.BytesIO(found["case.pdf"])).pages
        text = " ".join("".join(page.extract_text() for page in pages).split())
    else:
        text = found["case.html"].decode()
    for said in ("What happened", "Reason 0", "Again 2", "What is at risk, and for whom"):
        assert said in text


@on_sqlite
def test_what_was_recorded_and_who_confirmed_it_is_told(desk, bundle):
    helen, amara = desk.person("helen"), desk.person("amara")
    ref = in_triage(desk, helen)
    amara.reads(ref)
    helen.places(ref)
    helen.takes(ref, "close-at-triage", outcomes="out-of-scope", action="Not ours")
    assert amara.submits(path(ref, "next"), path(ref, "second/confirm")).status == 303
    case = json.loads(bundle(helen, ref)["case.json"])
    [event] = [one for one in case["events"] if one.get("step", {}).get("id") == "close-at-triage"]
    assert event["who"] == "Helen, confirmed by Amara"
    assert event["step"]["outcomes"] == ["out-of-scope"]
    sheet = {one["name"]: one["text"] for one in case["sheet"]}
    assert sheet["Outcomes recorded"]


@on_sqlite
def test_a_row_for_centurion_has_every_outcome_that_was_recorded(desk):
    helen, amara = desk.person("helen"), desk.person("amara")
    ref = in_triage(desk, helen)
    helen.places(ref)
    recipient = Identity.generate()

    def outcome():
        answer = exports(helen, ref, recipient, kind="centurion", words="Not for us")
        text = opened_elsewhere(answer, recipient).decode("utf-8-sig")
        [row] = csv.DictReader(io.StringIO(text, newline=""))
        return row["Outcome"]

    assert outcome() == ""
    amara.reads(ref)
    page = helen.takes(ref, "close-at-triage", outcomes=["out-of-scope", "organisation"])
    assert page.status == 303, page.text
    assert amara.submits(path(ref, "next"), path(ref, "second/confirm")).status == 303
    labels = course_on(desk.clock().date()).outcomes
    assert outcome() == f"{labels['out-of-scope'].label} | {labels['organisation'].label}"


def test_a_case_without_steps_has_the_class_it_was_closed_with():
    case = CaseTold(
        ref="BCDF-2345", desk="", state="", priority="", received_on="", letters=(), refused=(),
        sheet=(("Outcome", "Learning"),), notes=(), audit=(),
    )  # fmt: skip
    [row] = csv.DictReader(io.StringIO(centurion_row(case, "x").decode("utf-8-sig"), newline=""))
    assert row["Outcome"] == "Learning"


@on_sqlite
def test_grade_and_learning_are_printed_once(desk, bundle, people):
    helen = desk.person("helen")
    ref = in_triage(desk, helen)
    there = path(ref, "assessment")
    page = helen.submits(there, there, learning="Lock the store", **GRADE)
    assert page.status == 303, page.text
    text = bundle(helen, ref)["case.json"].decode()
    assert text.count("Lock the store") == 1
    assert text.count('"2CC"') == 1
    names = [one["name"] for one in json.loads(text)["sheet"]]
    assert len(set(names)) == len(names)
    assert "Intelligence grade" not in names


def test_decisions_of_before_a_sheet_knew_steps_are_told_beside_later_steps():
    day = date(2026, 3, 2)
    step = Step(id="reopen", to="triage", on=day + timedelta(9), desk="psd", author="amara")
    sheet = replace(
        CaseSheet.blank("BCDF-2345", author="amara", on=day),
        triages=(TriageEnd(day, "Clear"), TriageEnd(day + timedelta(20), "Clear again")),
        closures=(Closing(day + timedelta(1), "learning", "Talked"),),
        steps=(step,),
    )
    case, thread = SimpleNamespace(received_on=day), SimpleNamespace(entries=())
    told = story(case, thread, sheet, sheet.steps, named=str.title, on=day)
    assert [(one.what, one.who) for one in told][1:3] == [("Triage ended", ""), ("Closed", "")]
    assert told[3].who == "Amara"
    assert len(told) == 4, "what a step tells is not told twice"


@on_sqlite
def test_a_file_that_the_desk_sent_is_in_the_bundle_and_one_that_waits_is_not(desk, bundle):
    helen = desk.person("helen")
    ref = in_triage(desk, helen)
    helen.encloses(ref, b"Ring the number below.", name="Help")
    assert not [name for name in bundle(helen, ref) if name.startswith("attachments/")]
    desk.colleague_of("helen", ref).approves(ref)
    helen.encloses(ref, b"Not yet.", name="More")
    found = bundle(helen, ref)
    assert [body for name, body in found.items() if name.startswith("attachments/")] == [
        b"Ring the number below."
    ]
    [told] = [letter for letter in json.loads(found["case.json"])["letters"] if letter["files"]]
    assert "Help (Text)" in json.dumps(told)
