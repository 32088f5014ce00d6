"""The board's side in pictures: its pages, a plan at work, and two custodians' freeze."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from app.plan.spreadsheet import COLUMNS
from app.trends.publication import publication_plan
from tests.journeys.board_side import furnish
from tests.journeys.browsing import Browsing
from tests.journeys.running import PASSWORD, RunningPortal

PLAN = publication_plan()
FORCE = PLAN.forces[0]
BOARD = f"/staff/trends/forces/{FORCE.id}"
THREE = "Three-force Integrity Plan"
UNFIT = (
    ("8", "Hear", "Put the ways to raise a concern on every pay slip", "communication", "HR"),
    ("9", "Act", "One register of gifts for the three forces", "weather", "PSD"),
)


class Camera(Protocol):
    """What keeps pictures."""

    def take(self, window: Browsing, name: str) -> None:
        """Take the page in a window as it is."""


def walk(
    portal: RunningPortal, window: Callable[[], Browsing], camera: Camera, folder: Path
) -> None:
    """Go through every page of the board's side, and take a picture of each kind."""
    furnish(portal, "bea", "hugo", "lena")
    _board(window, camera)
    _plan(window, camera)
    _lead(window, camera, folder)
    _custodians(window, camera)


def _signed_in(theirs: Browsing, name: str) -> None:
    theirs.inspects = False
    theirs.opens("/staff/sign-in", "Sign in")
    theirs.page.get_by_label("User name").fill(name)
    theirs.page.get_by_label("Password", exact=True).fill(PASSWORD.format(name))
    theirs.page.get_by_label("One-time code").fill(theirs.portal.code_of(name))
    theirs.presses("Sign in")
    theirs.page.wait_for_url(lambda address: "sign-in" not in address)


def _board(window: Callable[[], Browsing], camera: Camera) -> None:
    with window() as hers:
        _signed_in(hers, "bea")
        hers.sees("What many said")
        camera.take(hers, "many-said")
        for path, heading, name in (
            (BOARD, FORCE.name, "force"),
            (f"/staff/trends/alliances/{PLAN.alliances[0].id}", PLAN.alliances[0].name, "alliance"),
            (
                "/staff/trends/what-the-numbers-are",
                "What the numbers are and are not",
                "what-the-numbers-are",
            ),
            ("/staff/trends/calendar", "What comes when", "calendar"),
            (f"{BOARD}/releases", f"Releases of {FORCE.name}", "releases"),
            (f"{BOARD}/releases/8", f"Release 8 of {FORCE.name}", "release"),
            (f"{BOARD}/pack", f"Board pack: {FORCE.name}", "board-pack"),
            ("/staff/plans/alliance/board", f"For the board: {THREE}", "plan-for-the-board"),
            ("/staff/plans/alliance/edit", "You may not do this", "refused"),
        ):
            hers.opens(path, heading)
            camera.take(hers, name)


def _plan(window: Callable[[], Browsing], camera: Camera) -> None:
    with window() as his:
        _signed_in(his, "hugo")
        his.sees("Integrity plans and strategies")
        camera.take(his, "plans")
        for path, name in (
            ("/staff/plans/hertfordshire", "plan"),
            ("/staff/plans/norfolk-suffolk", "strategy"),
            ("/staff/plans/actions?owner=hr", "actions"),
            ("/staff/plans/alliance/actions/4", "action"),
            ("/staff/plans/alliance/risks", "risk-register"),
            ("/staff/plans/alliance/statement", "statement"),
        ):
            his.page.goto(path)
            camera.take(his, name)
        his.opens("/staff/plans/alliance/actions/4/progress", "Progress of action 4")
        his.page.get_by_label("In progress").check()
        his.page.get_by_label("Progress note").fill("The questions are agreed.")
        with window() as hers:
            _signed_in(hers, "lena")
            hers.opens("/staff/plans/alliance/actions/4/progress", "Progress of action 4")
            hers.page.get_by_label("Progress note").fill("The three forces share the cost.")
            hers.presses("Save")
            hers.page.wait_for_url("**/actions/4")
        his.presses("Save")
        his.page.locator("#meanwhile").wait_for()
        camera.take(his, "two-at-once")


def _lead(window: Callable[[], Browsing], camera: Camera, folder: Path) -> None:
    path = folder / "actions.csv"
    lines = [tuple(COLUMNS), *((*line, "medium", "", "not started") for line in UNFIT)]
    width = len(COLUMNS)
    path.write_text("".join(",".join((*line, *[""] * width)[:width]) + "\n" for line in lines))
    with window() as hers:
        _signed_in(hers, "lena")
        hers.opens("/staff/plans/alliance/import", "Import actions from a CSV file")
        hers.page.get_by_label("CSV file").set_input_files(path)
        hers.presses("Import")
        hers.page.locator(".govuk-error-summary").wait_for()
        camera.take(hers, "import")
        hers.opens("/staff/plans/alliance/actions/3/figure", "Cite a published figure")
        camera.take(hers, "cite")
        hers.opens("/staff/plans/alliance/new-action", "Add an action")
        camera.take(hers, "new-action")


def _custodians(window: Callable[[], Browsing], camera: Camera) -> None:
    with window() as hers, window() as his:
        _signed_in(hers, "carol")
        hers.sees("Releases")
        camera.take(hers, "custodians")
        hers.page.get_by_role("link", name=f"Propose a freeze of {FORCE.name}").click()
        hers.page.get_by_role("button", name="Propose this freeze").wait_for()
        camera.take(hers, "propose")
        hers.presses("Propose this freeze")
        _signed_in(his, "cyril")
        his.page.get_by_role("link", name=f"Freeze {FORCE.name}").click()
        his.page.get_by_role("button", name="Approve and publish").wait_for()
        camera.take(his, "approve")
        his.presses("Approve and publish")
        his.page.get_by_text("These figures never change").wait_for()
        camera.take(his, "published")
        his.page.goto(f"{his.page.url}/withdraw")
        his.page.get_by_role("button", name="Propose the withdrawal").wait_for()
        camera.take(his, "withdraw")
