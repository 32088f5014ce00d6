"""A browser under the product's policy, which reports whatever the policy or a script objected to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page

from tests.browser.stand_in import BUILT, Running, StandIn
from tests.conftest import unavailable

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def base_url() -> None:
    """Every server here has a port of its own. Shadows the plugin's, which pytest 9 warns about."""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    if not CHROMIUM.exists():
        unavailable("chromium", "Debian's package is not installed")
    # In a container without user namespaces Chromium's own sandbox cannot start.
    return {"executable_path": str(CHROMIUM), "args": ["--no-sandbox"]}


@pytest.fixture
def server() -> Iterator[StandIn]:
    if not (BUILT / "report.js").exists():
        unavailable("build", "run the front-end build first")
    state = StandIn()
    with Running(state):
        yield state


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Everything the console said; most tests want it empty."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # Features that this Chromium does not know yet, or no longer.
        if "Permissions-Policy header: Unrecognized" not in message.text:
            said.append(f"{message.type}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    return said
