"""Phrases are found whatever their case, accents and blanks, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sharing.masking import REMOVED, longest_copied_run, marked, removed, spans


@pytest.mark.parametrize(
    ("words", "phrases", "left"),
    [
        ("PC Müller and pc muller", ["Muller"], f"PC {REMOVED} and pc {REMOVED}"),
        ("Mu\u0308ller\u2019s car", ["müller"], f"{REMOVED}\u2019s car"),
        ("Anna-Lena, Annabel", ["Anna"], f"{REMOVED}-Lena, Annabel"),
        ("the night\n shift of June", ["night shift"], f"the {REMOVED} of June"),
        ("a b c d", ["a b", "b c"], f"{REMOVED} d"),
        ("nothing here", ["", "…", "zebra"], "nothing here"),
        ("07700 900123.", ["07700 900123"], f"{REMOVED}."),
    ],
)
def test_what_is_left(words, phrases, left):
    assert removed(words, phrases) == left


def test_a_mark_cannot_be_forged():
    assert marked("He is [[third party: Anna]]", ["He"]) == (
        "[[third party: He]] is [ [third party: Anna] ]"
    )


@given(st.text(max_size=80), st.lists(st.text(max_size=10), max_size=4))
def test_nothing_of_a_phrase_is_left_and_nothing_else_goes(words, phrases):
    left = removed(words, phrases)
    assert spans(left.replace(REMOVED, " "), [p for p in phrases if spans(words, [p])]) == [] or (
        REMOVED in left
    )
    if not spans(words, phrases):
        import unicodedata

        assert left == unicodedata.normalize("NFC", words)


LETTER = "A supervisor takes files home. It has happened often, mostly on a Friday."


@pytest.mark.parametrize(
    ("report", "copied"),
    [
        ("A supervisor is said to take records away.", ""),
        ("It is said that a Supervisor takes files home. It HAS happened.", "a Supervisor takes files home. It HAS"),
        ("supervisor takes files home it has", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_report_is_not_in_the_reporters_words(report, copied):
    assert longest_copied_run(report, LETTER) == copied
