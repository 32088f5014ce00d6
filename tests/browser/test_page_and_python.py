"""What the page seals, Python opens; what Python seals, the page shows."""

import base64
import re
import time
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from werkzeug.wrappers import Response

from app.envelope.errors import NoMatch
from app.envelope.format import parse_header
from app.envelope.letter import QUESTIONS, Attachment, Kind, Letter, sign_letter, verify_letter
from app.envelope.opening import open_envelope
from app.envelope.padding import FLOOR
from app.envelope.parcel import ParcelReader, ParcelWriter
from app.envelope.reading import read_attachments
from app.envelope.receipts import Receipt
from app.envelope.sealing import Sealer
from tests.browser import acts
from tests.browser.between import STORED, Between, answer, refusal

pytestmark = pytest.mark.browser

PDF = b"%PDF-" * 30_000


def opened(envelope: bytes, identity) -> tuple[Letter, list[bytes]]:
    parcel = ParcelReader(open_envelope(BytesIO(envelope), identity).payload)
    letter = verify_letter(parcel.letter_json, parcel.signature)
    contents = [BytesIO() for _ in letter.attachments]
    read_attachments(parcel, letter, lambda number, _attachment: contents[number - 1])
    return letter, [content.getvalue() for content in contents]


def test_python_opens_what_the_page_sealed(page: Page, server: Between, complaints):
    acts.writes(page, server)
    acts.adds(page, ("My name.pdf", "application/pdf", PDF))
    page.locator("#label-1").fill("The log")
    acts.seals(page)
    receipt = acts.reads_receipt(page)

    [posted] = server.posted
    assert [name for name, _ in posted.fields] == ["ticket", "desk", "tag", "mailbox", "urgent"]
    fields = dict(posted.fields)
    assert fields["desk"] == "psd"
    assert fields["tag"] == receipt.tag.hex()
    assert fields["mailbox"] == receipt.mailbox_id

    letter, [content] = opened(posted.envelope, server.people.keys["amara"].identity)
    assert content == PDF
    assert (letter.kind, letter.mailbox) == (Kind.CONCERN, receipt.mailbox_id)
    assert (letter.readers, letter.left_out) == (("amara", "helen"), ("tom",))
    assert letter.answers["what"] == acts.WORDS
    assert letter.answers["about"] == "colleague"
    assert letter.attachments[0].label == "The log"
    for reader in (server.people.keys["helen"].identity, receipt.identity):
        assert opened(posted.envelope, reader)[0] == letter
    header = parse_header(BytesIO(posted.envelope), exactly=16)
    hers = header.stanzas[receipt.identity.recipient.place(16)]
    assert len(receipt.identity.unwrap(hers)) == 16, "the reporter's stanza stands at her place"
    for stranger in ("tom", "ruth"):
        with pytest.raises(NoMatch):
            open_envelope(BytesIO(posted.envelope), server.people.keys[stranger].identity)
    assert complaints == []


def sealed(content: bytes, signature: bytes, recipients, files=(), floor=FLOOR):
    """Return header and payload of a letter."""
    out = BytesIO()
    sealer = Sealer(out, recipients, write_header=False)
    parcel = ParcelWriter(sealer, content, signature, [len(file) for file in files], floor=floor)
    for file in files:
        parcel.write(file)
    parcel.finish()
    sealer.finish()
    return sealer.header, out.getvalue()


def entry(side: str, postmark: str | None, content: bytes, signature: bytes, recipients) -> dict:
    """Return one letter as the server gives it to the page."""
    return given(side, postmark, *sealed(content, signature, recipients))


def given(side: str, postmark: str | None, header: bytes, payload: bytes) -> dict:
    """Return an envelope as the server gives it to the page."""
    head = payload[: 16 + 2 * 65_552]
    return {
        "id": "0" * 32,
        "side": side,
        "postmark": postmark,
        "header": base64.b64encode(header).decode(),
        "head": base64.b64encode(head).decode(),
    }


@pytest.fixture
def receipt() -> Receipt:
    return Receipt.generate()


@pytest.fixture
def concern(receipt, server) -> Letter:
    return Letter(
        kind=Kind.CONCERN,
        mailbox=receipt.mailbox_id,
        author="reporter",
        verification_key=receipt.verification_key,
        recipient=receipt.identity.recipient,
        place=0,
        desk="psd",
        readers=("amara", "helen"),
        left_out=("tom",),
        keyring=server.people.keyring.serial,
        answers=dict.fromkeys(QUESTIONS, "") | {"what": acts.WORDS},
    )


@pytest.fixture
def reply(concern, server) -> Letter:
    return replace(
        concern,
        kind=Kind.REPLY,
        author="amara",
        verification_key=server.people.keys["amara"].verification_key,
        recipient=None,
        answers={},
        text="Which station <b>was</b> it?",
    )


@pytest.fixture
def letters(server, receipt, concern, reply) -> list[dict]:
    """A concern and a reply, as the server gives them."""
    keys = server.people.keys
    readers = [receipt.identity.recipient, *(keys[name].recipient for name in concern.readers)]
    theirs = sign_letter(reply, keys["amara"].signing_key)
    mine = sign_letter(concern, receipt.signing_key)
    return [
        entry("desk", "2026-11-03", *theirs, readers),
        entry("reporter", "2026-11-01", *mine, readers),
    ]


def mailbox(receipt: Receipt, letters: list[dict], **changes: object):
    says = {
        "mailbox": receipt.mailbox_id,
        "desk": "psd",
        "status": "With the desk",
        "look_again": "2099-11-29",
        "promised": "2099-12-24",
        "closed": False,
        "ticket": "ticket-9",
        "entries": letters,
    }
    return answer(200, says | changes)


def test_the_page_shows_what_python_sealed(
    page: Page, server: Between, receipt, letters, complaints
):
    server.answers = [mailbox(receipt, letters)]
    acts.enters(page, server, receipt)
    letters = page.locator("[data-thread] .cd-letter")
    expect(letters).to_have_count(2)
    expect(letters.nth(0)).to_contain_text(acts.WORDS)
    expect(letters.nth(0)).to_contain_text("What happened, or is happening?")
    expect(letters.nth(0).locator("[data-when]")).to_have_text("1 November 2026")
    expect(letters.nth(1).locator("[data-from]")).to_have_text("Amara")
    # Text stays text, whoever wrote it.
    expect(letters.nth(1).locator("[data-text]")).to_have_text("Which station <b>was</b> it?")
    expect(page.locator("[data-status]")).to_have_text("With the desk")
    expect(page.locator('[data-if="look_again"]')).to_have_text("Look again from 29 November 2099.")
    promise = page.locator('[data-if="promised"]')
    expect(promise).to_contain_text("We promised to write to you by 24 December 2099, even if")
    expect(page.get_by_text("We have not")).to_be_hidden()
    expect(page.get_by_label("I ask for a review")).to_be_hidden()
    assert [posted.fields for posted in server.posted] == [[("tag", receipt.tag.hex())]]
    assert complaints == []


def test_an_answer_continues_the_thread(page: Page, server: Between, receipt, letters, concern):
    server.answers = [mailbox(receipt, letters), answer(201, STORED)]
    acts.enters(page, server, receipt)
    acts.answers(page, "The one at the harbour.")
    expect(acts.heading(page)).to_have_text("Your message is sealed")

    posted = server.posted[-1]
    assert [name for name, _ in posted.fields] == ["ticket", "tag", "entry"]
    assert dict(posted.fields)["ticket"] == "ticket-9"
    assert len(dict(posted.fields)["entry"]) == 32
    letter, _ = opened(posted.envelope, server.people.keys["helen"].identity)
    content, _ = sign_letter(concern, receipt.signing_key)
    assert (letter.kind, letter.place) == (Kind.MESSAGE, 1)
    assert letter.previous == sha256(content).hexdigest()
    assert letter.text == "The one at the harbour."
    assert letter.readers == ("amara", "helen")


def test_a_missed_promise_is_owned_up_to_and_a_review_asked_for(
    page: Page, server: Between, receipt, letters
):
    past = mailbox(receipt, letters, promised="2026-11-20", look_again=None, closed=True)
    server.answers = [past, answer(201, STORED)]
    acts.enters(page, server, receipt)
    expect(page.locator('[data-if="missed"]')).to_contain_text("by 20 November 2026. We have not.")
    expect(page.locator('[data-if="promised"]')).to_be_hidden()
    page.get_by_label("I ask for a review").check()
    acts.answers(page, "Ask the night shift.")
    expect(acts.heading(page)).to_have_text("Your message is sealed")
    posted = server.posted[-1]
    assert (posted.path, [name for name, _ in posted.fields]) == (
        "/mailbox/envelope", ["ticket", "tag", "entry"],
    )  # fmt: skip
    letter, _ = opened(posted.envelope, server.people.keys["helen"].identity)
    assert (letter.text, dict(letter.answers)) == ("Ask the night shift.", {"asks": "review"})
    assert letter.asks_for_review


def test_a_thread_that_was_passed_on_goes_to_the_desk_that_has_it(
    page: Page, server: Between, receipt, letters, concern, reply
):
    keys = server.people.keys
    mine, _ = sign_letter(concern, receipt.signing_key)
    behind = replace(
        concern, kind=Kind.MESSAGE, place=1, previous=sha256(mine).hexdigest(), answers={},
        text="On its way.",
    )  # fmt: skip
    passed = replace(reply, desk="independent", readers=("dev", "ruth"), text="Passed on.")
    old = [receipt.identity.recipient, *(keys[name].recipient for name in concern.readers)]
    new = [receipt.identity.recipient, *(keys[name].recipient for name in passed.readers)]
    letters[0] = entry("desk", "2026-11-03", *sign_letter(passed, keys["amara"].signing_key), new)
    letters.append(entry("reporter", None, *sign_letter(behind, receipt.signing_key), old))
    server.answers = [mailbox(receipt, letters, desk="independent"), answer(201, STORED)]
    acts.enters(page, server, receipt)
    expect(page.locator(".cd-thread__warning")).to_have_count(1)
    expect(page.locator(".cd-thread__warning")).to_contain_text("please write it again")
    acts.answers(page, "On its way.")
    expect(acts.heading(page)).to_have_text("Your message is sealed")
    letter, _ = opened(server.posted[-1].envelope, keys["ruth"].identity)
    assert (letter.desk, letter.place) == ("independent", 2)


@pytest.fixture
def with_file(server, receipt, letters, reply) -> bytes:
    """A reply with a file in the place of the other; its sealed payload."""
    named = Attachment(label="A leaflet", size=len(PDF), sha256=sha256(PDF).hexdigest())
    letter = replace(reply, attachments=(named,))
    content = sign_letter(letter, server.people.keys["amara"].signing_key)
    recipients = [receipt.identity.recipient]
    header, payload = sealed(*content, recipients, [PDF], letter.floor)
    letters[0] = given("desk", "2026-11-03", header, payload) | {"id": "f" * 32}
    return payload


def test_a_file_of_the_desks_is_opened_on_the_page_and_saved(
    page: Page, server: Between, receipt, letters, with_file, complaints
):
    server.answers = [mailbox(receipt, letters), Response(with_file)]
    acts.enters(page, server, receipt)
    letter = page.locator("[data-thread] .cd-letter--desk")
    expect(letter).to_contain_text("A leaflet (")
    expect(letter).to_contain_text("stays on the machine you are using")
    page.get_by_label("Write to the team").fill("What I had typed")
    with page.expect_download() as taken:
        letter.get_by_role("button", name=re.compile("Save this file.*A leaflet")).click()
    assert taken.value.suggested_filename == "file.pdf"
    assert Path(taken.value.path()).read_bytes() == PDF
    expect(letter.locator("[data-saved]")).to_contain_text("given to your browser")
    expect(page.get_by_label("Write to the team")).to_have_value("What I had typed")
    expect(page.locator("[data-thread] .cd-letter--reporter [data-enclosure]")).to_have_count(0)
    assert server.posted[-1].fields == [("tag", receipt.tag.hex()), ("entry", "f" * 32)]
    assert complaints == []


def test_a_file_that_comes_after_she_left_is_not_saved(
    page: Page, server: Between, receipt, letters, with_file
):
    def slowly():
        time.sleep(1)
        yield with_file

    saved = []

    def note(file):
        saved.append(file)

    page.on("download", note)
    # The page that she leaves to does not come either: this one is hidden, and still there.
    page.route("**/leave", lambda _route: None)
    server.answers = [mailbox(receipt, letters), Response(slowly())]
    acts.enters(page, server, receipt)
    page.get_by_role("button", name="Save this file").click()
    expect(page.locator("[data-saved]")).to_contain_text("Fetching the file")
    # Not by the driver's click, which would wait for the page that never comes.
    page.evaluate("document.querySelector('.govuk-js-exit-this-page-button').click()")
    page.wait_for_timeout(2500)
    assert saved == []


@pytest.mark.parametrize("wrong", ["changed", "cut", "another", "gone"])
def test_a_file_that_is_not_what_was_sealed_is_not_given(
    page: Page, server: Between, receipt, letters, reply, with_file, wrong
):
    keys = server.people.keys["amara"]
    another = sealed(*sign_letter(reply, keys.signing_key), [receipt.identity.recipient])[1]
    answers = {
        "changed": Response(with_file[:90_000] + b"x" + with_file[90_001:]),
        "cut": Response(with_file[:-1]),
        "another": Response(another),
        "gone": refusal(404, "no_mailbox"),
    }
    server.answers = [mailbox(receipt, letters), answers[wrong]]
    acts.enters(page, server, receipt)
    page.get_by_role("button", name="Save this file").click()
    said = "not there any more" if wrong == "gone" else "not what the team sealed"
    expect(page.locator(".govuk-error-summary")).to_contain_text(said)
    expect(page.locator("[data-saved]")).to_have_text("")


def test_a_reply_that_somebody_forged_is_refused_and_said(
    page: Page, server: Between, receipt, letters, reply
):
    forger = server.people.keys["tom"]
    forged = replace(reply, verification_key=forger.verification_key)
    content = sign_letter(forged, forger.signing_key)
    letters[0] = entry("desk", "2026-11-03", *content, [receipt.identity.recipient])
    server.answers = [mailbox(receipt, letters)]
    acts.enters(page, server, receipt)
    expect(page.locator("[data-thread] .cd-letter")).to_have_count(1)
    expect(page.locator(".cd-thread__warning")).to_contain_text("refused")


def test_a_mailbox_that_is_not_the_receipts_is_not_shown(
    page: Page, server: Between, receipt, letters
):
    server.answers = [mailbox(receipt, letters, mailbox="0" * 64)]
    acts.enters(page, server, receipt)
    expect(acts.heading(page)).to_have_text("This is not your mailbox")


def test_a_desk_that_no_letter_vouches_for_gets_nothing(
    page: Page, server: Between, receipt, letters
):
    server.answers = [mailbox(receipt, letters, desk="independent"), answer(201, STORED)]
    acts.enters(page, server, receipt)
    expect(page.locator(".cd-thread__warning")).to_contain_text("no letter of that desk")
    acts.answers(page, "Hello?")
    expect(acts.heading(page)).to_have_text("Your message is sealed")
    letter, _ = opened(server.posted[-1].envelope, server.people.keys["amara"].identity)
    assert letter.desk == "psd"
