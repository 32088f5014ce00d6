"""Actions as a CSV file, there and back: what is read is exactly what was written.

A file is read whole or not at all, and every error names its row and column, counted as a
spreadsheet shows them. A cell that a spreadsheet would take for a formula is written with an
apostrophe before it, and so is a cell that already looks like that; reading takes one off.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.cells import undefused, write_rows
from app.plan.changes import in_words
from app.plan.domain import Action
from app.plan.entries import Entry
from app.plan.readers import Around, action_of, number_of

LARGEST_FILE = 2 * 1024 * 1024  # bytes
MOST_ROWS = 5_000
MOST_PROBLEMS = 50  # that are told at once

# A column's heading, and the field it fills.
COLUMNS = {
    "Number": "number",
    "Section": "section",
    "Action": "title",
    "Kind": "kind",
    "Owners": "owners",
    "Priority": "priority",
    "Progress": "progress",
    "Status": "status",
    "Status read from": "read_from",
    "Review date": "review_on",
    "Theme": "theme",
    "Objective": "objective",
    "Risk": "risk",
    "Details": "details",
}
HEADINGS = {field: heading for heading, field in COLUMNS.items()}

# A cell, and what ends it. Quotes stand around a whole cell or nowhere.
CELL = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\n|\r|\Z)')
BAD_BYTE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong, and where."""

    row: int
    column: str
    text: str

    def __str__(self) -> str:
        """As it is told."""
        return f"Row {self.row}, column {self.column}: {self.text}"


class UnfitFile(ValueError):
    """A file of which nothing was taken. `problems` says what is wrong with it."""

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        super().__init__(f"{len(problems)} problems, the first: {problems[0]}")
        self.problems = tuple(problems[:MOST_PROBLEMS])
        self.more = max(0, len(problems) - MOST_PROBLEMS)


@dataclass(frozen=True, slots=True)
class Line:
    """An action as a file has it: with its newest progress note, and the row it stands in."""

    action: Action
    progress: str = ""
    row: int = 0


def write_csv(lines: Iterable[Line]) -> bytes:
    """Return a CSV file: UTF-8 with a mark that spreadsheets look for, CRLF, no formulas."""
    return write_rows(list(COLUMNS), (cells_of(line) for line in lines))


def cells_of(line: Line) -> list[str]:
    """Return the cells of an action's row, in the order of the columns."""
    return [
        line.progress if field == "progress" else in_words(getattr(line.action, field))
        for field in COLUMNS.values()
    ]


def read_csv(content: bytes, plan: str, around: Around) -> list[Line]:
    """Read a CSV file of actions.

    Args:
        content: the file, UTF-8 with or without its mark.
        plan: the slug of the plan that the actions are for.
        around: what they may refer to.

    Raises:
        UnfitFile: if anything at all is wrong with it.
    """
    rows = _rows(content)
    reading = _Reading(plan, around, _header(rows))
    for row, cells in rows:
        if any(cells):
            reading.take(row, cells)
    if reading.problems:
        raise UnfitFile(reading.problems)
    if not reading.lines:
        raise UnfitFile([CellProblem(2, "Number", "There is no action in the file")])
    return reading.lines


class _Reading:
    """The rows after the heading, and what is wrong with them."""

    def __init__(self, plan: str, around: Around, header: list[str]) -> None:
        self.lines: list[Line] = []
        self.problems: list[CellProblem] = []
        self._plan, self._around, self._header = plan, around, header
        self._taken: dict[int, int] = {}

    def take(self, row: int, cells: list[str]) -> None:
        """Take a row; what is wrong with it is kept, and the next one is read."""
        if len(self.lines) >= MOST_ROWS:
            raise UnfitFile([CellProblem(row, "Number", f"More than {MOST_ROWS:,} actions")])
        if len(cells) != len(self._header):
            self._refuse_length(row, len(cells))
            return
        bad = [name for name, cell in self._named(cells) if BAD_BYTE.search(cell)]
        self.problems += [CellProblem(row, name, "The cell is not UTF-8 text") for name in bad]
        if not bad:
            self._read(row, {COLUMNS[name]: undefused(cell) for name, cell in self._named(cells)})

    def _named(self, cells: list[str]) -> Iterator[tuple[str, str]]:
        return zip(self._header, cells, strict=True)

    def _refuse_length(self, row: int, count: int) -> None:
        expected = len(self._header)
        column = self._header[count] if count < expected else str(expected + 1)
        said = f"The row has {count} cells where the heading has {expected}"
        self.problems.append(CellProblem(row, column, said))

    def _read(self, row: int, found: dict[str, str]) -> None:
        number = number_of(found)
        action = action_of(self._plan, number.thing, found, self._around)
        entry = Entry(found)
        progress = entry.text("progress", "The progress")
        self.problems += [
            CellProblem(row, HEADINGS[problem.field], problem.text)
            for problem in (*number.problems, *action.problems, *entry.problems)
        ]
        if number.thing and self._taken.setdefault(number.thing, row) != row:
            said = f"The number {number.thing} already stands in row {self._taken[number.thing]}"
            self.problems.append(CellProblem(row, "Number", said))
        self.lines.append(Line(action.thing, progress, row))


def _header(rows: Iterator[tuple[int, list[str]]]) -> list[str]:
    _, header = next(rows, (1, []))
    for position, name in enumerate(header, start=1):
        if BAD_BYTE.search(name) or name not in COLUMNS:
            shown = BAD_BYTE.sub("\ufffd", name)[:60]
            said = f"“{shown}” is no column of this file" if name else "The heading is empty"
            raise UnfitFile([CellProblem(1, str(position), said)])
        if header.index(name) != position - 1:
            raise UnfitFile([CellProblem(1, name, "The column is there twice")])
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise UnfitFile([CellProblem(1, name, "The column is missing") for name in missing])
    return header


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    # Checked before the first row is asked for, and read row by row after that.
    if len(content) > LARGEST_FILE:
        mib = LARGEST_FILE // (1024 * 1024)
        raise UnfitFile([CellProblem(1, "Number", f"The file is larger than {mib} MiB")])
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        said = "The file is not UTF-8: save it as “CSV UTF-8”"
        raise UnfitFile([CellProblem(1, "Number", said)])
    return _parsed(content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape"))


def _parsed(text: str) -> Iterator[tuple[int, list[str]]]:
    row, position = 1, 0
    cells: list[str] = []
    names: list[str] = []
    while position < len(text):
        found = CELL.match(text, position)
        if found is None:
            said = "A quotation mark inside a cell must be doubled, and the cell quoted"
            column = names[len(cells)] if len(cells) < len(names) else str(len(cells) + 1)
            raise UnfitFile([CellProblem(row, column, said)])
        quoted, plain, end = found.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        position = found.end()
        if end == "," and position == len(text):
            cells.append("")
        if end != "," or position == len(text):
            names = names or cells
            yield row, cells
            row, cells = row + 1, []
