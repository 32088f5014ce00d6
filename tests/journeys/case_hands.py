"""Somebody of a desk at a browser: what she does with a case, through what the pages show her."""

from collections.abc import Mapping, Sequence

from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Locator, expect

from tests.journeys.browsing import Browsing
from tests.journeys.turning import TurnedPortal

PARTS = ("Waiting to be opened", "Open", "Closed")
REASONS = "Weighed by two of us, and written down"
# A case number that no case has, and every page that a case has.
NO_CASE = "2222-2222"
PAGES = (
    "", "/declare", "/reply", "/approved", "/draft", "/notes/", "/sheet", "/sheet/versions",
    "/assessment", "/clocks", "/people", "/links", "/timeline", "/summary", "/next",
    "/next/reopen", "/next/declare-conflict", "/next/record-outcome", "/triage-ends", "/export", "/redact",
)  # fmt: skip


class AtDesk(Browsing):
    """A window in which one member of a desk is signed in, and stays so while the clock stands."""

    def __init__(
        self, browser: Browser, portal: TurnedPortal, name: str, **options: object
    ) -> None:
        super().__init__(browser, portal, **options)
        self.name = name
        self.turned = portal
        self.inspects = False
        self._since = None

    # Going about.

    def is_at_work(self) -> "AtDesk":
        """Sign in, unless she is: a session does not outlive the turning of the clock."""
        if self._since != self.turned.clock():
            if self.name not in self.turned.codes:
                self.turned.enrol(self.name)
            self.signs_in(self.name, self.turned.inbox_of(self.name))
            self._since = self.turned.clock()
        return self

    def follows(self, name: str, heading: str, within: Locator | None = None) -> None:
        """Follow a link of the page's own."""
        link = (within or self.main).get_by_role("link", name=name, exact=True).first
        with self.page.expect_navigation():
            link.click()
        self.sees(heading)

    def presses(self, name: str) -> None:
        """Press a button, and wait for the page it leads to."""
        with self.page.expect_navigation():
            super().presses(name)

    def is_told(self, words: str) -> None:
        """Check what the banner of a page says."""
        expect(self.main.locator(".govuk-notification-banner")).to_contain_text(words)

    def at_inbox(self, part: str = "") -> None:
        """Go to her inbox by the name of the service, and to a part of it."""
        with self.page.expect_navigation():
            self.page.locator(".cd-header__home").click()
        self.sees(self.turned.inbox_of(self.name))
        if part and part != PARTS[0]:
            parts = self.page.get_by_role("navigation", name="Parts of the inbox")
            with self.page.expect_navigation():
                parts.get_by_role("link", name=f"{part} (").click()
            expect(parts.locator("[aria-current]")).to_contain_text(f"{part} (")

    def shelf(self) -> str:
        """Return everything her inbox tells at one look: rows, numbers, what is due."""
        return self._asks("/staff/").get_text(" ", strip=True)

    def lists(self, part: str = PARTS[0]) -> list[str]:
        """Return the numbers of the cases in a part of her inbox, in their order."""
        drawer = ("waiting", "open", "closed")[PARTS.index(part)]
        page = self._asks(f"/staff/?show={drawer}")
        return [link.get_text() for link in page.select("table a.cd-exact")]

    def _asks(self, path: str) -> Tag:
        # As this window would be answered, without the cost of showing it.
        answer = self.page.request.get(path)
        assert answer.ok, (path, answer.status)
        [main] = BeautifulSoup(answer.text(), "html5lib").select("main")
        return main

    def row_of(self, ref: str) -> str:
        """Return what the row of a case tells in the part of the inbox that is open."""
        return self.main.get_by_role("row").filter(has_text=ref).inner_text()

    def goes_to(self, ref: str, part: str = "Open") -> None:
        """Go to a case that she has opened before, from her inbox."""
        self.at_inbox(part)
        self.follows(ref, f"Case {ref}")

    def first_opens(self, ref: str) -> None:
        """Open a case for the first time, from the inbox, declaring that there is no conflict."""
        self.at_inbox("" if ref in self.lists() else PARTS[1])
        self.opens_case(ref)

    def has_no(self, ref: str, pages: Sequence[str] = ("",)) -> None:
        """Check that a case is at no address for her: what she gets is what no case gives."""
        for page in pages:
            one, other = (
                self.page.request.get(f"/staff/cases/{number}{page}") for number in (ref, NO_CASE)
            )
            assert one.status == other.status, page
            assert one.status in {403, 404}, page
            assert one.text() == other.text(), page
            assert ref not in one.text(), page

    def is_shown_no(self, ref: str) -> None:
        """Look at the address of a case, and be told what is said of an address of no page."""
        assert self.page.goto(f"/staff/cases/{ref}").status == 404
        self.sees("There is nothing here")
        self.opens("/staff/", self.turned.inbox_of(self.name))

    # With a case that is open.

    def starts_triage(self, ref: str) -> None:
        self.presses("Start triage")
        self.is_told("Done")
        self.sees(f"Case {ref}")

    def at_case(self, ref: str) -> None:
        """Go to the page of a case: back from its other pages, or from her inbox."""
        if ref not in self.page.title():
            self.goes_to(ref)
        back = self.page.get_by_role("navigation", name="Back").get_by_role("link")
        while self.page.get_by_role("heading", level=1).inner_text() != f"Case {ref}":
            with self.page.expect_navigation():
                back.click()
        self.sees(f"Case {ref}")

    def at_sheet(self, ref: str, part: str = "Case sheet") -> None:
        """Go to a page of the case sheet."""
        headings = {
            "Case sheet": f"Case sheet of {ref}",
            "Assessment": f"Assessment of {ref}",
            "Dates and clocks": f"Dates and clocks of {ref}",
            "People": f"People of {ref}",
            "Linked cases": f"Cases linked to {ref}",
            "Timeline": f"Timeline of {ref}",
        }
        parts = self.page.get_by_role("navigation", name="Parts of the case sheet")
        if not parts.count() or ref not in self.page.title():
            self.at_case(ref)
            self.presses("Case sheet")
            self.sees(headings["Case sheet"])
        if (
            part != "Case sheet"
            or self.page.get_by_role("heading", level=1).inner_text() != (headings[part])
        ):
            self.follows(part, headings[part], parts)

    def is_saved(self) -> None:
        """Press the button that seals and saves, and be told that it was."""
        self.presses("Seal and save")
        self.is_told("Saved")

    def places(self, ref: str, category: str, directorate: str = "Response and custody") -> None:
        """Say on the sheet where a concern is about, and what it is about."""
        self.at_sheet(ref)
        where = f"{directorate} (Northshire Constabulary)"
        self.page.get_by_label("Force and directorate").select_option(label=where)
        self.page.get_by_label("What it is about").select_option(label=category)
        self.is_saved()

    def assesses(
        self, ref: str, chosen: Mapping[str, str], *, ticked: Sequence[str] = (), **typed: str
    ) -> None:
        """Fill in the assessment: lists and fields by their labels."""
        self.at_sheet(ref, "Assessment")
        for label, text in chosen.items():
            self.page.get_by_label(label, exact=True).select_option(label=text)
        for label in ticked:
            self.page.get_by_label(label, exact=True).check()
        for name, text in typed.items():
            self.page.locator(f"#{name}").fill(text)
        self.is_saved()

    def learns(self, ref: str, text: str = "Say early what is expected") -> None:
        """Write on the sheet what is to be learnt."""
        self.assesses(ref, {}, learning=text)

    def writes_down(self, ref: str, what: str) -> None:
        """Write down that something a clock asks for happened today."""
        self.at_sheet(ref, "Dates and clocks")
        on = self.turned.today
        self.page.get_by_label("What happened", exact=True).select_option(label=what)
        self.page.get_by_label("On which day").fill(f"{on.day} {on.month} {on.year}")
        self.presses("Write it down")
        self.is_told("Saved")

    def clock(self, ref: str, label: str) -> str:
        """Return how a clock of a case stands."""
        self.at_sheet(ref, "Dates and clocks")
        row = self.main.get_by_role("row").filter(has_text=label)
        return row.get_by_role("cell").nth(2).inner_text()

    def sends(self, ref: str, text: str) -> str:
        """Send an approved text, and return its words."""
        self.at_case(ref)
        self.presses("Write to the reporter")
        self.sees(f"Write to the reporter of {ref}")
        self.presses("Choose an approved text")
        self.sees(f"Choose a text for the reporter of {ref}")
        choice = self.page.get_by_label(text, exact=True)
        choice.check()
        words = self.page.locator(f"#{choice.get_attribute('aria-describedby')}").inner_text()
        self.presses("Seal and send")
        self.sees(f"Case {ref}")
        self.is_told("Your letter is sealed")
        return words

    # The next step.

    def at_steps(self, ref: str) -> None:
        title = f"Next step in case {ref}"
        if self.page.get_by_role("heading", level=1).inner_text() != title:
            self.at_case(ref)
            self.presses("Next step")
        self.sees(title)

    def may_take(self, ref: str) -> list[str]:
        """Return the steps that are open to her."""
        self.at_steps(ref)
        return self.main.get_by_role("list").get_by_role("link").all_inner_texts()

    def decides(
        self,
        ref: str,
        step: str,
        *chosen: str,
        because: str = REASONS,
        says: str = "Done, and written on the case sheet",
        button: str = "Decide",
    ) -> None:
        """Take a step, or propose it to a second person: what is chosen, by its label."""
        self.at_steps(ref)
        self.follows(step, step)
        for label in chosen:
            self.page.get_by_label(label, exact=True).check()
        for field in self.main.get_by_role("textbox").all():
            field.fill(because)
        self.presses(button)
        self.is_told(says)

    def proposes(self, ref: str, step: str, *chosen: str) -> None:
        """Propose a step that two people take."""
        self.decides(ref, step, *chosen, says="Nothing has changed yet", button="Propose it")

    def confirms(self, ref: str) -> None:
        """Confirm what a colleague proposed."""
        self.at_steps(ref)
        self.presses("Confirm it")
        self.is_told("Done")

    def ends_triage(self, ref: str) -> None:
        self.at_steps(ref)
        self.follows("Triage ends", f"Triage of {ref} ends")
        self.page.get_by_label("Why, and what comes next").fill(REASONS)
        self.presses("End the triage")
        self.sees(f"Case {ref}")

    def stands_at(self, ref: str) -> str:
        """Return where a case is on its course."""
        self.at_steps(ref)
        return self.main.locator(".cd-caption-strip span").first.inner_text()
