"""Words of one's own reach a reporter only through a second reader; notes never do."""

import inspect
from dataclasses import replace
from pathlib import Path
from typing import get_type_hints

import pytest

from app.casework import dialogue, draft_views, drafts, notes, reporter_texts
from app.casework.messages import LONGEST_REPLY, ForDesk, ForReporter
from app.casework.reporter_texts import read_texts, texts_on
from app.casework.tables import DraftRow, NoteRow
from app.envelope.errors import EnvelopeError, NoMatch, UnfitKey
from app.envelope.letter import parse_letter
from app.envelope.opening import can_open, open_header
from app.envelope.padding import FLOOR, sealed_payload_length
from app.envelope.strict_json import UnfitJson
from app.mailbox.domain import Side
from app.mailbox.tables import EntryRow
from app.work import begin

WORDS = "Which of the two stations was it?"


def sent(desk, reporter):
    return [entry for entry in desk.entries(reporter) if entry.side is Side.DESK]


def test_nobody_but_the_desk_can_open_what_waits(opened, people):
    """Whoever moves the envelope into the mailbox shows the reporter nothing."""
    desk, reporter, ref, amara, _tom = opened
    assert amara.drafts(ref, WORDS).status == 303
    [row] = desk.rows(DraftRow)
    assert not can_open(row.header, reporter.receipt.identity)
    assert not can_open(row.header, people.keys["ruth"].identity)
    assert can_open(row.header, people.keys["helen"].identity)
    assert sent(desk, reporter) == []
    assert b"stations" not in row.header + row.payload
    assert b"amara" not in row.header + row.payload


def test_what_is_sent_is_what_was_read_to_the_byte(opened):
    desk, reporter, ref, amara, tom = opened
    amara.drafts(ref, WORDS)
    [row] = desk.rows(DraftRow)
    page = tom.opens(f"/staff/cases/{ref}/draft")
    assert page.soup.select_one("#words").text == WORDS
    assert "Amara wrote it" in page.text
    assert tom.approves(ref).status == 303
    [entry] = sent(desk, reporter)
    letter = reporter.reads(entry, desk.objects)
    assert (letter.text, letter.author) == (WORDS, "amara")
    with desk.objects.open(entry.object_name) as payload:
        assert payload.read() == row.payload
    assert entry.id == row.id
    assert entry.header != row.header
    assert desk.rows(DraftRow) == []


def test_nobody_is_her_own_second_reader(opened):
    desk, reporter, ref, amara, tom = opened
    amara.drafts(ref, WORDS)
    page = amara.opens(f"/staff/cases/{ref}/draft")
    assert not [form for form in page.soup.select("form") if form["action"].endswith("approve")]
    path = f"/staff/cases/{ref}/draft/approve"
    theirs = tom.opens(f"/staff/cases/{ref}/draft").form(path)
    own = page.form("/withdraw")
    assert amara.posts(path, theirs | {"csrf_token": own["csrf_token"]}).status == 409
    [refused] = desk.audit("case.step-refused")
    assert (refused.actor, refused.subject, refused.details["what"]) == ("amara", ref, "own-text")
    assert sent(desk, reporter) == []
    returned = amara.posts(f"/staff/cases/{ref}/draft/return", own | {"remark": "x"})
    assert returned.status == 409
    assert not desk.rows(DraftRow)[0].returned


def test_who_cannot_read_the_case_sees_no_draft(opened):
    desk, _reporter, ref, amara, _tom = opened
    amara.drafts(ref, WORDS)
    ruth, helen = desk.person("ruth"), desk.person("helen")
    ruth.opens("/staff/")
    assert ruth.opens(f"/staff/cases/{ref}/draft").status == 404
    assert ref not in ruth.opens("/staff/second-reader").text
    helen.opens("/staff/")
    assert helen.opens(f"/staff/cases/{ref}/draft").status == 303, "her declaration comes first"
    assert ref not in helen.opens("/staff/second-reader").text
    helen.declares(ref)
    assert ref in helen.opens("/staff/second-reader").text


def test_a_returned_text_is_written_again_and_the_remark_is_a_note(opened):
    desk, reporter, ref, amara, tom = opened
    amara.drafts(ref, WORDS)
    path = f"/staff/cases/{ref}/draft"
    assert tom.submits(path, f"{path}/return", remark="").status == 422
    assert tom.submits(path, f"{path}/return", remark="It names a station").status == 303
    assert ref not in tom.opens("/staff/second-reader").text
    page = amara.opens(f"/staff/cases/{ref}/reply")
    assert page.form("/reply")["text"] == WORDS
    assert "It names a station" in amara.opens(f"/staff/cases/{ref}/notes/").text
    assert tom.opens(path).status == 200
    assert amara.drafts(ref, "Where was it?").status == 303
    assert tom.approves(ref).status == 303
    [entry] = sent(desk, reporter)
    assert reporter.reads(entry, desk.objects).text == "Where was it?"
    verbs = [entry.verb.value for entry in desk.audit("draft")]
    assert sorted(verbs) == ["draft.approved", "draft.returned", "draft.written", "draft.written"]


def test_its_author_takes_it_back(opened):
    desk, reporter, ref, amara, tom = opened
    amara.drafts(ref, WORDS)
    path = f"/staff/cases/{ref}/draft"
    fields = amara.opens(path).form("/withdraw")
    his = tom.opens(path).form("/approve")
    assert tom.posts(f"{path}/withdraw", his).status == 404
    assert amara.posts(f"{path}/withdraw", fields).status == 303
    assert desk.rows(DraftRow) == []
    page = tom.posts(f"{path}/approve", his)
    assert page.status == 409
    assert "its author took it back" in page.text
    assert sent(desk, reporter) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("when", ["before", "in the same moment"])
def test_a_remark_on_a_text_that_is_gone_is_shown_to_whoever_wrote_it(opened, monkeypatch, when):
    desk, _reporter, ref, amara, tom = opened
    amara.drafts(ref, WORDS)
    path = f"/staff/cases/{ref}/draft"
    fields = tom.opens(path).form("/return") | {"remark": "It names <a> station"}
    if when == "before":
        assert amara.submits(path, f"{path}/withdraw").status == 303
    else:

        def outrun(*_given):
            with begin(desk.database, desk.clock) as work:
                work.session.query(DraftRow).delete()
            raise draft_views.DraftOutrun

        monkeypatch.setattr(draft_views, "_give_back", outrun)
    page = tom.posts(f"{path}/return", fields)
    assert page.status == 409
    assert "its author took it back" in page.text
    assert "It names <a> station" in page.text
    assert "What you wrote" not in tom.opens(path).text, "where nothing was written"


def test_a_draft_that_was_outrun_is_not_sent(opened):
    """An approved text took its place in the thread."""
    desk, reporter, ref, amara, tom = opened
    amara.drafts(ref, WORDS)
    assert tom.sends(ref, "thanks").status == 303
    page = tom.approves(ref)
    assert page.status == 409
    assert "would not be the next letter" in page.text
    assert len(sent(desk, reporter)) == 1


def test_two_who_approve_at_once_send_one_letter(opened):
    desk, reporter, ref, amara, tom = opened
    helen = desk.person("helen")
    helen.reads(ref)
    amara.drafts(ref, WORDS)
    path = f"/staff/cases/{ref}/draft/approve"
    forms = [(who, who.opens(f"/staff/cases/{ref}/draft").form(path)) for who in (tom, helen)]
    assert [who.posts(path, form).status for who, form in forms] == [303, 409]
    assert len(sent(desk, reporter)) == 1


def test_without_a_second_reader_there_are_approved_texts(desk, people):
    reporter = desk.reporter(desk="independent", left_out=("dev",))
    ref = desk.receives(reporter)
    ruth = desk.person("ruth")
    ruth.reads(ref)
    page = ruth.opens(f"/staff/cases/{ref}/reply")
    assert "Nobody else can read this case" in page.text
    assert ruth.sends(ref, "ask-when").status == 303
    assert len(sent(desk, reporter)) == 1


def test_a_draft_that_was_exchanged_is_not_shown(opened):
    desk, _reporter, ref, amara, tom = opened
    other = desk.receives(desk.reporter())
    for who in (amara, tom):
        who.reads(other)
    amara.drafts(other, WORDS)
    with desk.database.writing.begin() as session:
        session.query(DraftRow).update({"ref": ref})
    assert tom.opens(f"/staff/cases/{ref}/draft").status == 500


# Approved texts.


def test_once_an_outcome_is_recorded_the_texts_of_its_class_are_offered(opened):
    _desk, _reporter, ref, amara, _tom = opened
    amara.steps(ref)
    amara.places(ref)
    assert amara.sends(ref, "being-assessed").status == 303
    assert amara.takes(ref, "resolve-locally", code="grievance").status == 303
    assert amara.sends(ref, "resolved-support").status == 422
    assert amara.takes(ref, "action-done", outcomes="grievance").status == 303
    assert amara.sends(ref, "action-taken").status == 422
    assert amara.sends(ref, "resolved-support").status == 303


def test_an_approved_text_is_sent_at_once_and_says_what_it_says(opened):
    desk, reporter, ref, amara, _tom = opened
    page = amara.opens(f"/staff/cases/{ref}/approved")
    said = {radio["value"] for radio in page.soup.select("input[type=radio]")}
    assert "ask-when" in said
    assert "action-taken" not in said, "no outcome is recorded yet"
    assert amara.sends(ref, "action-taken").status == 422
    assert amara.sends(ref, "").status == 422
    assert amara.sends(ref, "ask-when").status == 303
    [entry] = sent(desk, reporter)
    [words] = [t.text for g in texts_on(desk.clock().date()).groups for t in g.texts if t.id == "ask-when"]  # fmt: skip
    assert reporter.reads(entry, desk.objects).text == words


def test_every_text_of_every_desk_is_sealed_in_one_size(desk):
    """Two desks, the shortest and the longest approved text, and words of one's own."""
    texts = sorted(
        (t for g in texts_on(desk.clock().date()).groups if not g.classes for t in g.texts),
        key=lambda text: len(text.text),
    )
    sizes = set()
    for team, name in (("psd", "amara"), ("independent", "ruth")):
        reporter = desk.reporter(desk=team)
        ref = desk.receives(reporter)
        person = desk.person(name)
        person.reads(ref)
        for text in (texts[0], texts[-1]):
            assert person.sends(ref, text.id).status == 303
        person.replies(ref, "\u2019" + "a" * (LONGEST_REPLY - 1))
        entries = sent(desk, reporter)
        assert len(entries) == 3
        for entry in entries:
            with desk.objects.open(entry.object_name) as payload:
                sizes.add((len(payload.read()), entry.size, len(entry.header)))
    [(size, said, _header)] = sizes
    assert size == said == sealed_payload_length(FLOOR)


NAMES_OF_DESKS = ("professional standards", "psd", "counter-corruption", "ccu", "independent recip")


def test_the_texts_are_the_same_for_every_desk_and_hold_no_blank():
    """No name of a desk, no bracket, no placeholder; short enough to be read, and plain."""
    for text in (text for group in texts_on(_today()).groups for text in group.texts):
        words = text.text.lower()
        assert not any(name in words for name in NAMES_OF_DESKS), text.id
        assert not set("[]{}<>_%") & set(words), text.id
        assert 20 < len(text.text) < 600, text.id
        assert text.text == text.text.strip()
        assert text.text.endswith("."), text.id
    # Nothing about a desk enters what chooses a text or writes it.
    assert set(inspect.signature(texts_on).parameters) == {"day"}


def test_every_class_of_outcome_has_a_text():
    from app.casework.reference import reference_on

    texts = texts_on(_today())
    for outcome in reference_on(_today()).outcomes:
        groups = texts.for_outcomes(frozenset({outcome.id}))
        assert any(outcome.id in group.classes and group.texts for group in groups), outcome.id
    known = {outcome.id for outcome in reference_on(_today()).outcomes}
    assert {id for group in texts.groups for id in group.classes} <= known


def test_versions_of_the_texts_begin_on_different_days():
    found = [read_texts(file.read_bytes()) for file in reporter_texts.FOLDER.glob("reporter-texts-*.json")]  # fmt: skip
    assert len({one.effective_from for one in found}) == len(found)
    assert sorted(one.version for one in found) == list(range(1, len(found) + 1))
    content = next(reporter_texts.FOLDER.glob("reporter-texts-*.json")).read_bytes()
    for broken in (content.replace(b"ask-when", b"ask-where"), content.replace(b"texts/1", b"t/1")):
        with pytest.raises(UnfitJson):
            read_texts(broken)


def _today():
    from datetime import date

    return date(2026, 11, 21)


# Notes.


def test_a_note_is_sealed_to_the_desk_and_lies_in_no_mailbox(opened, people):
    desk, reporter, ref, amara, tom = opened
    path = f"/staff/cases/{ref}/notes/"
    before = len(desk.rows(EntryRow))
    assert amara.submits(path, path, note="Ask the custody sergeant").status == 303
    assert amara.submits(path, path, note="He knows").status == 303
    page = tom.opens(path)
    assert [p.text for p in page.soup.select(".cd-letter__text")] == ["He knows", "Ask the custody sergeant"]  # fmt: skip
    assert "Amara" in page.text
    rows = desk.rows(NoteRow)
    for row in rows:
        assert not can_open(row.header, reporter.receipt.identity)
        assert not can_open(row.header, people.keys["dev"].identity)
        assert b"custody" not in row.header + row.payload
        assert b"amara" not in row.header + row.payload
    assert len(desk.rows(EntryRow)) == before
    assert len({len(row.payload) for row in rows}) == 1
    assert [dict(e.details) for e in desk.audit("note.written")] == [{"number": 1}, {"number": 2}]


def test_a_note_sent_twice_is_one_note_and_a_colleagues_is_shown_first(opened):
    desk, _reporter, ref, amara, tom = opened
    path = f"/staff/cases/{ref}/notes/"
    hers, his = amara.opens(path).form(path), tom.opens(path).form(path)
    assert amara.posts(path, hers | {"note": "One"}).status == 303
    assert amara.posts(path, hers | {"note": "One"}).status == 409
    page = tom.posts(path, his | {"note": "Two"})
    assert page.status == 409
    assert "One" in page.text
    again = page.form(path)
    assert again["note"] == "Two"
    assert tom.posts(path, again).status == 303
    assert len(desk.rows(NoteRow)) == 2
    for wrong in ("", "x" * 6_001):
        assert tom.submits(path, path, note=wrong).status == 422


def test_a_note_put_into_a_mailbox_is_refused_there(opened):
    """It is no letter by its format, its signature's label and its readers."""
    desk, reporter, ref, amara, tom = opened
    path = f"/staff/cases/{ref}/notes/"
    amara.submits(path, path, note="Never for the reporter")
    amara.replies(ref, "Thank you.")
    [note], [entry] = desk.rows(NoteRow), sent(desk, reporter)
    from io import BytesIO

    name = desk.objects.put(BytesIO(note.payload))
    with desk.database.writing.begin() as session:
        row = session.get(EntryRow, entry.id)
        row.header, row.object_name, row.size = note.header, name, len(note.payload)
    [moved] = sent(desk, reporter)
    with pytest.raises(NoMatch):
        open_header(moved.header, reporter.receipt.identity)
    page = tom.opens(f"/staff/cases/{ref}")
    assert "An envelope was refused" in page.text
    assert "Never for the reporter" not in page.text


def test_no_note_parses_as_a_letter_and_no_letter_as_a_note(opened, people):
    _desk, reporter, _ref, _amara, _tom = opened
    from datetime import date

    note = notes.InternalNote(
        ref="BCDF-2345", number=1, author="amara", written_on=date(2026, 11, 21), text=ForDesk("x")
    )
    with pytest.raises((EnvelopeError, UnfitKey)):
        parse_letter(note.to_json())
    assert notes.parse_note(note.to_json()) == note
    beside = replace(note, beside="BCDF-3333")
    assert notes.parse_note(beside.to_json()) == beside
    for spoilt in (
        beside.to_json().replace(b"BCDF-3333", b""),
        beside.to_json().replace(b"note/2", b"note/1"),
        note.to_json().replace(b"note/1", b"note/2"),
        note.to_json().replace(b"note/1", b"note/3"),
    ):
        with pytest.raises(UnfitJson):
            notes.parse_note(spoilt)
    with pytest.raises(UnfitJson):
        notes.parse_note(reporter.letter().to_bytes())


def test_the_types_keep_notes_and_messages_apart():
    """What writes to a reporter takes one type, what writes a note the other, and none is both."""
    assert not issubclass(ForDesk, ForReporter)
    assert not issubclass(ForReporter, ForDesk)
    assert get_type_hints(dialogue.write_reply)["text"] is ForReporter
    assert get_type_hints(notes.write_note)["text"] is ForDesk
    with pytest.raises(AttributeError):
        _ = ForDesk("x").is_approved
    for module in (dialogue, drafts):
        source = Path(inspect.getsourcefile(module)).read_text(encoding="utf-8")
        assert "ForDesk" not in source
    assert "ForReporter" not in Path(inspect.getsourcefile(notes)).read_text(encoding="utf-8")
