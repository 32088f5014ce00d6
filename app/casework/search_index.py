"""An index of words over the cases of one member, in memory. Pure.

A word is looked for without regard to case and accents; words in quotation marks have to follow
one another; a star at the end stands for any ending. A case is found if all that is asked for
stands somewhere in it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from heapq import nsmallest
from typing import Protocol, Self

LONGEST_QUERY = 200  # characters
MOST_TERMS = 12
AROUND = 70  # characters before a hit, and twice as many after it
MOST_TEXT = 48 * 1024 * 1024  # characters of one index; what comes after is not taken in

# Of memory: the words, twice the words as they are compared, and the bytes that prove them.
PER_CHARACTER = 7  # bytes

_WORD = re.compile(r"[^\W_]+")
# Every ASCII character that is in no word becomes a blank, and each capital its small letter.
_IN_WORDS = bytes(
    ord(chr(code).lower()) if chr(code).isalnum() else ord(" ") for code in range(128)
) + bytes(128)
_ASKED = re.compile(r'"([^"]*)"|([^\s"]+)')


class Proof(Protocol):
    """What says of some words whether they are whose they seem."""

    def holds(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Text:
    """Something written in a case: what it is called, its words, and what proves them.

    What has a proof is asked for it before a word of it is shown.
    """

    called: str
    words: str = field(repr=False)
    proof: Proof | None = field(default=None, repr=False, compare=False)


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


@dataclass(frozen=True, slots=True)
class _Kept:
    """A text in the index, and its words as they are compared."""

    text: Text
    compared: bytes = field(repr=False)

    @classmethod
    def of(cls, text: Text) -> Self:
        """Return a text as it is kept."""
        words = unicodedata.normalize("NFC", text.words)
        return cls(replace(text, words=words), _compared(words))

    def holds(self) -> bool:
        """Say whether the words are whose they seem."""
        return self.text.proof is None or self.text.proof.holds()


class Index:
    """The words of some cases, as they are compared."""

    def __init__(self) -> None:
        self.left_out = 0  # cases that there was no room for
        self._stamps: dict[str, object] = {}
        self._texts: dict[str, list[_Kept]] = {}  # by case
        self._wholes: dict[str, bytes] = {}  # what stands in any of them, as it is compared
        self._lengths: dict[str, int] = {}
        self._length = 0

    @property
    def size(self) -> int:
        """About how many bytes of memory this takes."""
        return PER_CHARACTER * self._length + 1000 * len(self._texts)

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
        self._lengths[ref] = length
        self._stamps[ref] = stamp
        self._keep(ref, [_Kept.of(text) for text in texts])
        return True

    def drop(self, ref: str) -> None:
        """Take a case out, if it is in."""
        self._stamps.pop(ref, None)
        self._texts.pop(ref, None)
        self._wholes.pop(ref, None)
        self._length -= self._lengths.pop(ref, 0)

    def keep_only(self, refs: Iterable[str]) -> None:
        """Take out every case that is not among `refs`."""
        for ref in self.refs - frozenset(refs):
            self.drop(ref)

    def find(self, terms: Sequence[Term], *, most: int) -> tuple[list[Found], int]:
        """Return the cases that have all of `terms`, most hits first, and how many there are.

        What is shown was proved. The number counts what was not looked at as well.
        """
        sought = [_sought(term) for term in terms]
        while True:
            counts = self._with_all(sought) if sought else {}
            best = nsmallest(most, counts, key=lambda ref: (-counts[ref], ref))
            hits = {ref: self._hits(ref, sought) for ref in best}
            unproved = [(ref, kept) for ref in best for kept in hits[ref] if not kept.holds()]
            if not unproved:
                break
            for ref, kept in unproved:
                self._keep(ref, [one for one in self._texts.get(ref, []) if one is not kept])
        shown = [
            Found(ref, counts[ref], _snippet(hits[ref][0].text, terms)) for ref in best if hits[ref]
        ]
        return shown, len(counts)

    def _keep(self, ref: str, texts: list[_Kept]) -> None:
        self._texts[ref] = texts
        # No blank follows another within a text, so nothing is found across two of them.
        self._wholes[ref] = b" ".join(kept.compared for kept in texts)

    def _with_all(self, sought: Sequence[bytes]) -> dict[str, int]:
        """Return the cases in which all of it stands, with how often any of it does."""
        # A list: the same session may be putting cases in, for another page.
        return {
            ref: sum(map(whole.count, sought))
            for ref, whole in list(self._wholes.items())
            if all(one in whole for one in sought)
        }

    def _hits(self, ref: str, sought: Sequence[bytes]) -> list[_Kept]:
        return [
            kept for kept in self._texts.get(ref, []) if any(one in kept.compared for one in sought)
        ]


def _compared(words: str) -> bytes:
    """Return the words of a text as they are compared, a blank before and after each."""
    if words.isascii():
        found = words.encode().translate(_IN_WORDS).split()
    else:
        found = [word.encode() for word in words_of(words)]
    return b" " + b" ".join(found) + b" "


def _sought(term: Term) -> bytes:
    """Return what stands in the words of a text where a term does."""
    return b" " + " ".join(term.words).encode() + (b"" if term.begun else b" ")


def _snippet(text: Text, terms: Sequence[Term]) -> Snippet:
    plain = {word for term in terms for word in term.words}
    begun = tuple(term.words[-1] for term in terms if term.begun)
    hits: list[tuple[int, int]] = []
    for place in _WORD.finditer(text.words):
        # What stands further from the first than a snippet reaches is not shown.
        if hits and place.start() > hits[0][0] + 4 * AROUND:
            break
        word = folded(place[0])
        if word in plain or (begun and word.startswith(begun)):
            hits.append(place.span())
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
