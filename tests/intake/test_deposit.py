"""A letter is stored once and whole, or not at all, and the receipt is shown only after it is."""

import secrets
import sqlite3
import threading
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from app.database import Base
from app.envelope.receipts import Receipt, hashed_tag
from app.errors import Busy, Full, Missing
from app.intake import letterbox, service, store
from app.intake.sealing import concern, message, readers_of, seal
from app.intake.spool import Spool
from app.intake.tickets import StaleTicket, TicketOffice
from app.intake.writing import Draft
from app.work import begin, look
from tests.conftest import NOON
from tests.intake.desk import collect, opened, waiting

OFFICE = TicketOffice.of("a secret of an installation, long enough")
ROOM = 64  # MiB


@pytest.fixture
def sealed(tmp_path, people):
    """Seal a first letter, or a later one; each time into a spool of its own."""
    spools = []

    def one(receipt, what="Words.", after=None):
        spool = Spool(tmp_path, 10_000_000)
        spools.append(spool)
        readers = readers_of(people.keyring, "psd", ["tom"])
        letter = (
            message(receipt, what, readers, (), after=after)
            if after
            else concern(receipt, Draft(answers={**Draft().answers, "what": what}), readers, ())
        )
        seal(spool, letter, receipt, readers, ())
        return service.examine(spool)

    yield one
    for spool in spools:
        spool.close()


def ticket():
    return OFFICE.read(OFFICE.issue(NOON.date()))


def first(receipt):
    return service.Concern(
        tag=receipt.tag, mailbox=bytes.fromhex(receipt.mailbox_id), desk="psd", urgent=False
    )


def deposit(database, letter, arrived, *, spends=None, room=ROOM):
    with begin(database, lambda: NOON) as work:
        return service.deposit(work, letter, arrived, spends or ticket(), room)


def rows(database):
    with look(database) as work:
        return {
            table.name: work.session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
            if table.name.startswith("intake_")
        }


NOTHING = {
    "intake_letter": 0,
    "intake_letter_part": 0,
    "intake_spent_ticket": 0,
    "intake_waiting_file": 0,
    "intake_waiting_part": 0,
}


def test_a_letter_waits_with_the_bytes_it_came_with(database, sealed):
    receipt = Receipt.generate()
    arrived = sealed(receipt)
    arrived.payload.seek(len(arrived.header))
    payload = arrived.payload.read()
    arrived.payload.seek(len(arrived.header))
    assert deposit(database, first(receipt), arrived)
    with look(database) as work:
        [letter] = letterbox.waiting(work)
        assert letterbox.payload(work, letter.id).read() == payload
        assert letter.header == arrived.header
        assert letter.size == len(payload)
        assert letter.tag_hash not in {receipt.tag, receipt.entropy}
    assert rows(database)["intake_spent_ticket"] == 1


def test_a_large_letter_waits_in_pieces_and_comes_back_whole(database):
    for length in (store.PART, 3 * store.PART + 12_345):
        receipt, content = Receipt.generate(), secrets.token_bytes(length)
        deposit(database, first(receipt), service.Arrived(b"header", BytesIO(content), length))
        with look(database) as work:
            [letter] = store.Letters(work.session).of(hashed_tag(receipt.tag))
            stream = letterbox.payload(work, letter.id)
            assert stream.read(100) == content[:100]
            assert stream.read() == content[100:]
            assert stream.read() == b""


def test_the_same_tag_is_stored_once(database, sealed):
    receipt = Receipt.generate()
    assert deposit(database, first(receipt), sealed(receipt, "One."))
    spent = rows(database)
    assert not deposit(database, first(receipt), sealed(receipt, "Two."))
    assert rows(database) == spent


def test_two_postings_at_once_store_one_letter(database, sealed):
    receipt = Receipt.generate()
    arrived = [sealed(receipt) for _ in range(4)]
    stored = []

    def post(number):
        stored.append(deposit(database, first(receipt), arrived[number]))

    threads = [threading.Thread(target=post, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stored) == [False, False, False, True]
    assert rows(database)["intake_letter"] == 1
    assert rows(database)["intake_spent_ticket"] == 1


def test_after_the_collection_the_same_tag_is_still_stored_once(portal, sealed):
    database = portal.extensions["candour"]["database"]
    receipt = Receipt.generate()
    deposit(database, first(receipt), sealed(receipt))
    collect(portal)
    assert not deposit(database, first(receipt), sealed(receipt))
    assert rows(database)["intake_letter"] == 0


def test_later_letters_go_where_the_first_one_went(database, sealed):
    receipt, other = Receipt.generate(), Receipt.generate()
    deposit(database, first(receipt), sealed(receipt))
    later = service.Message(tag=receipt.tag, entry=b"e" * 16)
    after = (1, "0" * 64)
    assert deposit(database, later, sealed(receipt, "More.", after))
    assert not deposit(database, later, sealed(receipt, "More.", after))
    assert deposit(database, replace(later, entry=b"f" * 16), sealed(receipt, "Again.", after))
    with pytest.raises(Missing):
        deposit(database, replace(later, tag=other.tag), sealed(other, "More.", after))
    with look(database) as work:
        letters = letterbox.waiting(work)
    assert {letter.mailbox.hex() for letter in letters} == {receipt.mailbox_id}
    assert [letter.desk for letter in letters if not letter.first] == [None, None]


def test_two_reporters_entries_do_not_meet(database, sealed):
    one, two = Receipt.generate(), Receipt.generate()
    for receipt in (one, two):
        deposit(database, first(receipt), sealed(receipt))
        later = service.Message(tag=receipt.tag, entry=b"e" * 16)
        assert deposit(database, later, sealed(receipt, "More.", (1, "0" * 64)))


def test_a_mailbox_takes_so_many_letters_a_day_and_no_more(database, sealed):
    receipt = Receipt.generate()
    deposit(database, first(receipt), sealed(receipt))
    for number in range(service.MOST_WAITING - 1):
        later = service.Message(tag=receipt.tag, entry=bytes([number]) * 16)
        assert deposit(database, later, sealed(receipt, "More.", (1, "0" * 64)))
    with pytest.raises(service.TooManyWaiting):
        deposit(
            database,
            service.Message(tag=receipt.tag, entry=b"\xff" * 16),
            sealed(receipt, "More.", (1, "0" * 64)),
        )


def test_a_spent_or_stale_ticket_leaves_nothing(database, sealed):
    used = ticket()
    deposit(database, first(one := Receipt.generate()), sealed(one), spends=used)
    before = rows(database)
    other = Receipt.generate()
    old = OFFICE.read(OFFICE.issue(NOON.date() - timedelta(days=2)))
    for refused in (used, old):
        with pytest.raises(StaleTicket):
            deposit(database, first(other), sealed(other), spends=refused)
    assert rows(database) == before


def test_a_full_letterbox_refuses_what_is_large_first_and_words_last(database, sealed):
    receipt = Receipt.generate()
    arrived = sealed(receipt)
    large = replace(arrived, size=service.LARGE + 1)
    with begin(database, lambda: NOON) as work:
        store.WaitingFiles(work.session).add(
            b"f" * 16, arrived_on=NOON.date(), size=int(0.9 * service.MIB)
        )
    with pytest.raises(Full):
        deposit(database, first(receipt), large, room=1)
    assert rows(database)["intake_letter"] == 0
    assert deposit(database, first(receipt), arrived, room=1)
    with begin(database, lambda: NOON) as work:
        store.WaitingFiles(work.session).add(
            b"g" * 16, arrived_on=NOON.date(), size=int(0.1 * service.MIB)
        )
    other = Receipt.generate()
    with pytest.raises(Full):
        deposit(database, first(other), sealed(other), room=1)
    assert rows(database)["intake_letter"] == 1


def test_sweeping_removes_what_grew_old_and_nothing_else(database):
    today, yesterday = NOON.date(), NOON.date() - timedelta(days=1)
    with begin(database, lambda: NOON) as work:
        files, tickets = store.WaitingFiles(work.session), store.SpentTickets(work.session)
        for file, day in (
            (b"a" * 16, yesterday),
            (b"b" * 16, today),
            (b"c" * 16, today + timedelta(1)),
        ):
            files.add(file, arrived_on=day, size=1)
            files.add_part(file, 0, b"x")
        for digest, day in ((b"a" * 32, yesterday), (b"b" * 32, today)):
            tickets.add(digest, day)
        letterbox.sweep(work, today)
    with look(database) as work:
        files = store.WaitingFiles(work.session)
        assert [files.has(name * 16) for name in (b"a", b"b", b"c")] == [False, True, False]
        tickets = store.SpentTickets(work.session)
        assert [tickets.has(name * 32) for name in (b"a", b"b")] == [False, True]
    assert rows(database) == {
        **NOTHING,
        "intake_waiting_file": 1,
        "intake_waiting_part": 1,
        "intake_spent_ticket": 1,
    }


def test_removing_takes_the_payload_too(database, sealed):
    kept, gone = Receipt.generate(), Receipt.generate()
    for receipt in (kept, gone):
        deposit(database, first(receipt), sealed(receipt))
    with begin(database) as work:
        chosen = [
            letter.id
            for letter in letterbox.waiting(work)
            if letter.mailbox.hex() == gone.mailbox_id
        ]
        letterbox.remove(work, chosen)
    with look(database) as work:
        [left] = letterbox.waiting(work)
        assert left.mailbox.hex() == kept.mailbox_id
    assert rows(database)["intake_letter_part"] == 1


@pytest.mark.parametrize(
    ("driver_says", "status", "said"),
    [
        ("database or disk is full", 507, "no room"),
        ("disk I/O error", 507, "no room"),
        ('could not extend file "base/1": No space left on device', 507, "no room"),
        ("database is locked", 503, "Too much is going on"),
    ],
)
@pytest.mark.parametrize("when", ["begin", "commit", "insert"])
def test_when_storing_fails_nothing_is_half_stored_and_the_page_comes_back(
    portal, reporter, driver_says, status, said, when
):
    reporter.writes(what="Do not lose this.")
    before = reporter.page.form("/report/send")
    engine = portal.extensions["candour"]["database"].engine

    def fail(connection, *_args):
        options = connection.get_execution_options()
        if options.get("candour_writes"):
            raise OperationalError("...", None, sqlite3.OperationalError(driver_says))

    def fail_on_part(connection, _cursor, statement, *_args):
        if "intake_letter_part" in statement:
            fail(connection)

    hook = {"begin": ("begin", fail), "commit": ("commit", fail)}.get(
        when, ("before_cursor_execute", fail_on_part)
    )
    event.listen(engine, *hook)
    try:
        page = reporter.submits("/report/send")
    finally:
        event.remove(engine, *hook)
    assert page.status == status
    assert said in page.problems[0]
    assert not page.words
    if status == 503:
        assert page.headers["Retry-After"]
    after = page.form("/report/send")
    assert {**after, "ticket": ""} == {**before, "ticket": ""}
    assert rows(portal.extensions["candour"]["database"]) == NOTHING
    assert reporter.submits("/report/send").words
    assert len(waiting(portal)) == 1


def test_the_receipt_is_shown_only_after_the_commit(portal, reporter):
    """The words leave the server when the letter is there for anybody else to see."""
    reporter.writes()
    seen = []
    database = portal.extensions["candour"]["database"]

    @event.listens_for(database.engine, "commit")
    def committed(connection):
        if connection.get_execution_options().get("candour_writes"):
            seen.append("commit")

    page = reporter.submits("/report/send")
    event.remove(database.engine, "commit", committed)
    assert seen == ["commit"]
    assert page.words
    assert len(waiting(portal)) == 1


@pytest.mark.parametrize("again", ["at once", "after the collection", "two days later"])
def test_posting_the_same_form_again_shows_the_same_receipt(portal, reporter, people, clock, again):
    reporter.writes(what="Once.")
    form = reporter.page.form("/report/send")
    words = reporter.submits("/report/send").words
    if again == "after the collection":
        collect(portal)
    if again == "two days later":
        clock.now += timedelta(days=2)
    assert reporter.posts("/report/send", form).words == words
    letters = waiting(portal)
    assert len(letters) == (0 if again == "after the collection" else 1)
    for letter, payload in letters:
        inside, _files = opened(letter.header, payload, people.keys["amara"])
        assert inside.answers["what"] == "Once."


def test_busy_and_full_are_told_apart_from_everything_else(database):
    for words, kind in (("no space left", Full), ("database is locked", Busy)):
        with pytest.raises(kind), service.storage_errors_named():
            raise OperationalError("...", None, sqlite3.OperationalError(words))
    with pytest.raises(OperationalError), service.storage_errors_named():
        raise OperationalError("...", None, sqlite3.OperationalError("no such table"))
