"""Coming back with twelve words: everything is shown, checked, and nothing is written."""

from datetime import timedelta

import pytest
from sqlalchemy import event, update

from app.envelope.errors import NoMatch, ReceiptError
from app.envelope.identities import Identity
from app.envelope.receipts import Receipt
from app.envelope.signing import SigningKey
from app.intake.reading import NEWEST
from app.mailbox import service as mailbox
from app.mailbox.domain import Side, Standing
from app.mailbox.tables import EntryRow, MailboxRow
from app.work import begin
from tests.intake.desk import collect, opened, parts_of, put, reply, waiting
from tests.intake.reporter import Reporter

ON_SQLITE_UNLESS_PROVING = True


@pytest.fixture
def concern(portal, reporter, people):
    """A concern that was collected; the letter in it."""
    reporter.reports({"leave_out": ["tom"]}, what="It began in May.", where="Here")
    [(letter, payload)] = waiting(portal)
    inside, _files = opened(letter.header, payload, people.keys["amara"])
    collect(portal)
    return inside


def receipt_of(reporter):
    return Receipt.parse(" ".join(reporter.words))


def test_before_the_collection_the_letter_is_there_and_waits(portal, reporter):
    reporter.reports(what="It began in May.")
    page = reporter.comes_back()
    assert page.heading == "Your mailbox"
    [(author, when, text)] = page.letters
    assert (author, when) == ("You", "Waits for the next collection")
    assert "It began in May." in text
    assert "waits for the next collection" in page.main.select_one("[data-status]").text


def test_after_the_collection_it_has_a_date_and_no_time(portal, reporter, concern):
    page = reporter.comes_back()
    [(author, when, _text)] = page.letters
    assert (author, when) == ("You", "21 November 2026")
    assert "Nobody has opened it yet" in page.main.select_one("[data-status]").text
    assert "28 November 2026" in page.main.select_one(".cd-status").text


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Standing.BEING_READ, "being read"),
        (Standing.BEING_ASSESSED, "being assessed"),
        (Standing.CLOSED, "This is closed"),
    ],
)
def test_the_standing_is_said_in_words(portal, reporter, concern, standing, said):
    with begin(parts_of(portal)["database"]) as work:
        mailbox.set_standing(work, bytes.fromhex(concern.mailbox), standing, look_again_on=None)
    page = reporter.comes_back()
    assert said in page.main.select_one("[data-status]").text
    assert "Look again" not in page.main.select_one(".cd-status").text


def test_a_reply_is_read_and_answered(portal, reporter, people, concern):
    reply(portal, people, "amara", concern, "Which <b>room</b> was it?\nThank you.")
    page = reporter.comes_back()
    assert page.letters[1] == ("Amara", "21 November 2026", "Which <b>room</b> was it?\nThank you.")
    assert page.warnings == []

    page = reporter.answers("The blue one.", label_1="", file_1=(b"a note", "NEEDLE-NAME.txt"))

    assert page.heading == "Your message is sealed"
    [(letter, payload)] = waiting(portal)
    assert (letter.first, letter.desk, letter.mailbox.hex()) == (False, None, concern.mailbox)
    for member in ("amara", "helen"):
        inside, contents = opened(letter.header, payload, people.keys[member])
        assert inside.text == "The blue one."
        assert contents == [b"a note"]
        assert (inside.place, inside.desk, inside.left_out) == (1, "psd", ("tom",))
    for member in ("tom", "ruth"):
        with pytest.raises(NoMatch):
            opened(letter.header, payload, people.keys[member])
    page = reporter.comes_back()
    assert [when for _author, when, _text in page.letters][-1] == "Waits for the next collection"
    collect(portal)
    reporter.comes_back()
    reporter.answers("And the next.")
    [(letter, payload)] = waiting(portal)
    inside, _contents = opened(letter.header, payload, people.keys["amara"])
    assert inside.place == 2
    page = reporter.comes_back()
    assert page.warnings == []
    assert len(page.letters) == 4


def test_the_same_answer_posted_twice_is_sent_once(portal, reporter, concern):
    reporter.comes_back()
    reporter.submits("/mailbox/check", text="Once.")
    form = reporter.page.form("/mailbox/send")
    for _ in range(2):
        assert reporter.posts("/mailbox/send", form).heading == "Your message is sealed"
    assert len(waiting(portal)) == 1


def test_an_answer_can_be_changed_before_it_is_sent(portal, reporter, people, concern):
    reporter.comes_back()
    reporter.submits("/mailbox/check", text="First try.", file_1=(b"a note", "a.txt"))
    page = reporter.submits("/mailbox/send", to="/mailbox")
    assert page.heading == "Your mailbox"
    assert page.form("/mailbox/check")["text"] == "First try."
    reporter.submits("/mailbox/check", text="Second try.")
    reporter.submits("/mailbox/send")
    [(letter, payload)] = waiting(portal)
    inside, contents = opened(letter.header, payload, people.keys["amara"])
    assert inside.text == "Second try."
    assert contents == [b"a note"]


@pytest.mark.parametrize(
    ("text", "said"), [("", "Write a message"), ("x" * 40_001, "40,001 characters")]
)
def test_an_answer_that_cannot_be_sent_stays_on_the_page(portal, reporter, concern, text, said):
    reporter.comes_back()
    page = reporter.submits("/mailbox/check", text=text, label_1="Kept")
    assert page.status == 422
    assert said in page.problems[0]
    assert page.form("/mailbox/check")["text"] == text
    assert page.form("/mailbox/check")["label_1"] == "Kept"
    assert waiting(portal) == []


def test_a_stale_ticket_keeps_the_answer(portal, reporter, concern, clock):
    reporter.comes_back()
    reporter.submits("/mailbox/check", text="Slowly.")
    clock.now += timedelta(days=3)
    page = reporter.submits("/mailbox/send")
    assert page.status == 409
    assert page.form("/mailbox/send")["text"] == "Slowly."
    assert reporter.submits("/mailbox/send").heading == "Your message is sealed"


def test_after_ten_letters_the_next_waits_for_the_collection(portal, reporter, concern):
    for number in range(10):
        reporter.comes_back()
        reporter.answers(f"Number {number}.")
    reporter.comes_back()
    page = reporter.answers("Too many.")
    assert page.status == 503
    assert "tomorrow" in page.problems[0]
    assert page.form("/mailbox/send")["text"] == "Too many."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Count them again"),
        ("one two three", "Count them again"),
        ("{} extra", "Count them again"),
        ("{11} zzzz", "Word 12 is not a word"),
        ("a" * 401, "too long"),
        ("{swapped}", "do not fit together"),
        ("<script>alert(1)</script>", "Count them again"),
    ],
)
def test_words_that_are_no_receipt_are_named_by_their_place(reporter, concern, typed, said):
    words = list(reporter.words)
    typed = typed.replace("{swapped}", " ".join(_with_a_wrong_checksum(words))).replace(
        "{11}", " ".join(words[:11])
    )
    page = reporter.comes_back([typed.replace("{}", " ".join(words))])
    assert page.status == 422
    assert said in page.problems[0]
    # What was typed is there to be put right, unless it was too long to be looked at.
    kept = page.main.select_one("#receipt").text.removeprefix("\n")
    assert kept == ("" if said == "too long" else typed.replace("{}", " ".join(words)))


def _with_a_wrong_checksum(words):
    # Of sixteen last words one fits.
    for last in ("zoo", "abandon", "able", "about"):
        changed = [*words[:-1], last]
        try:
            Receipt.parse(" ".join(changed))
        except ReceiptError:
            return changed
    raise AssertionError("four words that all fit")


@pytest.mark.parametrize("spelling", [str.upper, str.title, lambda word: word[:4]])
def test_words_are_taken_however_they_are_written(reporter, concern, spelling):
    typed = ",\n ".join(f"{n}. {spelling(word)}" for n, word in enumerate(reporter.words, 1))
    assert reporter.comes_back([typed]).heading == "Your mailbox"


def test_a_receipt_without_a_mailbox_learns_only_that(reporter, concern):
    page = reporter.comes_back(Receipt.generate().words)
    assert page.status == 404
    assert page.heading == "Open your mailbox"
    assert "no mailbox with these words" in page.problems[0]


def test_two_reporters_do_not_meet(portal, reporter, concern, people):
    other = Reporter(portal)
    other.reports(what="Something else.")
    reporter.comes_back()
    other.comes_back()
    assert "It began in May." not in other.page.text
    assert "Something else." not in reporter.page.text
    # Her page with another's receipt in it: the letters are another's, or there are none.
    theirs = other.page.form("/mailbox/check")
    fields = reporter.page.form("/mailbox/check")
    page = reporter.posts("/mailbox", {**fields, "entropy": theirs["entropy"]})
    assert "It began in May." not in page.text


def statements(engine, during):
    seen = []

    def note(_connection, _cursor, statement, *_args):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    during()
    event.remove(engine, "before_cursor_execute", note)
    return seen


def test_a_visit_writes_nothing(portal, reporter, concern, people):
    reply(portal, people, "amara", concern, "A question.")
    data = parts_of(portal)["settings"].data
    before = {
        path: (path.stat().st_size, path.stat().st_mtime_ns)
        for path in data.rglob("*")
        if path.is_file() and not path.name.endswith("-shm")
    }
    engine = parts_of(portal)["database"].engine

    def visit():
        reporter.comes_back()
        reporter.submits("/mailbox/check", text="Not sent.")
        reporter.submits("/mailbox/send", to="/mailbox")
        portal.test_client().post("/mailbox/open", data={"tag": receipt_of(reporter).tag.hex()})
        reporter.comes_back(Receipt.generate().words)

    seen = statements(engine, visit)
    assert seen
    assert {statement.split()[0] for statement in seen} <= {"SELECT", "PRAGMA", "BEGIN", "SET"}
    after = {
        path: (path.stat().st_size, path.stat().st_mtime_ns)
        for path in data.rglob("*")
        if path.is_file() and not path.name.endswith("-shm")
    }
    assert after == before


def test_a_long_thread_shows_the_newest_and_all_on_request(
    portal, reporter, people, concern, clock
):
    previous = ""
    for number in range(8):
        clock.now += timedelta(days=1)
        previous = reply(
            portal, people, "helen", concern, f"Reply {number}.", place_no=number, previous=previous
        )
    page = reporter.comes_back()
    assert [text for _a, _w, text in page.letters if text.startswith("Reply")] == [
        f"Reply {number}." for number in range(8 - NEWEST, 8)
    ]
    assert page.warnings == []
    # An answer still follows her own last letter, which is not among the newest.
    reporter.answers("Late answer.")
    [(letter, payload)] = waiting(portal)
    inside, _files = opened(letter.header, payload, people.keys["amara"])
    assert inside.place == 1
    reporter.comes_back()
    page = reporter.submits("/mailbox", everything="yes")
    assert len(page.letters) == 10
    assert page.warnings == []


def test_a_missing_letter_shows(portal, reporter, people, concern):
    reply(portal, people, "amara", concern, "The second.", place_no=1, previous="0" * 64)
    page = reporter.comes_back()
    assert any("Letter 1 from the team is missing" in warning for warning in page.warnings)


def test_two_letters_at_one_place_are_both_shown(portal, reporter, people, concern):
    reply(portal, people, "amara", concern, "One.")
    reply(portal, people, "helen", concern, "Other.")
    page = reporter.comes_back()
    assert any("two different letters" in warning for warning in page.warnings)
    assert {"One.", "Other."} <= {text for _a, _w, text in page.letters}


@pytest.mark.parametrize("forged", ["another's key", "another mailbox", "rubbish", "not for her"])
def test_a_forged_reply_is_refused_and_said(portal, reporter, people, concern, forged):
    if forged == "another's key":
        stranger = type(people.keys["amara"])(Identity.generate(), SigningKey.generate())
        reply(portal, people, "amara", concern, "NEEDLE", key=stranger)
    elif forged == "another mailbox":
        other = Reporter(portal)
        other.reports(what="Else.")
        [(letter, payload)] = waiting(portal)
        theirs, _files = opened(letter.header, payload, people.keys["amara"])
        collect(portal)
        reply(portal, people, "amara", theirs, "NEEDLE", sealed_to=concern.recipient)
        with begin(parts_of(portal)["database"]) as work:
            work.session.execute(
                update(EntryRow)
                .where(EntryRow.side == Side.DESK)
                .values(mailbox=bytes.fromhex(concern.mailbox))
            )
    elif forged == "rubbish":
        put(portal, bytes.fromhex(concern.mailbox), Side.DESK, b"NEEDLE", b"NEEDLE" * 2000)
    else:
        reply(portal, people, "amara", concern, "NEEDLE", sealed_to=people.keys["tom"].recipient)
    page = reporter.comes_back()
    assert page.status == 200
    assert "NEEDLE" not in page.text
    assert any("was refused" in warning for warning in page.warnings)


def test_a_payload_that_is_gone_is_said_to_be_refused(portal, reporter, people, concern):
    reply(portal, people, "amara", concern, "A question.")
    for path in parts_of(portal)["settings"].objects.iterdir():
        path.unlink()
    page = reporter.comes_back()
    assert page.status == 200
    assert page.letters == []
    assert len([w for w in page.warnings if "was refused" in w]) == 2
    assert any("nothing can be added safely" in warning for warning in page.warnings)
    assert not page.main.find("form", action="/mailbox/check")


def test_a_replaced_mailbox_is_found_out(portal, reporter, concern):
    with begin(parts_of(portal)["database"]) as work:
        tag_hash = work.session.scalar(
            update(MailboxRow).values(tag_hash=b"x" * 32).returning(MailboxRow.tag_hash)
        )
    assert tag_hash
    other = Reporter(portal)
    other.reports(what="NEEDLE")
    collect(portal)
    from app.envelope.receipts import hashed_tag

    with begin(parts_of(portal)["database"]) as work:
        work.session.execute(
            update(MailboxRow)
            .where(MailboxRow.id == bytes.fromhex(receipt_of(other).mailbox_id))
            .values(tag_hash=hashed_tag(receipt_of(reporter).tag))
        )
    page = reporter.comes_back()
    assert page.status == 409
    assert page.heading == "This is not your mailbox"
    assert "NEEDLE" not in page.text


def test_a_desk_that_the_store_names_alone_gets_nothing(portal, reporter, people, concern):
    with begin(parts_of(portal)["database"]) as work:
        work.session.execute(update(MailboxRow).values(desk="independent"))
    page = reporter.comes_back()
    assert any("no letter of that team vouches" in warning for warning in page.warnings)
    reporter.answers("For the old desk.")
    [(letter, payload)] = waiting(portal)
    inside, _files = opened(letter.header, payload, people.keys["amara"])
    assert inside.desk == "psd"
    with pytest.raises(NoMatch):
        opened(letter.header, payload, people.keys["ruth"])


def test_when_nobody_of_her_readers_is_left_nothing_is_sealed(
    portal, reporter, people, concern, settings
):
    reporter.comes_back()
    desks = (
        people.keyring.desks[0].__class__(id="psd", label="PSD", members=("tom",)),
        people.keyring.desks[1],
    )
    people.write_keyring(settings.keyring.parent, people.next_keyring(desks=desks))
    reporter.submits("/mailbox/check", text="To whom?")
    page = reporter.submits("/mailbox/send")
    assert page.status == 409
    assert "Nobody who may read" in page.problems[0]
    assert page.form("/mailbox/send")["text"] == "To whom?"
    assert waiting(portal) == []
