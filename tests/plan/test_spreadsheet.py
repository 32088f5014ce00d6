"""A CSV file there and back, formulas that start nothing, and files of which nothing is taken."""

import csv
import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cells import defused, undefused
from app.plan.choices import ActionKind, PlanKind, Priority, Status, Theme
from app.plan.domain import Action, Author, Note, Plan
from app.plan.entries import as_line, as_text
from app.plan.readers import Around
from app.plan.spreadsheet import (
    COLUMNS,
    LARGEST_FILE,
    MOST_PROBLEMS,
    MOST_ROWS,
    Line,
    UnfitFile,
    read_csv,
    write_csv,
)
from app.plan.workbook import write_xlsx

AROUND = Around(objectives=frozenset({1, 2}), risks=frozenset({1}))
HEADER = ",".join(COLUMNS)
nasty = st.text(
    st.one_of(st.sampled_from("=+-@'\"\t\r\n,;|\uff1d\ufeff\u202e\x00 "), st.characters()),
    max_size=40,
)
texts = nasty.map(as_text)
lines_of_text = nasty.map(as_line)
offices = st.lists(
    st.sampled_from(["HR", "PSD", "Board & group leads", "Corporate Services", "DCC"]),
    unique=True, max_size=4,
).map(tuple)  # fmt: skip
actions = st.builds(
    Action,
    plan=st.just("x"),
    number=st.integers(1, 9999),
    title=lines_of_text.filter(bool),
    section=lines_of_text,
    details=texts,
    kind=st.sampled_from(ActionKind),
    owners=offices,
    theme=st.one_of(st.none(), st.sampled_from(Theme)),
    priority=st.sampled_from(Priority),
    status=st.sampled_from(Status),
    read_from=texts,
    review_on=st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2099, 12, 31))),
    objective=st.sampled_from([None, 1, 2]),
    risk=st.sampled_from([None, 1]),
)
files = st.lists(st.tuples(actions, texts), min_size=1, max_size=8, unique_by=lambda x: x[0].number)


@given(files)
def test_what_is_read_is_what_was_written(given_lines):
    lines = [Line(action, progress, row) for row, (action, progress) in enumerate(given_lines, 2)]
    assert read_csv(write_csv(lines), "x", AROUND) == lines


@given(files)
def test_writing_again_gives_the_same_bytes(given_lines):
    written = write_csv(Line(action, progress) for action, progress in given_lines)
    assert write_csv(read_csv(written, "x", AROUND)) == written


@given(nasty)
def test_a_defused_cell_comes_back_and_starts_nothing(cell):
    assert undefused(defused(cell)) == cell
    assert not defused(cell).startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"))


@given(files)
def test_no_cell_of_a_file_starts_a_formula(given_lines):
    written = write_csv(Line(action, progress) for action, progress in given_lines)
    for row in csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(tuple("=+-@\t\r")) for cell in row)


@given(nasty)
def test_tidy_text_stays_as_it_is(typed):
    assert as_text(as_text(typed)) == as_text(typed)
    assert as_line(as_line(typed)) == as_line(typed)
    as_text(typed).encode("utf-8")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    with pytest.raises(UnfitFile):
        read_csv(content, "x", AROUND)


@given(st.text(st.sampled_from('1,"\r\n =x'), max_size=200))
def test_any_rows_are_read_or_refused(body):
    problems = ()
    try:
        read_csv(f"{HEADER}\r\n{body}".encode(), "x", AROUND)
    except UnfitFile as unfit:
        problems = unfit.problems
    assert all(problem.row >= 1 and problem.column for problem in problems)


def refused(content) -> list[str]:
    with pytest.raises(UnfitFile) as unfit:
        read_csv(content if isinstance(content, bytes) else content.encode(), "x", AROUND)
    return [str(problem) for problem in unfit.value.problems]


def row(**changes) -> str:
    """One row of a file; `Review_date` stands for the column of that name."""
    cells = {"Number": "1", "Action": "Do it"} | {
        k.replace("_", " "): v for k, v in changes.items()
    }
    return ",".join(cells.get(column, "") for column in COLUMNS)


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [("Number", "", "must be filled in"), ("Number", "1.5", "whole number"),
     ("Number", "0", "whole number"), ("Number", "10000", "whole number"),
     ("Number", "\u0661", "whole number"), ("Action", "", "must be filled in"),
     ("Action", "x" * 301, "301 characters"), ("Kind", "Nonsense", "must be one of"),
     ("Priority", "urgent", "must be one of"), ("Status", "nearly", "must be one of"),
     ("Theme", "Justice", "must be one of"), ("Review_date", "31.12.2026", "real date"),
     ("Review_date", "2026-02-30", "real date"), ("Review_date", "1066-01-01", "real date"),
     ("Objective", "3", "no objective 3"), ("Risk", "2", "no integrity risk 2"),
     ("Owners", "x", "office"), ("Owners", ";".join(f"Office {n}" for n in range(13)), "12 offices"),
     ("Details", "x" * 4001, "4,001 characters")],
)  # fmt: skip
def test_every_error_names_row_and_column(column, value, says):
    [told] = refused(f"{HEADER}\r\n{row()}\r\n{row(**{'Number': '2', column: value})}\r\n")
    assert told.startswith(f"Row 3, column {column.replace('_', ' ')}: ")
    assert says in told


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "Row 1, column Number: The column is missing"),
     (HEADER, "Row 2, column Number: There is no action in the file"),
     (HEADER + ",Extra", "Row 1, column 15: “Extra” is no column"),
     (HEADER + ",Action", "Row 1, column Action: The column is there twice"),
     (HEADER.replace("Theme,", ""), "Row 1, column Theme: The column is missing"),
     (f"{HEADER}\n{row()}\n{row()}", "Row 3, column Number: The number 1 already stands in row 2"),
     (f"{HEADER}\n{row()},x", "Row 2, column 15: The row has 15 cells"),
     (f"{HEADER}\n1,a", "Row 2, column Action: The row has 2 cells"),
     (f'{HEADER}\n1,"a"b', "Row 2, column Section: A quotation mark"),
     (f'{HEADER}\n1,"a', "Row 2, column Section: A quotation mark"),
     (f"{HEADER}\n{row(Section='A').replace(',A,', ',Ä,')}".encode("latin-1"),
      "Row 2, column Section: The cell is not UTF-8 text"),
     (f"{HEADER}\n{row()}".encode("utf-16"), "Row 1, column Number: The file is not UTF-8"),
     (b"x" * (LARGEST_FILE + 1), "Row 1, column Number: The file is larger than 2 MiB")],
)  # fmt: skip
def test_a_file_that_is_no_such_file(content, says):
    assert says in refused(content)[0]


def test_too_many_rows_are_refused():
    rows = "\n".join(row(Number=str(number)) for number in range(1, MOST_ROWS + 2))
    assert refused(f"{HEADER}\n{rows}") == [
        f"Row {MOST_ROWS + 2}, column Number: More than {MOST_ROWS:,} actions"
    ]


def test_problems_are_told_together_up_to_a_number():
    rows = "\n".join(row(Number=str(number), Status="bad") for number in range(1, 100))
    with pytest.raises(UnfitFile) as unfit:
        read_csv(f"{HEADER}\n{rows}".encode(), "x", AROUND)
    assert len(unfit.value.problems) == MOST_PROBLEMS
    assert unfit.value.more == 99 - MOST_PROBLEMS


def test_a_spreadsheet_may_have_touched_it():
    """Saved again: another order, no mark, LF, a British date, empty rows at the end."""
    columns = list(reversed(COLUMNS))
    cells = {"Number": "7", "Action": "-5 hours", "Review date": "3/2/2027", "Owners": "HR;hr\n"}
    body = ",".join(f'"{cells.get(column, "")}"' for column in columns)
    content = f"{','.join(columns)}\n{body}\n{',' * (len(columns) - 1)}\n"
    [line] = read_csv(content.encode(), "x", AROUND)
    assert line.action.title == "-5 hours"
    assert line.action.review_on == date(2027, 2, 3)
    assert line.action.owners == ("HR",)
    assert line.action.priority is Priority.NOT_STATED


PLAN = Plan(slug="x", title="=X", kind=PlanKind.PLAN, begun_on=date(2026, 1, 1))
ACTION = Action(plan="x", number=1, title="=1+1", details="@SUM(A1)", owners=("HR",))


def workbook(**changes) -> bytes:
    note = Note(noted_on=date(2026, 1, 2), by=Author("i", "=Ines"), text="+cmd|' /C calc'!A0")
    line = Line(replace(ACTION, **changes), "-1")
    return write_xlsx(PLAN, [line], [(1, note)], [], {}, made_on=date(2026, 11, 21))


def test_a_workbook_has_texts_alone():
    book = openpyxl.load_workbook(io.BytesIO(workbook(title="https://example.test")))
    assert book.sheetnames == ["Actions", "Progress", "Evidence", "About"]
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    assert [cell.value for cell in book["Actions"][1]] == list(COLUMNS)
    assert book["Progress"]["D2"].value == "+cmd|' /C calc'!A0"
    assert book["About"]["B2"].value == "=X"


def test_the_same_plan_on_the_same_day_is_the_same_workbook():
    assert workbook() == workbook()
    assert workbook() != workbook(title="Another")


@pytest.mark.parametrize("unseen", ["\ufffe", "\uffff", "\x0b", "\x85", "\u202e"])
def test_a_workbook_says_what_was_typed_and_spells_nothing_out(unseen):
    """XML has no place for some characters: in a workbook they would stand as _xFFFE_."""
    title = as_line(f"Write{unseen} it down")
    book = openpyxl.load_workbook(io.BytesIO(workbook(title=title)))
    assert book["Actions"].cell(2, 3).value == "Write it down"
