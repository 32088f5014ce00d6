"""What an entry may say: identifiers, never a sentence."""

from datetime import UTC, datetime

import pytest

from app.audit.domain import Entry, Verb

AT = datetime(2026, 11, 21, 3, 12, 9, 999_999, tzinfo=UTC)


def entry(**changes):
    said = {
        "number": 7,
        "at": AT,
        "actor": "amara",
        "verb": Verb.CASE_OPENED,
        "subject": "K7QM-2HJX",
        "details": {"count": 3, "desk": "psd"},
    }
    return Entry(**(said | changes))


def test_a_leaf_is_canonical_json_to_the_second():
    assert entry().leaf() == (
        b'{"actor":"amara","at":"2026-11-21T03:12:09Z","details":{"count":3,"desk":"psd"},'
        b'"number":7,"subject":"K7QM-2HJX","verb":"case.opened"}'
    )


def test_a_leaf_is_read_back():
    leaf = entry().leaf()
    assert Entry.of_leaf(leaf).leaf() == leaf
    assert Entry.of_leaf(leaf).number == 7


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": ""},
        {"actor": "a sentence"},
        {"subject": "she said so"},
        {"subject": "x" * 81},
        {"details": {"why": "because he did"}},
        {"details": {"why": "x" * 81}},
        {"details": {"why": ""}},
        {"details": {"why": "é"}},
        {"details": {"why": "line\nline"}},
        {"details": {"why": 2**53}},
        {"details": {"why": True}},
        {"details": {"why": 1.5}},
        {"details": {"why": None}},
        {"details": {"Why?": "x"}},
        {"details": {f"d{letter}": 1 for letter in "abcdefghi"}},
    ],
)
def test_nothing_that_could_be_prose_is_taken(changes):
    with pytest.raises(ValueError, match=r"identifier|detail"):
        entry(**changes)


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"number": 1}',
        entry().leaf() + b" ",
        entry().leaf().replace(b'"case.opened"', b'"case.invented"'),
        entry().leaf().replace(b"2026-11-21T", b"2026-13-21T"),
        entry().leaf().replace(b'{"count":3,"desk":"psd"}', b"[]"),
        entry().leaf().replace(b'"amara"', b"5"),
        b"\xff\xfe",
    ],
)
def test_other_bytes_are_not_an_entry(leaf):
    with pytest.raises(ValueError, match=r".*"):
        Entry.of_leaf(leaf)


def test_every_verb_is_a_thing_and_what_became_of_it():
    for verb in Verb:
        thing, _dot, became = verb.value.partition(".")
        assert thing.replace("-", "").isalpha()
        assert became.replace("-", "").isalpha()
