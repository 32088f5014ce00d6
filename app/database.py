"""The declarative bases and the engine: everything SQLAlchemy needs before a room has tables."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, Enum, MetaData, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

# Names are spelt out so that a migration can drop a constraint it did not create,
# on SQLite and PostgreSQL alike.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_TIMEOUT = 15_000  # milliseconds a writer waits for another

# secure_delete: a freed page is zeroed, so a letter that left the letterbox is not in its file.
# synchronous FULL: a receipt is shown only after the commit is on the disk, power cut or not.
# temp_store MEMORY: nothing is sorted in a file of its own.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT}",
)


def _stored_values(members: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in members]


# Text and a CHECK, not a native enum: a new status is one migration, not two.
STORED_TYPES = {
    enum.Enum: Enum(
        enum.Enum,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=_stored_values,
    ),
}


class Base(DeclarativeBase):
    """Base of every row class of the casework database.

    A room keeps its rows in `tables.py` and shares none of them.
    """

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = STORED_TYPES


class StatisticsBase(DeclarativeBase):
    """Base of every row class of the statistics database: slips, ledger, releases, plan.

    It is a database of its own, with metadata of its own, so that nothing of the board's side
    can name a table of the casework side, and no transaction spans both.
    """

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = STORED_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One database, with a way to read it and a way to write it."""

    engine: Engine
    reading: sessionmaker[Session]
    writing: sessionmaker[Session]
    # Of the threads of this process that write. SQLite lets one write at a time, and whoever
    # comes second tries again and again, in no order, at the cost of those who wait properly.
    turn: Lock = field(default_factory=Lock)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.engine.dialect.name == "sqlite"


def open_database(url: str) -> Database:
    """Return the database at `url`, with its rules switched on for every connection."""
    engine = create_engine(url, pool_size=16, max_overflow=16, pool_pre_ping="sqlite" not in url)
    if engine.dialect.name == "sqlite":
        _teach_sqlite(engine)
    else:
        event.listen(engine, "begin", _begin_on_postgresql)
    return Database(
        engine=engine,
        reading=sessionmaker(engine, expire_on_commit=False),
        writing=sessionmaker(engine.execution_options(candour_writes=True), expire_on_commit=False),
    )


def _teach_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 -- the driver's own type
        # The driver would begin by itself, late and without IMMEDIATE.
        connection.isolation_level = None
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma)

    event.listen(engine, "begin", _begin_on_sqlite)


def _begin_on_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("candour_writes", False)
    # Said to the driver itself: these cannot fail, and every request says them.
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    if not writes:
        driver.execute("BEGIN")
        return
    # A transaction that reads first and writes later would fail half-way under another
    # writer; IMMEDIATE makes it wait its turn at the door instead.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_on_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get("candour_writes", False):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


@contextmanager
def changing_schema(database: Database) -> Iterator[Connection]:
    """Run migrations in one transaction.

    SQLite changes a CHECK by writing the table anew and dropping the old one, and a dropped
    table would take the rows that refer to it along, or be refused. References are not enforced
    meanwhile, and checked before anything is committed.

    Raises:
        IntegrityError: if a row refers to nothing afterwards.
    """
    engine = database.engine.execution_options(candour_writes=True)
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if database.is_sqlite:
            driver.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                dangling = (
                    database.is_sqlite
                    and connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                )
                if dangling:
                    raise IntegrityError("a migration", None, ValueError(str(dangling[0])))
        finally:
            if database.is_sqlite:
                driver.execute("PRAGMA foreign_keys = ON")
