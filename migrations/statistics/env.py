"""Runs migrations of the statistics database, or on the connection a test hands over."""

from alembic import context
from sqlalchemy import Connection, text

import app.plan.tables
import app.trends.tables  # noqa: F401
from app.database import StatisticsBase, open_database

# Any number will do that no other program uses on this database, nor the casework's migrations.
ONE_MIGRATOR = 0x43414E53


def run(connection: Connection) -> None:
    """Migrate, one migrator at a time."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_MIGRATOR})"))
    context.configure(
        connection=connection,
        target_metadata=StatisticsBase.metadata,
        version_table="statistics_version",
        compare_type=True,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


handed = context.config.attributes.get("connection")
if handed is not None:
    run(handed)
else:
    from config import Settings

    database = open_database(Settings.from_environment().statistics_url)
    with database.engine.execution_options(candour_writes=True).begin() as opened:
        run(opened)
