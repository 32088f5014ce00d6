"""Mailboxes are found by a tag, hold entries of both sides, and tell how things stand."""

import os
import secrets
from datetime import date, timedelta
from io import BytesIO

import pytest
from sqlalchemy.exc import IntegrityError

from app.errors import Missing
from app.mailbox import service
from app.mailbox.domain import Side, Standing
from app.mailbox.objects import Objects
from app.work import begin, look

TODAY = date(2026, 11, 21)


def a_mailbox(work) -> tuple[bytes, bytes]:
    id, tag_hash = secrets.token_bytes(32), secrets.token_bytes(32)
    service.open_mailbox(work, id=id, tag_hash=tag_hash, desk="psd")
    return id, tag_hash


def an_entry(work, mailbox, side=Side.REPORTER, postmark=TODAY, **named) -> bytes:
    said = {"header": secrets.token_bytes(50), "size": 100, "object_name": secrets.token_hex(16)}
    return service.place(work, mailbox=mailbox, side=side, postmark=postmark, **said | named)


def test_a_mailbox_is_found_by_its_tag_and_by_nothing_else(database, clock):
    with begin(database, clock) as work:
        id, tag_hash = a_mailbox(work)
        other, _ = a_mailbox(work)
    with look(database, clock) as work:
        found = service.find(work, tag_hash)
        assert (found.id, found.desk, found.standing) == (id, "psd", Standing.RECEIVED)
        assert found.look_again_on == TODAY + timedelta(days=7)
        assert service.ids_by_tag(work, [tag_hash, id]) == {tag_hash: id}
        assert service.taken(work, [other, tag_hash]) == {other}
        with pytest.raises(Missing):
            service.find(work, id)


def test_no_tag_and_no_id_twice(database, clock):
    with begin(database, clock) as work:
        id, tag_hash = a_mailbox(work)
    for again in ({"id": id}, {"tag_hash": tag_hash}):
        said = {"id": secrets.token_bytes(32), "tag_hash": secrets.token_bytes(32), "desk": "psd"}
        with pytest.raises(IntegrityError), begin(database, clock) as work:
            service.open_mailbox(work, **said | again)


def test_entries_come_by_their_postmark(database, clock):
    with begin(database, clock) as work:
        id, _ = a_mailbox(work)
        late = an_entry(work, id, Side.DESK, TODAY + timedelta(days=2))
        early = an_entry(work, id)
        other, _ = a_mailbox(work)
        an_entry(work, other)
    with look(database, clock) as work:
        assert [entry.id for entry in service.entries(work, id)] == [early, late]
        assert service.has_entry(work, id, late)
        assert not service.has_entry(work, other, late)


def test_first_headers_are_the_reporters_of_the_first_day(database, clock):
    with begin(database, clock) as work:
        id, _ = a_mailbox(work)
        empty, _ = a_mailbox(work)
        an_entry(work, id, header=b"concern")
        an_entry(work, id, header=b"a message of that day")
        an_entry(work, id, Side.DESK, header=b"a reply")
        an_entry(work, id, postmark=TODAY + timedelta(days=1), header=b"a later message")
    with look(database, clock) as work:
        found = service.first_headers(work, [id, empty])
        assert sorted(found[id]) == [b"a message of that day", b"concern"]
        assert found[empty] == []
        assert service.first_headers(work, []) == {}


def test_standing(database, clock):
    with begin(database, clock) as work:
        id, tag_hash = a_mailbox(work)
        service.set_standing(work, id, Standing.CLOSED, look_again_on=None)
        found = service.find(work, tag_hash)
        assert (found.standing, found.look_again_on) == (Standing.CLOSED, None)
        with pytest.raises(Missing):
            service.set_standing(work, tag_hash, Standing.CLOSED, look_again_on=None)


def test_an_object_is_an_orphan_when_no_entry_names_it_for_an_hour(database, clock, tmp_path):
    objects = Objects(tmp_path / "objects")
    named, orphan, _fresh = (objects.put(BytesIO(b"x")) for _ in range(3))
    for name in (named, orphan):
        os.utime(tmp_path / "objects" / name, (0, 0))
    with begin(database, clock) as work:
        id, _ = a_mailbox(work)
        an_entry(work, id, object_name=named)
        assert service.orphans(work, objects) == {orphan}


def test_more_keys_than_a_statement_takes(database, clock):
    with begin(database, clock) as work:
        _, tag_hash = a_mailbox(work)
        many = [secrets.token_bytes(32) for _ in range(1200)]
        assert set(service.ids_by_tag(work, [*many, tag_hash])) == {tag_hash}
