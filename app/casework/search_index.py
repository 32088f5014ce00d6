"""An index of words over the cases of one member, in memory. Pure.

A word is looked for without regard to case and accents; words in quotation marks have to follow
one another; a star at the end stands for any ending. A case is found if all that is asked for
stands somewhere in it. Those received last are found first, and nobody looks further than a page.
"""

import re
import unicodedata
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import islice
from threading import RLock
from typing import Protocol, Self

LONGEST_QUERY = 200  # characters
MOST_TERMS = 12
AROUND = 70  # characters before a hit, and twice as many after it
MOST_TEXT = 24 * 1024 * 1024  # characters of one index; what comes after is not taken in

# Of memory: the words, twice the words as they are compared, the bytes that prove them, and in
# which cases a word stands.
PER_CHARACTER = 9  # bytes

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
    snippet: Snippet


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page of what was found, the newest received first."""

    found: list[Found]
    page: int
    more: bool  # on a next page


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
    # Some signs are a blank and another once they are folded.
    return (part for word in _WORD.findall(text) for part in folded(word).split())


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

    def has_any(self, sought: Sequence[bytes]) -> bool:
        """Say whether something of what is sought stands in here."""
        return any(one in self.compared for one in sought)

    def holds(self) -> bool:
        """Say whether the words are whose they seem."""
        return self.text.proof is None or self.text.proof.holds()


@dataclass(slots=True)
class _Case:
    """A case in the index."""

    stamp: object
    place: tuple[int, str]  # among the others: the newest received first
    length: int
    texts: list[_Kept] = field(repr=False)
    whole: bytes = field(repr=False)  # what stands in any of them, as it is compared

    @classmethod
    def of(cls, ref: str, stamp: object, texts: Iterable[Text], received_on: date) -> Self:
        """Return a case as it is kept."""
        kept = [_Kept.of(text) for text in texts]
        length = sum(len(one.text.words) for one in kept)
        return cls(stamp, (-received_on.toordinal(), ref), length, kept, _whole(kept))

    def has(self, sought: Sequence[bytes]) -> bool:
        """Say whether all of it stands in here."""
        return all(one in self.whole for one in sought)

    def words(self) -> set[bytes]:
        """Return every word in here, once."""
        return set(self.whole.split())


class Index:
    """The words of some cases, as they are compared.

    One session may be asking for two pages at once: whoever changes or reads this waits a turn.
    """

    def __init__(self) -> None:
        self._cases: dict[str, _Case] = {}
        self._order: list[tuple[int, str]] = []  # the places of all of them
        self._with: dict[bytes, set[str]] = {}  # by word, the cases it stands in
        self._no_room: dict[str, object] = {}  # the stamps of what there was no room for
        self._length = 0
        self._state: object = None
        self._turn = RLock()

    @property
    def size(self) -> int:
        """About how many bytes of memory this takes."""
        return PER_CHARACTER * self._length + 1000 * len(self._cases)

    @property
    def refs(self) -> frozenset[str]:
        """The cases in here."""
        return frozenset(self._cases)

    @property
    def left_out(self) -> int:
        """How many cases there was no room for."""
        return len(self._no_room)

    def stamp(self, ref: str) -> object:
        """Return what was said of a case's state when it came, whether there was room or not."""
        case = self._cases.get(ref)
        return self._no_room.get(ref) if case is None else case.stamp

    def put(self, ref: str, stamp: object, texts: Sequence[Text], *, received_on: date) -> bool:
        """Put a case in, in place of what there was of it; False if there is no room for it."""
        case = _Case.of(ref, stamp, texts, received_on)
        with self._turn:
            self.drop(ref)
            if self._length + case.length > MOST_TEXT:
                self._no_room[ref] = stamp
                return False
            self._length += case.length
            self._cases[ref] = case
            insort(self._order, case.place)
            for word in case.words():
                self._with.setdefault(word, set()).add(ref)
        return True

    def drop(self, ref: str) -> None:
        """Take a case out, if it is in."""
        with self._turn:
            self._state = None
            self._no_room.pop(ref, None)
            case = self._cases.pop(ref, None)
            if case is not None:
                self._length -= case.length
                del self._order[bisect_left(self._order, case.place)]
                self._forget(ref, case.words())
                # There is room now: what there was none for is tried again.
                self._no_room.clear()

    def keep_only(self, refs: Iterable[str]) -> None:
        """Take out every case that is not among `refs`."""
        with self._turn:
            for ref in (self.refs | self._no_room.keys()) - frozenset(refs):
                self.drop(ref)

    def settle(self, state: object, stamps: Mapping[str, object]) -> None:
        """Remember that this is all there is at `state`, if the stamps say that it is."""
        with self._turn:
            there = {ref: case.stamp for ref, case in self._cases.items()} | self._no_room
            is_all = there == stamps
            self._state = state if is_all else None

    def is_at(self, state: object) -> bool:
        """Say whether nothing is to be put in or taken out for this to be all there is."""
        return self._state is not None and self._state == state

    def find(self, terms: Sequence[Term], *, page: int, most: int) -> Shown:
        """Return a page of the cases that have all of `terms`: the last, if there is no such page.

        Looked at are those before it and one more: that is whether there is a next one.
        """
        sought = [_sought(term) for term in terms]
        with self._turn:
            found = list(islice(self._found(sought), page * most + 1)) if sought else []
        page = max(1, min(page, -(-len(found) // most)))
        here = found[(page - 1) * most : page * most]
        return Shown(
            found=[Found(ref, _snippet(text, terms)) for ref, text in here],
            page=page,
            more=len(found) > page * most,
        )

    def _found(self, sought: Sequence[bytes]) -> Iterator[tuple[str, Text]]:
        """Yield the cases in which all of it stands, and a text with some of it. All are proved."""
        possible = self._possible(sought)
        # A copy: what does not hold is taken out on the way.
        for _, ref in list(self._order) if possible else ():
            if ref in possible and (case := self._cases[ref]).has(sought):
                self._prove(ref, case, sought)
                if case.has(sought):
                    yield ref, next(kept.text for kept in case.texts if kept.has_any(sought))

    def _possible(self, sought: Sequence[bytes]) -> Collection[str]:
        """Return the cases with the rarest of the words: no other needs a look."""
        sets: list[Collection[str]] = [self._cases]
        for one in sought:
            words = one.split()
            if not one.endswith(b" "):
                sets.append(self._with_a_word_on(words.pop()))
            sets += [self._with.get(word, ()) for word in words]
        return min(sets, key=len)

    def _with_a_word_on(self, start: bytes) -> set[str]:
        return set().union(*(self._with[word] for word in self._with if word.startswith(start)))

    def _prove(self, ref: str, case: _Case, sought: Sequence[bytes]) -> None:
        """Take out of a case what would be shown of it and is not whose it seems."""
        proved = [kept for kept in case.texts if not kept.has_any(sought) or kept.holds()]
        if len(proved) < len(case.texts):
            before = case.words()
            case.texts, case.whole = proved, _whole(proved)
            self._forget(ref, before - case.words())

    def _forget(self, ref: str, words: Iterable[bytes]) -> None:
        for word in words:
            refs = self._with[word]
            refs.discard(ref)
            if not refs:
                del self._with[word]


def _whole(texts: Iterable[_Kept]) -> bytes:
    # No blank follows another within a text, so nothing is found across two of them.
    return b" ".join(kept.compared for kept in texts)


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
