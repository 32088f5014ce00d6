"""Steps of the course at the desk: what is open is offered, the rest is refused, two decide."""

import json

import pytest

from app.approval.tables import ProposalRow
from app.casework.domain import CaseState
from tests.casework.sheets import PLACED, path, saved, sheet_of

ON_SQLITE_UNLESS_PROVING = True

FULL = ["information", "risk", "powers", "options", "action"]


def offered(person, ref):
    page = person.opens(path(ref, "next"))
    return {link["href"].rpartition("/")[2] for link in page.soup.select("main li a")}


def test_a_step_is_offered_to_whom_it_is_open(desk, ada, ref, helen):
    assert "refer-iopc" not in offered(ada, ref)
    assert {"refer-iopc", "declare-conflict"} <= offered(helen, ref)
    page = ada.opens(path(ref, "next"))
    assert "Say on the case sheet which force" in page.text
    saved(ada, ref, **PLACED)
    assert "end-triage" in offered(ada, ref)


def test_a_step_is_written_with_its_reasons_and_told_in_one_word(desk, ada, ref, helen):
    saved(ada, ref, **PLACED)
    page = helen.takes(ref, "refer-iopc", code="voluntary", risk="To her, if this gets known")
    assert page.status == 303
    [step] = sheet_of(desk, ref).steps
    assert (step.id, step.to, step.author, step.code) == (
        "refer-iopc", "iopc-referred", "helen", "voluntary",
    )  # fmt: skip
    assert list(step.reasons) == FULL
    assert step.reasons["risk"] == "To her, if this gets known"
    # The coarse state did not change, and nothing in clear tells the fine one.
    assert desk.case(ref).state is CaseState.TRIAGE
    said = json.dumps([[e.subject, e.verb.value, dict(e.details)] for e in desk.audit()])
    assert "iopc" not in said
    assert "Done, and written on the case sheet" in helen.opens(path(ref, "next")).text
    assert "Referred to the IOPC" in helen.opens(path(ref, "next")).text


def test_leaving_assessment_ends_the_triage_and_the_coarse_state_follows(desk, ada, ref):
    saved(ada, ref, **PLACED)
    assert ada.takes(ref, "end-triage").status == 303  # has a page of its own
    assert ada.ends_triage(ref).status == 303
    assert ada.takes(ref, "assess-again").status == 303
    assert desk.case(ref).state is CaseState.TRIAGE
    ada.ends_triage(ref)
    sheet = sheet_of(desk, ref)
    assert [step.id for step in sheet.steps] == ["end-triage", "assess-again", "end-triage"]
    assert len(sheet.triages) == 2
    assert desk.case(ref).state is CaseState.UNDER_WAY


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("refer-iopc", "not open to you now"),  # a head's
        ("reopen", "not open to you now"),  # from elsewhere
        ("send-it-to-the-press", "not open to you now"),
        ("open", "not open to you now"),
        ("start-triage", "not open to you now"),
        ("resolve-locally", "Write to the reporter first"),
    ],
)
def test_what_is_not_open_is_refused_with_what_to_do(desk, ada, ref, step, words):
    saved(ada, ref, **PLACED)
    token = ada.opens(path(ref)).form(path(ref))["csrf_token"]
    for page in (
        ada.opens(path(ref, f"next/{step}")),
        ada.posts(path(ref, f"next/{step}"), {
            "csrf_token": token, "version": "3", "sheet_version": "1", "code": "policy",
            **dict.fromkeys(FULL, "x"),
        }),
    ):  # fmt: skip
        assert page.status == 409
        assert words in page.text
        assert "Nothing was changed" in page.text
    found = [(e.actor, e.subject, dict(e.details)) for e in desk.audit("case.step-refused")]
    # Not which one: it would tell in clear on which way the case is.
    assert found == [("amara", ref, {"what": "step"})] * 2
    assert sheet_of(desk, ref).steps == ()


def test_a_step_of_somebody_elses_case_is_not_there(desk, ada, ref):
    ruth = desk.person("ruth")
    for end in ("next", "next/reopen", "next/nonsense"):
        assert ruth.opens(path(ref, end)).status == 404
        assert ruth.opens(path("BCDF-2345", end)).status == 404
    assert desk.person("sam").opens(path(ref, "next")).status == 403


def test_wrong_input_is_said_and_nothing_typed_is_lost(desk, ada, ref, helen):
    saved(ada, ref, **PLACED)
    there = path(ref, "next/refer-iopc")
    fields = helen.opens(there).form(there)
    page = helen.posts(there, fields | {"code": "whim", "information": "Kept", "risk": "x" * 501})
    assert page.status == 422
    links = {link["href"] for link in page.soup.select(".govuk-error-summary a")}
    assert links == {"#code", "#risk", "#action"}
    assert page.soup.select_one("#information").text.strip() == "Kept"
    assert helen.posts(there, fields | {"version": "x"}).status == 400


def test_a_step_over_an_old_page_is_not_taken_and_a_second_sending_is_none(desk, ada, ref, helen):
    saved(ada, ref, **PLACED)
    there = path(ref, "next/refer-iopc")
    fields = helen.opens(there).form(there) | dict.fromkeys(FULL, "x") | {"code": "voluntary"}
    saved(ada, ref, **PLACED, note="Meanwhile")
    page = helen.posts(there, fields)
    assert page.status == 409
    assert "while you were writing" in page.text
    assert page.soup.select_one("#risk").text.strip() == "x"
    again = page.form(there) | {"code": "voluntary"}
    assert helen.posts(there, again).status == 303
    assert helen.posts(there, again).status == 409
    assert len(sheet_of(desk, ref).steps) == 1


def test_two_people_decide_what_takes_two(desk, ada, ref, helen):
    saved(ada, ref, **PLACED)
    page = helen.takes(ref, "close-at-triage", outcomes="out-of-scope", action="Not ours")
    assert page.status == 303
    assert sheet_of(desk, ref).steps == ()
    assert "somebody else" in helen.opens(path(ref, "next")).text.lower()
    [row] = desk.rows(ProposalRow)
    assert (row.subject, row.kind) == (ref, "case-step")
    assert b"out-of-scope" not in row.payload
    # Whoever proposed it cannot confirm it, whatever she posts.
    fields = helen.opens(path(ref, "next")).form("second/end")
    assert helen.posts(path(ref, "second/confirm"), fields).status == 409
    [found] = desk.audit("case.step-refused")
    assert (found.actor, found.subject, found.details["what"]) == ("helen", ref, "own-step")
    page = ada.opens(path(ref, "next"))
    assert "Not ours" in page.text
    assert ada.posts(path(ref, "second/confirm"), page.form("second/confirm")).status == 303
    [step] = sheet_of(desk, ref).steps
    assert (step.author, step.second, step.outcomes) == ("helen", "amara", ("out-of-scope",))
    assert desk.case(ref).state is CaseState.UNDER_WAY
    [row] = desk.rows(ProposalRow)
    assert row.payload is None
    # Sent twice, it is confirmed once.
    assert ada.posts(path(ref, "second/confirm"), page.form("second/confirm")).status == 409


def test_a_referral_that_is_not_made_is_decided_by_a_head_with_reasons_and_shown(
    desk, ada, ref, helen
):
    saved(ada, ref, **PLACED)
    there = path(ref, "assessment")
    applies = {"criterion": "serious-assault", "criterion_on": "21 11 2026"}
    assert ada.submits(there, there, **applies).status == 303
    assert ada.ends_triage(ref).status == 409
    page = ada.submits(there, there, criterion="", criterion_on="", learning="Kept")
    assert page.status == 422
    assert "a head of the desk decides so" in page.soup.select_one("#criterion-error").text
    assert page.soup.select_one("#learning").text.strip() == "Kept"
    assert ada.takes(ref, "decide-no-referral").status == 409
    assert helen.opens(path(ref, "next/decide-no-referral")).status == 200
    assert helen.takes(ref, "decide-no-referral", risk="None that lasts").status == 303
    sheet = sheet_of(desk, ref)
    assert (sheet.criterion, sheet.referral) == ("serious-assault", "not-referred")
    assert desk.case(ref).state is CaseState.TRIAGE
    assert "In triage" in ada.opens(path(ref, "next")).text
    for end in ("summary", "sheet/versions"):
        assert "Considered, and not referred" in ada.opens(path(ref, end)).text, end
    timeline = ada.opens(path(ref, "timeline")).text
    assert "Decide not to refer it to the IOPC" in timeline
    assert "Serious assault" in timeline
    assert "None that lasts" in timeline
    assert ada.ends_triage(ref).status == 303


def test_the_summary_says_how_it_was_referred(desk, ada, ref, helen):
    saved(ada, ref, **PLACED)
    assert helen.takes(ref, "refer-iopc", code="voluntary").status == 303
    for end in ("summary", "sheet/versions"):
        assert "Voluntary: its gravity" in ada.opens(path(ref, end)).text, end


def test_what_waits_can_be_declined_and_lapses_when_the_sheet_moves_on(desk, ada, ref, helen):
    saved(ada, ref, **PLACED)
    helen.takes(ref, "close-at-triage", outcomes="out-of-scope")
    form = ada.opens(path(ref, "next")).form("second/confirm")
    saved(ada, ref, **PLACED, note="Since then")
    assert ada.posts(path(ref, "second/confirm"), form).status == 409
    form = ada.opens(path(ref, "next")).form("second/end")
    assert ada.posts(path(ref, "second/end"), form).status == 303
    assert "Waiting for a second person" not in ada.opens(path(ref, "next")).text
    assert sheet_of(desk, ref).steps == ()


def test_a_proposal_that_somebody_wrote_into_the_store_is_nobodys(desk, ada, ref, helen):
    saved(ada, ref, **PLACED)
    helen.takes(ref, "close-at-triage", outcomes="out-of-scope")
    with desk.database.writing.begin() as session:
        session.query(ProposalRow).one().proposed_by = "tom"
    page = ada.opens(path(ref, "next"))
    assert page.status == 200
    assert "Waiting for a second person" not in page.text
