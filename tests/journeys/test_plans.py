"""A plan owner and an integrity lead work on a plan in a real browser, by keyboard."""

import csv
import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from app.plan import editing, service
from app.plan.choices import Status
from app.plan.domain import Filter
from app.plan.readers import Progress
from app.plan.spreadsheet import COLUMNS
from app.trends.publication import publication_plan
from tests.journeys.at_keyboard import AtKeyboard
from tests.journeys.board_side import furnish, in_statistics, staff_member

pytestmark = pytest.mark.browser

FRONT = "Integrity plans and strategies"
ALL = "Actions of all plans"
THREE = "Three-force Integrity Plan"
TRAIN = "Action 5: Train first-line managers to receive a concern"
SURVEY = "Action 4: Survey trust in the ways to raise a concern"
PANEL = "Action 6: Independent member on every promotion panel"
FORCE = publication_plan().forces[0]
NEW = {
    "Number": "8",
    "Section": "Hear",
    "Action": "Put the ways to raise a concern on every pay slip",
    "Kind": "communication",
    "Owners": "HR; Corporate Communications",
    "Priority": "low",
    "Progress": "",
    "Status": "not started",
    "Status read from": "",
    "Review date": "31/03/2027",
    "Theme": "Confidence",
    "Objective": "1",
    "Risk": "2",
    "Details": "=HYPERLINK is how this begins, and no spreadsheet may follow it",
}


@pytest.fixture(scope="module", params=["sqlite"])
def portal(request, open_portal):
    with open_portal(request.param) as running:
        furnish(running, "hugo", "lena", "lara")
        yield running


@pytest.fixture
def window(browser, portal):
    return lambda **options: AtKeyboard(browser, portal, **options)


def test_a_plan_owner_says_how_far_her_offices_actions_are(window, portal):
    reviewed_yesterday(portal, 5)
    with window() as his:
        his.signs_in_as("hugo", FRONT)
        his.follows("The actions of your office", ALL)
        assert his.main.locator("tbody tr").count() > 3
        assert all("HR" in owners for owners in column(his, "Owners"))
        his.picks("Status", "In progress")
        his.submits("Show", ALL)
        assert set(column(his, "Status")) == {"In progress"}
        assert all("HR" in owners for owners in column(his, "Owners"))
        his.picks("Plan", THREE)
        his.picks("Review date", "Overdue only")
        his.submits("Show", f"Actions: {THREE}")
        assert [cell.split(": ")[0] for cell in column(his, "Review")] == ["Overdue"]

        his.follows(TRAIN.partition(": ")[2], TRAIN)
        his.submits("Update progress", "Progress of action 5")
        his.marks("Adopted, no change")
        his.types("Day", "31")
        his.types("Month", "2")
        his.types("Year", "2031")
        his.submits("Save", "Progress of action 5")
        assert len(his.errors) == 2
        his.types("Progress note", "The last two courses were held.")
        his.marks("Done")
        his.types("Day", "28")
        his.submits("Save", TRAIN)
        assert "Progress noted." in his.text
        assert his.main.locator(".cd-notes li").first.inner_text().startswith("The last two")
        assert "Review: 28 February 2031" in his.text
        assert "Hugo Reyes" in his.main.locator(".cd-history").inner_text()

        his.opens(
            "/staff/plans/alliance/actions/1",
            "Action 1: Ask for a reason at every search of the custody and intelligence systems",
        )
        assert his.main.get_by_role("button", name="Update progress").count() == 0
        for path in ("alliance/actions/1/progress", "alliance/actions/5/edit", "alliance/edit"):
            his.is_refused(f"/staff/plans/{path}")
        his.is_refused("/staff/plans/alliance/actions.csv")


def reviewed_yesterday(portal, number):
    with in_statistics(portal) as work:
        action = service.find_action(work, "alliance", number)
        yesterday = work.today - timedelta(days=1)
        late = Progress(status=Status.IN_PROGRESS, note="", review_on=yesterday)
        editing.note_progress(
            work, "alliance", number, late, version=action.version, by=staff_member("lena")
        )


def column(window, label):
    """Return the cells of a column of the table of actions."""
    return window.main.locator(f'td[data-label="{label}"]').all_inner_texts()


def test_two_who_save_at_once_see_both(window):
    with window() as hers, window(scripts=False) as his:
        his.signs_in_as("hugo", FRONT)
        his.opens("/staff/plans/alliance/actions/6", PANEL)
        his.submits("Update progress", "Progress of action 6")
        hers.signs_in_as("lena", FRONT)
        hers.opens("/staff/plans/alliance/actions/6/edit", "Change action 6")
        hers.types("Section", "Prevent")
        hers.submits("Save", PANEL)

        his.types("Progress note", "Two panels have had one.")
        his.marks("Done")
        his.submits("Save", "Progress of action 6")
        both = his.page.locator("#meanwhile").inner_text()
        assert "Somebody else saved this while you had it open" in both
        assert "Two panels have had one." in both
        assert "Done" in both
        assert his.page.get_by_label("Progress note").input_value() == "Two panels have had one."
        his.submits("Save", PANEL)
        assert "Two panels have had one." in his.text
        assert "Three-force Integrity Plan: Prevent" in his.text


def test_an_integrity_lead_imports_adds_cites_and_takes_away(window, portal, tmp_path):
    with window() as hers:
        hers.signs_in_as("lara", FRONT)
        links = hers.page.locator(".cd-header__parts a")
        assert links.all_inner_texts() == ["Trends", "Integrity Plan", "Releases"]
        hers.follows(THREE, THREE)
        hers.follows("Import actions from a CSV file", "Import actions from a CSV file")
        before = actions_of(portal)
        hers.page.get_by_label("CSV file").set_input_files(
            written(tmp_path, NEW, NEW | {"Number": "9", "Theme": "Weather"})
        )
        hers.submits("Import", "Import actions from a CSV file")
        assert "Nothing of the file was imported" in hers.text
        assert [error.split(": ")[0] for error in hers.errors] == ["Row 3, column Theme"]
        assert actions_of(portal) == before, "nothing is half loaded"
        hers.page.get_by_label("CSV file").set_input_files(written(tmp_path, NEW))
        hers.submits("Import", f"Actions: {THREE}")
        assert "Imported: 1 added, 0 changed, 0 as they were." in hers.text
        assert actions_of(portal) == {**before, 8: NEW["Action"]}

        hers.follows("Risk register", f"Risk register: {THREE}")
        hers.follows("Add an integrity risk", "Add an integrity risk")
        hers.submits("Add", "Add an integrity risk")
        assert len(hers.errors) >= 4
        hers.types("Risk", "Gifts are not declared")
        hers.picks("Corporate risk above it", "1. ")
        hers.marks("3. ", group="Likelihood")
        hers.marks("4. ", group="Impact")
        hers.picks("Theme", "Anti-Corruption")
        hers.picks("Scope", FORCE.name)
        hers.submits("Add", "Integrity risk 5: Gifts are not declared")
        assert "12" in hers.main.locator(".cd-caption-strip").inner_text()

        hers.opens("/staff/plans/alliance/new-action", "Add an action")
        hers.types("Action", "One register of gifts for the three forces")
        hers.types("Owners", "PSD")
        hers.picks("Theme", "Anti-Corruption")
        hers.picks("Integrity risk it acts against", "5. ")
        hers.submits("Add", "Action 9: One register of gifts for the three forces")

        hers.follows("Cite a published figure", "Cite a published figure")
        hers.picks("Force", FORCE.name)
        hers.submits("Show", "Cite a published figure")
        figure = hers.main.locator(".cd-offer label").first.inner_text()
        assert FORCE.name in figure
        hers.marks(figure)
        hers.types("What it shows", "It is what many said.")
        hers.submits("Cite it", "Action 9: One register of gifts for the three forces")
        cited = hers.main.locator(".cd-evidence").inner_text()
        assert figure.split(",")[0] in cited
        assert "It is what many said." in cited

        hers.opens("/staff/plans/alliance", THREE)
        takes_the_plan_away(hers, figure)
        hers.follows("Statement", hers_statement(portal))
        assert figure.split(",")[0] in hers.text
        paper = PdfReader(io.BytesIO(hers.page.pdf()))
        text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
        assert NEW["Action"] in text
        assert "One register of gifts for the three forces" in text
        assert "Sign out" not in text
        assert "print dialogue" not in text


def hers_statement(portal):
    with in_statistics(portal) as work:
        return f"Statement for the annual plan {work.today.year}: {THREE}"


def takes_the_plan_away(hers, figure):
    lines = list(csv.DictReader(io.StringIO(hers.takes("Actions as CSV")[1].decode("utf-8-sig"))))
    assert [line["Action"] for line in lines[-2:]] == [
        NEW["Action"],
        "One register of gifts for the three forces",
    ]
    assert lines[-2]["Details"] == f"'{NEW['Details']}"
    book = load_workbook(io.BytesIO(hers.takes("Everything as XLSX")[1]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"], "no cell computes"
    told = {str(cell.value) for cell in cells}
    assert NEW["Details"] in told
    assert any(figure.split(",")[0] in text for text in told)


def actions_of(portal):
    with in_statistics(portal) as work:
        found = service.list_actions(work, Filter(plan="alliance"), page=1)
        return {action.number: action.title for action in found.actions}


def written(folder, *lines):
    path = folder / "actions.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(COLUMNS))
        writer.writeheader()
        writer.writerows(lines)
    return path
