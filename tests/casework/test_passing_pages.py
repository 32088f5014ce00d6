"""A case is passed on: sealed anew for another desk, with all that goes along and all that stays."""

from dataclasses import replace

from app.casework.domain import CaseState
from app.casework.sheet_parts import HEADINGS
from app.casework.tables import CaseRow, DraftRow, NoteRow, SheetRow
from app.envelope.opening import can_open
from app.envelope.padding import ENCLOSING, sealed_payload_length
from app.mailbox.domain import Side
from app.mailbox.tables import EntryRow, MailboxRow
from tests.casework.sheets import PLACED, in_triage, path, saved, sheet_of

ON_SQLITE_UNLESS_PROVING = True


def passes(person, ref, **said):
    said = {"desk": "independent", "code": "subject"} | said
    return person.takes(ref, "declare-conflict", **said)


def test_a_case_goes_to_another_desk_under_new_keys(desk, ada):
    reporter = desk.reporter()
    files = [("notes.txt", b"secret " * 50_000)]
    ref = in_triage(desk, ada, reporter_with(desk, reporter, files))
    saved(ada, ref, **PLACED, note="Seen by this desk")
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


def test_a_file_that_was_sent_goes_along(desk, ada):
    """Its letter opens for its reporter and for the new desk, in the one size of such letters."""
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    content = b"Ring the number below."
    ada.encloses(ref, content, name="Help")
    desk.colleague_of("amara", ref).approves(ref)
    [(before, size)] = [
        (row.id, row.size) for row in desk.entries(reporter) if row.side is Side.DESK
    ]
    passes(ada, ref)
    [row] = [row for row in desk.entries(reporter) if row.id == before]
    assert row.size == size == sealed_payload_length(ENCLOSING)
    assert [one.label for one in reporter.reads(row, desk.objects).attachments] == ["Help (Text)"]
    ruth = desk.person("ruth")
    ruth.reads(ref)
    given = ruth.browser.get(path(ref, f"attachments/{before.hex()}/1"))
    assert given.data == content


def test_the_other_desk_reads_everything_and_goes_on(desk, ada):
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    saved(ada, ref, **PLACED, note="Seen by this desk")
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
    saved(ada, ref, **PLACED)
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
    saved(ada, ref, **PLACED)
    there = path(ref, "next/declare-conflict")
    form = ada.opens(there).form(there)
    before = {name for name, _ in desk.objects.names()}
    desk.receives(reporter, reporter.seal(text="One more thing."))
    arrived = {name for name, _ in desk.objects.names()} - before
    fields = form | dict.fromkeys(HEADINGS, "x") | {"desk": "independent", "code": "subject"}
    assert ada.posts(there, fields).status == 409
    assert desk.case(ref).desk == "psd"
    assert {name for name, _ in desk.objects.names()} == before | arrived
    assert {row.object_name for row in desk.rows(EntryRow)} == before | arrived


def test_a_desk_that_is_not_offered_is_none(desk, ada, ref):
    saved(ada, ref, **PLACED)
    assert passes(ada, ref, desk="psd").status == 422
    assert passes(ada, ref, desk="nowhere").status == 422
    assert [row.desk for row in desk.rows(CaseRow)] == ["psd"]


def test_notes_go_along_under_new_keys_and_a_draft_does_not(desk, ada, ref):
    saved(ada, ref, **PLACED)
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
    saved(ada, ref, **PLACED)
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
