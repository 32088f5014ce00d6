"""What has left the letterbox is not in the files of the database any more."""

import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.collection import service, traces
from app.errors import Busy
from app.intake.tables import SpentTicketRow, WaitingFileRow, WaitingPartRow
from app.work import begin, look
from tests.collection.letters import a_letter

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def bytes_at_rest(post) -> bytes:
    """Every byte of the database's files; PostgreSQL's log of writes is told of in the docs."""
    if post.database.is_sqlite:
        path = Path(post.database.engine.url.database)
        return b"".join(other.read_bytes() for other in path.parent.glob(f"{path.name}*"))
    with post.database.engine.connect().execution_options(
        isolation_level="AUTOCOMMIT", candour_writes=True
    ) as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(connection.scalar(text("SHOW data_directory")))
        own = connection.scalar(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        )
    return b"".join(path.read_bytes() for path in (folder / "base" / str(own)).iterdir())


def litter(post, today) -> list[bytes]:
    """Leave a waiting file and spent tickets of yesterday."""
    tickets = [secrets.token_bytes(32) for _ in range(5)]
    file, sealed = secrets.token_bytes(16), secrets.token_bytes(20_000)
    with begin(post.database) as work:
        old = today - timedelta(days=2)
        work.session.add_all(SpentTicketRow(hash=one, valid_on=old) for one in tickets)
        work.session.add(WaitingFileRow(id=file, arrived_on=old, size=len(sealed)))
        work.session.flush()
        work.session.add(WaitingPartRow(file=file, number=0, sealed=sealed))
    return [*tickets, file, sealed[:64]]


def test_no_byte_of_a_collected_letter_stays(post, clock):
    sent = [post.drop(a_letter(size=20_000)) for _ in range(30)]
    marks = [mark for one in sent for mark in (one.letter.id, one.payload[5000:5064])]
    marks += litter(post, clock.now.date())
    before = bytes_at_rest(post)
    # PostgreSQL compresses nothing of random bytes, so they stand in its files as they are.
    assert all(mark in before for mark in marks)

    post.collect()

    after = bytes_at_rest(post)
    assert [mark for mark in marks if mark in after] == []
    post.assert_each_once(sent)


def test_what_still_waits_is_kept_by_the_wiping(post, monkeypatch):
    sent = [post.drop(a_letter()) for _ in range(3)]
    late = []
    close = service._close_the_day

    def close_while_somebody_sends(work, made):
        close(work, made)
        late.append(a_letter())

    monkeypatch.setattr(service, "_close_the_day", close_while_somebody_sends)
    post.collect()
    kept = post.drop(late[0])
    traces.wipe(post.database)
    assert kept.payload[:64] in bytes_at_rest(post)
    post.collect()
    post.assert_each_once([*sent, kept])


@on_sqlite
def test_no_page_is_left_free(post):
    for _ in range(3):
        for _ in range(20):
            post.drop(a_letter(size=30_000))
        post.collect()
    with look(post.database) as work:
        assert work.session.scalar(text("PRAGMA freelist_count")) == 0
    wal = Path(f"{post.database.engine.url.database}-wal")
    assert wal.stat().st_size == 0


@on_sqlite
def test_an_urgent_collection_leaves_no_log_behind(post):
    sent = post.drop(a_letter(urgent=True, size=20_000))
    post.collect(only_urgent=True)
    found = bytes_at_rest(post)
    assert sent.payload[5000:5064] not in found
    assert sent.letter.id not in found


@on_sqlite
def test_a_reader_who_holds_the_log_is_waited_for_and_then_told(post, monkeypatch):
    post.drop(a_letter())
    with look(post.database) as reader:
        reader.session.scalar(text("SELECT count(*) FROM intake_letter"))
        begun = traces._outside_transaction

        def hurried(database, *statements):
            return begun(database, "PRAGMA busy_timeout = 50", *statements)

        monkeypatch.setattr(traces, "_outside_transaction", hurried)
        with pytest.raises(Busy):
            post.collect()
    monkeypatch.undo()
    service.tidy(post.database, post.clock, post.objects)
    assert post.count(SpentTicketRow) == 0
