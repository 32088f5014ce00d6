"""What the list of a plan of two thousand actions costs, filtered and not, page and export.

`python -m benchmarks.plan` prints it alone.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from app.cli.setting_up import make_folders, make_secret, migrate
from app.database import Database, open_database
from app.factory import build
from app.identity import second_factor
from app.identity import service as identity
from app.identity.domain import Role
from app.plan import service
from app.plan.choices import Status, Theme
from app.plan.domain import Filter
from app.plan.readers import Around
from app.plan.spreadsheet import read_csv, write_csv
from app.work import begin, look
from config import Settings
from tests.people import People
from tests.plan.many import COUNT, MANY, fill

ROUNDS = 25
PASSWORD = "four words that fit"
FILTERS = {
    "all": Filter(plan=MANY),
    "overdue": Filter(plan=MANY, overdue=True),
    "narrow": Filter(
        plan=MANY, owner="office-3", theme=Theme.PEOPLE, status=Status.IN_PROGRESS, overdue=True
    ),
}
ADDRESSES = {
    "all": f"/staff/plans/actions?plan={MANY}",
    "narrow": f"/staff/plans/actions?plan={MANY}&owner=office-3&theme=people&status=in+progress",
    "board": f"/staff/plans/{MANY}/board",
}


@dataclass
class Plans:
    """The statistics database, as the tests' own filling asks for it."""

    statistics: Database

    def begin(self):
        return begin(self.statistics)

    def look(self):
        return look(self.statistics)


def measure() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder))
        plans = Plans(open_database(settings.statistics_url))
        fill(plans)
        figures: dict[str, object] = {}
        for name, chosen in FILTERS.items():
            figures[f"plan_list_{name}_cpu_ms"] = _cpu(lambda c=chosen: _list(plans, c))
        browser = _signed_in(settings)
        for name, address in ADDRESSES.items():
            figures[f"plan_page_{name}_cpu_ms"] = _cpu(lambda a=address: _get(browser, a))
        figures["plan_export_csv_cpu_ms"] = _cpu(lambda: _export(plans), rounds=5)
        content = _export(plans)
        figures["plan_read_csv_cpu_ms"] = _cpu(lambda: read_csv(content, MANY, Around()), rounds=5)
        figures["plan_actions"] = COUNT
        plans.statistics.engine.dispose()
        return figures


def _settings(data: Path) -> Settings:
    make_folders(data)
    make_secret(data)
    environment = {"PORTAL_DATA": str(data), "PORTAL_SECURE_COOKIES": "no"}
    settings = Settings.from_environment(environment)
    migrate(settings)
    People.make(datetime.now(UTC).date()).write_keyring(data / "keys")
    return settings


def _signed_in(settings: Settings) -> FlaskClient:
    portal = build(settings)
    database = open_database(settings.database_url)
    with begin(database) as work:
        secret = identity.enrol(
            work, id="bea", name="Bea", role=Role.BOARD_MEMBER, desk=None, password=PASSWORD,
            key=None, secret_key=settings.secret_key,
        )  # fmt: skip
    browser = portal.test_client()
    page = BeautifulSoup(browser.get("/staff/sign-in").text, "html.parser")
    token = page.select_one("input[name=csrf_token]")["value"]
    code = second_factor.code_at(secret, datetime.now(UTC))
    typed = {"csrf_token": token, "name": "bea", "password": PASSWORD, "code": code}
    assert browser.post("/staff/sign-in", data=typed).status_code == 303
    return browser


def _list(plans: Plans, chosen: Filter) -> None:
    with plans.look() as work:
        service.list_actions(work, chosen, page=1)


def _get(browser: FlaskClient, address: str) -> None:
    assert browser.get(address).status_code == 200


def _export(plans: Plans) -> bytes:
    with plans.look() as work:
        return write_csv(service.lines(work, MANY))


def _cpu(deed: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    deed()
    spent = []
    for _ in range(rounds):
        begun = time.process_time()
        deed()
        spent.append(time.process_time() - begun)
    return round(median(spent) * 1000, 1)


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:32} {value}")
