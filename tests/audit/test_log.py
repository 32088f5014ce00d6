"""The log on a database: appended in the deed's transaction, and every tampering found."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from app.audit import service
from app.audit.domain import Edge, leaf_hash, verifies_consistency, verifies_inclusion
from app.audit.service import LogBroken, record, verify
from app.audit.signing import LogKey
from app.audit.store import LogStore
from app.errors import Broken, Missing
from app.work import Work, begin, look

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEY = LogKey.of_seed(bytes(range(32)))


def noon():
    return NOON


def fill(database, count=11):
    with begin(database, noon) as work:
        for number in range(count):
            record(work, actor="amara", verb="case.opened", subject=f"CASE-{number}", turn=number)


def spoil(database, statement, **values):
    with database.writing.begin() as session:
        session.execute(text(statement), values)


def test_an_empty_log_holds(database):
    with look(database) as work:
        assert verify(work) == service.LogSize(size=0, root=Edge().root)


def test_numbers_follow_one_another(database):
    with begin(database) as work:
        numbers = [record(work, actor="tom", verb="case.declared") for _ in range(5)]
    assert numbers == [0, 1, 2, 3, 4]
    with look(database) as work:
        assert verify(work).size == 5


def test_the_instant_is_that_of_the_work_to_the_second(database):
    fill(database, 1)
    with look(database) as work:
        [entry] = service.last_entries(work, 5)
    assert entry.at == NOON
    assert entry.details == {"turn": 0}


def test_a_roll_back_leaves_nothing(database):
    fill(database, 3)

    def fail():
        with begin(database) as work:
            record(work, actor="tom", verb="case.opened")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with look(database) as work:
        assert verify(work).size == 3
    fill(database, 1)
    with look(database) as work:
        assert verify(work).size == 4


@pytest.mark.parametrize("bad", [{"verb": "case.invented"}, {"subject": "a sentence"}])
def test_an_entry_that_may_not_be_leaves_nothing(database, bad):
    with pytest.raises(ValueError, match=r".*"), begin(database) as work:
        record(work, **({"actor": "tom", "verb": "case.opened"} | bad))
    with look(database) as work:
        assert verify(work).size == 0


def test_two_who_append_at_once_wait_for_each_other(database):
    """Both begin with the empty log, where even the edge has to be made."""
    start = threading.Barrier(2)
    failures = []

    def append(actor):
        start.wait()
        try:
            for _ in range(20):
                with begin(database) as work:
                    record(work, actor=actor, verb="case.opened")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=append, args=(actor,)) for actor in ("amara", "tom")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with look(database) as work:
        assert verify(work).size == 40
        assert {entry.actor for entry in service.last_entries(work, 40)} == {"amara", "tom"}


FORGED = service.Entry(
    number=9, at=NOON, actor="nobody", verb=service.Verb.CASE_READ, subject="", details={}
).leaf()
MISPLACED = service.Entry(
    number=8, at=NOON, actor="amara", verb=service.Verb.CASE_READ, subject="", details={}
).leaf()
TAMPERINGS = [
    ("DELETE FROM audit_entry WHERE number = 4", {}, 4),
    ("DELETE FROM audit_entry WHERE number = 0", {}, 0),
    ("DELETE FROM audit_entry WHERE number = 10", {}, 10),
    ("UPDATE audit_entry SET number = 100 WHERE number = 6", {}, 6),
    ("UPDATE audit_entry SET leaf = :a WHERE number = 3", {"a": b"{}"}, 3),
    ("UPDATE audit_entry SET leaf_hash = :a WHERE number = 5", {"a": bytes(32)}, 5),
    ("UPDATE audit_edge SET size = 10, hashes = :a", {"a": bytes(64)}, 10),
    ("UPDATE audit_edge SET size = 12, hashes = :a", {"a": bytes(64)}, 11),
    ("UPDATE audit_edge SET hashes = :a", {"a": bytes(96)}, 0),
    ("DELETE FROM audit_edge", {}, 0),
    # Altered together with their hashes: one says another number, one is no entry at all, and
    # of the third only the tree knows, which names the first of the subtree it is in.
    (
        "UPDATE audit_entry SET leaf = :a, leaf_hash = :b WHERE number = 2",
        {"a": MISPLACED, "b": leaf_hash(MISPLACED)},
        2,
    ),
    (
        "UPDATE audit_entry SET leaf = :a, leaf_hash = :b WHERE number = 1",
        {"a": b"junk", "b": leaf_hash(b"junk")},
        1,
    ),
    (
        "UPDATE audit_entry SET leaf = :a, leaf_hash = :b WHERE number = 9",
        {"a": FORGED, "b": leaf_hash(FORGED)},
        8,
    ),
]


def test_every_tampering_is_found_and_named(database):
    fill(database)
    for statement, values, first in TAMPERINGS:
        with database.writing() as session:
            session.execute(text(statement), values)
            with pytest.raises(LogBroken) as caught:
                verify(Work(session=session, now=NOON))
            session.rollback()
        assert caught.value.number == first, statement
    with look(database) as work:
        assert verify(work).size == 11


def test_what_is_appended_while_it_is_verified_is_no_alarm(database, monkeypatch):
    fill(database)
    real = LogStore.edge
    monkeypatch.setattr(LogStore, "edge", lambda store: fill(database, 1) or real(store))
    with look(database) as work:
        assert verify(work).size in {11, 12}


def test_more_entries_than_one_page_holds(database, monkeypatch):
    monkeypatch.setattr("app.audit.store.ROWS_AT_A_TIME", 4)
    fill(database)
    with look(database) as work:
        assert verify(work).size == 11


def test_an_edge_that_cannot_be_is_found(database):
    fill(database)
    spoil(database, "UPDATE audit_edge SET hashes = :hashes", hashes=b"short")
    with look(database) as work, pytest.raises(Broken):
        verify(work)
    with pytest.raises(Broken), begin(database) as work:
        record(work, actor="tom", verb="case.opened")


def test_proofs_hold_against_checkpoints(database):
    fill(database)
    with look(database) as work:
        full = service.measure(work)
        inclusion = service.prove_inclusion(work, 4, size=11)
        consistency = service.prove_consistency(work, 7, size=11)
        hashes = [leaf_hash(entry.leaf()) for entry in service.last_entries(work, 11)]
    old = Edge()
    for hashed in hashes[:7]:
        old = old.with_leaf(hashed)

    assert verifies_inclusion(hashes[4], number=4, size=11, root=full.root, proof=inclusion)
    assert verifies_consistency(
        old_size=7, old_root=old.root, size=11, root=full.root, proof=consistency
    )


def test_nothing_is_proved_of_what_is_not_there(database):
    fill(database)
    with look(database) as work:
        for number, size in ((11, 11), (-1, 11), (0, 12), (0, 0)):
            with pytest.raises(Missing):
                service.prove_inclusion(work, number, size=size)
        for old_size, size in ((0, 11), (12, 11), (5, 12), (0, 0)):
            with pytest.raises(Missing):
                service.prove_consistency(work, old_size, size=size)


def test_a_checkpoint_is_a_note_of_the_logs_key(database):
    fill(database)
    with look(database) as work:
        note = service.checkpoint(work, KEY)
        seen = service.check_against(work, KEY.verifier, note)
        assert seen.size == 11
        assert seen.root == service.measure(work).root


def test_the_log_may_grow_after_a_checkpoint(database):
    fill(database, 5)
    with look(database) as work:
        note = service.checkpoint(work, KEY)
    fill(database, 6)
    with look(database) as work:
        assert service.check_against(work, KEY.verifier, note).size == 5


def test_a_log_written_anew_is_found_by_an_older_checkpoint(database):
    """Entries, hashes and edge all fit together: only the witness's copy tells."""
    fill(database, 5)
    with look(database) as work:
        note = service.checkpoint(work, KEY)
    spoil(database, "DELETE FROM audit_entry")
    spoil(database, "DELETE FROM audit_edge")
    with begin(database) as work:
        for _ in range(8):
            record(work, actor="mallory", verb="case.read")
    with look(database) as work:
        verify(work)
        with pytest.raises(LogBroken):
            service.check_against(work, KEY.verifier, note)


def test_a_shorter_log_is_found_by_an_older_checkpoint(database):
    fill(database, 5)
    with look(database) as work:
        note = service.checkpoint(work, KEY)
    spoil(database, "DELETE FROM audit_entry")
    spoil(database, "DELETE FROM audit_edge")
    with look(database) as work:
        verify(work)
        with pytest.raises(LogBroken) as caught:
            service.check_against(work, KEY.verifier, note)
    assert caught.value.number == 0


def test_a_checkpoint_of_another_log_is_refused(database):
    fill(database)
    other = LogKey.of_seed(bytes(32))
    with look(database) as work:
        for note in (service.checkpoint(work, other), "", "x\n\n", KEY.sign("not a checkpoint\n")):
            with pytest.raises(Broken):
                service.check_against(work, KEY.verifier, note)
