"""Signed notes as c2sp.org/signed-note has them."""

import os
import stat
from datetime import date

import pytest

from app.audit import checkpoints
from app.audit.domain import Checkpoint
from app.audit.signing import BadNote, LogKey, LogVerifier, read_or_make

KEY = LogKey.of_seed(bytes(range(32)))
TEXT = "origin\n5\n" + "A" * 43 + "=\n"

# From the documentation of golang.org/x/mod/sumdb/note: a private key, its verifier and a note.
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_NOTE = (
    GO_TEXT + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
    "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_published_example_is_read():
    assert LogVerifier.parse(GO_PUBLIC).open(GO_NOTE) == GO_TEXT
    assert str(LogVerifier.parse(GO_PUBLIC)) == GO_PUBLIC


def test_the_published_example_is_written():
    key = LogKey.parse(GO_PRIVATE)
    assert str(key.verifier) == GO_PUBLIC
    assert key.sign(GO_TEXT) == GO_NOTE
    assert key.text().strip() == GO_PRIVATE


def test_a_note_is_opened_by_its_key_alone():
    assert KEY.verifier.open(KEY.sign(TEXT)) == TEXT
    with pytest.raises(BadNote):
        LogKey.of_seed(bytes(32)).verifier.open(KEY.sign(TEXT))


def test_a_witness_may_add_its_line():
    note = LogKey.parse(GO_PRIVATE).sign(TEXT).removeprefix(TEXT + "\n")
    assert KEY.verifier.open(KEY.sign(TEXT) + note) == TEXT


@pytest.mark.parametrize(
    "note",
    [
        "",
        TEXT,
        KEY.sign(TEXT)[:-1],
        KEY.sign(TEXT).replace("\n5\n", "\n6\n"),
        KEY.sign(TEXT) + "a line\n",
        KEY.sign(TEXT).replace("— ", "- "),
        KEY.sign(TEXT) + "x" * 100_000,
        f"{TEXT}\n— {KEY.name} !!!!\n",
        f"{TEXT}\n— {KEY.name} AAA\n",
    ],
)
def test_other_texts_are_no_notes(note):
    with pytest.raises(BadNote):
        KEY.verifier.open(note)


@pytest.mark.parametrize(
    "text",
    ["", "a+b", GO_PUBLIC.replace("c74f20a3", "c74f20a4"), GO_PUBLIC[:-4], "x+00000000+AAAA"],
)
def test_other_texts_are_no_verification_keys(text):
    with pytest.raises(BadNote):
        LogVerifier.parse(text)


@pytest.mark.parametrize(
    "text", ["", GO_PUBLIC, GO_PRIVATE[:-4], GO_PRIVATE.replace("c74f20a3", "c74f20a4")]
)
def test_other_texts_are_no_signing_keys(text):
    with pytest.raises(BadNote):
        LogKey.parse(text)


def test_the_key_file_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "audit.key"
    old = os.umask(0)
    try:
        made = read_or_make(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_or_make(path) == made
    assert bytes(made.seed).hex() not in repr(made)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n5\n",
        "\n5\n" + "A" * 43 + "=\n",
        "origin\n05\n" + "A" * 43 + "=\n",
        "origin\n-5\n" + "A" * 43 + "=\n",
        "origin\n\u0665\n" + "A" * 43 + "=\n",
        "origin\n5\nAAAA\n",
        "origin\n5\nnot base64\n",
        "origin\n5\n" + "A" * 43 + "=",
    ],
)
def test_other_texts_are_no_checkpoints(text):
    with pytest.raises(ValueError, match=r"checkpoint"):
        Checkpoint.parse(text)


def test_a_checkpoint_may_have_extension_lines():
    assert Checkpoint.parse(TEXT + "more\n").size == 5
    assert Checkpoint.parse(TEXT).text() == TEXT


def test_the_newest_checkpoint_is_known(tmp_path):
    assert checkpoints.newest(tmp_path) is None
    note = KEY.sign(TEXT)
    checkpoints.keep(tmp_path, note, today=date(2026, 11, 20))
    path = checkpoints.keep(tmp_path, note, today=date(2026, 11, 21))
    (path.parent / "2026-99-99-x.txt").touch()
    assert path.read_text(encoding="utf-8") == note
    assert checkpoints.newest(tmp_path) == checkpoints.Taken(size=5, taken_on=date(2026, 11, 21))
