"""Brings a database to the newest migration, as `candour init` does."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from app.database import open_database

INI = Path(__file__).parents[1] / "migrations" / "alembic.ini"


def migrate(url: str, revision: str = "head") -> None:
    database = open_database(url)
    config = Config(INI)
    with database.engine.execution_options(candour_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    database.engine.dispose()
