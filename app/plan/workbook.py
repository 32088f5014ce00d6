"""A plan as an XLSX file: actions, progress notes and evidence, each on a sheet of its own.

Everything is written as text, so that no cell is a formula or a link.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time

import xlsxwriter

from app.plan.domain import Evidence, Note, Plan
from app.plan.figures import CitedFigure
from app.plan.spreadsheet import COLUMNS, Line, cells_of
from app.trends.workbook import AS_TEXT

WIDTHS = {"Action": 50, "Progress": 50, "Details": 60, "Owners": 24, "Section": 24}
NOTE_COLUMNS = ("Action", "Day", "By", "Note")
EVIDENCE_COLUMNS = ("Action", "Kind", "What", "Source", "Date", "What it shows", "Added", "By")


def write_xlsx(
    plan: Plan,
    lines: Iterable[Line],
    notes: Sequence[tuple[int, Note]],
    evidence: Sequence[tuple[int, Evidence]],
    cited: Mapping[str, CitedFigure],
    *,
    made_on: date,
) -> bytes:
    """Return a workbook. The same plan on the same day gives the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, AS_TEXT)
    # Its own clock would put the second of the making into the file.
    made_at = datetime.combine(made_on, time(), UTC).replace(tzinfo=None)
    book.set_properties({"title": plan.title, "created": made_at})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    _sheet(book, "Actions", tuple(COLUMNS), [cells_of(line) for line in lines], bold, wrapped)
    _sheet(book, "Progress", NOTE_COLUMNS, [_note(*one) for one in notes], bold, wrapped)
    rows = [_evidence(number, one, cited) for number, one in evidence]
    _sheet(book, "Evidence", EVIDENCE_COLUMNS, rows, bold, wrapped)
    about = [["Title", plan.title], ["About", plan.about], ["Source", plan.source]]
    _sheet(book, "About", ("What", "Text"), about, bold, wrapped)
    book.close()
    return out.getvalue()


def _sheet(
    book: xlsxwriter.Workbook,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    bold: object,
    wrapped: object,
) -> None:
    sheet = book.add_worksheet(name)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, WIDTHS.get(column, 60 if column in {"Note", "Text"} else 16))
        sheet.write_string(0, place, column, bold)
    for row, cells in enumerate(rows, start=1):
        for place, cell in enumerate(cells):
            sheet.write_string(row, place, cell, wrapped)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _note(number: int, note: Note) -> list[str]:
    return [str(number), note.noted_on.isoformat(), note.by.name, note.text]


def _evidence(number: int, one: Evidence, cited: Mapping[str, CitedFigure]) -> list[str]:
    figure = cited.get(one.cell or "")
    what = one.title if figure is None else figure.told
    if figure is not None and figure.withdrawn:
        what += " (withdrawn since)"
    return [
        str(number),
        one.kind.label,
        what,
        one.source,
        one.dated_on.isoformat() if one.dated_on else "",
        one.why,
        one.added_on.isoformat(),
        one.by.name,
    ]
