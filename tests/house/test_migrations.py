"""The migrations make the schema that the rows describe, and can be walked back."""

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Enum, inspect, text
from sqlalchemy.exc import IntegrityError

from app.database import Base, StatisticsBase, open_database
from tests.migrating import INI, STATISTICS_INI, migrate

BASES = {INI: Base, STATISTICS_INI: StatisticsBase}


def revisions(ini):
    scripts = ScriptDirectory.from_config(Config(ini))
    return sorted(revision.revision for revision in scripts.walk_revisions())


def database_of(ini):
    return ini.parent.name


@pytest.fixture(params=[INI, STATISTICS_INI], ids=database_of)
def ini(request):
    return request.param


@pytest.fixture
def alembic(ini, tmp_path):
    config = Config(ini)
    database = open_database(f"sqlite:///{tmp_path / 'm.sqlite'}")
    with database.engine.execution_options(candour_writes=True).connect() as connection:
        config.attributes["connection"] = connection
        yield config
    database.engine.dispose()


def test_rows_and_migrations_agree(alembic):
    command.upgrade(alembic, "head")
    command.check(alembic)


@pytest.mark.postgresql
def test_rows_and_migrations_agree_on_postgresql(ini, postgresql_url, postgresql_statistics_url):
    database = open_database(postgresql_url if ini is INI else postgresql_statistics_url)
    config = Config(ini)
    with database.engine.execution_options(candour_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)
    database.engine.dispose()


@pytest.mark.parametrize(
    ("ini", "revision"),
    [
        pytest.param(ini, each, id=f"{database_of(ini)}-{each}")
        for ini in BASES
        for each in revisions(ini)
    ],
)
def test_up_down_up(alembic, revision):
    command.upgrade(alembic, revision)
    command.downgrade(alembic, "-1")
    command.upgrade(alembic, revision)


def test_numbers_are_in_order(ini):
    found = revisions(ini)
    assert [f"{number:04d}" for number in range(1, len(found) + 1)] == found


def test_no_table_is_in_both_databases():
    assert not set(Base.metadata.tables) & set(StatisticsBase.metadata.tables)


def test_every_stored_value_is_allowed(ini, alembic):
    """`alembic check` compares columns and not CHECKs, so a new enum member would pass it."""
    command.upgrade(alembic, "head")
    inspector = inspect(alembic.attributes["connection"])
    for table in BASES[ini].metadata.sorted_tables:
        checks = " ".join(check["sqltext"] for check in inspector.get_check_constraints(table.name))
        for column in table.columns:
            if isinstance(column.type, Enum):
                unknown = [value for value in column.type.enums if f"'{value}'" not in checks]
                assert not unknown, f"{table.name}.{column.name}: {unknown}"


@pytest.mark.parametrize("ini", [INI])
def test_a_migration_keeps_the_rows_that_were_there(tmp_path, ini):
    """SQLite writes a table anew to change a CHECK; what refers to it must stay, and be kept."""
    url = f"sqlite:///{tmp_path / 'used.sqlite'}"
    migrate(url, "0001")
    put_in = (
        (
            "INSERT INTO identity_account (id, name, role, salt, login_hash, totp_sealed) "
            "VALUES ('sam', 'Sam', 'administrator', x'00', x'00', x'00')"
        ),
        (
            "INSERT INTO identity_session (id, account, started_at, seen_at) "
            "VALUES (x'01', 'sam', '2026-11-21', '2026-11-21')"
        ),
        (
            "INSERT INTO mailbox_mailbox (id, tag_hash, desk, standing) "
            "VALUES (x'02', x'03', 'psd', 'closed')"
        ),
        (
            "INSERT INTO casework_case (ref, mailbox, desk, state, priority, received_on, due_on, "
            "unread) VALUES ('BBBB-BBBB', x'02', 'psd', 'closed', 'ordinary', '2026-11-21', "
            "'2026-11-21', 0)"
        ),
        "INSERT INTO casework_reader (member, ref, may_read) VALUES ('amara', 'BBBB-BBBB', 1)",
    )
    database = open_database(url)
    with database.writing.begin() as session:
        for statement in put_in:
            session.execute(text(statement))
    migrate(url)
    tables = ("identity_account", "identity_session", "mailbox_mailbox", "casework_case")
    with database.writing.begin() as session:
        for table in (*tables, "casework_reader"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 1, table
        # And references are enforced as ever.
        with pytest.raises(IntegrityError):
            session.execute(text("DELETE FROM identity_account"))
    database.engine.dispose()
