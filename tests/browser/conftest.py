"""A browser under the product's policy, which reports whatever the policy or a script objected to."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page

from app.factory import build
from config import ROOT, Settings, Surface
from tests.browser.between import Between, Running
from tests.conftest import SECRET, unavailable
from tests.people import People

CHROMIUM = Path("/usr/bin/chromium")
BUILT = ROOT / "app" / "static" / "built"


@pytest.fixture(scope="session")
def base_url() -> None:
    """Every server here has a port of its own. Shadows the plugin's, which pytest 9 warns about."""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    if not CHROMIUM.exists():
        unavailable("browser", "Debian's package is not installed")
    # In a container without user namespaces Chromium's own sandbox cannot start.
    return {"executable_path": str(CHROMIUM), "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def people() -> People:
    # The browser has a clock of its own, which no test turns.
    return People.make(datetime.now(UTC).date())


@pytest.fixture
def server(tmp_path, migrated, people) -> Iterator[Between]:
    if not (BUILT / "report.js").exists():
        unavailable("build", "run the front-end build first")
    data = tmp_path / "data"
    for folder in (data, data / "keys", data / "objects", data / "spool"):
        folder.mkdir()
    people.write_keyring(data / "keys")
    settings = Settings(
        secret_key=SECRET,
        data=data,
        database_url=f"sqlite:///{shutil.copy(migrated, data / 'casework.sqlite')}",
        keyring=data / "keys" / "keyring.json",
        keyring_signer=data / "keys" / "signer.pub",
        secure_cookies=False,
        demonstration=True,
        surfaces=Surface.REPORTER,
    )
    portal = build(settings)
    between = Between(portal, people)
    with Running(between):
        yield between
    portal.extensions["candour"]["database"].engine.dispose()


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
