"""A release as an XLSX file: what it is, and a sheet for each of its tables.

No text of ours becomes anything but text, whatever it begins with; the same release gives the
same bytes whenever it is asked for.
"""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, time

import xlsxwriter

from app.trends.domain import Table
from app.trends.exports import digest
from app.trends.publication import PublicationPlan
from app.trends.published import PublishedRelease
from app.trends.releases import ReleasedTable
from app.trends.wording import months_of, short_period

# No text of ours becomes anything but text, whatever it begins with.
AS_TEXT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
NAMES = {
    Table.TH: "Themes",
    Table.QT: "Total",
    Table.DY: "Directorates",
    Table.OY: "Outcomes",
    Table.CY: "Time to close",
}
NOISE = (
    "Figures are close estimates. Before a figure is published a random amount is added to it "
    "once, on purpose, so that nobody can tell whether any one concern is in it. Lowest and "
    "highest say what that amount leaves open. They do not cover chance."
)
COLUMNS = ("What", "Period", "About", "Lowest", "Highest")


def write_workbook(plan: PublicationPlan, found: PublishedRelease) -> bytes:
    """Return a release as a workbook."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, AS_TEXT)
    title = f"{plan.name_of(found.force)}, release {found.number}"
    # Its own clock would put the second of the making into the file.
    made_at = datetime.combine(found.frozen_on, time(), UTC).replace(tzinfo=None)
    book.set_properties({"title": title, "created": made_at})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    _about(book, _facts(found, title), bold, wrapped)
    for table in found.tables:
        _sheet(book, plan, table, bold, wrapped)
    book.close()
    return out.getvalue()


def _facts(found: PublishedRelease, title: str) -> Sequence[tuple[str, str]]:
    facts = [
        ("Release", title),
        ("Ends with", months_of(found.period)),
        ("Published on", found.frozen_on.isoformat()),
        ("Publication plan", f"version {found.release.plan_version}"),
        ("What the figures are", NOISE),
        ("SHA-256 of the release", digest(found)),
    ]
    if found.withdrawn_on is not None:
        facts.insert(1, ("Withdrawn on", found.withdrawn_on.isoformat()))
        facts.insert(2, ("Why", found.withdrawn_why or ""))
    return facts


def _about(
    book: xlsxwriter.Workbook, facts: Sequence[tuple[str, str]], bold: object, wrapped: object
) -> None:
    sheet = book.add_worksheet("About")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 70)
    for row, (name, text) in enumerate(facts):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, text, wrapped)


def _sheet(
    book: xlsxwriter.Workbook,
    plan: PublicationPlan,
    table: ReleasedTable,
    bold: object,
    wrapped: object,
) -> None:
    sheet = book.add_worksheet(f"{NAMES[table.table]} {short_period(table.period)}")
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, len(COLUMNS) - 1, 14)
    for place, name in enumerate(COLUMNS):
        sheet.write_string(0, place, name, bold)
    for row, figure in enumerate(table.figures, start=1):
        names = [plan.name_of(member) for member in figure.members]
        what = names[0] if len(names) == 1 else f"All others combined: {'; '.join(names)}"
        sheet.write_string(row, 0, what, wrapped)
        sheet.write_string(row, 1, str(table.period), wrapped)
        for place, value in enumerate((figure.value, figure.lower, figure.upper), start=2):
            sheet.write_number(row, place, value)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
