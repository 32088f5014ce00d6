"""An index of words over the cases of one member, in memory. Pure.

A word is looked for without regard to case and accents; words in quotation marks have to follow
one another; a star at the end stands for any ending. A case is found if all that is asked for
stands somewhere in it.
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

LONGEST_QUERY = 200  # characters
MOST_TERMS = 12
MOST_ENDINGS = 2_000  # words that one star may stand for
AROUND = 70  # characters before a hit, and twice as many after it
MOST_TEXT = 48 * 1024 * 1024  # characters of one index; what comes after is not taken in

_WORD = re.compile(r"[^\W_]+")
_ASKED = re.compile(r'"([^"]*)"|([^\s"]+)')


@dataclass(frozen=True, slots=True)
class Text:
    """Something written in a case: what it is called, and its words."""

    called: str
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Term:
    """What is asked for: words that follow one another, the last of them perhaps only begun."""

    words: tuple[str, ...]
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a snippet: a word that was looked for, or what stands around one."""

    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Snippet:
    """Where in a case something was found, in its own words."""

    called: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A case with all that was asked for."""

    ref: str
    hits: int
    snippet: Snippet


def parse_query(typed: str) -> list[Term]:
    """Return what is asked for, `MOST_TERMS` at most; signs that are in no word say nothing."""
    terms = []
    for quoted, plain in _ASKED.findall(unicodedata.normalize("NFC", typed)):
        words = tuple(words_of(quoted or plain))
        if words:
            terms.append(Term(words, begun=plain.endswith("*")))
    return terms[:MOST_TERMS]


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text as they are compared."""
    if text.isascii():
        return iter(_WORD.findall(text.lower()))
    return map(folded, _WORD.findall(text))


@lru_cache(maxsize=8192)
def folded(word: str) -> str:
    """Return a word without case and accents."""
    plain = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()


class _Numbered(dict[str, int]):
    """Words by number, the next number for a word that is new."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


class Index:
    """The words of some cases, and where they stand."""

    def __init__(self) -> None:
        self.left_out = 0  # cases that there was no room for
        self._stamps: dict[str, object] = {}
        self._numbers: dict[str, list[int]] = {}  # of a case's texts
        self._texts: dict[int, tuple[str, Text, array[int]]] = {}
        self._next = 0
        self._ids = _Numbered()
        self._places: dict[int, array[int]] = defaultdict(lambda: array("I"))
        self._sorted: list[str] | None = None
        self._length = 0

    @property
    def size(self) -> int:
        """About how many bytes of memory this takes."""
        tokens = sum(len(order) for _, _, order in self._texts.values())
        places = sum(len(found) for found in self._places.values())
        return 2 * self._length + 4 * tokens + 8 * places + 200 * len(self._ids)

    @property
    def refs(self) -> frozenset[str]:
        """The cases in here."""
        return frozenset(self._stamps)

    def stamp(self, ref: str) -> object:
        """Return what was said of a case's state when it was put in; None if it is not in."""
        return self._stamps.get(ref)

    def put(self, ref: str, stamp: object, texts: Sequence[Text]) -> bool:
        """Put a case in, in place of what there was of it; False if there is no room for it."""
        self.drop(ref)
        length = sum(len(text.words) for text in texts)
        if self._length + length > MOST_TEXT:
            self.left_out += 1
            return False
        self._length += length
        self._stamps[ref] = stamp
        self._numbers[ref] = [self._add(ref, text) for text in texts]
        return True

    def drop(self, ref: str) -> None:
        """Take a case out, if it is in."""
        self._stamps.pop(ref, None)
        for number in self._numbers.pop(ref, []):
            _, text, order = self._texts.pop(number)
            self._length -= len(text.words)
            for id in set(order):
                self._places[id].remove(number)

    def keep_only(self, refs: Iterable[str]) -> None:
        """Take out every case that is not among `refs`."""
        for ref in self.refs - frozenset(refs):
            self.drop(ref)

    def find(self, terms: Sequence[Term], *, most: int) -> tuple[list[Found], int]:
        """Return the cases that have all of `terms`, most hits first, and how many there are."""
        if not terms:
            return [], 0
        found: dict[str, list[int]] | None = None
        for term in terms:
            by_case: dict[str, list[int]] = defaultdict(list)
            for number in self._with(term):
                ref = self._texts[number][0]
                if found is None or ref in found:
                    by_case[ref].append(number)
            found = {ref: [*(found or {}).get(ref, []), *by_case[ref]] for ref in by_case}
        cases = found or {}
        best = sorted(cases, key=lambda ref: (-len(cases[ref]), ref))
        shown = [
            Found(ref, len(set(cases[ref])), self._snippet(min(cases[ref]), terms))
            for ref in best[:most]
        ]
        return shown, len(cases)

    def _add(self, ref: str, text: Text) -> int:
        text = Text(text.called, unicodedata.normalize("NFC", text.words))
        number, self._next = self._next, self._next + 1
        order = array("I", map(self._ids.__getitem__, words_of(text.words)))
        for id in set(order):
            self._places[id].append(number)
        self._texts[number] = ref, text, order
        self._sorted = None
        return number

    def _with(self, term: Term) -> Iterable[int]:
        *whole, last = term.words
        endings = self._begun_with(last) if term.begun else [last]
        ids = [self._ids[word] for word in endings if word in self._ids]
        before = [self._ids.get(word, -1) for word in whole]
        if -1 in before:
            return ()
        found = {number for id in ids for number in self._places[id]}
        for id in before:
            found &= set(self._places[id])
        if not before:
            return found
        together, last_ids = array("I", before).tobytes(), frozenset(ids)
        return [number for number in found if self._follow(number, together, last_ids)]

    def _follow(self, number: int, together: bytes, last: frozenset[int]) -> bool:
        order = self._texts[number][2]
        raw, width = order.tobytes(), order.itemsize
        at = raw.find(together)
        while at >= 0:
            after = at + len(together)
            if at % width == 0 and after < len(raw) and order[after // width] in last:
                return True
            at = raw.find(together, at + 1)
        return False

    def _begun_with(self, beginning: str) -> list[str]:
        if self._sorted is None:
            self._sorted = sorted(self._ids)
        at = bisect_left(self._sorted, beginning)
        found = self._sorted[at : at + MOST_ENDINGS]
        return [word for word in found if word.startswith(beginning)]

    def _snippet(self, number: int, terms: Sequence[Term]) -> Snippet:
        text = self._texts[number][1]
        plain = {word for term in terms for word in term.words}
        begun = tuple(term.words[-1] for term in terms if term.begun)
        hits = [
            place.span()
            for place in _WORD.finditer(text.words)
            if (word := folded(place[0])) in plain or (begun and word.startswith(begun))
        ]
        return Snippet(text.called, tuple(_cut(text.words, hits)))


def _cut(words: str, hits: Sequence[tuple[int, int]]) -> Iterator[Part]:
    first = hits[0][0] if hits else 0
    begins, ends = _edge(words, first - AROUND), _edge(words, first + 2 * AROUND)
    if begins:
        yield Part("… ", is_hit=False)
    at = begins
    for start, end in hits:
        if start >= at and end <= ends:
            yield Part(words[at:start], is_hit=False)
            yield Part(words[start:end], is_hit=True)
            at = end
    yield Part(words[at:ends], is_hit=False)
    if ends < len(words):
        yield Part(" …", is_hit=False)


def _edge(words: str, at: int) -> int:
    """Return where a snippet may begin or end near `at`: not within a word."""
    if at <= 0:
        return 0
    space = words.find(" ", at, at + 2 * AROUND)
    return len(words) if at >= len(words) else (at if space < 0 else space)
