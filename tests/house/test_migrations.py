"""The migrations make the schema that the rows describe, and can be walked back."""

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Enum, inspect

from app.database import Base, open_database
from tests.migrating import INI

REVISIONS = sorted(
    revision.revision for revision in ScriptDirectory.from_config(Config(INI)).walk_revisions()
)


@pytest.fixture
def alembic(tmp_path):
    config = Config(INI)
    database = open_database(f"sqlite:///{tmp_path / 'm.sqlite'}")
    with database.engine.execution_options(candour_writes=True).connect() as connection:
        config.attributes["connection"] = connection
        yield config
    database.engine.dispose()


def test_rows_and_migrations_agree(alembic):
    command.upgrade(alembic, "head")
    command.check(alembic)


@pytest.mark.postgresql
def test_rows_and_migrations_agree_on_postgresql(postgresql_url):
    database = open_database(postgresql_url)
    config = Config(INI)
    with database.engine.execution_options(candour_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)
    database.engine.dispose()


@pytest.mark.parametrize("revision", REVISIONS)
def test_up_down_up(alembic, revision):
    command.upgrade(alembic, revision)
    command.downgrade(alembic, "-1")
    command.upgrade(alembic, revision)


def test_numbers_are_in_order():
    assert [f"{number:04d}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS


def test_every_stored_value_is_allowed(alembic):
    """`alembic check` compares columns and not CHECKs, so a new enum member would pass it."""
    command.upgrade(alembic, "head")
    inspector = inspect(alembic.attributes["connection"])
    for table in Base.metadata.sorted_tables:
        checks = " ".join(check["sqltext"] for check in inspector.get_check_constraints(table.name))
        for column in table.columns:
            if isinstance(column.type, Enum):
                unknown = [value for value in column.type.enums if f"'{value}'" not in checks]
                assert not unknown, f"{table.name}.{column.name}: {unknown}"
