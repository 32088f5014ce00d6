"""Runs migrations against the configured database, or the connection a test hands over."""

from alembic import context
from sqlalchemy import Connection, text

import app.alerts.tables
import app.approval.tables
import app.audit.tables
import app.casework.tables
import app.collection.tables
import app.handover.tables
import app.identity.tables
import app.intake.tables
import app.keyring.tables
import app.mailbox.tables
import app.sharing.tables
import app.slips.tables  # noqa: F401
from app.database import Base, open_database

# Any number will do that no other program uses on this database.
ONE_MIGRATOR = 0x43414E44


def run(connection: Connection) -> None:
    """Migrate, one migrator at a time."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_MIGRATOR})"))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
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

    database = open_database(Settings.from_environment().database_url)
    with database.engine.execution_options(candour_writes=True).begin() as opened:
        run(opened)
