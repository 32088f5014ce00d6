"""Decisions at the desk: triage ends, a case comes to its end, and each matter counts once."""

from datetime import timedelta

import pytest

from app.casework import service, sheet_keeping
from app.casework.domain import CaseState
from app.casework.sheet_keeping import Pen
from app.casework.sheet_parts import Step
from app.envelope.opening import can_open
from app.envelope.slips import SlipKind
from app.identity.domain import Role, StaffId, StaffMember
from app.mailbox.domain import Standing
from app.mailbox.tables import MailboxRow
from app.slips.tables import BoxRow
from app.work import begin
from tests.casework.sheets import (
    PLACED,
    ends,
    in_triage,
    opened,
    path,
    read_slip,
    saved,
    sheet_of,
    unheld,
)

ON_SQLITE_UNLESS_PROVING = True

EMPTY = {"place": "", "category": "", "same_as": "", "external": "", "note": ""}


def test_triage_ends_when_the_sheet_says_what_it_is_about(desk, ada, ref):
    page = ada.opens(path(ref, "triage-ends"))
    assert page.status == 409
    assert "which force and directorate" in page.text
    [found] = desk.audit("case.step-refused")
    assert (found.actor, found.subject, found.details["what"]) == ("amara", ref, "triage-end")
    saved(ada, ref, **PLACED)
    assert ends(ada, ref).status == 303
    assert "Being acted on" in ada.opens(f"/staff/cases/{ref}").text
    assert desk.case(ref).state is CaseState.UNDER_WAY
    [mailbox] = desk.rows(MailboxRow)
    assert mailbox.standing is Standing.UNDER_WAY
    sheet = sheet_of(desk, ref)
    assert [end.reason for end in sheet.triages] == ["Looked at by two of us"]
    assert "Triage ended on 21 November 2026" in ada.opens(path(ref)).text


def test_ending_triage_puts_one_sealed_slip_into_the_box(desk, ada, ref):
    saved(ada, ref, **PLACED)
    assert desk.rows(BoxRow) == []
    ends(ada, ref)
    [row] = desk.rows(BoxRow)
    assert (row.force, row.period, row.kind) == ("a", "2026Q4", "entry")
    assert read_slip(desk, row).says == ("bullying", "response")
    assert sheet_of(desk, ref).entry_slip.id == row.id.hex()
    for id, key in desk.people.keys.items():
        assert not can_open(row.header, key.identity), id


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_decision_has_a_reason(desk, ada, ref, reason):
    saved(ada, ref, **PLACED)
    page = ends(ada, ref, reason)
    assert page.status == 422
    assert page.soup.select_one(".govuk-error-summary a")["href"] == "#reason"
    assert desk.case(ref).state is CaseState.TRIAGE


def test_a_decision_over_an_old_version_is_not_taken(desk, ada, ref):
    saved(ada, ref, **PLACED)
    there = path(ref, "triage-ends")
    fields = ada.opens(there).form(there) | {"reason": "As it was"}
    saved(ada, ref, **PLACED, hold="y")
    page = ada.posts(there, fields)
    assert page.status == 409
    assert "Nothing was decided" in page.text
    assert page.soup.select_one("#reason").text.strip() == "As it was"
    assert desk.case(ref).state is CaseState.TRIAGE
    assert ada.posts(there, page.form(there)).status == 303
    # A letter to the reporter moves the case on as well.
    ending = path(ref, "next/record-outcome")
    fields = ada.opens(ending).form(ending) | {"action": "Done", "outcomes": "learning"}
    ada.replies(ref, "We are on it.")
    page = ada.posts(ending, fields | {"information": "All of it"})
    assert (page.status, desk.case(ref).state) == (409, CaseState.UNDER_WAY)
    assert page.soup.select_one("input[name=outcomes][checked]")["value"] == "learning"


def test_a_decision_sent_twice_is_taken_once(desk, ada, ref):
    saved(ada, ref, **PLACED)
    there = path(ref, "triage-ends")
    fields = ada.opens(there).form(there) | {"reason": "Once"}
    assert ada.posts(there, fields).status == 303
    again = ada.posts(there, fields)
    assert again.status == 409
    assert "has ended already" in again.text
    assert [e.details["what"] for e in desk.audit("case.step-refused")] == ["triage-end"]
    assert len(desk.rows(BoxRow)) == 1
    assert sheet_of(desk, ref).version == 2


def test_a_covert_enquiry_counts_only_once_it_is_lifted(desk, ada, ref, clock):
    saved(ada, ref, **PLACED, hold="y")
    ends(ada, ref)
    ada.closes(ref)
    assert desk.rows(BoxRow) == []
    clock.now = clock.now.replace(year=2027, month=2)
    later = desk.person("amara")
    fields = later.opens(path(ref)).form(path(ref))
    assert fields.pop("hold") == "y"
    assert later.posts(path(ref), fields).status == 303
    rows = {row.kind: row for row in desk.rows(BoxRow)}
    assert {kind: row.period for kind, row in rows.items()} == {
        "entry": "2027Q1", "closure": "2027",
    }  # fmt: skip
    assert read_slip(desk, rows["closure"]).says == ("learning", "4-weeks")


def test_the_same_matter_is_counted_once(desk, ada, ref):
    other = in_triage(desk, ada)
    page = ada.submits(path(ref), path(ref), **PLACED, same_as=ref)
    assert page.status == 422
    saved(ada, ref, **PLACED, same_as=other.replace("-", " ").lower())
    assert sheet_of(desk, ref).same_as == other
    ends(ada, ref)
    page = ada.takes(ref, "record-outcome", outcomes="duplicate")
    assert page.status == 409
    assert "dealt with as part of that one" in page.text
    there = path(ref, "links")
    assert ada.submits(there, there, other=other, kind="duplicate-of").status == 303
    assert ada.closes(ref, outcome="duplicate").status == 303
    assert desk.rows(BoxRow) == []


def test_a_case_she_may_not_read_cannot_be_named(desk, ada, ref):
    theirs = desk.receives(desk.reporter(desk="independent"))
    for other in (theirs, "BCDF-2345"):
        page = ada.submits(path(ref), path(ref), **PLACED, same_as=other)
        assert page.status == 422
        assert "You have no case with this reference" in page.text


def test_a_correction_takes_the_place_of_the_slip_in_the_box(desk, ada, ref):
    saved(ada, ref, **PLACED)
    ends(ada, ref)
    [before] = desk.rows(BoxRow)
    saved(ada, ref, place="b/crime", category="not_sure")
    [after] = desk.rows(BoxRow)
    assert after.id == before.id
    assert (after.force, after.period) == ("b", before.period)
    assert read_slip(desk, after).says == ("not-yet", "crime")


def test_what_turns_out_not_to_count_is_taken_out_of_the_box(desk, ada, ref):
    saved(ada, ref, **PLACED)
    ends(ada, ref)
    saved(ada, ref, **PLACED, hold="y")
    assert desk.rows(BoxRow) == []
    assert sheet_of(desk, ref).entry_slip is None
    unheld(ada, ref)
    assert len(desk.rows(BoxRow)) == 1


def test_what_was_handed_over_stays_counted_and_can_still_be_put_right(desk, ada, ref):
    saved(ada, ref, **PLACED)
    ends(ada, ref)
    with desk.database.writing.begin() as session:
        session.query(BoxRow).delete()
    slip = sheet_of(desk, ref).entry_slip
    saved(ada, ref, **PLACED, hold="y")
    assert sheet_of(desk, ref).entry_slip == slip
    assert "handed over already" in ada.opens(path(ref)).text
    unheld(ada, ref, place="a/crime")
    [row] = desk.rows(BoxRow)
    assert row.id.hex() == slip.id


def test_a_correction_of_what_was_handed_over_is_not_taken_back(desk, ada, ref):
    """A slip that was forgotten while it is in the statistics would be counted by two."""
    saved(ada, ref, **PLACED)
    ends(ada, ref)
    with desk.database.writing.begin() as session:
        session.query(BoxRow).delete()
    slip = sheet_of(desk, ref).entry_slip
    saved(ada, ref, place="a/crime", category="bullying")
    assert len(desk.rows(BoxRow)) == 1
    saved(ada, ref, **PLACED, hold="y")
    assert "handed over already" in ada.opens(path(ref)).text
    unheld(ada, ref)
    assert sheet_of(desk, ref).entry_slip == slip
    assert [row.id.hex() for row in desk.rows(BoxRow)] == [slip.id]


def test_saving_without_a_change_writes_no_slip(desk, ada, ref):
    saved(ada, ref, **PLACED)
    ends(ada, ref)
    with desk.database.writing.begin() as session:
        session.query(BoxRow).delete()
    saved(ada, ref, note="Only a note")
    assert desk.rows(BoxRow) == []


def test_a_case_comes_to_its_end_by_two_people_a_letter_and_rest(desk, ada, ref, clock):
    saved(ada, ref, **PLACED)
    assert ada.takes(ref, "record-outcome").status == 409
    ends(ada, ref)
    page = ada.takes(ref, "record-outcome")
    assert page.status == 422
    assert page.soup.select_one(".govuk-error-summary a")["href"] == "#outcomes"
    assert ada.takes(ref, "record-outcome", outcomes="criminal").status == 422
    helen = desk.colleague_of("amara", ref)
    assert ada.takes(ref, "record-outcome", outcomes="grievance").status == 303
    assert [step.id for step in sheet_of(desk, ref).steps] == ["end-triage"]
    assert helen.confirms(ref).status == 303
    for missing in ("no letter was sent", "what is to be learnt"):
        page = ada.takes(ref, "give-feedback")
        assert page.status == 409
        assert missing in page.text
        ada.sends(ref, "resolved-support")
    there = path(ref, "assessment")
    assert ada.submits(there, there, learning="Ask sooner").status == 303
    assert ada.takes(ref, "give-feedback").status == 303
    assert "rests for 28 days" in ada.takes(ref, "close").text
    assert desk.case(ref).state is CaseState.UNDER_WAY
    clock.now += timedelta(days=28)
    assert desk.person("amara").takes(ref, "close").status == 303
    assert desk.case(ref).state is CaseState.CLOSED
    row = next(row for row in desk.rows(BoxRow) if row.kind == "closure")
    assert (row.force, row.period) == ("a", "2026")
    slip = read_slip(desk, row)
    assert slip.place.kind is SlipKind.CLOSURE
    assert slip.says == ("learning", "4-weeks")
    assert sheet_of(desk, ref).closures[0].outcome == "resolved"


def test_nobody_closes_what_is_under_way_in_one_sitting(desk, ada, ref):
    saved(ada, ref, **PLACED)
    ends(ada, ref)
    fields = {"csrf_token": ada.opens(path(ref)).form(path(ref))["csrf_token"]}
    fields |= {"version": str(desk.case(ref).version), "sheet_version": "2", "action": "Done"}
    assert ada.posts(path(ref, "close"), fields | {"outcome": "criminal"}).status == 404
    for step in ("close-plainly", "close"):
        assert ada.posts(path(ref, f"next/{step}"), fields).status == 409
    assert desk.case(ref).state is CaseState.UNDER_WAY


def test_a_case_that_is_taken_up_again_counts_as_it_was_first_closed(desk, ada, ref):
    saved(ada, ref, **PLACED)
    ends(ada, ref)
    ada.sends(ref, "ask-when")
    ada.closes(ref, "too-little")
    first = {row.id: row.payload for row in desk.rows(BoxRow)}
    ada.reopens(ref)
    assert desk.case(ref).state is CaseState.TRIAGE
    assert "has been counted already" in ada.opens(path(ref, "triage-ends")).text
    ends(ada, ref, "Something new came up")
    ada.closes(ref, "learning")
    assert {row.id: row.payload for row in desk.rows(BoxRow)} == first
    sheet = sheet_of(desk, ref)
    assert [one.outcome for one in sheet.closures] == ["no_action", "learning"]
    assert len(sheet.triages) == 2


def test_an_outcome_is_put_right_by_steps_with_reasons_and_by_two(desk, ada, ref):
    saved(ada, ref, **PLACED)
    ends(ada, ref)
    ada.sends(ref, "ask-when")
    ada.closes(ref, "too-little")
    before = next(row for row in desk.rows(BoxRow) if row.kind == "closure")
    # Not on the sheet: what is sent there beside the rest changes nothing.
    saved(ada, ref, **PLACED, outcome="intelligence")
    assert sheet_of(desk, ref).closures[-1].outcome == "no_action"
    ada.takes(ref, "reopen", code="mistake")
    ends(ada, ref, "It was something else")
    ada.closes(ref, "out-of-scope")
    assert [one.outcome for one in sheet_of(desk, ref).closures] == ["signposted"]
    after = next(row for row in desk.rows(BoxRow) if row.kind == "closure")
    assert (after.id, after.period) == (before.id, before.period)
    assert read_slip(desk, after).says == ("another-way", "4-weeks")
    # And once more, and then for another reason: what was put right stays.
    ada.takes(ref, "reopen", code="mistake")
    ends(ada, ref)
    ada.closes(ref, "organisation")
    ada.reopens(ref)
    ends(ada, ref)
    ada.closes(ref, "welfare")
    assert [one.outcome for one in sheet_of(desk, ref).closures] == ["learning", "resolved"]


def test_a_sheet_that_was_closed_by_the_old_step_is_read_and_shown(desk, ada, ref):
    """What a portal of before wrote: closed from under way at once, with a class and a reason."""
    saved(ada, ref, **PLACED)
    ends(ada, ref)
    by, today = StaffId("amara"), desk.clock().date()
    member = StaffMember(id=by, name="Amara", role=Role.HANDLER, desk="psd")
    keyring, before = desk.people.keyring, opened(desk, ref)
    step = Step(id="close-plainly", to="closed", on=today, desk="psd", author=by,
                reasons={"action": "As it was"})  # fmt: skip
    after = before.sheet.with_step(step).with_closing(today, "learning", "As it was")
    readers = tuple(keyring.member(id) for id in keyring.desk("psd").members)
    pen = Pen(by=member, key=desk.people.keys[by], keyring=keyring, readers=readers)
    with begin(desk.database, desk.clock) as work:
        case = service.find_case(work, ref, by=member, hold=True)
        sheet_keeping.save(work, case, before, after, pen=pen)
        service.follow(work, case, CaseState.CLOSED, due_on=today, by=member)
    for end in ("timeline", "summary", "sheet/versions"):
        assert "Close with an outcome" in ada.opens(path(ref, end)).text, end
    assert "Closed on 21 November 2026: As it was" in ada.opens(path(ref)).text
    assert "Closed" in ada.opens(path(ref, "next")).text
    assert ada.reopens(ref).status == 303


def test_no_decision_is_taken_by_the_button_of_a_step(desk, ada, ref):
    token = ada.opens(f"/staff/cases/{ref}").form("/sign-out")["csrf_token"]
    for to in ("under-way", "closed"):
        fields = {"csrf_token": token, "to": to, "version": str(desk.case(ref).version)}
        assert ada.posts(f"/staff/cases/{ref}/state", fields).status == 409
    assert desk.case(ref).state is CaseState.TRIAGE


def test_the_page_of_a_case_leads_to_what_comes_next(desk, ada, ref):
    def buttons():
        page = ada.opens(f"/staff/cases/{ref}")
        return [link.text.strip() for link in page.soup.select(".cd-aside a.govuk-button")]

    def leads_to():
        page = ada.opens(path(ref, "next"))
        return [link.text.strip() for link in page.soup.select("main li a")]

    assert {"Write to the reporter", "Case sheet", "Next step"} <= set(buttons())
    assert "Triage ends" not in leads_to()
    saved(ada, ref, **PLACED)
    assert "Triage ends" in leads_to()
    ends(ada, ref)
    assert "Record an outcome" in leads_to()
    assert "Close" not in leads_to()
    ada.closes(ref)
    assert leads_to() == ["Pass it to a separate desk because of a conflict", "Take it up again"]


def test_without_statistics_everything_works_and_nothing_is_counted(desk, ada, ref, settings):
    from dataclasses import replace

    from app.envelope.keyring import Role

    keyring = desk.people.keyring
    members = tuple(one for one in keyring.members if one.role is not Role.CUSTODIAN)
    without = replace(keyring, serial=2, members=members, statistics=None)
    desk.people.write_keyring(settings.keyring.parent, without)
    saved(ada, ref, **PLACED)
    assert "keeps no statistics" in ada.opens(path(ref, "triage-ends")).text
    assert ends(ada, ref).status == 303
    assert ada.closes(ref).status == 303
    assert desk.rows(BoxRow) == []
    assert sheet_of(desk, ref).entry_slip is None
    # And what was not counted then is not counted late.
    desk.people.write_keyring(settings.keyring.parent, replace(keyring, serial=3))
    saved(ada, ref, note="Later")
    assert desk.rows(BoxRow) == []
