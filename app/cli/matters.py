"""Reads a file of synthetic matters for a rehearsal, strictly: row and column of what is wrong."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from app.trends.disclosure import JOIN
from app.trends.domain import ALL, Entry, Period, PeriodKind, UnfitPeriod

COLUMNS = (
    "concern_id", "reporter_id", "period", "force", "theme", "directorate", "valid_from",
    "valid_to",
)  # fmt: skip
LARGEST_FILE = 256 * 1024 * 1024  # bytes
LONGEST_LABEL = 80  # characters
MOST_QUARTERS = 200
YEARS = range(1001, 2999)  # the year before and two quarters later are periods as well
# What a spreadsheet would reckon instead of showing: the wide forms too.
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class UnfitMatters(ValueError):
    """The file cannot be rehearsed; says in which row and column, counted from 1 as in a sheet."""


@dataclass(frozen=True, slots=True)
class Matters:
    """What a rehearsal counts: every label of the file, and the entries of each quarter."""

    forces: tuple[str, ...]
    themes: tuple[str, ...]
    directorates: tuple[str, ...]
    quarters: tuple[Period, ...]  # from the first to the last, none left out
    entries: Mapping[tuple[str, Period], Sequence[Entry]]


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    values: Mapping[str, str]

    def wrong(self, column: str, why: str) -> UnfitMatters:
        return UnfitMatters(f"row {self.number}, column {column}: {why}")


def read_matters(path: Path) -> Matters:
    """Return the matters in the CSV file at `path`; superseded codings are left out.

    Raises:
        UnfitMatters: if the file, or any row that counts, is not as it must be.
    """
    entries: dict[tuple[str, Period], list[Entry]] = defaultdict(list)
    seen: dict[str, int] = {}
    for row in _rows(path):
        concern = row.values["concern_id"]
        if not concern:
            raise row.wrong("concern_id", "is empty")
        if row.values["valid_to"]:
            continue
        if concern in seen:
            raise row.wrong("concern_id", f"has a coding that stands in row {seen[concern]} too")
        seen[concern] = row.number
        force, theme, directorate = (_label(row, c) for c in ("force", "theme", "directorate"))
        entries[force, _quarter(row)].append(Entry(theme, directorate))
    if not entries:
        raise UnfitMatters("the file has no matter that counts")
    return _matters(entries)


def _matters(entries: Mapping[tuple[str, Period], Sequence[Entry]]) -> Matters:
    quarters = {quarter for _force, quarter in entries}
    first, last = min(quarters), max(quarters)
    length = (last.year - first.year) * 4 + last.part - first.part + 1
    if length > MOST_QUARTERS:
        raise UnfitMatters(
            f"column period: {first} to {last} is more than {MOST_QUARTERS} quarters"
        )
    every = [entry for found in entries.values() for entry in found]
    return Matters(
        forces=tuple(sorted({force for force, _quarter in entries})),
        themes=tuple(sorted({entry.theme for entry in every})),
        directorates=tuple(sorted({entry.directorate for entry in every})),
        quarters=tuple(first.moved(by) for by in range(length)),
        entries=entries,
    )


def _rows(path: Path) -> Iterator[_Row]:
    lines = csv.reader(StringIO(_text(path), newline=""), strict=True)
    try:
        header = next(lines, [])
        _check_header(header)
        for number, values in enumerate(lines, start=2):
            if len(values) != len(header):
                raise UnfitMatters(f"row {number}: {len(values)} columns instead of {len(header)}")
            yield _Row(number, dict(zip(header, values, strict=True)))
    except csv.Error as error:
        raise UnfitMatters(f"line {lines.line_num}: not CSV: {error}") from None


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST_FILE:
        raise UnfitMatters(f"the file has more than {LARGEST_FILE} bytes")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnfitMatters("the file is not UTF-8") from None
    if "\0" in text:
        raise UnfitMatters("the file holds a zero byte")
    return text


def _check_header(header: Sequence[str]) -> None:
    for place, name in enumerate(header, start=1):
        if name not in COLUMNS or name in header[: place - 1]:
            raise UnfitMatters(f"row 1, column {place}: {name!r} is unknown or stands twice")
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise UnfitMatters(f"row 1: missing {', '.join(missing)}")


def _label(row: _Row, column: str) -> str:
    label = row.values[column]
    if not label or label != label.strip() or not label.isprintable():
        raise row.wrong(column, "is empty, or begins or ends in blanks, or cannot be printed")
    if label == ALL or JOIN in label or label.startswith(FORMULA):
        raise row.wrong(column, f"is {ALL}, holds {JOIN}, or would be a formula in a sheet")
    if len(label) > LONGEST_LABEL:
        raise row.wrong(column, f"has more than {LONGEST_LABEL} characters")
    return label


def _quarter(row: _Row) -> Period:
    try:
        period = Period.parse(row.values["period"])
    except UnfitPeriod:
        raise row.wrong("period", "is not a quarter such as 2025Q3") from None
    if period.kind is not PeriodKind.QUARTER or period.year not in YEARS:
        raise row.wrong("period", "is not a quarter such as 2025Q3")
    return period
