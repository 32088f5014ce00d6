"""The words a case sheet chooses from: whom it is about, Standards, corruption, criteria, grades.

The project's own data, in versions, in the names that the Police (Conduct) Regulations 2020, the
Police (Complaints and Misconduct) Regulations 2020 and the intelligence management practice use.
Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from app.editions import in_force
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


@dataclass(frozen=True, slots=True)
class Words:
    """One version of the words."""

    effective_from: date
    lists: Vocabulary


def vocabulary_on(day: date) -> Vocabulary:
    """Return the version in force on `day`, or the first before there was one."""
    return in_force(_versions(), day).lists


def read_vocabulary(content: bytes) -> Words:
    """Return the words in a file.

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
    return Words(since, words)


@cache
def _versions() -> tuple[Words, ...]:
    return tuple(read_vocabulary(file.read_bytes()) for file in FOLDER.glob("vocabulary-*.json"))
