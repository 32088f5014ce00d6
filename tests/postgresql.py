"""Databases of the test run's PostgreSQL server: copies of a migrated template.

To copy a template takes a fifth of a second, and a test run wants thousands of databases; to empty
one takes a tenth of that. A test that changed the schema leaves nothing for the next: its database
is dropped.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from app.database import open_database

USED = text(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
    "AND relname NOT IN ('alembic_version', 'statistics_version') AND pg_relation_size(oid) > 0"
)
SCHEMA = text(
    "SELECT md5(string_agg(what, ',' ORDER BY what)) FROM ("
    "SELECT c.relname || c.relkind::text || a.attname || a.atttypid || a.attnotnull AS what "
    "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
    "WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 "
    "UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace "
    "UNION ALL SELECT tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal "
    "UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace) AS all_of_it"
)
OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)

_admins: dict[str, Engine] = {}  # by address
_free: dict[str, list[tuple[str, str]]] = defaultdict(list)  # by template: name, schema


def for_sqlalchemy(uri: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)


def database_of(address: str, name: str) -> str:
    before, _, after = address.rpartition("/postgres")
    return f"{before}/{name}{after}"


@contextmanager
def copied(server: str, template: str) -> Iterator[str]:
    """A database that nobody had before, gone afterwards."""
    name = _copy(server, template)
    yield database_of(server, name)
    _drop(server, name)


@contextmanager
def emptied(server: str, template: str) -> Iterator[str]:
    """A database like a new one; afterwards another test may have it."""
    if not _free[template]:
        made = _copy(server, template)
        with _admin(database_of(server, made)).connect() as connection:
            _free[template].append((made, _schema(connection)))
    name, schema = _free[template].pop()
    address = database_of(server, name)
    yield address
    with _admin(address).connect() as connection:
        connection.execute(OTHERS)
        if unchanged := _schema(connection) == schema:
            _empty(connection)
    if unchanged:
        _free[template].append((name, schema))
    else:
        _drop(server, name)


def forget_databases() -> None:
    """Let every connection go; the server is about to."""
    _free.clear()
    while _admins:
        _admins.popitem()[1].dispose()


def _copy(server: str, template: str) -> str:
    name = f"t{secrets.token_hex(8)}"
    with _admin(server).connect() as connection:
        # Copying files is three times as fast as logging each page where nothing is synced.
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    return name


def _drop(server: str, name: str) -> None:
    if (address := database_of(server, name)) in _admins:
        _admins.pop(address).dispose()
    with _admin(server).connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _schema(connection: Connection) -> str:
    return connection.execute(SCHEMA).scalar_one()


def _empty(connection: Connection) -> None:
    if used := connection.execute(USED).scalars().all():
        connection.execute(text(f"TRUNCATE {', '.join(used)} RESTART IDENTITY CASCADE"))


def _admin(address: str) -> Engine:
    if address not in _admins:
        engine = open_database(address).engine
        _admins[address] = engine.execution_options(
            isolation_level="AUTOCOMMIT", candour_writes=True
        )
    return _admins[address]
