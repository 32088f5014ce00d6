"""What a member of the board reads: published figures, their words, and what is not there yet."""

import io
import re
from hashlib import sha256
from itertools import pairwise

import pypdf
import pytest

from app.trends import service
from app.trends.board import board_of
from app.trends.domain import Table
from app.trends.publication import publication_plan
from app.trends.releases import parse_release
from app.trends.store import Releases
from app.trends.wording import short_period
from app.web import paper as pack
from app.work import begin, look
from tests.conftest import unavailable
from tests.trends.invented import tables_of
from tests.trends.pages.test_who_may import BOARD, FILES, PAPER, SEEN

PLAN = publication_plan()
FORCE, ALLIANCE = f"{BOARD}/forces/a", f"{BOARD}/alliances/alliance"


def spaced(text):
    return " ".join(text.split())


def rows_of(page, number):
    table = page.soup.select("main table")[number]
    return [[spaced(cell.text) for cell in row.select("th, td")] for row in table.select("tr")]


def withdraw(statistics, clock, number=12, force="a"):
    with begin(statistics, clock) as work:
        Releases(work.session).withdraw(force, number, on=work.today, why="Slips counted twice.")


@pytest.fixture
def board(invented_releases):
    return board_of(PLAN, {"a": tables_of(invented_releases)["a"]})


def test_the_headline_says_the_year_and_the_word(board_member, board):
    page = board_member.opens(FORCE)
    assert page.heading == "Northshire Constabulary"
    lede = spaced(page.soup.select_one(".cd-lede").text)
    assert lede.startswith(f"In 2025, {board.total.figure} concerns were counted at Northshire")
    assert board.total.word.value in lede
    assert f"The largest theme is {board.themes.rows[0].name}" in page.text


def test_beside_every_picture_stands_its_table(board_member, board):
    page = board_member.opens(FORCE)
    beside = page.soup.select(".cd-beside-table")
    assert len(beside) == 5
    for one in beside:
        assert len(one.select("figure svg")) == 2
        assert one.select_one("table caption").text.strip()
        assert not one.select("details"), "the table is always there"
    [header, *totals] = rows_of(page, 0)
    assert header == ["Quarter", "Concerns"]
    moments = reversed(board.line.moments)
    assert [row[1] for row in totals] == [str(moment.figure) for moment in moments]


def test_every_row_says_about_its_range_and_its_word(board_member, board):
    [_, *rows] = rows_of(board_member.opens(FORCE), 1)
    for row, expected in zip(rows, board.themes.rows, strict=False):
        assert row[0].startswith(expected.name)
        assert row[1].startswith(str(expected.figure))
        assert expected.word is None or expected.word.value in row[0]
    assert rows[-1][0] == "These are: " + "; ".join(
        one.name for one in board.themes.rows[-1].members
    ) + "."  # fmt: skip


def test_every_published_figure_can_be_read(board_member, invented_releases):
    found = invented_releases["a"][11]
    page = board_member.opens(f"{FORCE}/releases/12")
    assert page.heading == "Release 12 of Northshire Constabulary"
    shown = [row[1] for at in range(5) for row in rows_of(page, at)[1:]]
    assert len(shown) == sum(len(table.figures) for table in found.tables)
    for told, figure in zip(
        shown, [f for table in found.tables for f in table.figures], strict=True
    ):
        if figure.value:
            assert told == f"about {figure.value} ({figure.lower} to {figure.upper})"
    assert found.release.digest().hex() in page.text


def test_volume_has_no_colour_of_good_or_bad(board_member):
    for path in (FORCE, ALLIANCE):
        page = board_member.opens(path)
        assert not page.soup.select("main .govuk-tag--red, main .govuk-tag--green, main .cd-danger")


def test_the_front_page_does_not_set_forces_side_by_side(board_member):
    page = board_member.opens(BOARD)
    assert page.heading == "What many said"
    names = [link.text for link in page.soup.select("main .cd-card h3 a")]
    assert names == ["The three forces together", *(force.name for force in PLAN.forces)]
    assert not re.search(r"about \d|higher|lower", page.text)


def test_the_alliance_is_the_sum_and_says_what_cannot_be_added(board_member, invented_releases):
    page = board_member.opens(ALLIANCE)
    board = board_of(PLAN, tables_of(invented_releases))
    assert str(board.total.figure) in page.text
    assert "The forces are divided differently" in page.text
    assert len(page.soup.select(".cd-beside-table")) == 4


def test_a_demonstration_says_that_its_figures_are_invented(portal, board_member):
    pages = (FORCE, ALLIANCE, BOARD, f"{FORCE}/releases/1", f"{FORCE}/pack")
    for path in pages:
        assert "Invented figures." in board_member.opens(path).text
    portal.jinja_env.globals["demonstration"] = False
    for path in pages:
        assert "nvented" not in board_member.opens(path).text


def test_the_guarantee_stands_in_plain_words(board_member):
    page = board_member.opens(f"{BOARD}/what-the-numbers-are")
    assert "guesses right at most 65 times in 100" in page.text
    assert "Guessing blindly is right 50 times in 100" in page.text
    assert "at most 75 times in 100, and at most 88" in page.text
    assert [row[2] for row in rows_of(page, 0)[1:]] == [
        f"{size} up or down" for size in (4, 6, 6, 8, 8)
    ]
    levels = [int(tag.name[1]) for tag in page.soup.select("h1, h2, h3")]
    assert all(b <= a + 1 for a, b in pairwise(levels)), "no level is skipped"


def test_the_calendar_announces_what_comes(board_member):
    page = board_member.opens(f"{BOARD}/calendar")
    [header, first, *_more] = rows_of(page, 0)
    assert header == ["Announced for", "Ends with", "What comes"]
    assert first == [
        "1 July 2026", "January to March 2026",
        "Total, January to March 2026; Themes, January to March 2026.",
    ]  # fmt: skip
    assert "Decided by the published total of 2026" in page.text


def test_a_withdrawn_release_is_marked_and_left_out(board_member, statistics, clock):
    before = rows_of(board_member.opens(FORCE), 0)
    withdraw(statistics, clock)
    page = board_member.opens(FORCE)
    assert "Release 12 (October to December 2025) was withdrawn on 21 November 2026." in page.text
    assert "Slips counted twice." in page.text
    assert rows_of(page, 0) == [before[0], *before[2:]]
    listed = board_member.opens(f"{FORCE}/releases")
    assert [row[0] for row in rows_of(listed, 0)][1] == "12: October to December 2025 Withdrawn"
    one = board_member.opens(f"{FORCE}/releases/12")
    assert "The figures below are the withdrawn ones. Do not use them." in one.text
    assert "(withdrawn)" in one.text
    answer = board_member.browser.get(f"{FORCE}/releases/12.csv")
    assert "candour-a-release-012-withdrawn.csv" in answer.headers["Content-Disposition"]
    assert "was withdrawn on" in board_member.opens(ALLIANCE).text


def test_what_is_written_and_not_shown_yet_is_nowhere(board_member, statistics, clock):
    from sqlalchemy import update

    from app.trends.tables import ReleaseRow

    with begin(statistics, clock) as work:
        work.session.execute(
            update(ReleaseRow).where(ReleaseRow.number == 12).values(confirmed=False)
        )
    assert board_member.opens(f"{FORCE}/releases/12").status == 404
    for path in FILES:
        assert board_member.browser.get(path).status_code == 404
    assert "2025 Q4" not in board_member.opens(FORCE).text
    with look(statistics) as work:
        assert len(service.releases(work, "a")) == 11


def test_files_are_attachments_named_by_their_release(board_member, invented_releases):
    kinds = {"csv": "text/csv", "json": "application/json", "txt": "text/plain",
             "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
    for path in FILES:
        answer = board_member.browser.get(path)
        ending = path.rpartition(".")[2]
        assert answer.mimetype == kinds[ending]
        assert answer.headers["Content-Disposition"] == (
            f'attachment; filename="candour-a-release-012.{ending}"'
        )
    content = board_member.browser.get(FILES[2]).data
    assert parse_release(content) == invented_releases["a"][11].release
    assert sha256(content).hexdigest() in board_member.opens(f"{FORCE}/releases/12").text


def test_nothing_tells_of_a_moment(board_member):
    for path in [*SEEN, *FILES]:
        answer = board_member.browser.get(path)
        assert not {"ETag", "Last-Modified", "Age", "Expires"} & set(answer.headers.keys()), path
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_pack_has_everything_on_one_page(board_member, board):
    page = board_member.opens(f"{FORCE}/pack")
    assert page.heading == "Board pack: Northshire Constabulary"
    assert len(page.soup.select("article .cd-beside-table")) == 5
    assert "guesses right at most 65 times in 100" in page.text
    levels = [int(tag.name[1]) for tag in page.soup.select("h1, h2, h3")]
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_the_pack_as_a_file(board_member, board):
    if not pack.can_print():
        unavailable("pdf", "WeasyPrint or the libraries below it are not installed")
    answer = board_member.browser.get(PAPER[0])
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="candour-a-board-pack-2025Q4.pdf"'
    )
    made = pypdf.PdfReader(io.BytesIO(answer.data))
    text = spaced(" ".join(page.extract_text() for page in made.pages))
    assert str(board.total.figure) in text
    for row in board.themes.rows:
        assert row.name.split()[0] in text
    assert short_period(board.line.moments[0].period) in text
    assert made.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert not any("/Annots" in page for page in made.pages), "no link leads out of a file"
    assert 3 <= len(made.pages) <= 8


def test_without_what_makes_pdf_files_the_page_says_so(board_member, monkeypatch):
    monkeypatch.setattr(pack, "can_print", lambda: False)
    page = board_member.opens(PAPER[0])
    assert page.status == 200
    assert page.heading == "Board pack: Northshire Constabulary"
    assert "This installation has nothing that makes PDF files" in page.text
    assert PAPER[0] not in page.links()


class TestBeforeTheFirstRelease:
    @pytest.fixture
    def statistics_file(self, migrated_statistics):
        return migrated_statistics

    def test_empty_pages_teach(self, board_member):
        page = board_member.opens(FORCE)
        assert "Nothing is published of Northshire Constabulary yet" in page.text
        assert "Two custodians open the sealed slips together" in page.text
        assert "The first is announced for 3 July 2023" in page.text
        assert "Nothing is published by all of the forces yet" in board_member.opens(ALLIANCE).text
        assert "There is no release yet" in board_member.opens(f"{FORCE}/releases").text
        assert "Nothing is published yet" in board_member.opens(BOARD).text
        assert "3 July 2023" in board_member.opens(f"{BOARD}/calendar").text

    def test_an_empty_pack_is_a_page_too(self, board_member):
        assert "Nothing is published" in board_member.opens(f"{FORCE}/pack").text
        if pack.can_print():
            assert board_member.browser.get(PAPER[0]).data.startswith(b"%PDF")


def test_each_table_of_the_plan_is_on_the_page(board_member):
    headings = [h2.text.strip() for h2 in board_member.opens(FORCE).soup.select("main h2")]
    assert headings == [
        "How many, quarter by quarter", "What they were about, 2025", "Where people work, 2025",
        "How they ended, 2025", "How long it took, 2025", "Came in and closed, 2025",
        "To take away",
    ]  # fmt: skip
    assert len(Table) == 5
