"""A file of the team's: given to its reporter alone, checked to its last byte, and kept nowhere."""

import gzip
from hashlib import sha256

import pytest

from app.envelope.errors import LetterError
from app.envelope.letter import Attachment, letter_digest
from app.envelope.padding import ENCLOSING, FLOOR, sealed_payload_length
from app.envelope.receipts import Receipt
from app.intake.enclosures import Asked
from app.intake.reading import NEWEST
from app.mailbox import service as mailbox
from app.mailbox.domain import Side
from app.mailbox.objects import Objects
from app.work import look
from tests.intake.desk import collect, envelope, opened, parts_of, put, reply, reply_letter, waiting
from tests.intake.reporter import Page, Reporter

ON_SQLITE_UNLESS_PROVING = True

PDF = b"%PDF-1.7 a leaflet" * 9000
LABEL = "A leaflet (PDF document)"


@pytest.fixture
def concern(portal, reporter, people):
    """A concern that was collected; the letter in it."""
    reporter.reports(what="It began in May.", where="Here")
    [(letter, payload)] = waiting(portal)
    inside, _files = opened(letter.header, payload, people.keys["amara"])
    collect(portal)
    return inside


def sends(portal, people, concern, content=PDF, *, said=None, place=0, previous="", spoil=None):
    """Put a letter of the desk's with a file into the mailbox; its digest."""
    keys = people.keys["amara"]
    named = Attachment(label=LABEL, size=len(content), sha256=sha256(said or content).hexdigest())
    letter = reply_letter(
        concern, "amara", keys, "Please read this.",
        place=place, previous=previous, attachments=(named,),
    )  # fmt: skip
    recipients = [concern.recipient]
    header, payload = envelope(recipients, letter, keys.signing_key, [content], floor=letter.floor)
    if spoil is not None:
        payload = payload[:spoil] + bytes([payload[spoil] ^ 1]) + payload[spoil + 1 :]
    put(portal, bytes.fromhex(concern.mailbox), Side.DESK, header, payload)
    return letter_digest(letter.to_bytes())


def saves(reporter, at=0, **more):
    """Press the button beside a file, and take what comes."""
    page = reporter.page
    button = page.main.select('button[name="enclosure"]')[at]
    assert button["formaction"] == "/mailbox/file"
    form = page.main.select_one(f"form#{button['form']}")
    fields = page.form(form["action"])
    fields["enclosure"] = button["value"]
    return reporter.browser.post(button["formaction"], data=fields, **more)


def entries_in(portal):
    folder = parts_of(portal)["settings"].objects
    return sorted(name for name, _ in Objects(folder).names())


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PDF, "file.pdf"),
        (b"\xff\xd8\xff\xe0 a picture", "file.jpg"),
        (b"\x89PNG\r\n\x1a\n a picture", "file.png"),
        (b"<script>alert(1)</script>", "file.txt"),
        (b"", "file.txt"),
    ],
    ids=["pdf", "jpeg", "png", "text", "empty"],
)
def test_it_is_given_as_it_was_sealed(portal, reporter, people, concern, content, name):
    sends(portal, people, concern, content)
    before = entries_in(portal)
    page = reporter.comes_back()
    assert page.warnings == []
    assert LABEL in page.main.select_one(".cd-letter__files").text
    assert "stays on the machine you are using" in page.main.text
    answer = saves(reporter)
    assert answer.status_code == 200
    assert answer.data == content
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert entries_in(portal) == before
    assert saves(reporter).data == content, "as often as she likes"
    # As every browser asks: what passes the line is as long whatever the file.
    packed = saves(reporter, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) == packed.content_length == sealed_payload_length(ENCLOSING)
    assert gzip.decompress(packed.data) == content


def test_words_that_were_typed_beside_it_are_not_lost(portal, reporter, people, concern):
    sends(portal, people, concern, spoil=-1)
    page = reporter.comes_back()
    page.main.select_one("textarea").string = "What I had typed"
    answer = Page(saves(reporter))
    assert answer.status == 409
    assert "damaged or is not what the team sealed" in answer.problems[0]
    assert answer.main.select_one("textarea").text.strip() == "What I had typed"


@pytest.mark.parametrize("wrong", [{"spoil": 70_000}, {"spoil": -1}, {"said": b"another"}])
def test_what_is_not_what_was_sealed_is_refused(portal, reporter, people, concern, wrong):
    sends(portal, people, concern, **wrong)
    reporter.comes_back()
    assert Page(saves(reporter)).status == 409


def test_a_file_among_many_letters_is_found_where_it_is(portal, reporter, people, concern):
    first = sends(portal, people, concern, b"one")
    second = reply(portal, people, "amara", concern, "And?", place_no=1, previous=first)
    sends(portal, people, concern, b"two", place=2, previous=second)
    page = reporter.comes_back()
    if len(page.letters) == NEWEST and page.main.select("input[name=everything]"):
        reporter.submits("/mailbox", everything="yes")
    assert [saves(reporter, at).data for at in (0, 1)] == [b"one", b"two"]


def test_no_letter_but_the_teams_gives_a_file(portal, reporter, people, concern):
    reply(portal, people, "amara", concern, "And?")
    page = reporter.comes_back()
    assert not page.main.select("[name=enclosure]")
    fields = page.form("/mailbox/check")
    for asked in ("0" * 32, f"{'0' * 32}.{'0' * 63}", f"{'0' * 32}-{'0' * 64}", "no id", ""):
        answer = reporter.browser.post("/mailbox/file", data=fields | {"enclosure": asked})
        assert answer.status_code == 400
    for entry in (bytes(16), *box_of(portal, concern)):
        asked = str(Asked(entry, "0" * 64))
        answer = reporter.browser.post("/mailbox/file", data=fields | {"enclosure": asked})
        assert answer.status_code in {404, 409}


def test_another_letters_file_in_its_place_is_refused(portal, reporter, people, concern):
    """Somebody who writes to the store exchanged two letters since she looked."""
    first = sends(portal, people, concern, b"one")
    sends(portal, people, concern, b"two", place=1, previous=first)
    page = reporter.comes_back()
    one, two = [Asked.read(b["value"]) for b in page.main.select('button[name="enclosure"]')]
    fields = page.form("/mailbox/check") | {"enclosure": str(Asked(two.entry, one.digest))}
    answer = Page(reporter.browser.post("/mailbox/file", data=fields))
    assert answer.status == 409


def box_of(portal, concern):
    with look(parts_of(portal)["database"]) as work:
        return [one.id for one in mailbox.entries(work, bytes.fromhex(concern.mailbox))]


def test_another_reporters_receipt_opens_nothing(portal, reporter, people, concern):
    sends(portal, people, concern)
    reporter.comes_back()
    [button] = reporter.page.main.select('button[name="enclosure"]')
    other = Reporter(portal)
    other.reports(what="Something else.")
    collect(portal)
    fields = other.comes_back().form("/mailbox/check")
    answer = other.browser.post("/mailbox/file", data=fields | {"enclosure": button["value"]})
    assert answer.status_code == 404
    tag = bytes_of_tag(other)
    entry = Asked.read(button["value"]).entry.hex()
    given = other.browser.post("/mailbox/enclosure", data={"tag": tag, "entry": entry})
    assert given.status_code == 404


def bytes_of_tag(reporter):
    return Receipt.parse(" ".join(reporter.words)).tag.hex()


def test_a_browser_with_scripts_gets_it_sealed(portal, reporter, people, concern):
    sends(portal, people, concern)
    first, second = box_of(portal, concern)
    tag = bytes_of_tag(reporter)
    answers = [
        reporter.browser.post("/mailbox/enclosure", data={"tag": tag, "entry": entry.hex()})
        for entry in (first, second)
    ]
    [given] = [answer for answer in answers if answer.status_code == 200]
    [hers] = [answer for answer in answers if answer.status_code == 404]
    assert hers.json["error"] == "no_mailbox"
    assert len(given.data) == sealed_payload_length(ENCLOSING)
    assert given.headers["Content-Type"] == "application/octet-stream"
    assert b"leaflet" not in given.data
    for fields in ({"tag": tag}, {"entry": first.hex()}, {"tag": "x", "entry": first.hex()}):
        answer = reporter.browser.post("/mailbox/enclosure", data=fields)
        assert (answer.status_code, answer.json["error"]) == (400, "malformed")


def test_a_letter_of_the_teams_with_two_files_is_refused(portal, reporter, people, concern):
    """Only one fits the one size; more would be told from outside."""
    keys = people.keys["amara"]
    assert sealed_payload_length(ENCLOSING) != sealed_payload_length(FLOOR)
    named = Attachment(label="x", size=1, sha256="0" * 64)
    with pytest.raises(LetterError, match="encloses too much"):
        reply_letter(concern, "amara", keys, "Two.", place=0, attachments=(named, named))
