"""The words of some cases in memory: what is found among them, shown, and dropped."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.casework import search_index
from app.casework.search_index import Index, Term, Text, parse_query, words_of
from app.identity import memory
from tests.proof import examples

DAY = date(2026, 11, 21)


def index_of(**cases):
    index = Index()
    for ref, words in cases.items():
        texts = [words] if isinstance(words, str) else words
        index.put(ref, 1, [Text("Text", one) for one in texts], received_on=DAY)
    return index


def refs(index, query):
    return [found.ref for found in index.find(parse_query(query), page=1, most=20).found]


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


def days(*, each=("spoon",), **received):
    """An index of cases by how many days after the first each was received."""
    index = Index()
    for ref, after in received.items():
        texts = [Text("Text", words) for words in each]
        index.put(ref, 1, texts, received_on=DAY + timedelta(days=after))
    return index


def page(index, number, most=2, query="spoon"):
    shown = index.find(parse_query(query), page=number, most=most)
    return "".join(one.ref for one in shown.found), shown.page, shown.more


def test_those_received_last_come_first_however_they_were_put_in():
    index = days(A=3, B=1, C=3, D=9, E=0)
    assert refs(index, "spoon") == ["D", "A", "C", "B", "E"]
    index.put("F", 1, [Text("Text", "a spoon")], received_on=DAY + timedelta(days=2))
    index.put("A", 2, [Text("Text", "another spoon")], received_on=DAY + timedelta(days=3))
    assert refs(index, "spoon") == ["D", "A", "C", "F", "B", "E"]
    index.drop("D")
    assert refs(index, "spoon") == ["A", "C", "F", "B", "E"]


def test_all_that_is_found_can_be_leafed_through():
    index = days(A=5, B=4, C=3, D=2, E=1)
    assert [page(index, number) for number in (1, 2, 3)] == [
        ("AB", 1, True), ("CD", 2, True), ("E", 3, False),
    ]  # fmt: skip
    assert page(index, 1, most=5) == ("ABCDE", 1, False)


def test_a_page_that_is_not_there_any_more_is_the_last_one():
    index = days(A=5, B=4, C=3, D=2)
    assert page(index, 9999) == ("CD", 2, False)
    index.keep_only({"A", "B"})
    assert page(index, 2) == ("AB", 1, False)
    index.keep_only(())
    assert page(index, 2) == ("", 1, False)


def test_what_was_on_an_earlier_page_and_vanished_hides_nothing_for_long():
    index = days(A=5, B=4, C=3, D=2, E=1)
    assert page(index, 1) == ("AB", 1, True)
    index.drop("A")
    assert page(index, 2) == ("DE", 2, False)
    assert page(index, 1) == ("BC", 1, True)


def test_nobody_looks_further_than_a_page_and_one(monkeypatch):
    looked = []
    has = search_index._Case.has
    monkeypatch.setattr(
        search_index._Case, "has", lambda me, sought: looked.append(me.place[1]) or has(me, sought)
    )
    index, proof = Index(), Proof(holds=True)
    for number in range(50):
        words = "spoon" if number % 2 else "fork"
        texts = [Text("Text", words, proof)]
        index.put(f"R{number:02}", 1, texts, received_on=DAY)
    assert page(index, 1, most=3)[2]
    assert set(looked) == {"R01", "R03", "R05", "R07"}, "and no case without the word"
    assert proof.asked == 4
    looked.clear()
    assert page(index, 1, query="knife") == ("", 1, False)
    assert page(index, 1, query="kni*") == ("", 1, False)
    assert page(index, 1, query='"spoon knife"') == ("", 1, False)
    assert looked == [], "of a word that is nowhere nothing is looked for"


def test_a_case_is_replaced_and_dropped_with_every_word_of_it():
    index = index_of(A="left right", B="left")
    index.put("A", 2, [Text("Text", "right")], received_on=DAY)
    assert refs(index, "left") == ["B"]
    assert index.stamp("A") == 2
    index.keep_only({"A"})
    assert refs(index, "left") == []
    assert index.refs == {"A"}
    index.drop("A")
    assert (index._cases, index._with, index._order) == ({}, {}, [])
    assert (index.size, index._length) == (0, 0)


def test_an_index_has_an_end(monkeypatch):
    monkeypatch.setattr(search_index, "MOST_TEXT", 100)
    index = Index()
    assert index.put("A", 1, [Text("Text", "x" * 90)], received_on=DAY)
    for _ in range(2):
        assert not index.put("B", 1, [Text("Text", "y" * 20)], received_on=DAY)
        assert (index.refs, index.left_out) == ({"A"}, 1)
    index.settle("now", {"A": 1, "B": 1})
    assert index.is_at("now"), "what there is no room for is not opened at every search"
    index.drop("A")
    assert index.stamp("B") is None, "it is tried again once there is room"
    assert not index.is_at("now")
    index.keep_only({"A"})
    assert index.left_out == 0


def test_a_full_index_has_room_in_memory():
    assert search_index.PER_CHARACTER * search_index.MOST_TEXT < memory.MOST


def test_an_index_knows_that_nothing_changed_until_something_does():
    index = days(A=1, B=2)
    assert not index.is_at("now")
    index.settle("now", {"A": 1, "B": 1})
    assert index.is_at("now")
    assert not index.is_at("later")
    for change in (
        lambda: index.put("A", 2, [], received_on=DAY),
        lambda: index.drop("B"),
        lambda: index.settle("now", {"A": 2, "C": 1}),
        lambda: index.settle("now", {"A": 1}),
    ):
        change()
        assert not index.is_at("now")
    index.settle("now", {"A": 2})
    assert index.is_at("now")


def test_a_snippet_shows_the_words_as_they_were_written():
    words = "x " * 200 + "He said MÜLLER* did <b>it</b> " + "y " * 200
    [found] = index_of(A=words).find(parse_query("muller"), page=1, most=1).found
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
    index.put("A", 1, [Text("Text", "spoon", forged), Text("Text", "fork", sound)], received_on=DAY)
    index.put("B", 1, [Text("Text", "spoon", sound)], received_on=DAY)
    index.put("C", 1, [Text("Text", "knife", unseen)], received_on=DAY)
    assert refs(index, "spoon") == ["B"]
    assert refs(index, "spoon fork") == []
    assert refs(index, "fork") == ["A"], "what else was written in the case is still found"
    assert (forged.asked, unseen.asked) == (1, 0)
    assert refs(index, "knife") == []


def test_a_hit_that_does_not_hold_takes_no_place_on_a_page():
    index = Index()
    for number, holds in enumerate((True, False, False, True, False, True)):
        texts = [Text("Text", "spoon", Proof(holds=holds))]
        index.put("ABCDEF"[number], 1, texts, received_on=DAY)
    assert page(index, 2) == ("F", 2, False)
    assert page(index, 1) == ("AD", 1, True)
    only = days(A=2)
    only.put("B", 1, [Text("Text", "spoon", Proof(holds=False))], received_on=DAY)
    assert page(only, 1, most=1) == ("A", 1, False), "nor does it say that there is more"


def test_of_equal_words_only_those_that_do_not_hold_are_dropped():
    index = Index()
    texts = [Text("Text", "spoon", Proof(holds=holds)) for holds in (False, True)]
    index.put("A", 1, texts, received_on=DAY)
    assert refs(index, "spoon") == ["A"]


@examples()
@given(st.text(max_size=300))
def test_every_word_of_a_text_finds_it(words):
    index = index_of(A=words)
    for word in words_of(words):
        assert len(index.find([Term((word,))], page=1, most=1).found) == 1


SMALL = st.lists(st.sampled_from(["ab", "abc", "b", "c", "ca"]), max_size=5).map(" ".join)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from("ABCDEF"),
        st.one_of(
            st.none(),
            st.tuples(st.lists(st.tuples(SMALL, st.booleans()), max_size=3), st.integers(0, 2)),
        ),
    ),
    max_size=10,
)
ASKED = st.lists(
    st.sampled_from(["ab", "b", "c", "ca", "a*", "ab*", '"ab c"', '"b b"', "d", "d*"]),
    min_size=1,
    max_size=2,
)


def stands_in(term, words):
    """Say naively whether a term stands in some words."""
    for start in range(len(words) - len(term.words) + 1):
        *before, last = words[start : start + len(term.words)]
        if (*before, last) == term.words:
            return True
        if term.begun and tuple(before) == term.words[:-1] and last.startswith(term.words[-1]):
            return True
    return False


def naively(kept, terms):
    """Return all that is to be found: newest first, of words that hold."""
    sound = {
        ref: [words.split() for words, holds in texts if holds] for ref, (texts, _) in kept.items()
    }
    hits = [
        ref for ref, texts in sound.items()
        if all(any(stands_in(term, words) for words in texts) for term in terms)
    ]  # fmt: skip
    return sorted(hits, key=lambda ref: (-kept[ref][1], ref))


@examples(300)
@given(changes=CHANGES, asked=st.lists(ASKED, min_size=1, max_size=3), most=st.integers(1, 3))
def test_what_is_found_is_what_a_look_at_everything_finds(changes, asked, most):
    index, kept = Index(), {}
    for ref, put in changes:
        if put is None:
            index.drop(ref)
            kept.pop(ref, None)
            continue
        texts = [Text("Text", words, Proof(holds=holds)) for words, holds in put[0]]
        index.put(ref, 1, texts, received_on=DAY + timedelta(days=put[1]))
        kept[ref] = put
    for words in asked:
        terms = parse_query(" ".join(words))
        right = naively(kept, terms)
        for number in range(1, 9):
            last = max(1, min(number, -(-len(right) // most)))
            shown = index.find(terms, page=number, most=most)
            assert [one.ref for one in shown.found] == right[(last - 1) * most : last * most]
            assert (shown.page, shown.more) == (last, len(right) > last * most)


@pytest.mark.parametrize("sign", ["\u037a", "\ufe70", "\u00a8"])
def test_a_sign_that_is_a_blank_and_another_looks_for_the_other(sign):
    """Folded, it would stand between two texts and in neither."""
    index = Index()
    index.put("A", 1, [Text("Text", "one"), Text("Text", "second")], received_on=DAY)
    for typed in (sign, f"x{sign}", f'"one {sign} second"', f"{sign}*", f"one{sign}"):
        shown = index.find(parse_query(typed), page=1, most=10)
        assert [found.ref for found in shown.found] in ([], ["A"])
