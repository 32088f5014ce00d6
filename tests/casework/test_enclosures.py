"""A file for a reporter: cleaned, read by a second reader, sealed in one size, and only then sent."""

import hashlib
from io import BytesIO

import pikepdf
import pytest
from sqlalchemy import update

from app.casework import drafts
from app.casework.messages import Enclosure, ForReporter
from app.casework.reply_forms import CHOOSE_AGAIN
from app.casework.tables import DraftRow
from app.envelope.letter import LARGEST_ENCLOSED
from app.envelope.opening import open_header, open_payload
from app.envelope.padding import BEGINNING, ENCLOSING, FLOOR, sealed_payload_length
from app.envelope.parcel import ParcelReader
from app.identity.domain import Role, StaffMember
from app.mailbox.domain import Side
from app.work import begin, look
from tests.casework import files
from tests.casework.conftest import ENCLOSING_WORDS as WORDS

ON_SQLITE_UNLESS_PROVING = True

TOM = StaffMember(id="tom", name="Tom", role=Role.HANDLER, desk="psd")
NOTE = b"Ring the number on page two.\n"


def sent(desk, reporter):
    return [entry for entry in desk.entries(reporter) if entry.side is Side.DESK]


def enclosed_in(reporter, entry, objects):
    """Return what is in a letter besides its words, as its reporter's page takes it out."""
    key = open_header(entry.header, reporter.receipt.identity)
    with objects.open(entry.object_name) as payload:
        parcel = ParcelReader(open_payload(key, payload))
        return [one.readall() for one in parcel.attachments(floor=ENCLOSING)]


def test_a_cleaned_copy_reaches_its_reporter_through_a_second_reader(opened, people):
    desk, reporter, ref, amara, tom = opened
    assert amara.encloses(ref, files.pdf()).status == 303
    [row] = desk.rows(DraftRow)
    assert files.SECRET.encode() not in row.header + row.payload
    page = tom.opens(f"/staff/cases/{ref}/draft")
    assert "A leaflet (PDF document)" in page.text
    look_at = f"/staff/cases/{ref}/attachments/{row.id.hex()}/1"
    assert page.soup.select_one(f'a[href="{look_at}/preview"]')
    assert tom.opens(f"{look_at}/preview").status == 200
    read = tom.browser.get(look_at)
    assert read.headers["Content-Type"] == "application/pdf"
    assert files.SECRET.encode() not in read.data
    assert sent(desk, reporter) == []

    assert tom.approves(ref).status == 303
    [entry] = sent(desk, reporter)
    letter = reporter.reads(entry, desk.objects)
    assert letter.text == WORDS
    [named] = letter.attachments
    assert named.label == "A leaflet (PDF document)"
    [content] = enclosed_in(reporter, entry, desk.objects)
    assert hashlib.sha256(content).hexdigest() == named.sha256
    assert content == read.data, "what was read is what was sent"
    with pikepdf.open(BytesIO(content)) as copy:
        assert len(copy.pages) == 2
        assert not copy.attachments
    # And it stands in the case from now on, under the same address.
    assert amara.browser.get(look_at).data == content
    assert "A leaflet (PDF document)" in amara.opens(f"/staff/cases/{ref}").text
    verbs = [entry.verb.value for entry in desk.audit("file")]
    assert verbs == ["file.opened", "file.downloaded", "file.downloaded"]


@pytest.mark.parametrize("name", ["ruth", "helen"])
def test_who_cannot_read_the_case_gets_no_file_of_what_waits(opened, name):
    desk, _reporter, ref, amara, _tom = opened
    amara.encloses(ref, NOTE)
    [row] = desk.rows(DraftRow)
    path = f"/staff/cases/{ref}/attachments/{row.id.hex()}/1"
    person = desk.person(name)
    person.opens("/staff/")
    # Another desk's member, and a colleague who has made no declaration.
    assert person.opens(path).status == (404 if name == "ruth" else 303)


@pytest.mark.parametrize("desk_of", ["psd", "independent"])
def test_every_letter_with_a_file_has_one_size_and_every_other_another(desk, desk_of):
    writer, second = {"psd": ("amara", "tom"), "independent": ("ruth", "dev")}[desk_of]
    author, reader = desk.person(writer), desk.person(second)
    sizes = set()
    for content in (None, b"x", files.photograph(), files.pdf(pages=9)):
        reporter = desk.reporter(desk=desk_of)
        ref = desk.receives(reporter)
        author.reads(ref)
        reader.reads(ref)
        author.encloses(ref, content) if content else author.drafts(ref, WORDS)
        [waits] = desk.rows(DraftRow)
        reader.approves(ref)
        [entry] = sent(desk, reporter)
        assert entry.size == len(waits.payload)
        sizes.add((content is not None, entry.size, len(entry.header)))
    [plain, enclosing] = sorted(sizes)
    assert plain[1] == sealed_payload_length(FLOOR)
    assert enclosing[1] == sealed_payload_length(ENCLOSING)
    assert plain[2] == enclosing[2]


def test_a_large_file_has_the_size_of_all(opened):
    desk, reporter, ref, amara, tom = opened
    assert amara.encloses(ref, files.noise(1180, 1180), name="x" * 60).status == 303
    tom.approves(ref)
    [entry] = sent(desk, reporter)
    assert entry.size == sealed_payload_length(ENCLOSING)
    [content] = enclosed_in(reporter, entry, desk.objects)
    assert LARGEST_ENCLOSED * 0.95 < len(content) <= LARGEST_ENCLOSED


def test_a_file_is_looked_at_before_it_is_approved(opened):
    desk, reporter, ref, amara, tom = opened
    amara.encloses(ref, NOTE)
    path = f"/staff/cases/{ref}/draft"
    page = tom.submits(path, f"{path}/approve")
    assert page.status == 422
    assert "Look at the file to its end, and say that you did" in page.text
    assert sent(desk, reporter) == []
    assert tom.approves(ref).status == 303
    amara.drafts(ref, "And no file.")
    assert not tom.opens(path).soup.select("input[name=looked]")


def test_words_exchanged_under_the_same_id_are_not_approved(opened):
    """Her browser chose the id, and nothing keeps her from choosing it again."""
    desk, reporter, ref, amara, tom = opened
    reply, draft = f"/staff/cases/{ref}/reply", f"/staff/cases/{ref}/draft"
    entry = amara.opens(reply).form("/reply")["entry"]
    amara.encloses(ref, NOTE, entry=entry)
    seen = tom.opens(draft)
    taken = amara.submits(draft, f"{draft}/withdraw")
    assert taken.status == 303
    amara.encloses(ref, b"We know who you are.", entry=entry)
    for action, more in (("approve", {"looked": "y"}), ("return", {"remark": "No"})):
        page = tom.posts(f"{draft}/{action}", seen.form(f"/{action}") | more)
        assert page.status == 409
        assert "Read the case as it is now, and decide again" in page.text
    assert sent(desk, reporter) == []
    [row] = desk.rows(DraftRow)
    assert not row.returned
    # The remark stands in the form, which is about what is on the screen now.
    again = page.form("/return")
    assert again["remark"] == "No"
    assert tom.posts(f"{draft}/return", again).status == 303


def test_a_kept_file_gets_the_name_that_was_typed(opened):
    desk, reporter, ref, amara, tom = opened
    path = f"/staff/cases/{ref}/draft"
    amara.encloses(ref, files.photograph(), name="Ask Sgt Secret")
    tom.submits(path, f"{path}/return", remark="It names somebody")
    reply = f"/staff/cases/{ref}/reply"
    assert amara.submits(reply, reply, name="The room").status == 303
    tom.approves(ref)
    [entry] = sent(desk, reporter)
    assert [one.label for one in reporter.reads(entry, desk.objects).attachments] == [
        "The room (Photograph)"
    ]


def test_the_file_of_another_text_is_not_sent_in_its_place(opened):
    desk, _reporter, ref, amara, tom = opened
    draft, reply = f"/staff/cases/{ref}/draft", f"/staff/cases/{ref}/reply"
    amara.encloses(ref, files.photograph(), name="The room")
    tom.submits(draft, f"{draft}/return", remark="No")
    old = amara.opens(reply).form("/reply")
    tom.encloses(ref, NOTE, name="Another")
    amara.submits(draft, f"{draft}/return", remark="No")
    page = amara.posts(reply, old)
    assert page.status == 422
    assert "Another text came back meanwhile" in page.text
    again = page.form("/reply")
    assert "keep" not in again
    assert amara.posts(reply, again | {"keep": "y"}).status == 303
    assert len(desk.rows(DraftRow)) == 1


def test_a_case_that_moved_on_asks_for_the_file_again(opened):
    _desk, _reporter, ref, amara, _tom = opened
    page = amara.encloses(ref, NOTE, version="99")
    assert page.status == 409
    assert CHOOSE_AGAIN in page.text
    assert page.form("/reply")["text"] == WORDS


def test_a_returned_text_keeps_its_file_if_its_author_wants(opened):
    desk, reporter, ref, amara, tom = opened
    amara.encloses(ref, files.photograph(), name="The room")
    path = f"/staff/cases/{ref}/draft"
    assert tom.submits(path, f"{path}/return", remark="Say which room").status == 303
    page = amara.opens(f"/staff/cases/{ref}/reply")
    assert "Send the same file again: The room (Photograph)" in page.text
    assert page.form("/reply")["keep"] == "y"
    assert amara.drafts(ref, "This is the room.").status == 303
    tom.approves(ref)
    [entry] = sent(desk, reporter)
    letter = reporter.reads(entry, desk.objects)
    assert letter.text == "This is the room."
    assert [one.label for one in letter.attachments] == ["The room (Photograph)"]
    [content] = enclosed_in(reporter, entry, desk.objects)
    assert content.startswith(b"\xff\xd8\xff")


def test_a_returned_text_goes_without_its_file_or_with_another(opened):
    desk, reporter, ref, amara, tom = opened
    path = f"/staff/cases/{ref}/draft"
    for content in (None, NOTE):
        amara.encloses(ref, files.photograph(), name="The room")
        tom.submits(path, f"{path}/return", remark="Another one")
        fields = amara.opens(f"/staff/cases/{ref}/reply").form("/reply")
        del fields["keep"]
        if content is None:
            assert amara.posts(f"/staff/cases/{ref}/reply", fields).status == 303
        else:
            assert amara.encloses(ref, content, keep="y").status == 303
        tom.approves(ref)
    found = [reporter.reads(entry, desk.objects) for entry in sent(desk, reporter)]
    labels = sorted(tuple(one.label for one in letter.attachments) for letter in found)
    assert labels == [(), ("A leaflet (Text)",)]


@pytest.mark.parametrize("at", [70_000, -1])
def test_a_file_that_somebody_changed_is_neither_shown_nor_sent(opened, at):
    desk, reporter, ref, amara, tom = opened
    amara.encloses(ref, NOTE)
    [row] = desk.rows(DraftRow)
    page = tom.opens(f"/staff/cases/{ref}/draft")
    changed = bytearray(row.payload)
    changed[at] ^= 1
    with begin(desk.database) as work:
        work.session.execute(update(DraftRow).values(payload=bytes(changed)))
    assert tom.opens(f"/staff/cases/{ref}/attachments/{row.id.hex()}/1").status == 409
    path = f"/staff/cases/{ref}/draft/approve"
    refused = tom.posts(path, page.form("/approve") | {"looked": "y"})
    assert refused.status == 503
    assert "the file is damaged" in refused.text
    assert sent(desk, reporter) == []
    assert [entry.actor for entry in desk.audit("letter.refused")] == ["tom"]


def test_a_list_of_what_waits_reads_no_file(opened):
    desk, _reporter, ref, amara, tom = opened
    amara.encloses(ref, NOTE)
    with look(desk.database) as work:
        [found] = drafts.lying(work, by=TOM)
    assert len(found.beginning) == BEGINNING
    assert ref in tom.opens("/staff/second-reader").text
    assert ref in tom.opens("/staff/work").text


def test_an_approved_text_takes_no_file():
    with pytest.raises(ValueError, match="second reader"):
        ForReporter("Words", template="received", enclosed=Enclosure(label="x", content=b"x"))
