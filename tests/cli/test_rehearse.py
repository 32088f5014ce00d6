"""A rehearsal reads strictly, publishes through the real services, and touches no real store."""

import csv
import json
from collections import defaultdict
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from app.cli.matters import UnfitMatters, read_matters
from app.cli.releases import group
from app.trends.domain import Period
from tests.proof import PARSER, examples

HEADER = "concern_id,reporter_id,period,force,theme,directorate,valid_from,valid_to\n"


def lines(count, *, force="A", year=2024, start=0):
    """Matters of one force, spread over a year; three themes and two directorates."""
    return "".join(
        f"c{start + at},r1,{year}Q{at % 4 + 1},{force},theme {at % 3},unit {at % 2},{year}Q1,\n"
        for at in range(count)
    )


def run(folder, text, *more):
    path = folder / "matters.csv"
    path.write_text(text, encoding="utf-8")
    asked = ["rehearse", "--matters", str(path), "--out", str(folder / "out"), *more]
    return CliRunner().invoke(group, asked)


def rows(folder, number="000"):
    found = []
    for path in sorted((folder / "out" / number / "releases").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            assert ",".join(reader.fieldnames) == (
                "release,table,period,force,theme,directorate,value,lower,upper"
            )
            found += [dict(row, file=path.stem) for row in reader]
    return found


def test_every_run_has_its_releases_and_says_how_noisy_they_are(tmp_path):
    text = HEADER + lines(300) + lines(60, force="B", start=300)
    ran = run(tmp_path, text, "--runs", "2")
    assert ran.exit_code == 0, ran.output
    for number in ("000", "001"):
        found = rows(tmp_path, number)
        assert {row["release"] for row in found} == {"R001", "R002", "R003", "R004"}
        assert all(row["file"] == row["release"] for row in found)
        assert {row["table"] for row in found} == {"TH", "QT", "DY"}
        meta = json.loads((tmp_path / "out" / number / "meta.json").read_text("utf-8"))
        assert meta["markers"] == {}
        assert meta["error"] == {"type": "gauss", "sigma": {"TH": 2, "QT": 3, "DY": 3}}
        assert meta["vintages"] == 0
        assert abs(meta["mu"] ** 2 - 2 * 17 / 72) < 1e-12
        assert meta["rho"] == "17/72"
    values = [[row["value"] for row in rows(tmp_path, number)] for number in ("000", "001")]
    assert values[0] != values[1], "two runs have noise of their own"


def test_every_label_of_the_file_is_in_every_table(tmp_path):
    """A label that a force never had is published too: its absence would be told otherwise."""
    text = HEADER + lines(300) + "x1,r,2024Q3,B,only here,unit 9,2024Q3,\n"
    assert run(tmp_path, text).exit_code == 0
    tables = defaultdict(list)
    for row in rows(tmp_path):
        key = row["theme"] if row["table"] == "TH" else row["directorate"]
        other = row["directorate"] if row["table"] == "TH" else row["theme"]
        assert other == "All"
        tables[row["table"], row["force"], row["period"]] += key.split("|")
        assert int(row["lower"]) <= int(row["value"]) <= int(row["upper"])
    themes = {"theme 0", "theme 1", "theme 2", "only here"}
    for (table, _force, _period), members in tables.items():
        expected = {"TH": themes, "QT": {"All"}, "DY": {"unit 0", "unit 1", "unit 9"}}[table]
        assert sorted(members) == sorted(expected)
    assert {force for _table, force, _period in tables} == {"A", "B"}


def test_the_next_years_cadence_follows_what_was_published(tmp_path):
    text = HEADER
    for at, year in enumerate((2023, 2024)):
        text += lines(400, year=year, start=at * 1000)
        text += lines(20, force="small", year=year, start=at * 1000 + 500)
    assert run(tmp_path, text).exit_code == 0
    periods = {(row["force"], row["table"], row["period"]) for row in rows(tmp_path)}
    themed = {(force, period) for force, table, period in periods if table == "TH"}
    assert {("A", "2023H1"), ("A", "2023H2"), ("A", "2024Q1"), ("A", "2024Q4")} <= themed
    assert ("small", "2024") in themed
    # A small force's year has one total and no quarters.
    assert ("small", "QT", "2024") in periods
    assert ("small", "QT", "2024Q1") not in periods
    for row in rows(tmp_path):
        if (row["force"], row["table"], row["period"]) == ("small", "TH", "2024"):
            assert not row["theme"].startswith("group")


def test_superseded_codings_do_not_count(tmp_path):
    old = "".join(f"c{at},r,2024Q1,A,old theme,unit 0,2024Q1,2024Q2\n" for at in range(0, 300, 4))
    assert run(tmp_path, HEADER + old + lines(300)).exit_code == 0
    assert not any("old theme" in row["theme"] for row in rows(tmp_path))


def test_a_run_is_never_written_over(tmp_path):
    assert run(tmp_path, HEADER + lines(40)).exit_code == 0
    before = rows(tmp_path)
    again = run(tmp_path, HEADER + lines(40))
    assert again.exit_code == 1
    assert "there already" in again.output
    assert rows(tmp_path) == before


def test_it_looks_at_no_real_store(tmp_path, monkeypatch):
    """Without any setting, and with settings that point at databases that do not exist."""
    monkeypatch.setenv("PORTAL_STATISTICS_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path / "data"))
    assert run(tmp_path, HEADER + lines(40)).exit_code == 0
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "row 1: missing concern_id"),
        (HEADER, "no matter that counts"),
        (HEADER.replace("theme", "topic") + lines(3), "row 1, column 5: 'topic'"),
        (HEADER.replace("theme,", "") + lines(3), "row 1: missing theme"),
        (HEADER.replace("theme", "force") + lines(3), "row 1, column 5: 'force'"),
        (HEADER + "c1,r,2024Q1,A,t,d,2024Q1\n", "row 2: 7 columns instead of 8"),
        (HEADER + lines(2) + "c9,r,2024Q5,A,t,d,,\n", "row 4, column period: is not a quarter"),
        (HEADER + "c1,r,2024,A,t,d,,\n", "row 2, column period: is not a quarter"),
        (HEADER + "c1,r,1000Q1,A,t,d,,\n", "row 2, column period: is not a quarter"),
        (HEADER + "c1,r,2999Q3,A,t,d,,\n", "row 2, column period: is not a quarter"),
        (HEADER + "c1,r,2024Q1,A,\uff1d1+1,d,,\n", "row 2, column theme: is All"),
        (HEADER + "c1,r,2024Q1,,t,d,,\n", "row 2, column force: is empty"),
        (HEADER + "c1,r,2024Q1,A,,d,,\n", "row 2, column theme: is empty"),
        (HEADER + "c1,r,2024Q1,A,t, d,,\n", "row 2, column directorate: is empty, or begins"),
        (HEADER + "c1,r,2024Q1,A,All,d,,\n", "row 2, column theme: is All"),
        (HEADER + "c1,r,2024Q1,A,a|b,d,,\n", "row 2, column theme: is All, holds |"),
        (HEADER + "c1,r,2024Q1,A,=1+1,d,,\n", "row 2, column theme"),
        (HEADER + f"c1,r,2024Q1,A,{'t' * 81},d,,\n", "row 2, column theme: has more than 80"),
        (HEADER + "c1,r,2024Q1,A,t\u202e,d,,\n", "row 2, column theme"),
        (HEADER + ",r,2024Q1,A,t,d,,\n", "row 2, column concern_id: is empty"),
        (HEADER + lines(2) + "c0,r,2024Q1,A,t,d,,\n", "row 4, column concern_id: has a coding"),
        (HEADER + 'c1,r,2024Q1,A,"t,d,,\n', "not CSV"),
        (HEADER + "c1,r,1200Q1,A,t,d,,\nc2,r,2024Q1,A,t,d,,\n", "more than 200 quarters"),
        (HEADER + "c1,\0,2024Q1,A,t,d,,\n", "zero byte"),
    ],
)
def test_an_unfit_file_is_refused_with_row_and_column(tmp_path, text, says):
    ran = run(tmp_path, text)
    assert ran.exit_code == 1
    assert says in ran.output
    assert not (tmp_path / "out").exists()


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "matters.csv"
    path.write_bytes(HEADER.encode() + b"\xff\n")
    with pytest.raises(UnfitMatters, match="not UTF-8"):
        read_matters(path)


def test_a_sheets_own_spelling_is_read(tmp_path):
    """A byte order mark and carriage returns, as spreadsheets write them."""
    path = tmp_path / "matters.csv"
    path.write_bytes(b"\xef\xbb\xbf" + (HEADER + lines(8)).replace("\n", "\r\n").encode())
    found = read_matters(path)
    assert found.forces == ("A",)
    assert found.quarters == tuple(Period.parse(f"2024Q{part}") for part in (1, 2, 3, 4))
    assert sum(len(entries) for entries in found.entries.values()) == 8


@given(st.data())
@examples(200, PARSER)
def test_a_damaged_file_is_refused_or_read(tmp_path_factory, data):
    path: Path = tmp_path_factory.getbasetemp() / "damaged.csv"
    content = bytearray((HEADER + lines(6)).encode())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    path.write_bytes(bytes(content))
    try:
        found = read_matters(path)
    except UnfitMatters:
        return
    assert found.quarters
    assert all(entries for entries in found.entries.values())
