"""The case sheet at the desk: what is decided is kept, sealed, in versions, and nothing is lost."""

import json

import pytest

from app.casework.domain import CaseState
from app.casework.tables import SheetRow
from app.envelope.opening import can_open
from app.envelope.slips import SlipKind
from app.mailbox.domain import Standing
from app.mailbox.tables import MailboxRow
from app.slips.tables import BoxRow
from tests.casework.sheets import PLACED, in_triage, opened, path, read_slip, sheet_of

EMPTY = {"place": "", "category": "", "same_as": "", "external": "", "note": ""}


@pytest.fixture
def ada(desk):
    return desk.person("amara")


@pytest.fixture
def ref(desk, ada):
    return in_triage(desk, ada)


def saved(person, ref, **said):
    page = person.submits(path(ref), path(ref), **said)
    assert page.status == 303, page.text
    return page


def unheld(person, ref, **said):
    fields = person.opens(path(ref)).form(path(ref))
    del fields["hold"]
    assert person.posts(path(ref), fields | said).status == 303


def ends(person, ref, reason="Looked at by two of us"):
    return person.submits(path(ref, "triage-ends"), path(ref, "triage-ends"), reason=reason)


def closes(person, ref, outcome="learning", reason="Talked to the team"):
    there = path(ref, "close")
    return person.submits(there, there, outcome=outcome, reason=reason)


def test_a_sheet_is_saved_and_says_so(desk, ada, ref):
    saved(ada, ref, **PLACED, note="Ask the archive", external="CT/77/26")
    page = ada.opens(path(ref))
    assert "Saved and sealed" in page.text
    assert page.soup.select_one("#note").text.strip() == "Ask the archive"
    assert page.soup.select_one("#external")["value"] == "CT/77/26"
    assert page.soup.select_one("#place option[selected]")["value"] == PLACED["place"]
    sheet = sheet_of(desk, ref)
    assert (sheet.version, sheet.author, sheet.force, sheet.directorate, sheet.category) == (
        1, "amara", "a", "response", "bullying",
    )  # fmt: skip


def test_it_is_sealed_to_the_cases_readers_and_to_nobody_else(desk, ada):
    reporter = desk.reporter(left_out=("tom",))
    ref = in_triage(desk, ada, reporter)
    saved(ada, ref, **PLACED)
    [row] = desk.rows(SheetRow)
    able = {id for id, key in desk.people.keys.items() if can_open(row.header, key.identity)}
    assert able == {"amara", "helen"}
    assert not can_open(row.header, desk.people.statistics)
    assert not can_open(row.header, reporter.receipt.identity)
    assert b"bullying" not in row.payload


def test_whoever_stood_aside_is_left_out_of_the_next_version(desk, ada, ref):
    tom = desk.person("tom")
    tom.reads(ref)
    saved(ada, ref, **PLACED)
    tom.declares(ref, "conflict")
    saved(ada, ref, **PLACED, note="Since then")
    first, second = sorted(desk.rows(SheetRow), key=lambda row: row.version)
    for sheet in (first, second):
        assert not can_open(sheet.header, desk.people.keys["tom"].identity)
        assert can_open(sheet.header, desk.people.keys["amara"].identity)


def test_a_colleague_reads_what_was_written_and_may_write_on(desk, ada, ref):
    saved(ada, ref, **PLACED, note="First")
    helen = desk.person("helen")
    helen.reads(ref)
    assert "First" in helen.opens(path(ref)).text
    saved(helen, ref, note="Second")
    sheet = sheet_of(desk, ref)
    assert (sheet.version, sheet.author, sheet.note) == (2, "helen", "Second")
    page = ada.opens(path(ref, "sheet/versions"))
    assert page.status == 200
    assert [h.text for h in page.soup.select("h2")] == ["Version 2", "Version 1"]
    assert "Helen" in page.text
    assert "First" in page.text


def test_two_at_once_lose_nothing(desk, ada, ref):
    helen = desk.person("helen")
    helen.reads(ref)
    hers = helen.opens(path(ref)).form(path(ref))
    saved(ada, ref, **PLACED, note="Amara was first")
    page = helen.posts(path(ref), hers | EMPTY | {"note": "Helen was second", "hold": "y"})
    assert page.status == 409
    assert "Amara was first" in page.text
    assert "Helen was second" in page.text
    assert sheet_of(desk, ref).note == "Amara was first"
    # The form holds hers, and may be sent over what is there by now.
    assert page.soup.select_one("#note").text.strip() == "Helen was second"
    assert page.soup.select_one("input[name=hold]").has_attr("checked")
    again = page.form(path(ref)) | PLACED | {"hold": "y"}
    assert helen.posts(path(ref), again).status == 303
    sheet = sheet_of(desk, ref)
    assert (sheet.version, sheet.note, sheet.hold, sheet.force) == (
        2,
        "Helen was second",
        True,
        "a",
    )


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"place": "a/nowhere"}, "place"),
        ({"place": "z/response"}, "place"),
        ({"place": "a"}, "place"),
        ({"category": "gossip"}, "category"),
        ({"same_as": "XX"}, "same_as"),
        ({"same_as": "BCDF-2345"}, "same_as"),
        ({"external": "x" * 61}, "external"),
        ({"note": "x" * 4001}, "note"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(desk, ada, ref, said, named):
    fields = ada.opens(path(ref)).form(path(ref)) | EMPTY | {"note": "Kept"} | said
    page = ada.posts(path(ref), fields)
    assert page.status == 422
    [link] = page.soup.select(".govuk-error-summary a")
    assert link["href"] == f"#{named}"
    assert page.soup.select_one(f"#{named}") is not None
    assert page.soup.select_one("#note").text.strip() == fields["note"]
    assert desk.rows(SheetRow) == []


def test_a_form_that_our_page_did_not_send_is_refused(desk, ada, ref):
    token = ada.opens(path(ref)).form(path(ref))["csrf_token"]
    for version in ({}, {"version": "x"}, {"version": "-1"}):
        page = ada.posts(path(ref), {"csrf_token": token, **EMPTY, **version})
        assert page.status == 400


def test_a_case_nobody_has_read_has_no_sheet_yet(desk, ada):
    ref = desk.receives(desk.reporter())
    ada.opens("/staff/")
    ada.declares(ref)
    for end in ("sheet", "triage-ends", "close", "sheet/versions"):
        page = ada.opens(path(ref, end))
        assert page.status == 409
        assert "Read it first" in page.text
    assert desk.case(ref).state is CaseState.SEALED
    assert [e for e in desk.audit("case.sheet") if e.subject == ref] == []


def test_a_sheet_is_for_those_who_may_read_the_case(desk, ada, ref):
    saved(ada, ref, **PLACED)
    ruth = desk.person("ruth")
    sam = desk.person("sam")
    for end in ("sheet", "sheet/versions", "triage-ends", "close"):
        assert ruth.opens(path(ref, end)).status == 404
        assert ruth.opens(path("BCDF-2345", end)).status == 404
        assert sam.opens(path(ref, end)).status == 403
    tom = desk.person("tom")
    tom.opens("/staff/")
    assert tom.opens(path(ref)).answer.headers["Location"].endswith("/declare")


def test_reading_and_saving_are_recorded_without_a_word_of_it(desk, ada, ref):
    saved(ada, ref, **PLACED, note="Unspeakable", hold="y")
    [entry] = desk.audit("case.sheet-saved")
    assert (entry.actor, entry.subject, entry.details["version"]) == ("amara", ref, 1)
    assert desk.audit("case.sheet-read")
    said = json.dumps([[e.subject, e.verb.value, dict(e.details)] for e in desk.audit()])
    for word in ("Unspeakable", "bullying", "response", "hold", "covert"):
        assert word not in said


@pytest.mark.parametrize("column", ["header", "payload"])
def test_a_sheet_that_was_tampered_with_is_not_read(desk, ada, ref, column):
    saved(ada, ref, **PLACED)
    with desk.database.writing.begin() as session:
        row = session.query(SheetRow).one()
        raw = getattr(row, column)
        setattr(row, column, raw[:-1] + bytes([raw[-1] ^ 1]))
    assert ada.opens(path(ref)).status == 500
    # Letters can still be read: a broken sheet hides no concern.
    assert ada.opens(f"/staff/cases/{ref}").status == 200


def test_a_sheet_of_another_case_or_version_is_not_read(desk, ada, ref):
    saved(ada, ref, **PLACED)
    other = in_triage(desk, ada)
    saved(ada, other, **PLACED, note="Of the other")
    with desk.database.writing.begin() as session:
        mine, theirs = (session.get(SheetRow, (each, 1)) for each in (ref, other))
        mine.header, mine.payload = theirs.header, theirs.payload
        theirs.version = 2
    assert ada.opens(path(ref)).status == 500
    assert ada.opens(path(other)).status == 500


# --- triage ends


def test_triage_ends_when_the_sheet_says_what_it_is_about(desk, ada, ref):
    page = ada.opens(path(ref, "triage-ends"))
    assert page.status == 409
    assert "which force and directorate" in page.text
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
    closing = path(ref, "close")
    fields = ada.opens(closing).form(closing) | {"reason": "Done", "outcome": "learning"}
    ada.replies(ref, "We are on it.")
    page = ada.posts(closing, fields)
    assert (page.status, desk.case(ref).state) == (409, CaseState.UNDER_WAY)
    assert page.soup.select_one("input[name=outcome][checked]")["value"] == "learning"


def test_a_decision_sent_twice_is_taken_once(desk, ada, ref):
    saved(ada, ref, **PLACED)
    there = path(ref, "triage-ends")
    fields = ada.opens(there).form(there) | {"reason": "Once"}
    assert ada.posts(there, fields).status == 303
    again = ada.posts(there, fields)
    assert again.status == 409
    assert "has ended already" in again.text
    assert len(desk.rows(BoxRow)) == 1
    assert sheet_of(desk, ref).version == 2


def test_a_covert_enquiry_counts_only_once_it_is_lifted(desk, ada, ref, clock):
    saved(ada, ref, **PLACED, hold="y")
    ends(ada, ref)
    closes(ada, ref)
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
    closes(ada, ref, outcome="merged")
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


# --- closing


def test_a_case_is_closed_with_an_outcome(desk, ada, ref, clock):
    saved(ada, ref, **PLACED)
    assert "after its triage has ended" in ada.opens(path(ref, "close")).text
    ends(ada, ref)
    page = closes(ada, ref, outcome="")
    assert page.status == 422
    assert page.soup.select_one(".govuk-error-summary a")["href"] == "#outcome"
    assert closes(ada, ref, outcome="resolved").status == 303
    assert desk.case(ref).state is CaseState.CLOSED
    row = next(row for row in desk.rows(BoxRow) if row.kind == "closure")
    assert (row.force, row.period) == ("a", "2026")
    slip = read_slip(desk, row)
    assert slip.place.kind is SlipKind.CLOSURE
    assert slip.says == ("learning", "4-weeks")
    assert sheet_of(desk, ref).closures[0].outcome == "resolved"


def test_a_case_that_is_taken_up_again_counts_as_it_was_first_closed(desk, ada, ref):
    saved(ada, ref, **PLACED)
    ends(ada, ref)
    closes(ada, ref, outcome="no_action")
    first = {row.id: row.payload for row in desk.rows(BoxRow)}
    ada.reopens(ref)
    assert desk.case(ref).state is CaseState.TRIAGE
    assert "has been counted already" in ada.opens(path(ref, "triage-ends")).text
    ends(ada, ref, "Something new came up")
    closes(ada, ref, outcome="criminal")
    assert {row.id: row.payload for row in desk.rows(BoxRow)} == first
    sheet = sheet_of(desk, ref)
    assert [one.outcome for one in sheet.closures] == ["no_action", "criminal"]
    assert len(sheet.triages) == 2


def test_an_outcome_is_put_right_on_the_sheet(desk, ada, ref):
    saved(ada, ref, **PLACED)
    ends(ada, ref)
    closes(ada, ref, outcome="no_action")
    saved(ada, ref, **PLACED, outcome="intelligence")
    assert sheet_of(desk, ref).closures[-1].outcome == "intelligence"
    row = next(row for row in desk.rows(BoxRow) if row.kind == "closure")
    assert read_slip(desk, row).says == ("intelligence", "4-weeks")
    fields = ada.opens(path(ref)).form(path(ref)) | PLACED | {"outcome": "hanged"}
    assert ada.posts(path(ref), fields).status == 422


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
    assert "Close with an outcome" in leads_to()
    closes(ada, ref)
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
    assert closes(ada, ref).status == 303
    assert desk.rows(BoxRow) == []
    assert sheet_of(desk, ref).entry_slip is None
    # And what was not counted then is not counted late.
    desk.people.write_keyring(settings.keyring.parent, replace(keyring, serial=3))
    saved(ada, ref, note="Later")
    assert desk.rows(BoxRow) == []


def test_an_expired_keyring_loses_nothing_typed(desk, ada, ref, settings, clock):
    from dataclasses import replace

    yesterday = clock.now.date().replace(day=20)
    keyring = replace(desk.people.keyring, serial=2, expires_on=yesterday)
    desk.people.write_keyring(settings.keyring.parent, keyring)
    page = ada.submits(path(ref), path(ref), **PLACED, note="Worth keeping")
    assert page.status == 503
    assert page.soup.select_one("#note").text.strip() == "Worth keeping"
    assert "Copy what you wrote" in page.text


def test_opened_helper_agrees_with_the_page(desk, ada, ref):
    saved(ada, ref, **PLACED)
    assert opened(desk, ref).digest == desk.audit("case.sheet-saved")[-1].details["digest"]
