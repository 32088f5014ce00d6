"""Invented releases, read once for all tests that only look at them."""

import pytest

from app.database import open_database
from tests.trends.invented import all_releases, published


@pytest.fixture(scope="session")
def invented_file(tmp_path_factory):
    return published(tmp_path_factory.mktemp("invented"))


@pytest.fixture(scope="session")
def invented_releases(invented_file):
    database = open_database(f"sqlite:///{invented_file}")
    try:
        return all_releases(database)
    finally:
        database.engine.dispose()
