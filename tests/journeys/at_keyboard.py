"""Somebody who has no mouse: every page is reached and every form filled in by its keys."""

from pathlib import Path

from playwright.sync_api import Locator

from tests.journeys.browsing import MOST_TABS, Browsing
from tests.journeys.running import PASSWORD


class AtKeyboard(Browsing):
    """One window of a browser, and nothing but Tab, Space, Enter and letters."""

    def signs_in_as(self, name: str, lands_on: str) -> None:
        """Sign in with password and one-time code, and be led to a page."""
        self.opens("/staff/sign-in", "Sign in")
        for label, typed in (
            ("User name", name),
            ("Password", PASSWORD.format(name)),
            ("One-time code", self.portal.code_of(name)),
        ):
            self.types(label, typed)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda address: "sign-in" not in address)
        self.sees(lands_on)

    def types(self, label: str, typed: str) -> None:
        """Type into the field with this label, over what stands in it."""
        self.tabs_to(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(typed)

    def picks(self, label: str, text: str) -> None:
        """Pick an item of a list by typing what it begins with."""
        field = self.page.get_by_label(label, exact=True)
        self.tabs_to(field)
        self.page.keyboard.type(text)
        picked = field.evaluate("list => list.selectedOptions[0].label")
        assert picked.startswith(text), f"typing “{text}” picks “{picked}”"

    def marks(self, label: str, *, group: str | None = None) -> None:
        """Mark a radio button: Tab to its group, then the arrows, then Space."""
        about = self.main if group is None else self.main.get_by_role("group", name=group)
        target = about.get_by_label(label).first
        self._into_group(target)
        self.page.keyboard.press("Space")
        assert target.is_checked(), f"“{label}” was not marked"

    def _into_group(self, target: Locator) -> None:
        # The Tab key comes to one button of a group; the arrows go from there.
        name = target.get_attribute("name")
        group = self.page.locator(f'input[name="{name}"]')
        for _ in range(MOST_TABS):
            if group.evaluate_all("all => all.includes(document.activeElement)"):
                break
            self.page.keyboard.press("Tab")
        for _ in range(group.count()):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError("the keys do not come to it")

    def follows(self, name: str, heading: str, *, within: str = "#main-content") -> None:
        """Follow a link to the page with this heading."""
        self._leaves("link", name, within)
        self.sees(heading)

    def submits(self, name: str, heading: str) -> None:
        """Press a button that leads to the page with this heading."""
        self._leaves("button", name, "#main-content")
        self.sees(heading)

    def goes_to_part(self, name: str, heading: str) -> None:
        """Go to another part by the links in the header."""
        self.follows(name, heading, within=".cd-header__parts")

    def takes(self, name: str) -> tuple[str, bytes]:
        """Take away the file behind a link: its name and what is in it."""
        with self.page.expect_download() as taken:
            self._presses_enter("link", name, "#main-content")
        return taken.value.suggested_filename, Path(taken.value.path()).read_bytes()

    def _leaves(self, role: str, name: str, within: str) -> None:
        # The next page may have the heading of this one: it is waited for, not only looked for.
        with self.page.expect_navigation():
            self._presses_enter(role, name, within)

    def _presses_enter(self, role: str, name: str, within: str) -> None:
        self.tabs_to(self.page.locator(within).get_by_role(role, name=name).first)
        self.page.keyboard.press("Enter")

    def is_refused(self, path: str) -> None:
        """Ask for a page that is not for her, and be told so and what to do."""
        assert self.page.goto(path).status == 403, path
        self.sees("You may not do this")
        assert "your account, which leads to everything that is open to you" in self.text
        assert "ask whoever looks after the accounts" in self.text
