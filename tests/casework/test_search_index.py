"""The words of some cases in memory: what is found among them, shown, and dropped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.casework import search_index
from app.casework.search_index import Index, Term, Text, parse_query, words_of
from tests.proof import examples


def index_of(**cases):
    index = Index()
    for ref, words in cases.items():
        index.put(ref, 1, [Text("Text", one) for one in ([words] if isinstance(words, str) else words)])  # fmt: skip
    return index


def refs(index, query):
    return [found.ref for found in index.find(parse_query(query), most=20)[0]]


CASES = {
    "A": "Sergeant Müller took THE files home; the files were sealed.",
    "B": ["The home files", "and Mu\u0308ller's expenses of £40"],
    "C": "Nothing about files",
}


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("files", ["A", "B", "C"]), ("muller", ["A", "B"]), ("MÜLLER", ["A", "B"]),
        ("Mu\u0308ller", ["A", "B"]), ('"the files"', ["A"]), ('"home files"', ["B"]),
        ('"files home"', ["A"]), ("muller expenses", ["B"]), ("expen*", ["B"]), ("expen", []),
        ('files -"sealed"', ["A"]), ('"home files" nothing', []), ("40", ["B"]), ("…", []),
        ("*", []), ('"', []), ("a* b*", []), ("' OR 1=1 --", []), ("sea* mul*", ["A"]),
    ],
)  # fmt: skip
def test_what_is_found(query, right):
    assert sorted(refs(index_of(**CASES), query)) == right


def test_most_hits_come_first_and_the_rest_is_counted():
    index = index_of(**{f"R{n:02}": ["spoon"] * (n % 7 + 1) for n in range(30)})
    found, count = index.find(parse_query("spoon"), most=20)
    assert count == 30
    assert [one.hits for one in found] == sorted((one.hits for one in found), reverse=True)
    assert len(found) == 20


def test_a_case_is_replaced_and_dropped_with_every_word_of_it():
    index = index_of(A="left right", B="left")
    index.put("A", 2, [Text("Text", "right")])
    assert refs(index, "left") == ["B"]
    assert index.stamp("A") == 2
    index.keep_only({"A"})
    assert refs(index, "left") == []
    assert index.refs == {"A"}
    index.drop("A")
    assert index._texts == {}
    assert (index.size, index._length) == (0, 0)


def test_an_index_has_an_end(monkeypatch):
    monkeypatch.setattr(search_index, "MOST_TEXT", 100)
    index = Index()
    assert index.put("A", 1, [Text("Text", "x" * 90)])
    assert not index.put("B", 1, [Text("Text", "y" * 20)])
    assert (index.refs, index.left_out) == ({"A"}, 1)


def test_a_snippet_shows_the_words_as_they_were_written():
    words = "x " * 200 + "He said MÜLLER* did <b>it</b> " + "y " * 200
    [found] = index_of(A=words).find(parse_query("muller"), most=1)[0]
    assert [part.text for part in found.snippet.parts if part.is_hit] == ["MÜLLER"]
    whole = "".join(part.text for part in found.snippet.parts)
    assert whole.startswith("… ")
    assert "did <b>it</b>" in whole
    assert len(whole) < 500


class Proof:
    """What says whether words are whose they seem, and how often it was asked."""

    def __init__(self, *, holds):
        self.answer, self.asked = holds, 0

    def holds(self):
        self.asked += 1
        return self.answer


def test_what_is_shown_is_proved_and_what_is_not_is_dropped():
    index = Index()
    sound, forged, unseen = Proof(holds=True), Proof(holds=False), Proof(holds=False)
    index.put("A", 1, [Text("Text", "spoon", forged), Text("Text", "fork", sound)])
    index.put("B", 1, [Text("Text", "spoon", sound)])
    index.put("C", 1, [Text("Text", "knife", unseen)])
    assert refs(index, "spoon") == ["B"]
    assert refs(index, "spoon fork") == []
    assert refs(index, "fork") == ["A"], "what else was written in the case is still found"
    assert (forged.asked, unseen.asked) == (1, 0)
    assert refs(index, "knife") == []


@examples()
@given(st.text(max_size=300))
def test_every_word_of_a_text_finds_it(words):
    index = index_of(A=words)
    for word in words_of(words):
        assert index.find([Term((word,))], most=1)[1] == 1
