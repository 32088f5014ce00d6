"""Looks for the time of an act, finer than its date, in all that a portal keeps."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path
from time import time

from sqlalchemy import Engine, inspect
from sqlalchemy.types import DateTime, Time

from tests.journeys.scanning import Finding

# Tables that a reporter's act has to do with. Accounts and the audit log keep times of the staff.
OF_REPORTERS = ("intake_", "mailbox_", "casework_", "collection_")
FILE_CLOCK = 0.02  # seconds by which the clock of a file system may be behind
UNITS = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000, "nanoseconds": 10**9}
WRITTEN = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)[T _]?(\d\d):?(\d\d)(?::?(\d\d))?")
OF_A_DAY = re.compile(r"(?<!\d)(\d\d):(\d\d)(?::(\d\d))?(?![\d:])")
DIGITS = re.compile(r"(?<!\d)\d{10,19}(?:\.\d+)?(?!\d)")


@dataclass(frozen=True)
class Act:
    """Something a reporter did, from before its first byte to after its last."""

    what: str
    began: float
    ended: float

    def holds(self, moment: float, exactness: float = 0.0) -> bool:
        """Say whether `moment`, known to `exactness` seconds after it, may be of this act."""
        return self.began <= moment + exactness and moment <= self.ended


@dataclass
class Diary:
    """The acts of reporters, each with its own time."""

    acts: list[Act] = field(default_factory=list)

    @contextmanager
    def act(self, what: str) -> Iterator[None]:
        began = time()
        try:
            yield
        finally:
            self.acts.append(Act(what, began, time()))

    def at(self, moment: float, exactness: float = 0.0) -> list[Act]:
        return [act for act in self.acts if act.holds(moment, exactness)]

    # A value tells a time if, read in any unit, it lies in an act.

    def in_number(self, where: str, value: float) -> list[Finding]:
        return [
            Finding(where, f"the time of “{act.what}” in {unit}")
            for unit, parts in UNITS.items()
            for act in self.at(value / parts, exactness=0.999 / parts)
        ]

    def in_text(self, where: str, text: str) -> list[Finding]:
        found = []
        for moment, exactness in (*_written_moments(text), *self._times_of_day(text)):
            found += [
                Finding(where, f"the time of “{act.what}” in words")
                for act in self.at(moment, exactness)
            ]
        for digits in DIGITS.findall(text):
            found += self.in_number(where, float(digits))
        return found

    def _times_of_day(self, text: str) -> Iterator[tuple[float, float]]:
        days = {datetime.fromtimestamp(act.began, UTC).date() for act in self.acts}
        for hour, minute, second in OF_A_DAY.findall(text):
            if int(hour) < 24 and int(minute) < 60 and int(second or 0) < 60:
                at = time_of_day(int(hour), int(minute), int(second or 0), tzinfo=UTC)
                for day in days:
                    yield datetime.combine(day, at).timestamp(), 0.999 if second else 59.999

    def in_bytes(self, where: str, content: bytes) -> list[Finding]:
        """Look for a moment as eight bytes, at any place. Four would be met by chance."""
        if not self.acts:
            return []
        found = []
        for unit, parts in list(UNITS.items())[1:]:
            first = int(min(act.began for act in self.acts) * parts)
            last = int(max(act.ended for act in self.acts) * parts) + 1
            for order in ("big", "little"):
                for value in _numbers_between(content, first, last, order):
                    found += [
                        Finding(where, f"the time of “{act.what}” in {unit} as bytes")
                        for act in self.at(value / parts, exactness=0.999 / parts)
                    ]
        return found

    def in_cell(self, where: str, value: object) -> list[Finding]:
        match value:
            case bool() | None:
                return []
            case datetime():
                return [Finding(where, f"a moment, {value}")]
            case date():
                return []
            case int() | float() | Decimal():
                return self.in_number(where, float(value))
            case str():
                return self.in_text(where, value)
            case bytes() | memoryview():
                return self._in_blob(where, bytes(value))
        return self.in_text(where, str(value))

    def _in_blob(self, where: str, value: bytes) -> list[Finding]:
        found = self.in_bytes(where, value)
        if len(value) == 4:
            for order in ("big", "little"):
                found += self.in_number(where, int.from_bytes(value, order))
        if value.isascii():
            found += self.in_text(where, value.decode())
        return found

    def in_times_of(self, paths: Iterable[Path]) -> list[Finding]:
        """Look at the times that the file system keeps of files and folders."""
        return [
            Finding(f"{kind} of {path}", f"the time of “{act.what}”")
            for path, times in file_times(paths)
            for kind, moment in times.items()
            for act in self.at(moment, exactness=FILE_CLOCK)
        ]


def _written_moments(text: str) -> Iterator[tuple[float, float]]:
    for found in WRITTEN.findall(text):
        numbers = [int(part) for part in found if part]
        try:
            moment = datetime(*numbers, tzinfo=UTC).timestamp()
        except ValueError:
            continue
        yield moment, 0.999 if len(numbers) == 6 else 59.999


def _numbers_between(content: bytes, first: int, last: int, order: str) -> Iterator[int]:
    """Yield the eight-byte numbers in `content` from `first` to `last`."""
    least, most = (number.to_bytes(8, "big") for number in (first, last))
    same = least[: next((at for at in range(8) if least[at] != most[at]), 8)]
    needle = same if order == "big" else same[::-1]
    offset = 0 if order == "big" else len(same) - 8
    at = content.find(needle)
    while at >= 0:
        start = at + offset
        if 0 <= start <= len(content) - 8:
            number = int.from_bytes(content[start : start + 8], order)
            if first <= number <= last:
                yield number
        at = content.find(needle, at + 1)


def file_times(paths: Iterable[Path]) -> Iterator[tuple[Path, dict[str, float]]]:
    """Yield what the file system says of each path: four times, as far as it keeps them."""
    for path in paths:
        said = subprocess.run(
            ["stat", "--format=%.X %.Y %.Z %.W", path], capture_output=True, text=True
        )
        if said.returncode:
            continue  # gone since it was listed
        kinds = ("last reading", "last writing", "last change", "birth")
        yield path, dict(zip(kinds, map(float, said.stdout.split()), strict=True))


def moments_in_tables(engine: Engine) -> list[Finding]:
    """Return the columns that could hold a time, of tables that are about reporters."""
    catalogue = inspect(engine)
    return [
        Finding(f"{table}.{column['name']}", "a column for moments")
        for table in catalogue.get_table_names()
        if table.startswith(OF_REPORTERS)
        for column in catalogue.get_columns(table)
        if isinstance(column["type"], DateTime | Time)
    ]
