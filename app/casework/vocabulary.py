"""The words a case sheet chooses from: whom it is about, Standards, corruption, criteria, grades.

The project's own data, in versions, in the names that the Police (Conduct) Regulations 2020, the
Police (Complaints and Misconduct) Regulations 2020 and the intelligence management practice use.
Pure.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from app.envelope.strict_json import (
    UnfitJson,
    integer_in,
    names_of,
    objects_in,
    read_object,
    text_in,
)

FOLDER = Path(__file__).with_name("data")
FORMAT = "candour-case-vocabulary/1"
LISTS = (
    "subject", "standards", "corruption", "criterion", "source", "information", "handling",
)  # fmt: skip
# By list, labels by code, in the order in which they are offered.
Vocabulary = Mapping[str, Mapping[str, str]]


def vocabulary_on(day: date) -> Vocabulary:
    """Return the version in force on `day`, or the first before there was one."""
    known = _versions()
    begun = [words for since, words in known if since <= day]
    return begun[-1] if begun else known[0][1]


def read_vocabulary(content: bytes) -> tuple[date, Vocabulary]:
    """Return the words in a file, and since when they are used.

    Raises:
        UnfitJson: if it is malformed in any particular.
    """
    found = read_object(content)
    names_of(found, ("format", "version", "effective_from", *LISTS))
    integer_in(found, "version", least=1)
    if text_in(found, "format") != FORMAT:
        raise UnfitJson("the vocabulary is of another format")
    try:
        since = date.fromisoformat(text_in(found, "effective_from"))
    except ValueError:
        raise UnfitJson("a date is not one") from None
    words: dict[str, dict[str, str]] = {}
    for name in LISTS:
        choices = objects_in(found, name)
        for choice in choices:
            names_of(choice, ("id", "label"))
        words[name] = {text_in(choice, "id"): text_in(choice, "label") for choice in choices}
        if not choices or len(words[name]) != len(choices):
            raise UnfitJson("an id stands twice, or there is none")
    return since, words


@cache
def _versions() -> tuple[tuple[date, Vocabulary], ...]:
    files = sorted(FOLDER.glob("vocabulary-*.json"))
    return tuple(
        sorted((read_vocabulary(file.read_bytes()) for file in files), key=lambda one: one[0])
    )
