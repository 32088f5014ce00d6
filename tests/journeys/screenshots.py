"""Walks a journey in Chromium and keeps pictures of it: `python -m tests.journeys.screenshots`.

Each page is taken at the width of a desk and of a phone. Everybody in the pictures is invented.
"""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import sync_playwright

from config import ROOT
from tests.journeys import board_pictures
from tests.journeys.browsing import CHROMIUM, Browsing
from tests.journeys.pages import Enclosed
from tests.journeys.running import RunningPortal, running_portal, sqlite_in
from tests.journeys.visitors import Handler, Reporter

FOLDER = ROOT / "docs" / "screenshots"
WIDTHS = {"desk": 1280, "phone": 390}  # pixels
TALLEST = 2400  # pixels of a picture; the rest of a long page shows nothing new
COLOURS = 48
MOST = 6_000_000  # bytes of all pictures together

CONCERN = {
    "what": "Entries in the evidence log of the northern base were changed after the fact, at "
    "least twice since Easter. The times on the paper tags and in the log no longer agree.",
    "who": "One of the sergeants of the late turn. I would rather not name him yet.",
    "where": "Northern base, property store.",
    "when": "Since Easter, mostly at weekends.",
    "how_known": "I saw the log before and after.",
    "afraid_of": "Being moved, and that it comes down to three of us who could have seen it.",
}
QUESTION = (
    "Thank you. We have read this and are looking at it. Do the paper tags still exist, and who "
    "keeps them? Please do not go and look if that would be noticed."
)
MESSAGE = "They are kept for a year in the blue folders. Everybody there has the key."
OTHERS = (
    "A car is used at weekends and the mileage is written down to a job number.",
    "Remarks about women in briefings, and people laugh because they are afraid not to.",
    "A contractor has a pass that should have been handed in a year ago.",
)


# What lies beside a case: its address after the case's own, its heading, the picture's name.
BESIDE = (
    ("/sheet", "Case sheet of {}", "case-sheet"),
    ("/assessment", "Assessment of {}", "assessment"),
    ("/clocks", "Dates and clocks of {}", "clocks"),
    ("/people", "People of {}", "people"),
    ("/timeline", "Timeline of {}", "timeline"),
    ("/summary", "Summary of {}", "summary"),
    ("/export", "Export case {}", "export"),
)


class Camera:
    """Takes pictures, numbered in the order of the journey."""

    def __init__(self) -> None:
        self._taken = 0

    def take(self, window: Browsing, name: str) -> None:
        """Take the page in a window as it is, once for each width."""
        self._taken += 1
        page = window.page
        page.wait_for_load_state("networkidle")
        before = page.viewport_size
        for kind, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("scrollTo(0, 0)")
            content = page.screenshot(full_page=True, animations="disabled", caret="hide")
            _keep(content, FOLDER / f"{self._taken:02}-{name}-{kind}.png")
        page.set_viewport_size(before)


def _keep(content: bytes, path: Path) -> None:
    with Image.open(io.BytesIO(content)) as picture:
        shown = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, TALLEST)))
        shown.quantize(COLOURS, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_portal(Path(folder), sqlite_in) as portal,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        camera = Camera()
        walk(portal, lambda: Browsing(browser, portal), camera, Path(folder))
        board_pictures.walk(portal, lambda: Browsing(browser, portal), camera, Path(folder))
        browser.close()
    pictures = list(FOLDER.glob("*.png"))
    size = sum(path.stat().st_size for path in pictures)
    assert size < MOST, f"{size} bytes of pictures"


def walk(
    portal: RunningPortal, window: Callable[[], Browsing], camera: Camera, folder: Path
) -> None:
    """Go the whole way of one concern, among others, and take a picture of every page."""
    yesterdays(portal)
    picture = folder / "picture.jpg"
    draw_tag().save(picture, "JPEG")
    with window() as hers:
        hers.inspects = False
        hers.opens("/", "Raise a concern without giving your name")
        camera.take(hers, "advice")
        hers.opens("/report", "Choose who can read your concern")
        hers.page.get_by_label("A colleague", exact=True).check()
        hers.page.get_by_text("Leave somebody out").click()
        hers.page.get_by_label("Tom").check()
        camera.take(hers, "who-can-read")
        hers.presses("Continue")
        hers.sees("Write your concern")
        for name, answer in CONCERN.items():
            hers.page.locator(f"#{name}").fill(answer)
        hers.adds([(picture, "A paper tag beside the log", True)])
        camera.take(hers, "write")
        hers.presses("Continue")
        hers.sees("Check what you wrote before it is sealed")
        camera.take(hers, "check")
        receipt = hers.seals()
        camera.take(hers, "receipt")
        hers.presses("I have written them down")
        camera.take(hers, "two-words")
        hers.presses("Show the words again")
        hers.proves(receipt)
        camera.take(hers, "sent")
        portal.collect()
        ref = at_the_desk(window, camera, picture)
        hers.returns(" ".join(receipt.words))
        camera.take(hers, "mailbox")
        hers.answers(MESSAGE)
        hers.opens("/help/anonymity", "What is and is not protected")
        camera.take(hers, "what-is-protected")
        hers.page.goto("/leave")
        camera.take(hers, "exit")
    portal.collect()
    assert MESSAGE in handler_of(portal).opens_case(ref).main


def draw_tag() -> Image.Image:
    """Draw a paper tag on a bag."""
    picture = Image.new("RGB", (900, 600), "#8d8574")
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((180, 130, 720, 470), 24, fill="#efe4c6", outline="#6b5d3f", width=4)
    pen.ellipse((205, 275, 245, 315), fill="#8d8574", outline="#6b5d3f", width=4)
    font = ImageFont.load_default(34)
    for at, line in enumerate(
        ("Bag 0417", "In: 3 May, 22:10", "Out: 4 May, 06:35", "Signed: ........")
    ):
        pen.text((280, 180 + 66 * at), line, fill="#2e2a20", font=font)
    return picture


def yesterdays(portal: RunningPortal) -> None:
    """Have a few cases on the desk already, one of them open."""
    reporter = Reporter(portal)
    for at, words in enumerate(OTHERS):
        files = [Enclosed("notes.txt", b"Saturdays.", "text/plain", "My notes")] if at else []
        reporter.seals({"what": words}, files)
    portal.collect()
    handler = handler_of(portal)
    handler.takes_step(handler.opens_case(handler.sees()[0]), "Start triage")
    urgent = {"what": OTHERS[0], "urgent": "yes"}
    reporter.sends(reporter.writes(reporter.chooses(danger="yes"), urgent))


def handler_of(portal: RunningPortal) -> Handler:
    handler = Handler(portal, "helen")
    handler.signs_in()
    return handler


def at_the_desk(window: Callable[[], Browsing], camera: Camera, picture: Path) -> str:
    """Read the concern as a handler does, and ask its reporter; the reference of the case.

    A picture goes with the question.
    """
    with window() as theirs:
        theirs.inspects = False
        theirs.opens("/staff/sign-in", "Sign in")
        camera.take(theirs, "sign-in")
        theirs.signs_in("amara")
        camera.take(theirs, "inbox")
        for ref in theirs.page.locator(".cd-inbox a.cd-exact").all_inner_texts():
            theirs.opens("/staff/", "Cases for Professional Standards")
            theirs.page.get_by_role("link", name=ref).click()
            theirs.sees(f"Before you open case {ref}")
            theirs.page.get_by_label("No, I know of none").check()
            declared = theirs.page.url
            theirs.presses("Continue")
            theirs.sees(f"Case {ref}")
            if CONCERN["where"] in theirs.text:
                break
        theirs.page.goto(declared)
        camera.take(theirs, "declaration")
        theirs.opens(f"/staff/cases/{ref}", f"Case {ref}")
        camera.take(theirs, "case")
        theirs.page.get_by_role("link", name="Look at it").first.click()
        theirs.sees(f"File 1 of case {ref}")
        camera.take(theirs, "file")
        theirs.opens(f"/staff/cases/{ref}/reply", f"Write to the reporter of {ref}")
        theirs.page.get_by_label("Your question or answer").fill(QUESTION)
        theirs.page.get_by_label("What the file is").fill("A tag of the kind we mean")
        theirs.page.get_by_label("Choose a file").set_input_files(picture)
        camera.take(theirs, "reply")
        theirs.presses("Give it to a second reader")
        theirs.sees(f"Case {ref}")
        theirs.presses("Start triage")
        theirs.sees(f"Case {ref}")
        theirs.opens(f"/staff/cases/{ref}/next", f"Next step in case {ref}")
        camera.take(theirs, "next-step")
    with window() as second:
        second.inspects = False
        second.signs_in("helen")
        second.opens("/staff/?show=open", "Cases for Professional Standards")
        second.opens_case(ref)
        second.opens(f"/staff/cases/{ref}/draft", f"A text for the reporter of {ref}")
        camera.take(second, "second-reader")
        second.approves(ref, QUESTION)
        beside_the_case(second, camera, ref)
    return ref


def beside_the_case(head: Browsing, camera: Camera, ref: str) -> None:
    """Look at what the head of the desk has beside the letters, at her work, and search."""
    for end, heading, name in BESIDE:
        head.opens(f"/staff/cases/{ref}{end}", heading.format(ref))
        camera.take(head, name)
    head.opens("/staff/work", "My work")
    camera.take(head, "my-work")
    head.opens("/staff/search/", "Search your cases")
    head.page.get_by_role("textbox").fill('tags "northern base"')
    head.presses("Search")
    camera.take(head, "search")


if __name__ == "__main__":
    main()
