"""A board member reads what many said, takes it away, and opens nothing else: by keyboard."""

import csv
import hashlib
import io
import re

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from app.audit.signing import KEY_FILE_NAME, BadNote, read_or_make
from app.freeze.publishing import note_text
from app.trends.exports import OF_TABLE
from app.trends.publication import publication_plan
from app.trends.releases import parse_release
from app.web import paper as pack
from tests.journeys.at_keyboard import AtKeyboard
from tests.journeys.board_side import furnish

pytestmark = pytest.mark.browser

PLAN = publication_plan()
FORCE = PLAN.forces[0]
ALLIANCE = PLAN.alliances[0]
FRONT = "What many said"
THREE = "Three-force Integrity Plan"
# With scripts and without: a board member, and whoever observes for the policing body.
BOTH = pytest.mark.parametrize(("name", "scripts"), [("bea", True), ("omar", False)])
# A one-time code works once: nobody signs in three times in a minute.
AS_OTHERS = pytest.mark.parametrize(("name", "scripts"), [("bella", True), ("oscar", False)])
FIGURE = re.compile(r"(?:about (\d+)|few or none) \((?:(\d+) to|up to) (\d+)\)")
# What desks, custodians, integrity leads, plan owners and administrators open.
OF_OTHERS = (
    "/staff/",
    "/staff/cases/PSD-2026-0001",
    "/staff/plans/new",
    "/staff/plans/alliance/edit",
    "/staff/plans/alliance/import",
    "/staff/plans/alliance/actions/1/edit",
    "/staff/plans/alliance/actions/1/progress",
    "/staff/releases",
    f"/staff/releases/{FORCE.id}/1",
    f"/staff/releases/{FORCE.id}/1/withdraw",
    "/staff/system",
)


@pytest.fixture(scope="module", params=["sqlite"])
def portal(request, open_portal):
    with open_portal(request.param) as running:
        furnish(running, "bea", "omar", "bella", "oscar")
        yield running


@pytest.fixture
def window(browser, portal):
    return lambda **options: AtKeyboard(browser, portal, **options)


@BOTH
def test_the_board_reads_what_many_said(window, name, scripts):
    with window(scripts=scripts) as hers:
        hers.signs_in_as(name, FRONT)
        links = hers.page.locator(".cd-header__parts a")
        assert links.all_inner_texts() == ["Trends", "Integrity Plan"]
        hers.follows(FORCE.name, FORCE.name)
        reads_a_board_page(hers, of=5)
        hers.follows("What the numbers are", "What the numbers are and are not")
        hers.follows("What comes when", "What comes when")
        assert "on no other day" in hers.text
        hers.follows("Forces", FRONT)
        hers.follows(ALLIANCE.name, ALLIANCE.name)
        reads_a_board_page(hers, of=2)
        hers.goes_to_part("Integrity Plan", "Integrity plans and strategies")
        hers.follows(THREE, THREE)
        hers.follows("For the board", f"For the board: {THREE}")
        hers.follows("Actions", f"Actions: {THREE}")


def reads_a_board_page(hers, *, of):
    """Look for the headline, the trend words, and each picture's figures in a table beside it."""
    assert re.search(r"In .{4,30}, about \d+ \(\d+ to \d+\) concerns were counted", hers.text)
    assert "Figures are close estimates" in hers.text
    words = set(hers.main.locator(".cd-word").all_inner_texts())
    assert words <= {
        "no clear change", "higher than the year before", "lower than the year before",
        "not enough data yet",
    }  # fmt: skip
    assert words
    drawn = hers.main.locator("section:has(svg)")
    assert drawn.count() >= of
    for section in drawn.all():
        heading = section.locator("h2").inner_text()
        picture = section.locator("svg[role=img]").first
        beside = estimates(section.locator("table").text_content())
        assert beside, f"{heading}: a picture without its figures"
        bars = picture.locator(".cd-drawing__value").all_text_contents()
        dots = picture.locator(".cd-drawing__dot").count()
        assert set(bars) <= {str(value) for value, _, _ in beside}, heading
        assert len(bars) == section.locator("tbody tr:has(th)").count() or dots == len(beside)
    assert hers.main.locator("a[href*='/cases']").count() == 0


def estimates(text):
    """Return every estimate a text says, with what the noise leaves open."""
    found = FIGURE.findall(" ".join(text.split()))
    return [(int(value or 0), int(lower or 0), int(upper)) for value, lower, upper in found]


@BOTH
def test_the_board_takes_releases_away_and_they_are_what_was_signed(window, portal, name, scripts):
    releases = f"Releases of {FORCE.name}"
    with window(scripts=scripts) as hers:
        hers.signs_in_as(name, FRONT)
        hers.follows(releases, releases)
        newest = hers.main.locator("tbody a").first.inner_text()
        number = int(newest.split(":")[0])
        hers.follows(newest, f"Release {number} of {FORCE.name}")

        file_name, made = hers.takes("JSON")
        assert file_name == f"candour-{FORCE.id}-release-{number:03}.json"
        release = parse_release(made)
        assert release.digest().hex() == hashlib.sha256(made).hexdigest()
        assert release.digest().hex() in hers.text
        verifier = read_or_make(portal.data / "keys" / KEY_FILE_NAME).verifier
        note = hers.takes("Text: the signature")[1].decode()
        assert verifier.open(note) == note_text(release)
        with pytest.raises(BadNote):
            verifier.open(note.replace(f"\n{number}\n", f"\n{number + 1}\n"))

        rows = list(csv.DictReader(io.StringIO(hers.takes("CSV")[1].decode())))
        assert [as_the_page_says(row) for row in rows] == on_the_page(hers)
        cells = [figure for table in release.tables for figure in table.figures]
        assert [int(row["value"]) for row in rows] == [figure.value for figure in cells]
        book = load_workbook(io.BytesIO(hers.takes("XLSX")[1]))
        told = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
        assert {figure.value for figure in cells} <= told

        hers.follows(releases, releases, within="body")
        hers.follows(f"{number - 1}: ", f"Release {number - 1} of {FORCE.name}")
        assert parse_release(hers.takes("JSON")[1]).digest() == release.previous


def as_the_page_says(row):
    keys = {row[column] for column in OF_TABLE.values()} - {"All"}
    names = [PLAN.name_of(one) for one in (keys.pop().split("|") if keys else ())]
    said = names[0] if len(names) == 1 else f"All others combined ({len(names)})"
    value, upper = int(row["value"]), int(row["upper"])
    return said if names else "All concerns", (value, int(row["lower"]) if value else 0, upper)


def on_the_page(hers):
    found = []
    for row in hers.main.locator("tbody tr").all():
        name = " ".join(row.locator("th").text_content().split())
        [figure] = estimates(row.locator("td").text_content())
        found.append((re.sub(r"(combined \(\d+\)).*", r"\1", name), figure))
    return found


def test_the_board_pack_is_a_page_to_print_and_a_pdf(window):
    with window() as hers:
        hers.signs_in_as("bella", FRONT)
        hers.follows(FORCE.name, FORCE.name)
        hers.follows("Board pack, for printing", f"Board pack: {FORCE.name}")
        headline = hers.main.locator(".cd-lede").inner_text()
        hers.page.emulate_media(media="print")
        assert not hers.page.locator(".cd-header__parts").is_visible()
        assert not hers.main.locator(".cd-no-print").first.is_visible()
        assert hers.main.locator("section:has(svg)").count() >= 5
        hers.page.emulate_media(media="screen")
        if not pack.can_print():
            assert "print dialogue" in hers.text
            return
        file_name, made = hers.takes("Take it away as an accessible PDF")
        assert re.fullmatch(rf"candour-{FORCE.id}-board-pack-\d{{4}}Q\d\.pdf", file_name)
        paper = PdfReader(io.BytesIO(made))
        assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"]
        text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
        assert headline in text


@AS_OTHERS
def test_what_is_not_the_boards_is_refused_with_what_to_do(window, name, scripts):
    with window(scripts=scripts) as hers:
        hers.signs_in_as(name, FRONT)
        for path in OF_OTHERS:
            hers.is_refused(path)
        hers.follows("your account", "Your account")
        hers.goes_to_part("Trends", FRONT)
