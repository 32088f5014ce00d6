"""Cells of a file that a spreadsheet opens: none of them may become a formula.

Shared by whoever writes CSV. A cell that a spreadsheet would take for a formula is written with an
apostrophe before it, and so is a cell that already looks like that; reading takes one off.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# What makes a spreadsheet compute: also the wide forms, and what it trims before it looks.
_DANGEROUS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
DEFUSE = re.compile(f"'*[{_DANGEROUS}]")
DEFUSED = re.compile(f"'+[{_DANGEROUS}]")


def defused(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if DEFUSE.match(cell) else cell


def undefused(cell: str) -> str:
    """Return a cell as it was before `defused`."""
    return cell[1:] if DEFUSED.match(cell) else cell


def write_rows(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV file: UTF-8 with a mark that spreadsheets look for, CRLF, no formulas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heading)
    for row in rows:
        writer.writerow([defused(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")
