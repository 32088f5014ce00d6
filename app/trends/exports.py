"""A release as files: a table for spreadsheets, and the bytes that were signed.

A file's name tells the release and the force, and never when somebody took it.
"""

import csv
import io
import re
from collections.abc import Iterator

from app.trends.domain import ALL, Table
from app.trends.published import PublishedRelease
from app.trends.releases import ReleasedTable

# The columns of a rehearsed release, and behind them what a rehearsal has no tables of.
COLUMNS = (
    "release", "table", "period", "force", "theme", "directorate", "value", "lower", "upper",
    "outcome", "time_to_close", "withdrawn_on",
)  # fmt: skip
OF_TABLE = {
    Table.TH: "theme",
    Table.DY: "directorate",
    Table.OY: "outcome",
    Table.CY: "time_to_close",
}
# What makes a spreadsheet compute: also the wide forms, and what it trims before it looks.
_DANGEROUS = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def file_name(found: PublishedRelease, ending: str) -> str:
    """Return the name of a file of a release."""
    mark = "" if found.stands else "-withdrawn"
    return f"candour-{found.force}-release-{found.number:03}{mark}.{ending}"


def csv_of(found: PublishedRelease) -> bytes:
    """Return a release as CSV: every figure a row, every label the id that the plan gives it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for table in found.tables:
        writer.writerows(_rows(found, table))
    return out.getvalue().encode("utf-8")


def _rows(found: PublishedRelease, table: ReleasedTable) -> Iterator[dict[str, str | int]]:
    for figure in table.figures:
        labels = dict.fromkeys(OF_TABLE.values(), ALL)
        if table.table in OF_TABLE:
            labels[OF_TABLE[table.table]] = figure.key
        said = {
            "release": f"R{found.number:03}",
            "table": table.table.value,
            "period": str(table.period),
            "force": table.force,
            **labels,
            "withdrawn_on": found.withdrawn_on.isoformat() if found.withdrawn_on else "",
        }
        numbers = {"value": figure.value, "lower": figure.lower, "upper": figure.upper}
        yield {name: inert(text) for name, text in said.items()} | numbers


def inert(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def canonical_json(found: PublishedRelease) -> bytes:
    """Return the bytes that were hashed, chained and signed."""
    return found.release.canonical_json()


def digest(found: PublishedRelease) -> str:
    """Return SHA-256 of those bytes, in hexadecimal: what `sha256sum` prints."""
    return found.release.digest().hex()
