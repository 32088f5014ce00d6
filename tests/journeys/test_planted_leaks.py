"""The scanner of `test_stored_bytes.py` finds what it looks for: each leak here was put there.

A scanner that finds nothing is worth what it would have found.
"""

import os
import sqlite3
import time
from base64 import b64encode, urlsafe_b64encode
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from app.envelope.receipts import Receipt
from tests.journeys.canaries import canary
from tests.journeys.running import RunningPortal
from tests.journeys.scanning import Scanner
from tests.journeys.timing import Act
from tests.journeys.visitors import ADDRESS, AGENT

WORD = canary("planted")
RECEIPT = Receipt(bytes(range(16)))
ENTROPY = RECEIPT.entropy
THREE = RECEIPT.words[4:7]


@pytest.fixture
def portal(open_portal):
    """Everything a portal keeps, and nobody who writes to it but the test."""
    with open_portal("sqlite", start=False) as portal:
        portal.log.touch()
        yield portal


@pytest.fixture
def scanner() -> Scanner:
    scanner = Scanner(ADDRESS)
    scanner.forbid_receipt(RECEIPT)
    return scanner


def connect(portal: RunningPortal) -> closing:
    return closing(sqlite3.connect(portal.data / "casework.sqlite", isolation_level=None))


def plant_cell(portal: RunningPortal, value: object) -> None:
    with connect(portal) as connection:
        connection.execute("CREATE TABLE planted (cell)")
        connection.execute("INSERT INTO planted VALUES (?)", [value])


def test_nothing_is_found_where_nothing_was_planted(portal, scanner):
    assert portal.look_for(scanner) == []
    assert portal.look_for_times() == []


def in_a_cell(portal, content):
    plant_cell(portal, content)


def in_a_cell_over_many_pages(portal, content):
    plant_cell(portal, bytes(4000) + content + bytes(90_000))


def in_a_file(portal, content):
    (portal.data / "objects" / "0").write_bytes(bytes(3_000_000) + content)


def at_the_seam_of_two_blocks(portal, content):
    (portal.data / "objects" / "0").write_bytes(bytes((1 << 20) - len(content) // 2) + content)


def in_a_temporary_file(portal, content):
    (portal.temporary / "upload").write_bytes(content)


def in_the_log(portal, content):
    portal.log.write_bytes(b"level=info event=" + content + b"\n")


PLACES = [
    in_a_cell,
    in_a_cell_over_many_pages,
    in_a_file,
    at_the_seam_of_two_blocks,
    in_a_temporary_file,
    in_the_log,
]


@pytest.mark.parametrize("place", PLACES)
def test_a_word_is_found(portal, scanner, place):
    place(portal, WORD.encode())
    assert portal.look_for(scanner)


def test_a_word_is_found_in_a_free_page(portal, scanner):
    with connect(portal) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE planted (cell)")
        connection.execute("INSERT INTO planted VALUES (?)", [WORD * 2000])
        connection.execute("DELETE FROM planted")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert "casework.sqlite," in str(portal.look_for(scanner)[0])


def test_a_word_is_found_in_the_write_ahead_log(portal, scanner):
    with connect(portal) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("CREATE TABLE planted (cell)")
        connection.execute("INSERT INTO planted VALUES (?)", [WORD])
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("DELETE FROM planted")
        [found] = {finding.where.partition(",")[0] for finding in portal.look_for(scanner)}
    assert found.endswith("casework.sqlite-wal")


def test_a_word_is_found_in_the_name_of_a_file(portal, scanner):
    (portal.data / f"{WORD}.jpg").touch()
    assert portal.look_for(scanner)


def test_a_word_is_found_in_a_file_without_a_name(portal, scanner):
    portal.watched.append(os.getpid())
    with TemporaryFile(dir=portal.temporary) as nameless:
        nameless.write(WORD.encode())
        nameless.flush()
        assert portal.look_for(scanner)


def as_utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def as_utf16_the_other_way(text: str) -> bytes:
    return text.encode("utf-16-be")


def in_hexadecimal(text: str) -> bytes:
    return text.encode().hex().encode()


def in_percent(text: str) -> bytes:
    return "".join(f"%{byte:02x}" for byte in text.encode()).encode()


def in_base64(text: str) -> bytes:
    return b64encode(f"{text}".encode())


def in_base64_one_further(text: str) -> bytes:
    return b64encode(f"?{text}".encode())


def in_base64_two_further(text: str) -> bytes:
    return b64encode(f"??{text}".encode())


def in_base64_of_addresses(text: str) -> bytes:
    return urlsafe_b64encode(f"{chr(0x3FF)}{text}?>".encode())


def in_base64_of_utf16(text: str) -> bytes:
    return b64encode(text.encode("utf-16"))


def in_capitals(text: str) -> bytes:
    return text.upper().encode()


WAYS = [
    as_utf16,
    as_utf16_the_other_way,
    in_hexadecimal,
    in_percent,
    in_base64,
    in_base64_one_further,
    in_base64_two_further,
    in_base64_of_addresses,
    in_base64_of_utf16,
    in_capitals,
]
SECRETS = {
    "a word": WORD,
    "the user agent": AGENT,
    "the address": ADDRESS,
    "three words of the receipt": " ".join(THREE),
    "three words in a list": "</li><li>".join(THREE),
    "three words in a column": "\r\n".join(THREE),
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("way", WAYS)
def test_it_is_found_however_it_is_spelt(scanner, way, secret):
    around = os.urandom(500)
    assert scanner.look("somewhere", around + b"\0" + way(SECRETS[secret]) + b"\0" + around)


@pytest.mark.parametrize("at", range(10))
def test_any_three_words_of_a_receipt_are_found(scanner, at):
    assert scanner.look("somewhere", "-".join(RECEIPT.words[at : at + 3]).encode())
    assert not scanner.look("somewhere", "-".join(RECEIPT.words[at : at + 2]).encode())


@pytest.mark.parametrize(
    "spelt",
    [ENTROPY, ENTROPY.hex(), b64encode(ENTROPY), urlsafe_b64encode(b"?" + ENTROPY), RECEIPT.tag],
)
def test_what_a_receipt_is_made_of_is_found(portal, scanner, spelt):
    plant_cell(portal, spelt)
    assert portal.look_for(scanner)


@pytest.mark.parametrize(
    "value",
    [
        ADDRESS,
        f"::ffff:{ADDRESS}",
        bytes([127, 0, 0, 77]),
        int.from_bytes([127, 0, 0, 77], "big"),
        bytes(10) + b"\xff\xff\x7f\0\0\x4d",
    ],
)
def test_the_address_is_found(portal, scanner, value):
    plant_cell(portal, value)
    assert portal.look_for(scanner)


def test_what_was_clean_is_looked_at_again_when_it_changes(portal, scanner):
    path = portal.data / "objects" / "0"
    path.write_bytes(bytes(2_000_000))
    assert portal.look_for(scanner) == []
    path.write_bytes(bytes(1_500_000) + WORD.encode() + bytes(500_000))
    assert portal.look_for(scanner)


# Times. An act of half a second, a while ago, and a time in the midst of it.


@pytest.fixture
def moment(portal) -> float:
    began = time.time() - 1000
    portal.diary.acts.append(Act("sealing a concern", began, began + 0.5))
    return began + 0.25


def written(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


TIMES = {
    "seconds": int,
    "seconds and parts": float,
    "milliseconds": lambda moment: int(moment * 1e3),
    "microseconds": lambda moment: int(moment * 1e6),
    "nanoseconds": lambda moment: int(moment * 1e9),
    "seconds as text": lambda moment: str(int(moment)),
    "seconds in a text": lambda moment: f"sent={moment:.3f};",
    "milliseconds as text": lambda moment: f"v1.{moment * 1e3:.0f}",
    "four bytes": lambda moment: int(moment).to_bytes(4, "big"),
    "four bytes the other way": lambda moment: int(moment).to_bytes(4, "little"),
    "eight bytes": lambda moment: b"id" + int(moment * 1e3).to_bytes(8, "big"),
    "eight bytes the other way": lambda moment: int(moment * 1e6).to_bytes(8, "little") + b"id",
    "a date and a time": lambda moment: written(moment).isoformat(),
    "a date and a time to the second": lambda moment: f"{written(moment):%Y-%m-%d %H:%M:%S}",
    "a date and a time to the minute": lambda moment: f"{written(moment):%Y-%m-%dT%H:%MZ}",
    "a date and a time without signs": lambda moment: (
        f"{written(moment):%Y%m%d}T{written(moment):%H%M%S}"
    ),
    "a time of day": lambda moment: f"{written(moment):%H:%M:%S}",
    "bytes of text": lambda moment: written(moment).isoformat().encode(),
}


@pytest.mark.parametrize("way", TIMES)
def test_a_time_is_found_in_a_cell(portal, moment, way):
    plant_cell(portal, TIMES[way](moment))
    assert portal.look_for_times()


@pytest.mark.parametrize("way", [way for way in TIMES if "bytes" in way and "four" not in way])
def test_a_time_is_found_in_a_file(portal, moment, way):
    (portal.data / "objects" / "0").write_bytes(os.urandom(9999) + TIMES[way](moment) + bytes(9))
    assert portal.look_for_times()


def test_a_time_is_found_in_a_free_page(portal, moment):
    with connect(portal) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE planted (cell)")
        connection.execute("INSERT INTO planted VALUES (?)", [f"{written(moment)} " * 2000])
        connection.execute("DELETE FROM planted")
    assert portal.look_for_times()


@pytest.mark.parametrize("shape", ["%H:%M:%S", "[%Y-%m-%d %H:%M:%S +0000]", "%d/%b/%Y:%H:%M:%S"])
def test_a_time_is_found_in_the_log(portal, moment, shape):
    portal.log.write_text(f"{written(moment):{shape}} POST\n")
    assert portal.look_for_times()


def test_a_time_is_found_in_the_name_of_a_file(portal, moment):
    (portal.data / "objects" / f"{moment * 1e6:.0f}").touch()
    assert portal.look_for_times()


def test_a_column_for_moments_is_found(portal):
    with connect(portal) as connection:
        connection.execute("CREATE TABLE intake_planted (sent DATETIME)")
    assert "intake_planted.sent" in str(portal.look_for_times()[0])


@pytest.mark.parametrize("times", ["writing", "reading"])
def test_a_time_of_a_file_is_found(portal, moment, times):
    path = portal.data / "objects" / "0"
    path.touch()
    now = time.time()
    os.utime(path, (moment, now) if times == "reading" else (now, moment))
    assert any(times in finding.where for finding in portal.look_for_times())


@pytest.mark.parametrize("place", ["", "objects", "spool"])
def test_the_birth_of_a_file_is_found(portal, place):
    with portal.diary.act("sealing a concern"):
        path: Path = portal.data / place / "0"
        path.touch()
    os.utime(path, (0, 0))
    assert any("birth" in finding.where for finding in portal.look_for_times())


def test_an_act_of_another_time_is_not_found(portal, moment):
    plant_cell(portal, int(moment) - 60)
    portal.log.write_text(f"{written(moment - 60)}\n")
    assert portal.look_for_times() == []
