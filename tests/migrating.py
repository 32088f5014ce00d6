"""Brings a database to the newest migration, as `candour init` does."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from app.database import changing_schema, open_database

MIGRATIONS = Path(__file__).parents[1] / "migrations"
INI = MIGRATIONS / "alembic.ini"
STATISTICS_INI = MIGRATIONS / "statistics" / "alembic.ini"


def migrate(url: str, revision: str = "head", *, ini: Path = INI) -> None:
    database = open_database(url)
    config = Config(ini)
    with changing_schema(database) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    database.engine.dispose()


def migrate_statistics(url: str, revision: str = "head") -> None:
    migrate(url, revision, ini=STATISTICS_INI)
