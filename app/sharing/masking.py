"""Finding phrases in words, to remove them or to mark them. Pure.

A phrase is found whatever its case and accents, and whatever blanks stand between its words; it
has to begin and end where a word does.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

REMOVED = "[removed]"
MARK = ("[[third party: ", "]]")
LONGEST_RUN = 6  # words that may stand in a report as they stand in a letter

_WORD = re.compile(r"[^\W_]+")


def spans(words: str, phrases: Iterable[str]) -> list[tuple[int, int]]:
    """Return where phrases stand in `words`, in order and without overlaps."""
    places = [place.span() for place in _WORD.finditer(words)]
    plain = [_folded(words[start:end]) for start, end in places]
    found: list[tuple[int, int]] = []
    for phrase in phrases:
        looked_for = [_folded(word) for word in _WORD.findall(phrase)]
        length = len(looked_for)
        found += [
            (places[at][0], places[at + length - 1][1])
            for at in range(len(plain) - length + 1 if length else 0)
            if plain[at : at + length] == looked_for
        ]
    return _joined(found)


def removed(words: str, phrases: Sequence[str]) -> str:
    """Return `words` without the phrases; how long they were does not show."""
    return _replaced(words, phrases, lambda _text: REMOVED)


def marked(words: str, phrases: Sequence[str]) -> str:
    """Return `words` with the phrases marked as somebody else's."""
    # What already looks like a mark is no mark of ours.
    plain = words.replace("[[", "[ [").replace("]]", "] ]")
    return _replaced(plain, phrases, lambda text: f"{MARK[0]}{text}{MARK[1]}")


def longest_copied_run(report: str, source: str) -> str:
    """Return the longest run of words that a report has from its source, if it is too long.

    How somebody puts things is a signature: a report tells what is known in words of its own.
    """
    theirs = [_folded(word) for word in _WORD.findall(source)]
    length = LONGEST_RUN + 1
    runs = {tuple(theirs[at : at + length]) for at in range(len(theirs) - length + 1)}
    places = [place.span() for place in _WORD.finditer(report)]
    ours = [_folded(report[start:end]) for start, end in places]
    for at in range(len(ours) - length + 1):
        if tuple(ours[at : at + length]) in runs:
            return report[places[at][0] : places[at + length - 1][1]]
    return ""


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()


def _joined(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _replaced(words: str, phrases: Sequence[str], replacement: Callable[[str], str]) -> str:
    composed = unicodedata.normalize("NFC", words)
    out, at = [], 0
    for start, end in spans(composed, phrases):
        out += [composed[at:start], replacement(composed[start:end])]
        at = end
    return "".join([*out, composed[at:]])
