"""A keyring is used only while its signature, its dates and its serial are right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.audit.service import last_entries
from app.envelope.keyring_file import sign_keyring
from app.envelope.signing import SigningKey
from app.keyring import service
from app.keyring.domain import Fault
from app.keyring.service import KeyringBroken, KeyringFiles, accept, file_bytes, signed, usable
from app.work import begin, look

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def files(tmp_path, people):
    people.write_keyring(tmp_path)
    return KeyringFiles(tmp_path / "keyring.json", tmp_path / "signer.pub")


def fault_of(database, files, now=NOON, ask=usable):
    with look(database, lambda: now) as work, pytest.raises(KeyringBroken) as caught:
        ask(work, files)
    return caught.value.fault


def test_it_is_read_and_served_byte_by_byte(database, files, people):
    with look(database, lambda: NOON) as work:
        assert usable(work, files) == people.keyring
        assert file_bytes(work, files) == files.keyring.read_bytes()
    assert service.signers_base64(files).split() == [
        str(signer.verification_key) for signer in people.signers
    ]


def test_it_is_valid_on_its_first_and_last_day_and_not_beside_them(database, files, people):
    first = NOON.replace(
        year=people.keyring.issued_on.year,
        month=people.keyring.issued_on.month,
        day=people.keyring.issued_on.day,
    )
    last = first + (people.keyring.expires_on - people.keyring.issued_on)
    for day in (first, last):
        with look(database, lambda day=day: day) as work:
            assert usable(work, files).serial == 1
    assert fault_of(database, files, first - DAY) is Fault.NOT_YET_VALID
    assert fault_of(database, files, last + DAY) is Fault.EXPIRED
    assert fault_of(database, files, last + DAY, file_bytes) is Fault.EXPIRED


def test_who_only_reads_may_use_an_expired_one(database, files, people):
    with look(database, lambda: NOON + 4000 * DAY) as work:
        assert signed(work, files) == people.keyring


def test_another_signers_is_refused(database, files, people):
    files.keyring.write_bytes(
        sign_keyring(people.keyring, [people.signers[0], SigningKey.generate()])
    )
    assert fault_of(database, files) is Fault.UNSIGNED
    assert fault_of(database, files, ask=signed) is Fault.UNSIGNED


def test_changed_bytes_are_refused_though_the_old_ones_were_parsed(database, files):
    with look(database, lambda: NOON) as work:
        usable(work, files)
    content = files.keyring.read_bytes()
    files.keyring.write_bytes(content.replace(b"amara", b"mallo"))
    assert fault_of(database, files) is Fault.UNSIGNED


@pytest.mark.parametrize("name", ["keyring", "signers"])
def test_what_cannot_be_read_is_no_keyring(database, files, name):
    getattr(files, name).unlink()
    assert fault_of(database, files) is Fault.UNREADABLE


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"AAAA\n", b"A" * 43 + b"=\n"])
def test_a_signers_file_that_holds_no_key_is_refused(files, content):
    files.signers.write_bytes(content)
    with pytest.raises(KeyringBroken):
        service.signers_base64(files)


def test_an_accepted_one_is_remembered_and_recorded_once(database, files):
    for _ in range(3):
        with begin(database, lambda: NOON) as work:
            assert accept(work, files).serial == 1
    with look(database) as work:
        [entry] = last_entries(work, 10)
    assert (entry.actor, entry.verb.value, entry.subject) == ("keyring", "keyring.accepted", "1")
    assert len(entry.details["digest"]) == 64


def test_an_older_one_cannot_come_back(database, files, people, tmp_path):
    older = files.keyring.read_bytes()
    people.write_keyring(tmp_path, people.next_keyring())
    with begin(database, lambda: NOON) as work:
        accept(work, files)
    files.keyring.write_bytes(older)
    assert fault_of(database, files) is Fault.OLDER
    assert fault_of(database, files, ask=signed) is Fault.OLDER


def test_nor_between_its_first_use_and_the_next_start(database, files, people, tmp_path):
    """Pages only read: the database learns of a new keyring at the next `accept`."""
    older = files.keyring.read_bytes()
    people.write_keyring(tmp_path, people.next_keyring())
    with look(database, lambda: NOON) as work:
        assert usable(work, files).serial == 2
    files.keyring.write_bytes(older)
    assert fault_of(database, files) is Fault.OLDER


def test_one_that_came_too_early_may_be_taken_back(database, files, people, tmp_path):
    older = files.keyring.read_bytes()
    early = people.next_keyring(issued_on=NOON.date() + DAY)
    people.write_keyring(tmp_path, early)
    assert fault_of(database, files) is Fault.NOT_YET_VALID
    files.keyring.write_bytes(older)
    with look(database, lambda: NOON) as work:
        assert usable(work, files).serial == 1


def test_a_serial_has_one_keyring(database, files, people, tmp_path):
    with begin(database, lambda: NOON) as work:
        accept(work, files)
    people.write_keyring(tmp_path, replace(people.keyring, expires_on=NOON.date()))
    assert fault_of(database, files) is Fault.OTHER_BYTES


def test_it_is_parsed_once_and_checked_every_time(database, files, monkeypatch):
    parsed = []
    real = service.parse_keyring
    monkeypatch.setattr(service, "parse_keyring", lambda *args: parsed.append(1) or real(*args))
    files.keyring.write_bytes(files.keyring.read_bytes() + b" ")
    for _ in range(5):
        with look(database, lambda: NOON) as work:
            usable(work, files)
    assert len(parsed) <= 1
