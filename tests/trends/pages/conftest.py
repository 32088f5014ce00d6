"""People of every role, and a portal whose board has three invented years to look at."""

import pytest

from app.identity import passwords
from app.identity import service as identity
from app.identity.domain import Role
from app.work import begin
from tests.plan.pages.conftest import PASSWORD, House
from tests.trends.invented import copy_to

MORE = {"helen": (Role.DESK_HEAD, "psd"), "carol": (Role.CUSTODIAN, None)}


@pytest.fixture
def database_url(tmp_path, migrated) -> str:
    return copy_to(migrated, tmp_path / "data" / "casework.sqlite")


@pytest.fixture
def statistics_file(invented_file):
    """Everything published up to 2025. A test of empty pages has another."""
    return invented_file


@pytest.fixture
def statistics_url(tmp_path, statistics_file) -> str:
    return copy_to(statistics_file, tmp_path / "data" / "statistics.sqlite")


@pytest.fixture(autouse=True)
def _light_passwords(monkeypatch):
    monkeypatch.setattr(passwords, "MEMORY", 64)
    monkeypatch.setattr(passwords, "PASSES", 1)


@pytest.fixture
def house(portal, database, statistics, clock, settings, people) -> House:
    found = House(portal, database, clock, settings, people, statistics)
    for name, (role, desk) in MORE.items():
        with begin(database, clock) as work:
            found.secrets[name] = identity.enrol(
                work, id=name, name=name.title(), role=role, desk=desk, password=PASSWORD,
                key=people.keys[name], secret_key=settings.secret_key,
            )  # fmt: skip
    return found


@pytest.fixture
def board_member(house):
    return house.person("bea")
