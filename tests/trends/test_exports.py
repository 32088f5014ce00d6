"""A release goes out as it was published: no formula, no moment, and bytes one can verify."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from hashlib import sha256

import openpyxl
import pypdf
import pytest

from app.audit.signing import BadNote, LogKey
from app.cli.rehearsing import COLUMNS as REHEARSED
from app.freeze.publishing import note_text
from app.trends import exports
from app.trends.disclosure import Figure
from app.trends.domain import Period, Table
from app.trends.publication import publication_plan
from app.trends.published import PublishedRelease
from app.trends.releases import FIRST, Release, ReleasedTable, parse_release
from app.trends.workbook import write_workbook
from app.web import paper as pack
from tests.conftest import unavailable

PLAN = publication_plan()
FORMULAS = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "'=1", "\uff1d1", "=cmd|' /C calc'!A0"]


@pytest.fixture
def release(invented_releases):
    """The release with every table: of a year's last quarter."""
    return invented_releases["a"][11]


def named(*names):
    """A release whose labels are whatever somebody wrote into a plan."""
    figures = tuple(Figure((name,), 9, 5, 13) for name in names)
    table = ReleasedTable(Table.TH, Period.parse("2025Q4"), "a", figures)
    return PublishedRelease(
        release=Release(1, 1, "a", Period.parse("2025Q4"), date(2026, 4, 1), (table,), {}, FIRST),
        note="",
    )


def rows(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_csv_has_the_columns_of_a_rehearsal_and_every_figure(release):
    content = exports.csv_of(release)
    assert tuple(rows(content)[0])[: len(REHEARSED)] == REHEARSED
    found = [
        (r["table"], r["period"], int(r["value"]), int(r["lower"]), int(r["upper"]))
        for r in rows(content)
    ]
    assert found == [
        (table.table.value, str(table.period), figure.value, figure.lower, figure.upper)
        for table in release.tables
        for figure in table.figures
    ]
    assert {r["table"] for r in rows(content)} == {"TH", "QT", "DY", "OY", "CY"}


def test_csv_names_each_cell_in_the_column_of_its_table(release):
    for row in rows(exports.csv_of(release)):
        labels = {name: row[name] for name in exports.OF_TABLE.values()}
        own = exports.OF_TABLE.get(Table(row["table"]))
        others = {value for name, value in labels.items() if name != own}
        assert others == {"All"}
        assert own is None or labels[own] != "All"
    combined = [row["theme"] for row in rows(exports.csv_of(release)) if "|" in row["theme"]]
    assert len(combined) == 1


@pytest.mark.parametrize("name", FORMULAS)
def test_no_cell_of_a_csv_is_a_formula(name):
    [row] = rows(exports.csv_of(named(name)))
    assert row["theme"] == f"'{name}"
    assert exports.inert("Evidence and crime recording") == "Evidence and crime recording"


def test_no_cell_of_a_workbook_is_a_formula_or_a_link():
    hostile = [*FORMULAS, "https://example.org", "mailto:x@example.org"]
    content = write_workbook(PLAN, named(*hostile))
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert not any(cell.hyperlink for cell in cells)
    written = [cell.value.replace("_x000D_", "\r") for cell in book.worksheets[1]["A"][1:]]
    assert written == hostile
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_the_workbook_says_what_it_is(release):
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(PLAN, release)))
    assert book.sheetnames == [
        "About", "Total 2025 Q4", "Themes 2025 Q4", "Directorates 2025", "Outcomes 2025",
        "Time to close 2025",
    ]  # fmt: skip
    facts = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert facts["Release"] == "Northshire Constabulary, release 12"
    assert facts["SHA-256 of the release"] == release.release.digest().hex()
    [header, *found] = book["Themes 2025 Q4"].iter_rows(values_only=True)
    assert header == ("What", "Period", "About", "Lowest", "Highest")
    themes = next(table for table in release.tables if table.table is Table.TH)
    assert [row[2:] for row in found] == [(f.value, f.lower, f.upper) for f in themes.figures]
    assert found[-1][0].startswith("All others combined: ")


def test_the_same_release_gives_the_same_files(release, monkeypatch):
    first = exports.csv_of(release), write_workbook(PLAN, release)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert (exports.csv_of(release), write_workbook(PLAN, release)) == first


def test_the_json_is_what_was_hashed_and_signed(release):
    content = exports.canonical_json(release)
    assert parse_release(content) == release.release
    assert json.loads(content)["number"] == 12
    assert exports.digest(release) == sha256(content).hexdigest()
    key = LogKey.of_seed(bytes(32))
    note = key.sign(note_text(release.release))
    assert exports.digest(release) in key.verifier.open(note)
    with pytest.raises(BadNote):
        key.verifier.open(note.replace(exports.digest(release)[:8], "00000000"))


def test_a_file_is_named_by_its_release(release):
    gone = replace(release, withdrawn_on=date(2026, 5, 1), withdrawn_why="a fault")
    assert exports.file_name(release, "csv") == "candour-a-release-012.csv"
    assert exports.file_name(gone, "json") == "candour-a-release-012-withdrawn.json"


def test_a_withdrawn_release_says_so_in_every_file(release):
    gone = replace(release, withdrawn_on=date(2026, 5, 1), withdrawn_why="counted twice")
    assert {row["withdrawn_on"] for row in rows(exports.csv_of(gone))} == {"2026-05-01"}
    assert {row["withdrawn_on"] for row in rows(exports.csv_of(release))} == {""}
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(PLAN, gone)))
    facts = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert (facts["Withdrawn on"], facts["Why"]) == ("2026-05-01", "counted twice")


# The pack on paper.


@pytest.fixture
def printing():
    if not pack.can_print():
        unavailable("pdf", "WeasyPrint or the libraries below it are not installed")


PAGE = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>A pack</title>
<link rel="stylesheet" href="/static/built/paper.css"></head>
<body><h1>A pack</h1><p>About 26</p><table><tr><th scope="row">x</th><td>1</td></tr></table>
{}</body></html>"""


def test_the_pdf_is_tagged_and_named(printing):
    made = pypdf.PdfReader(io.BytesIO(pack.write_pdf(PAGE.format(""))))
    root = made.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/Lang"] == "en-GB"
    assert made.metadata.title == "A pack"
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    assert "About 26" in made.pages[0].extract_text()


def test_the_same_page_gives_the_same_pdf(printing):
    assert pack.write_pdf(PAGE.format("")) == pack.write_pdf(PAGE.format(""))


@pytest.mark.parametrize(
    "hostile",
    [
        '<img src="http://127.0.0.1:{port}/x.png" alt="">',
        '<link rel="stylesheet" href="http://127.0.0.1:{port}/x.css">',
        '<svg viewBox="0 0 1 1"><image href="http://127.0.0.1:{port}/x.svg"/></svg>',
        "<style>p {{ background: url(http://127.0.0.1:{port}/x) }}</style>",
        '<object data="http://127.0.0.1:{port}/x"></object>',
    ],
)
def test_nothing_is_fetched(printing, hostile):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        page = PAGE.format(hostile.format(port=server.getsockname()[1]))
        assert pack.write_pdf(page).startswith(b"%PDF")
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "https://example.org/", "https://pack.invalid/static/built/page.js",
        "https://pack.invalid/static/built/../../../config.py", "data:text/css,x",
    ],
)  # fmt: skip
def test_every_other_address_is_refused(address):
    with pytest.raises(pack.NoAddress):
        pack.own_file(address)


def test_without_weasyprint_there_is_no_pdf(monkeypatch):
    def absent():
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(pack, "_weasyprint", absent)
    pack.can_print.cache_clear()
    try:
        assert not pack.can_print()
    finally:
        pack.can_print.cache_clear()
