"""A handler writes to a reporter: signed, sealed to the right people, once."""

from datetime import date, timedelta

import pytest

from app.casework import dialogue
from app.casework.domain import CaseState
from app.casework.messages import ForReporter
from app.casework.sheet import CaseSheet
from app.envelope.errors import NoMatch
from app.envelope.format import STANZAS, parse_header_bytes
from app.envelope.keyring import Desk as KeyringDesk
from app.envelope.letter import letter_digest
from app.envelope.opening import can_open, open_header
from app.envelope.padding import FLOOR, sealed_payload_length
from app.errors import Conflict
from app.mailbox.domain import Side, Standing
from app.mailbox.tables import EntryRow, MailboxRow

ON_SQLITE_UNLESS_PROVING = True

TODAY = date(2026, 11, 21)


def replies(desk, reporter):
    return [entry for entry in desk.entries(reporter) if entry.side is Side.DESK]


def test_the_reporter_reads_and_verifies_it(opened):
    desk, reporter, ref, amara, _tom = opened

    answer = amara.replies(ref, "Which station is it?\r\nYou need not say who you are.")

    assert (answer.status, answer.answer.headers["Location"]) == (303, f"/staff/cases/{ref}")
    [entry] = replies(desk, reporter)
    letter = reporter.reads(entry, desk.objects)
    assert letter.text == "Which station is it?\nYou need not say who you are."
    assert (letter.author, letter.place, letter.previous) == ("amara", 0, "")
    assert letter.readers == ("amara", "helen", "tom")
    assert letter.keyring == 1
    assert entry.postmark == TODAY
    page = amara.opens(f"/staff/cases/{ref}")
    assert "Which station is it?" in page.text
    assert "waits for a second reader" in page.text


def test_its_envelope_says_little(opened):
    desk, reporter, ref, amara, _tom = opened
    amara.replies(ref, "Short.")
    [entry] = replies(desk, reporter)
    assert len(parse_header_bytes(entry.header).stanzas) == STANZAS
    assert entry.size == sealed_payload_length(FLOOR)
    with desk.objects.open(entry.object_name) as payload:
        assert len(payload.read()) == entry.size


def test_replies_are_chained_and_numbered_over_all_members(opened):
    desk, reporter, ref, amara, tom = opened
    amara.replies(ref, "First.")
    tom.replies(ref, "Second.")
    letters = [reporter.reads(entry, desk.objects) for entry in replies(desk, reporter)]
    first, second = sorted(letters, key=lambda letter: letter.place)
    assert [first.author, second.author] == ["amara", "tom"]
    assert second.place == 1
    assert second.previous == letter_digest(first.to_bytes())


def test_the_left_out_are_never_readers(desk, people):
    reporter = desk.reporter(left_out=("tom",))
    ref = desk.receives(reporter)
    amara = desk.person("amara")
    page = amara.reads(ref)
    assert "does not want Tom to read or hear about this" in page.text
    amara.replies(ref, "Thank you.")
    [entry] = replies(desk, reporter)
    assert not can_open(entry.header, people.keys["tom"].identity)
    assert can_open(entry.header, people.keys["helen"].identity)
    assert reporter.reads(entry, desk.objects).left_out == ("tom",)


def test_who_left_the_desk_is_no_reader_any_more(opened, people):
    desk, reporter, ref, amara, _tom = opened
    smaller = people.next_keyring(
        desks=(
            KeyringDesk(id="psd", label="Professional Standards", members=("amara", "helen")),
            *people.keyring.desks[1:],
        )
    )
    page = amara.opens(f"/staff/cases/{ref}/reply")
    people.write_keyring(desk.settings.keyring.parent, smaller)
    with desk.database.writing.begin() as session:
        from sqlalchemy import text

        session.execute(text("DELETE FROM identity_session WHERE account = 'tom'"))
        session.execute(text("DELETE FROM identity_account WHERE id = 'tom'"))
    desk.is_gone("tom")
    path = f"/staff/cases/{ref}/reply"
    amara.posts(path, page.form(path) | {"text": "Hello."})
    desk.colleague_of("amara", ref).approves(ref)
    [entry] = replies(desk, reporter)
    with pytest.raises(NoMatch):
        open_header(entry.header, people.keys["tom"].identity)


def test_the_mailbox_and_the_due_date_move(opened):
    desk, _reporter, ref, amara, _tom = opened
    desk.clock.now += timedelta(days=3)
    amara = desk.person("amara")
    amara.replies(ref, "We are looking at it.")
    [row] = desk.rows(MailboxRow)
    assert row.standing is Standing.BEING_READ
    assert row.look_again_on == TODAY + timedelta(days=3 + 7)
    assert desk.case(ref).due_on == TODAY + timedelta(days=3 + 28)


def test_the_log_has_it(opened):
    desk, reporter, ref, amara, _tom = opened
    amara.replies(ref, "Hello.")
    [entry] = desk.audit("reply.sent")
    [row] = replies(desk, reporter)
    assert (entry.actor, entry.subject) == ("tom", ref)
    [approved] = desk.audit("draft.approved")
    assert approved.details == {"entry": row.id.hex(), "author": "amara"}
    assert entry.details == {"entry": row.id.hex(), "readers": 3}


def test_what_is_not_recorded_is_not_sent(opened, monkeypatch):
    desk, reporter, ref, amara, _tom = opened

    def broken(*_args, **_named):
        raise RuntimeError

    monkeypatch.setattr(dialogue, "record", broken)
    before = desk.case(ref).version
    assert amara.sends(ref, "thanks").status == 500
    assert replies(desk, reporter) == []
    assert desk.case(ref).version == before


def test_of_two_handlers_the_second_reads_first_and_loses_nothing(opened):
    desk, reporter, ref, amara, tom = opened
    path = f"/staff/cases/{ref}/reply"
    hers, his = amara.opens(path).form(path), tom.opens(path).form(path)
    amara.posts(path, hers | {"text": "Amara asks."})

    page = tom.posts(path, his | {"text": "Tom asks\nsomething long."})
    assert page.status == 409
    assert "waits for its second reader" in page.soup.select_one(".govuk-error-summary").text
    assert page.form(path)["text"] == "Tom asks\nsomething long."
    assert tom.approves(ref).status == 303

    page = tom.posts(path, page.form(path))
    assert page.status == 409
    [link] = page.soup.select(".govuk-error-summary a")
    assert "Your letter was not sent" in link.text
    assert page.soup.select_one(link["href"]).name == "textarea"
    again = page.form(path)
    assert again["text"] == "Tom asks\nsomething long."
    assert "Amara asks." in page.text
    assert tom.posts(path, again).status == 303
    assert amara.approves(ref).status == 303
    assert len(replies(desk, reporter)) == 2


def test_a_letter_that_came_meanwhile_is_read_first(opened):
    desk, reporter, ref, amara, _tom = opened
    path = f"/staff/cases/{ref}/reply"
    form = amara.opens(path).form(path)
    desk.receives(reporter, reporter.seal(text="I take it back."))
    page = amara.posts(path, form | {"text": "Thank you, go on."})
    assert page.status == 409
    assert "I take it back." in page.text


def test_the_same_form_sent_twice_is_one_letter(opened):
    desk, reporter, ref, amara, tom = opened
    path = f"/staff/cases/{ref}/reply"
    form = amara.opens(path).form(path) | {"text": "Once."}
    assert [amara.posts(path, form).status for _ in range(2)] == [303, 303]
    assert tom.approves(ref).status == 303
    assert amara.posts(path, form).status == 303
    assert len(replies(desk, reporter)) == 1
    assert len(desk.audit("reply.sent")) == 1


def test_two_sends_at_the_same_moment(opened, people):
    """Both have looked and seen nothing: the second finds out behind the lock."""
    from app.casework import reading
    from app.identity.domain import Role, StaffMember
    from app.work import begin, look

    desk, reporter, ref, _amara, _tom = opened
    member = StaffMember(id="amara", name="Amara", role=Role.HANDLER, desk="psd")
    with look(desk.database, desk.clock) as work:
        folder = reading.take_out(work, ref, by=member)
    key = people.keys["amara"]
    thread = reading.open_folder(folder, key.identity, people.keyring, desk.objects)
    letters = [
        dialogue.write_reply(
            folder,
            thread,
            ForReporter(f"{n}", "thanks"),
            by=member,
            key=key,
            keyring=people.keyring,
        )
        for n in range(2)
    ]

    def send(letter, entry):
        with begin(desk.database, desk.clock) as work:
            dialogue.send_reply(
                work, folder, letter, entry=entry, version=folder.case.version, by=member,
                objects=desk.objects, sheet=CaseSheet.blank(ref, author="amara", on=TODAY),
            )  # fmt: skip

    send(letters[0], b"a" * 16)
    with pytest.raises(Conflict):
        send(letters[1], b"b" * 16)
    send(letters[1], b"a" * 16)
    assert len(replies(desk, reporter)) == 1


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Write what you want to say"),
        (" \r\n ", "Write what you want to say"),
        ("\x00\x01", "Write what you want to say"),
        ("a" * 4_001, "4,000 characters at most"),
        ("\U0001f600" * 2_000, "The letter is too long"),
    ],
    ids=["nothing", "spaces", "controls", "too long", "too many bytes"],
)
def test_wrong_input_keeps_what_was_typed(opened, typed, says):
    desk, reporter, ref, amara, _tom = opened
    page = amara.replies(ref, typed)
    assert page.status == 422
    assert says in page.soup.select_one(".govuk-error-summary").text
    assert page.form(f"/staff/cases/{ref}/reply")["text"] == typed.strip(" \r\n\x00\x01")
    assert replies(desk, reporter) == []


def test_the_longest_letter_fits_the_one_size(opened):
    desk, reporter, ref, amara, _tom = opened
    words = "\u2019" + "a" * 3_998 + "\u2019"
    assert amara.replies(ref, words).status == 303
    [entry] = replies(desk, reporter)
    assert reporter.reads(entry, desk.objects).text == words
    assert entry.size == sealed_payload_length(FLOOR)


def test_half_a_character_is_not_an_error_page(opened):
    _desk, _reporter, ref, amara, _tom = opened
    assert amara.replies(ref, 'quotes " \\ and \u2028 \ufffd').status == 303


def test_an_expired_keyring_seals_nothing_and_loses_nothing(opened):
    desk, reporter, ref, amara, _tom = opened
    desk.clock.now += timedelta(days=500)
    amara = desk.person("amara")
    page = amara.replies(ref, "What I wrote for an hour.")
    assert page.status == 503
    assert "keyring is not valid" in page.soup.select_one(".govuk-error-summary").text
    assert page.form(f"/staff/cases/{ref}/reply")["text"] == "What I wrote for an hour."
    assert replies(desk, reporter) == []


def test_an_account_that_is_not_the_keyrings_stops_sealing(opened, people):
    desk, reporter, ref, amara, _tom = opened
    with desk.database.writing.begin() as session:
        from sqlalchemy import text

        session.execute(
            text("UPDATE identity_account SET recipient = :r WHERE id = 'helen'"),
            {"r": people.keys["ruth"].recipient.raw},
        )
    page = amara.replies(ref, "Hello.")
    assert page.status == 503
    assert replies(desk, reporter) == []


@pytest.mark.parametrize("field", ["version", "entry"])
@pytest.mark.parametrize("value", ["", "x", "-1", "1e9", "9" * 40, "\u0661"])
def test_a_tampered_form_is_no_error_page(opened, field, value):
    desk, reporter, ref, amara, _tom = opened
    path = f"/staff/cases/{ref}/reply"
    page = amara.posts(path, amara.opens(path).form(path) | {"text": "Hello.", field: value})
    assert page.status in {409, 422}
    assert page.form(path)["text"] == "Hello."
    assert replies(desk, reporter) == []


def test_steps_of_a_case(opened):
    desk, _reporter, ref, amara, _tom = opened
    for take, state, standing in (
        (amara.steps, CaseState.TRIAGE, Standing.BEING_ASSESSED),
        (amara.ends_triage, CaseState.UNDER_WAY, Standing.UNDER_WAY),
        (amara.closes, CaseState.CLOSED, Standing.CLOSED),
        (amara.reopens, CaseState.TRIAGE, Standing.BEING_ASSESSED),
    ):
        assert take(ref).status == 303
        assert desk.case(ref).state is state
        [row] = desk.rows(MailboxRow)
        assert row.standing is standing
        assert (row.look_again_on is None) == (state is CaseState.CLOSED)
    steps = [(e.subject, e.details["to"]) for e in desk.audit("case.state-set")]
    assert steps == [(ref, "triage"), (ref, "under-way"), (ref, "closed"), (ref, "triage")]


def test_a_step_from_an_old_page_is_refused(opened):
    desk, _reporter, ref, amara, tom = opened
    path = f"/staff/cases/{ref}/state"
    form = tom.opens(f"/staff/cases/{ref}").form(path)
    amara.steps(ref)
    page = tom.posts(path, form)
    assert page.status == 409
    assert desk.case(ref).state is CaseState.TRIAGE
    assert len(desk.audit("case.state-set")) == 1


@pytest.mark.parametrize(
    ("typed", "status"),
    [({"to": "closed"}, 409), ({"to": "sealed"}, 409), ({"to": "?"}, 400), ({"version": "x"}, 400)],
)
def test_a_step_that_is_not_the_next(opened, typed, status):
    desk, _reporter, ref, amara, _tom = opened
    path = f"/staff/cases/{ref}/state"
    form = amara.opens(f"/staff/cases/{ref}").form(path) | typed
    assert amara.posts(path, form).status == status
    assert desk.case(ref).state is CaseState.OPENED


def test_a_letter_after_the_end_opens_the_drawer_again(opened):
    desk, reporter, ref, amara, _tom = opened
    amara.steps(ref)
    amara.ends_triage(ref)
    amara.closes(ref)
    assert (amara.listed("open"), amara.listed("closed")) == ([], [ref])
    desk.receives(reporter, reporter.seal(text="Nothing changed."))
    assert (amara.listed("open"), amara.listed("closed")) == ([ref], [])
    assert "New letter" in amara.opens("/staff/", show="open").text
    amara.opens(f"/staff/cases/{ref}")
    assert amara.listed("closed") == [ref]
    # The concern, what the desk wrote at the end, and the new letter.
    assert len(desk.rows(EntryRow)) == 3
