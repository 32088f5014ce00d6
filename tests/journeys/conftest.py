"""A running portal for each test, on either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.running import RunningPortal, running_portal, sqlite_in
from tests.journeys.visitors import Handler, Reporter


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def address_of(request):
    """Return what gives the address of a migrated database, for the data folder."""
    if request.param == "sqlite":
        return sqlite_in
    url = request.getfixturevalue("postgresql_url")
    return lambda _data: url


@pytest.fixture
def portal(tmp_path: Path, address_of) -> Iterator[RunningPortal]:
    """A portal with accounts of two handlers of one desk and one of another."""
    with running_portal(tmp_path, address_of) as running:
        running.enrol("amara", "tom", "ruth")
        yield running


@pytest.fixture
def reporter(portal: RunningPortal) -> Reporter:
    return Reporter(portal)


@pytest.fixture
def amara(portal: RunningPortal) -> Handler:
    return Handler(portal, "amara")
