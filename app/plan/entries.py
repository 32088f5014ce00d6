"""Reads what somebody typed, on a page or in a file: the same rules and the same words for both."""

import enum
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from app.plan.domain import (
    LONGEST_LINE,
    LONGEST_OFFICE,
    LONGEST_TEXT,
    MOST_OWNERS,
    OFFICE_ID,
    office_id,
)

Choice = TypeVar("Choice", bound=enum.Enum)

WHOLE = re.compile(r"[0-9]{1,6}", re.ASCII)
ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", re.ASCII)
# A spreadsheet that was opened and saved again writes its own country's date.
BRITISH_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", re.ASCII)
YEARS = range(1990, 2100)
# Control characters draw nothing; a surrogate cannot be stored; two more are in no XML, and a
# workbook would spell them out; the rest turn lines around.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ufeff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, in words for whoever filled it in."""

    field: str
    text: str


class Entry:
    """Named texts, read one by one; what is wrong with each is kept in `problems`."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self._given = given

    def refuse(self, field: str, text: str) -> None:
        """Say what is wrong with a field; the first thing said of it stays."""
        if all(problem.field != field for problem in self.problems):
            self.problems.append(Problem(field, text))

    def line(
        self, field: str, label: str, *, required: bool = False, longest: int = LONGEST_LINE
    ) -> str:
        """Return a text of one line."""
        return self._measured(field, label, as_line(self._of(field)), longest, required=required)

    def text(
        self, field: str, label: str, *, required: bool = False, longest: int = LONGEST_TEXT
    ) -> str:
        """Return a text of any number of lines."""
        return self._measured(field, label, as_text(self._of(field)), longest, required=required)

    def choice(self, field: str, label: str, among: type[Choice]) -> Choice | None:
        """Return one of the choices, given by its value or by its label; None if empty."""
        said = as_line(self._of(field)).casefold()
        if not said:
            return None
        for member in among:
            if said in {str(member.value).casefold(), str(getattr(member, "label")).casefold()}:  # noqa: B009 -- every enumeration of a plan has a label
                return member
        self.refuse(field, f"{label} must be one of: {_labels(among)}")
        return None

    def whole(self, field: str, label: str, allowed: range) -> int | None:
        """Return a whole number; None if empty or not allowed."""
        said = as_line(self._of(field))
        if not said:
            return None
        if not WHOLE.fullmatch(said) or int(said) not in allowed:
            self.refuse(field, f"{label} must be a whole number, {allowed[0]} to {allowed[-1]}")
            return None
        return int(said)

    def day(self, field: str, label: str) -> date | None:
        """Return a date; None if empty or no date."""
        said = as_line(self._of(field))
        if not said:
            return None
        found = _day(said)
        if found is None:
            self.refuse(field, f"{label} must be a real date, such as 31 March 2027 (2027-03-31)")
        return found

    def offices(self, field: str, label: str) -> tuple[str, ...]:
        """Return the names of offices, each on a line of its own or after a semicolon."""
        names: dict[str, str] = {}
        for said in re.split(r"[;\n]", as_text(self._of(field))):
            name = as_line(said)
            if not name:
                continue
            if len(name) > LONGEST_OFFICE or not OFFICE_ID.fullmatch(office_id(name)):
                self.refuse(
                    field,
                    f"{label}: an office's name begins with a letter, has two letters or digits "
                    f"at least and {LONGEST_OFFICE} characters at most",
                )
                continue
            names.setdefault(office_id(name), name)
        if len(names) > MOST_OWNERS:
            self.refuse(field, f"{label}: there may be {MOST_OWNERS} offices at most")
        return tuple(names.values())

    def _of(self, field: str) -> str:
        return self._given.get(field, "")

    def _measured(self, field: str, label: str, said: str, longest: int, *, required: bool) -> str:
        if required and not said:
            self.refuse(field, f"{label} must be filled in")
        if len(said) > longest:
            self.refuse(field, f"{label} has {len(said):,} characters; {longest:,} are allowed")
        return said


def as_text(typed: str) -> str:
    """Return a text as it is stored: newlines of one kind, nothing unseen, nothing around it."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    seen = unicodedata.normalize("NFC", UNSEEN.sub("", lines))
    return "\n".join(line.rstrip() for line in seen.split("\n")).strip()


def as_line(typed: str) -> str:
    """Return a text as one line, its words one space apart."""
    return " ".join(as_text(typed).split())


def _day(said: str) -> date | None:
    if found := ISO_DAY.fullmatch(said):
        year, month, day = (int(part) for part in found.groups())
    elif found := BRITISH_DAY.fullmatch(said):
        day, month, year = (int(part) for part in found.groups())
    else:
        return None
    try:
        return date(year, month, day) if year in YEARS else None
    except ValueError:
        return None


def _labels(among: Iterable[enum.Enum]) -> str:
    return "; ".join(str(getattr(member, "label")) for member in among)  # noqa: B009
