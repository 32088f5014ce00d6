"""Steps of the course at the desk: what is open is offered, the rest is refused, two decide."""

import json
from dataclasses import replace

import pytest

from app.approval.tables import ProposalRow
from app.casework.domain import CaseState
from app.casework.tables import CaseRow, DraftRow, NoteRow, SheetRow
from app.envelope.opening import can_open
from app.mailbox.domain import Side
from app.mailbox.tables import EntryRow, MailboxRow
from tests.casework.sheets import PLACED, in_triage, path, sheet_of

ON_SQLITE_UNLESS_PROVING = True

FULL = ["information", "risk", "powers", "options", "action"]


@pytest.fixture
def helen(desk, ada, ref):
    found = desk.person("helen")
    found.reads(ref)
    return found


def offered(person, ref):
    page = person.opens(path(ref, "next"))
    return {link["href"].rpartition("/")[2] for link in page.soup.select("main li a")}


def says(desk, person, ref, **said):
    assert person.submits(path(ref), path(ref), **PLACED, **said).status == 303


def test_a_step_is_offered_to_whom_it_is_open(desk, ada, ref, helen):
    assert "refer-iopc" not in offered(ada, ref)
    assert {"refer-iopc", "declare-conflict"} <= offered(helen, ref)
    page = ada.opens(path(ref, "next"))
    assert "Say on the case sheet which force" in page.text
    says(desk, ada, ref)
    assert "end-triage" in offered(ada, ref)


def test_a_step_is_written_with_its_reasons_and_told_in_one_word(desk, ada, ref, helen):
    says(desk, ada, ref)
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
    says(desk, ada, ref)
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
    says(desk, ada, ref)
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
    says(desk, ada, ref)
    there = path(ref, "next/refer-iopc")
    fields = helen.opens(there).form(there)
    page = helen.posts(there, fields | {"code": "whim", "information": "Kept", "risk": "x" * 501})
    assert page.status == 422
    links = {link["href"] for link in page.soup.select(".govuk-error-summary a")}
    assert links == {"#code", "#risk", "#action"}
    assert page.soup.select_one("#information").text.strip() == "Kept"
    assert helen.posts(there, fields | {"version": "x"}).status == 400


def test_a_step_over_an_old_page_is_not_taken_and_a_second_sending_is_none(desk, ada, ref, helen):
    says(desk, ada, ref)
    there = path(ref, "next/refer-iopc")
    fields = helen.opens(there).form(there) | dict.fromkeys(FULL, "x") | {"code": "voluntary"}
    says(desk, ada, ref, note="Meanwhile")
    page = helen.posts(there, fields)
    assert page.status == 409
    assert "while you were writing" in page.text
    assert page.soup.select_one("#risk").text.strip() == "x"
    again = page.form(there) | {"code": "voluntary"}
    assert helen.posts(there, again).status == 303
    assert helen.posts(there, again).status == 409
    assert len(sheet_of(desk, ref).steps) == 1


def test_two_people_decide_what_takes_two(desk, ada, ref, helen):
    says(desk, ada, ref)
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
    says(desk, ada, ref)
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
    says(desk, ada, ref)
    assert helen.takes(ref, "refer-iopc", code="voluntary").status == 303
    for end in ("summary", "sheet/versions"):
        assert "Voluntary: its gravity" in ada.opens(path(ref, end)).text, end


def test_what_waits_can_be_declined_and_lapses_when_the_sheet_moves_on(desk, ada, ref, helen):
    says(desk, ada, ref)
    helen.takes(ref, "close-at-triage", outcomes="out-of-scope")
    form = ada.opens(path(ref, "next")).form("second/confirm")
    says(desk, ada, ref, note="Since then")
    assert ada.posts(path(ref, "second/confirm"), form).status == 409
    form = ada.opens(path(ref, "next")).form("second/end")
    assert ada.posts(path(ref, "second/end"), form).status == 303
    assert "Waiting for a second person" not in ada.opens(path(ref, "next")).text
    assert sheet_of(desk, ref).steps == ()


def test_a_proposal_that_somebody_wrote_into_the_store_is_nobodys(desk, ada, ref, helen):
    says(desk, ada, ref)
    helen.takes(ref, "close-at-triage", outcomes="out-of-scope")
    with desk.database.writing.begin() as session:
        session.query(ProposalRow).one().proposed_by = "tom"
    page = ada.opens(path(ref, "next"))
    assert page.status == 200
    assert "Waiting for a second person" not in page.text


# --- to another desk


def passes(person, ref, **said):
    said = {"desk": "independent", "code": "subject"} | said
    return person.takes(ref, "declare-conflict", **said)


def test_a_case_goes_to_another_desk_under_new_keys(desk, ada):
    reporter = desk.reporter()
    files = [("notes.txt", b"secret " * 50_000)]
    ref = in_triage(desk, ada, reporter_with(desk, reporter, files))
    says(desk, ada, ref, note="Seen by this desk")
    old = {row.id: (row.header, row.object_name) for row in desk.entries(reporter)}
    assert passes(ada, ref).status == 303
    case, [box] = desk.case(ref), desk.rows(MailboxRow)
    assert (case.desk, box.desk, case.state) == ("independent", "independent", CaseState.TRIAGE)
    rows = {row.id: row for row in desk.entries(reporter)}
    for id, (header, name) in old.items():
        assert rows[id].header != header
        assert rows[id].object_name != name
        assert name not in {name for name, _ in desk.objects.names()}
    keys = desk.people.keys
    for row in [*desk.entries(reporter), *desk.rows(SheetRow)]:
        able = {id for id in keys if can_open(row.header, keys[id].identity)}
        assert able == {"ruth", "dev"}
    # It is gone from this desk: no row, no page, and what is left says nothing.
    assert ada.opens(f"/staff/cases/{ref}").status == 404
    assert f"Case {ref} is sealed anew for the other desk" in ada.opens("/staff/").text
    assert ref not in ada.opens("/staff/", show="open").text
    [moved] = desk.audit("case.moved")
    assert (moved.subject, moved.details["desk"], moved.details["left"]) == (
        ref, "independent", "psd",
    )  # fmt: skip
    assert [e.actor for e in desk.audit("case.opened")] == ["amara"]


def reporter_with(desk, reporter, files):
    sealed = reporter.seal(attachments=files)
    reporter.post(desk.database, desk.clock, sealed)
    reporter.seal = lambda: sealed  # in_triage posts what is there already
    desk.collect()
    desk.receives = lambda _reporter: desk.ref(reporter)
    return reporter


def test_the_other_desk_reads_everything_and_goes_on(desk, ada):
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    says(desk, ada, ref, note="Seen by this desk")
    passes(ada, ref, information="The subject works here")
    ruth = desk.person("ruth")
    page = ruth.reads(ref)
    assert page.status == 200
    assert "A supervisor takes files home" in page.text
    assert "passed to a separate team" in page.text
    assert "Seen by this desk" in ruth.opens(path(ref)).text
    versions = ruth.opens(path(ref, "sheet/versions"))
    assert [h.text for h in versions.soup.select("h2")] == ["Version 2", "Version 1"]
    assert ruth.takes(ref, "accept-transfer").status == 303
    sheet = sheet_of(desk, ref, by="ruth")
    assert [step.to for step in sheet.steps] == ["conflict-transfer", "triage"]
    assert [step.desk for step in sheet.steps] == ["psd", "independent"]
    assert sheet.left_desks == ("psd",)
    # Never back to the desk it was taken from.
    refused = ruth.opens(path(ref, "next/declare-conflict"))
    assert refused.status == 409 or "Professional Standards" not in refused.text


def test_the_reporter_follows_the_case_and_writes_to_the_new_desk(desk, ada):
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    says(desk, ada, ref)
    passes(ada, ref)
    [reply] = [row for row in desk.entries(reporter) if row.side is Side.DESK]
    letter = reporter.reads(reply, desk.objects)
    assert letter.desk == "independent"
    assert set(letter.readers) == {"dev", "ruth"}
    assert "separate team" in letter.text
    assert "conflict" not in letter.text.lower()
    reporter.desk = "independent"
    desk.receives(reporter, reporter.seal(text="I write to you now."))
    ruth = desk.person("ruth")
    ruth.reads(ref)
    assert "I write to you now" in ruth.opens(f"/staff/cases/{ref}").text
    page = ruth.opens(f"/staff/cases/{ref}/reply")
    assert page.status == 200


def test_a_letter_that_came_meanwhile_keeps_the_case_where_it_is(desk, ada):
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    says(desk, ada, ref)
    there = path(ref, "next/declare-conflict")
    form = ada.opens(there).form(there)
    before = {name for name, _ in desk.objects.names()}
    desk.receives(reporter, reporter.seal(text="One more thing."))
    arrived = {name for name, _ in desk.objects.names()} - before
    fields = form | dict.fromkeys(FULL, "x") | {"desk": "independent", "code": "subject"}
    assert ada.posts(there, fields).status == 409
    assert desk.case(ref).desk == "psd"
    assert {name for name, _ in desk.objects.names()} == before | arrived
    assert {row.object_name for row in desk.rows(EntryRow)} == before | arrived


def test_a_desk_that_is_not_offered_is_none(desk, ada, ref):
    says(desk, ada, ref)
    assert passes(ada, ref, desk="psd").status == 422
    assert passes(ada, ref, desk="nowhere").status == 422
    assert [row.desk for row in desk.rows(CaseRow)] == ["psd"]


def test_notes_go_along_under_new_keys_and_a_draft_does_not(desk, ada, ref):
    says(desk, ada, ref)
    assert (
        ada.submits(path(ref, "notes/"), path(ref, "notes/"), note="Look at the rota").status == 303
    )
    ada.drafts(ref, "Words that nobody has approved yet.")
    [note] = desk.rows(NoteRow)
    old = note.header
    assert passes(ada, ref).status == 303
    [note] = desk.rows(NoteRow)
    assert note.header != old
    keys = desk.people.keys
    assert {id for id in keys if can_open(note.header, keys[id].identity)} == {"ruth", "dev"}
    assert desk.rows(DraftRow) == []
    ruth = desk.person("ruth")
    ruth.reads(ref)
    assert "Look at the rota" in ruth.opens(path(ref, "notes/")).text


# --- a conflict of interest


def able(desk, reporter):
    keys = desk.people.keys
    [row] = [row for row in desk.entries(reporter) if row.side is Side.REPORTER]
    return {id for id in keys if can_open(row.header, keys[id].identity)}


def test_whoever_declares_a_conflict_is_taken_off_every_envelope(desk, ada):
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    says(desk, ada, ref)
    assert ada.declares(ref, "conflict").status == 303
    assert able(desk, reporter) == {"tom", "helen"}
    [sheet] = desk.rows(SheetRow)
    assert not can_open(sheet.header, desk.people.keys["amara"].identity)
    assert ada.opens(f"/staff/cases/{ref}").status == 404


def test_the_last_reader_passes_on_what_she_may_not_read(desk, ada):
    reporter = desk.reporter(left_out=("helen", "tom"))
    ref = desk.receives(reporter)
    ada.opens("/staff/")
    page = ada.declares(ref, "conflict")
    assert page.status == 409
    assert "last who can read" in page.heading
    assert able(desk, reporter) == {"amara"}
    fields = page.form("declare")
    assert ada.posts(path(ref, "declare"), fields | {"desk": "psd"}).status == 422
    assert ada.posts(path(ref, "declare"), fields | {"desk": "independent"}).status == 303
    assert able(desk, reporter) == {"ruth", "dev"}
    assert desk.case(ref).state is CaseState.SEALED
    assert not desk.audit("case.read")
    ruth = desk.person("ruth")
    assert "A supervisor takes files home" in ruth.reads(ref).text
    assert desk.case(ref).state is CaseState.OPENED


def test_without_another_desk_the_last_reader_stays(desk, ada, settings):
    everybody = ("helen", "tom")
    reporter = desk.reporter(left_out=everybody)
    ref = desk.receives(reporter)
    alone = tuple(one for one in desk.people.keyring.desks if one.id == "psd")
    keyring = desk.people.next_keyring(desks=alone)
    here = {member for one in alone for member in one.members}
    members = tuple(
        one for one in keyring.members if one.id in here or one.role.value == "custodian"
    )
    desk.people.write_keyring(settings.keyring.parent, replace(keyring, members=members))
    ada.opens("/staff/")
    page = ada.declares(ref, "conflict")
    assert page.status == 409
    assert "Nothing was recorded" in page.text
    assert able(desk, reporter) == {"amara"}
