"""What somebody who writes to the store can try: it is shown as refused, and nobody is answered."""

from io import BytesIO

import pytest

from app.envelope.letter import Kind
from app.envelope.receipts import Receipt
from app.envelope.signing import SigningKey
from app.mailbox.domain import Side
from app.mailbox.service import place
from app.mailbox.tables import EntryRow
from app.work import begin

ON_SQLITE_UNLESS_PROVING = True


def plant(desk, reporter, sealed, *, side=Side.REPORTER):
    """Put an envelope where it does not belong, as who writes to the store could."""
    with begin(desk.database, desk.clock) as work:
        place(
            work,
            mailbox=reporter.mailbox,
            side=side,
            postmark=work.today,
            header=sealed.header,
            size=len(sealed.payload),
            object_name=desk.objects.put(BytesIO(sealed.payload)),
        )


def replace_concern(desk, reporter, sealed):
    with begin(desk.database) as work:
        row = work.session.query(EntryRow).one()
        row.header, row.size = sealed.header, len(sealed.payload)
        row.object_name = desk.objects.put(BytesIO(sealed.payload))


def warnings(page):
    return [tag.text for tag in page.soup.select(".cd-thread__warning h3")]


def is_shut(desk, person, ref, page):
    """Nothing was shown, nobody can be answered, and the log says so."""
    assert warnings(page) == ["An envelope was refused"]
    assert not page.soup.select(".cd-letter")
    assert not page.soup.select("a[href$='/reply']")
    assert person.opens(f"/staff/cases/{ref}/reply").status == 409
    assert [e.subject for e in desk.audit("letter.refused")] == [ref]
    assert len(desk.rows(EntryRow)) == 1


def test_a_wrong_signature(desk):
    reporter = desk.reporter()
    ref = desk.receives(reporter, reporter.seal(spoil="signature"))
    amara = desk.person("amara")
    is_shut(desk, amara, ref, amara.reads(ref))


def test_another_mailbox(desk):
    """A sound concern of somebody else, laid into this mailbox."""
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    replace_concern(desk, reporter, reporter.another().seal())
    amara = desk.person("amara")
    is_shut(desk, amara, ref, amara.reads(ref))


@pytest.mark.parametrize("whose", ["the forger's key", "the reporter's name"])
def test_a_swapped_recipient_is_never_answered(desk, whose):
    """The letter names a recipient of the forger's: the mailbox id does not follow any more."""
    reporter, forger = desk.reporter(), Receipt.generate()
    ref = desk.receives(reporter)
    changed = reporter.another()
    changed.receipt = reporter.receipt
    key = forger.signing_key
    sealed = changed.seal(
        recipient=forger.identity.recipient, key=key, verification_key=key.verification_key,
        mailbox=reporter.receipt.mailbox_id if whose == "the reporter's name" else forger.mailbox_id,
    )  # fmt: skip
    replace_concern(desk, reporter, sealed)
    amara = desk.person("amara")
    is_shut(desk, amara, ref, amara.reads(ref))


def test_a_message_in_the_place_of_a_concern(desk):
    reporter = desk.reporter()
    reporter.seal()
    message = reporter.seal()
    assert message.letter.kind is Kind.MESSAGE
    fresh = desk.reporter(receipt=reporter.receipt)
    ref = desk.receives(fresh)
    replace_concern(desk, fresh, message)
    amara = desk.person("amara")
    page = amara.reads(ref)
    assert warnings(page) == ["A letter is missing here"]
    assert not page.soup.select("a[href$='/reply']")
    assert amara.opens(f"/staff/cases/{ref}/reply").status == 409


@pytest.mark.parametrize("author", ["amara", "nobody-known", "ruth"])
def test_a_reply_by_nobody_of_the_keyring(desk, author):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    key = SigningKey.generate()
    forged = reporter.seal(
        kind=Kind.REPLY, author=author, recipient=None, key=key, text="Tell us your name.",
        verification_key=key.verification_key, place=0, previous="", answers={},
    )  # fmt: skip
    plant(desk, reporter, forged, side=Side.DESK)
    page = desk.person("amara").reads(ref)
    assert warnings(page) == ["An envelope was refused"]
    assert "Tell us your name" not in page.answer.text
    assert page.soup.select(".cd-letter"), "the concern itself is sound"


def test_a_reporters_letter_on_the_desks_side(desk):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    plant(desk, reporter, reporter.seal(), side=Side.DESK)
    page = desk.person("amara").reads(ref)
    assert warnings(page) == ["An envelope was refused"]


def test_an_attachment_that_is_not_the_one_named(desk):
    reporter = desk.reporter()
    sealed = reporter.seal(
        attachments=[("a picture", b"\x89PNG" + bytes(400_000))], spoil="attachment"
    )
    ref = desk.receives(reporter, sealed)
    amara = desk.person("amara")
    page = amara.reads(ref)
    [preview] = [a["href"] for a in page.soup.select(".cd-files a")]
    link = preview.removesuffix("/preview")
    for path in (link, f"{link}/preview", f"{link}/picture"):
        refused = amara.opens(path)
        assert refused.status == 409
        assert refused.heading == "This file was refused"
    assert len(desk.audit("letter.refused")) == 3
    assert desk.audit("file") == []


def test_a_small_forged_attachment_is_found_with_the_letter(desk):
    reporter = desk.reporter()
    ref = desk.receives(
        reporter, reporter.seal(attachments=[("note", b"hello")], spoil="attachment")
    )
    amara = desk.person("amara")
    is_shut(desk, amara, ref, amara.reads(ref))


def test_a_payload_with_a_bit_turned(desk):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    [entry] = desk.entries(reporter)
    path = desk.settings.objects / entry.object_name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    amara = desk.person("amara")
    is_shut(desk, amara, ref, amara.reads(ref))


def test_a_missing_letter_is_shown(desk):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    reporter.seal()
    desk.receives(reporter, reporter.seal(text="The third letter."))
    page = desk.person("amara").reads(ref)
    assert warnings(page) == ["A letter is missing here"]
    assert "The third letter." in page.text
    assert "Something is wrong with these letters" in page.text


def test_two_letters_at_one_place_are_both_shown(desk):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    place_, previous = reporter.place, reporter.previous
    desk.receives(reporter, reporter.seal(text="From one window."))
    reporter.place, reporter.previous = place_, previous
    desk.receives(reporter, reporter.seal(text="From another window."))
    page = desk.person("amara").reads(ref)
    assert warnings(page) == ["The thread divides here"]
    assert "From one window." in page.text
    assert "From another window." in page.text


def test_the_same_letter_twice_is_shown_once(desk):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    later = reporter.seal(text="Only once.")
    desk.receives(reporter, later)
    plant(desk, reporter, later)
    page = desk.person("amara").reads(ref)
    assert page.text.count("Only once.") == 1
    assert warnings(page) == []


def test_a_second_concern_of_the_same_reporter_leaves_out_whom_either_leaves_out(desk):
    reporter = desk.reporter()
    ref = desk.receives(reporter)
    again = desk.reporter(receipt=reporter.receipt, left_out=("tom",))
    plant(desk, reporter, again.seal())
    amara = desk.person("amara")
    page = amara.reads(ref)
    assert warnings(page) == ["The thread divides here"]
    amara.drafts(ref, "Which is right?")
    # Not Tom, whom one of the two leaves out.
    helen = desk.person("helen")
    helen.reads(ref)
    helen.approves(ref)
    reply = next(entry for entry in desk.entries(reporter) if entry.side is Side.DESK)
    letter = reporter.reads(reply, desk.objects)
    assert letter.readers == ("amara", "helen")
    assert letter.left_out == ("tom",)
