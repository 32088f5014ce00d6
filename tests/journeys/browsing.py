"""A reporter or a handler at a real browser; every page she comes to is looked at."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    expect,
)

from app.envelope.receipts import Receipt
from tests.journeys.running import PASSWORD, RunningPortal
from tests.journeys.visitors import MOST_LOOKS

CHROMIUM = Path("/usr/bin/chromium")
DESKTOP = {"width": 1280, "height": 900}
NARROWEST = {"width": 320, "height": 700}  # pixels; WCAG 2.2, 1.4.10
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PATIENCE = 30_000  # milliseconds
MOST_TABS = 120
expect.set_options(timeout=PATIENCE)
# What Chromium says of headers that are as they should be.
HARMLESS = ("Clear-Site-Data header on", "Permissions-Policy header: Unrecognized")
# It says of every answer that is no success that it failed to load; these are pages to read.
ANSWERED = re.compile(r"Failed to load resource: .* status of (403|404|409|422) ")
ANSWERING = ("/report/", "/mailbox", "/staff/")


class Browsing:
    """One window of a browser, with scripts or without.

    Args:
        browser: Chromium.
        portal: whose pages are looked at.
        scripts: whether pages may run any.
        port: another than the portal's, if somebody listens on the way.
        options: of Playwright's context.
    """

    def __init__(
        self,
        browser: Browser,
        portal: RunningPortal,
        *,
        scripts: bool = True,
        port: int | None = None,
        **options: object,
    ) -> None:
        self.portal = portal
        self.scripts = scripts
        self.address = f"http://127.0.0.1:{port or portal.port}"
        self.complaints: list[str] = []
        self.inspects = True
        self._browser = browser
        self._context = browser.new_context(
            **{
                "base_url": self.address,
                "java_script_enabled": scripts,
                "viewport": DESKTOP,
                "locale": "en-GB",
                **options,
            }
        )
        self._context.set_default_timeout(PATIENCE)
        self.page = self._context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._watch)
        self._mirror: Page | None = None

    def __enter__(self) -> "Browsing":
        return self

    def __exit__(self, kind, *_of_error) -> None:
        self._context.close()
        if self._mirror is not None:
            self._mirror.close()
        if kind is None:
            assert self.complaints == []

    def _hear(self, message: ConsoleMessage) -> None:
        path = urlsplit(message.location.get("url", "")).path
        read = ANSWERED.match(message.text) and path.startswith(ANSWERING)
        if message.type not in ("error", "warning"):
            return
        if not read and not message.text.startswith(HARMLESS):
            self.complaints.append(f"{message.type}: {message.text} ({path})")

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:", "blob:")):
            self.complaints.append(f"a request to {urlsplit(request.url).netloc}")

    # Looking.

    def opens(self, path: str, heading: str) -> None:
        """Open a page by its address, and look at it."""
        self.page.goto(path)
        if self.scripts and path in ("/report", "/mailbox"):
            expect(self.main).to_have_attribute("data-candour-ready", "")
        self.sees(heading)

    def sees(self, heading: str) -> None:
        """Wait for the page with this heading, and look at it as everybody may."""
        h1 = self.page.get_by_role("heading", level=1)
        expect(h1).to_have_text(heading)
        title = self.page.title().removeprefix("Error: ")
        assert title.startswith(heading), f"“{title}” does not begin with “{heading}”"
        if self.inspects:
            self.inspect()

    def inspect(self) -> None:
        """Check that the page is accessible, and that it fits a narrow screen."""
        shape = (self.scripts, CARRIED.sub("", self.page.content()))
        if shape in _inspected:
            return
        where = f"{self.page.title()} ({'with' if self.scripts else 'without'} scripts)"
        self.page.set_viewport_size(NARROWEST)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        widest = self.page.evaluate(WIDEST) if wide > NARROWEST["width"] else ""
        self.page.set_viewport_size(DESKTOP)
        assert wide <= NARROWEST["width"], f"{where} scrolls sideways: {widest}"
        found = _violations(self._with_scripts())
        assert not found, f"{where}: {found}"
        _inspected.add(shape)

    def _with_scripts(self) -> Page:
        """Return a page that axe can look at: it needs scripts to run."""
        if self.scripts:
            return self.page
        # The same page in a window that has them, with nothing in the portal's.
        content = self.page.content()
        if self._mirror is None:
            self._mirror = self._browser.new_page(base_url=self.address, viewport=DESKTOP)
            self._mirror.route("**/*.js", lambda one: one.fulfill(body="", content_type=SCRIPT))
        self._mirror.unroute(f"{self.address}/as-it-was")
        self._mirror.route(
            f"{self.address}/as-it-was", lambda one: one.fulfill(body=content, content_type=MARKUP)
        )
        self._mirror.goto("/as-it-was")
        return self._mirror

    def goes_back(self) -> str:
        """Press the Back button, and return everything the page then holds, fields included."""
        said = self._until_it_rests(self.page.go_back)
        # A page that came of a form and was not kept: the browser asks before it sends it again.
        return "" if said == NOT_KEPT else self.everything()

    def everything(self) -> str:
        """Return everything the page holds once it is at rest, fields included."""

        def read() -> str:
            self.page.wait_for_load_state("networkidle")
            return self.page.content() + self.page.evaluate(VALUES)

        return self._until_it_rests(read)

    def _until_it_rests(self, act: Callable[[], object]) -> object:
        """Do something with a page that may be loading once more of its own accord."""
        said = ""
        for _ in range(100):
            try:
                return act()
            except Error as error:
                said = error.message
            if NOT_KEPT in said:
                return NOT_KEPT
            if not any(one in said for one in MOVING):
                break
            self.page.wait_for_timeout(50)
        raise AssertionError(said)

    @property
    def main(self) -> Locator:
        return self.page.locator("#main-content")

    @property
    def text(self) -> str:
        return self.main.inner_text()

    @property
    def errors(self) -> list[str]:
        return self.page.locator(".govuk-error-summary__list li").all_inner_texts()

    def presses(self, name: str) -> None:
        """Press a button of the page's own form."""
        self.main.get_by_role("button", name=name).first.click()

    def tabs_to(self, target: Locator) -> None:
        """Go to something with the Tab key alone, as far as that takes."""
        target.wait_for(state="attached")
        for _ in range(MOST_TABS):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not come to {target}")

    # A reporter's verbs.

    def chooses(self, *about: str, category: str = "", leaves_out: Sequence[str] = ()) -> None:
        """Answer the questions that choose the desk."""
        self.opens("/report", "Choose who can read your concern")
        for label in about or ("A colleague",):
            self.page.get_by_label(label, exact=True).check()
        if category:
            kinds = self.page.get_by_label("What kind of concern is it?")
            kinds.select_option(label=category)
        if leaves_out:
            self.page.get_by_text("Leave somebody out").click()
        for name in leaves_out:
            self.page.get_by_label(name).check()
        self.presses("Continue")

    def writes(self, answers: dict[str, str], files: Sequence[tuple[Path, str, bool]] = ()) -> None:
        """Fill in the page to write on: answers by name, and files with label and cleaning."""
        self.sees("Write your concern")
        for name, answer in answers.items():
            self.page.locator(f"#{name}").fill(answer)
        self.adds(files)
        self.presses("Continue")
        self.sees("Check what you wrote before it is sealed")

    def adds(self, files: Sequence[tuple[Path, str, bool]]) -> None:
        """Add files, each with a label, its hidden data removed or not."""
        if self.scripts:
            self.page.get_by_label("Choose files").set_input_files([path for path, _, _ in files])
        for number, (path, label, cleaned) in enumerate(files, 1):
            if self.scripts:
                item = self.page.locator("[data-chosen] > li").nth(number - 1)
                item.locator("[data-label]").fill(label)
                box = item.locator("[data-clean]")
            else:
                self.page.locator(f"#file_{number}").set_input_files(path)
                self.page.locator(f"#label_{number}").fill(label)
                box = self.page.locator(f"#clean_{number}")
            if box.count():
                box.set_checked(cleaned)

    def seals(self) -> Receipt:
        """Seal what was checked, and copy the twelve words."""
        self.presses("Seal and send your concern")
        self.sees("Your concern is sealed. This is your receipt")
        return Receipt.parse(" ".join(self.page.locator("ol[data-words] li").all_inner_texts()))

    def proves(self, receipt: Receipt) -> None:
        """Give the two words that are asked for."""
        self.presses("I have written them down")
        for number in (1, 2):
            place = int(self.page.locator(f'[data-ask="{number}"]').inner_text())
            self.page.locator(f"#word_{number}").fill(receipt.words[place - 1][:4].upper())
        if self.inspects:
            self.inspect()
        self.presses("Continue")
        self.sees("Your concern is sealed")

    def returns(self, words: str, heading: str = "Your mailbox") -> None:
        """Open the mailbox with a receipt."""
        self.opens("/mailbox", "Open your mailbox")
        self.page.get_by_label("Your receipt").fill(words)
        self.presses("Open")
        self.sees(heading)

    def answers(self, text: str, files: Sequence[tuple[Path, str, bool]] = ()) -> None:
        """Write to the desk from the page of the thread."""
        self.page.locator("#text").fill(text)
        self.adds(files)
        if self.scripts:
            self.main.locator('form[data-next="sealing"] button[type=submit]').last.click()
        else:
            self.presses("Continue")
            self.sees("Check your message before it is sealed")
            self.presses("Seal and send your message")
        self.sees("Your message is sealed")

    # A handler's.

    def signs_in(self, member: str, inbox: str = "Cases for Professional Standards") -> None:
        """Sign in as a member of a desk, whose account is opened if need be."""
        if member not in self.portal.codes:
            self.portal.enrol(member)
        self.opens("/staff/sign-in", "Sign in")
        self.page.get_by_label("User name").fill(member)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD.format(member))
        self.page.get_by_label("One-time code").fill(self.portal.code_of(member))
        self.presses("Sign in")
        self.sees(inbox)

    def opens_case(self, ref: str) -> None:
        """Open a case from the inbox for the first time."""
        link = self.page.get_by_role("link", name=ref)
        for _ in range(MOST_LOOKS):
            # On a busy machine her key is not tried on all that is new while an inbox is made.
            if link.count():
                break
            self.page.reload()
        link.click()
        self.sees(f"Before you open case {ref}")
        self.page.get_by_label("No, I know of none").check()
        self.presses("Continue")
        self.sees(f"Case {ref}")

    def asks(self, ref: str, question: str) -> None:
        """Write to the reporter of the case that is open, and give it to a second reader."""
        self.main.get_by_role("button", name="Write to the reporter").click()
        self.sees(f"Write to the reporter of {ref}")
        self.page.get_by_label("Your question or answer").fill(question)
        self.presses("Give it to a second reader")
        self.sees(f"Case {ref}")

    def approves(self, ref: str, question: str) -> None:
        """Approve what a colleague wrote to the reporter of a case."""
        self.opens(f"/staff/cases/{ref}/draft", f"A text for the reporter of {ref}")
        assert question in self.text
        if (looked := self.page.get_by_label("I looked at the file to its end")).count():
            looked.check()
        self.presses("Approve, seal and send")
        self.sees(f"Case {ref}")


NOT_KEPT = "ERR_CACHE_MISS"
MOVING = ("navigating", "navigation", "Not attached to an active page")
SCRIPT = "text/javascript"
MARKUP = "text/html; charset=utf-8"
# What differs between two copies of one page and makes it look no different.
CARRIED = re.compile(r'(?:value|data-ticket)="[^"]*"')
_inspected: set[tuple[bool, str]] = set()
VALUES = """() => [...document.querySelectorAll("input, textarea")]
  .map((field) => field.value).join(" ")"""
WIDEST = """() => [...document.querySelectorAll("*")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
  .map((one) => one.outerHTML.slice(0, 120)).slice(-3).join("\\n")"""


def _violations(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page, options={"runOnly": WCAG}).response
    return [
        (violation["id"], [node["html"][:200] for node in violation["nodes"]])
        for violation in found["violations"]
    ]
