"""The units of work of the request being answered, and the settings it is answered under."""

from contextlib import AbstractContextManager
from typing import TypedDict, cast

from flask import Flask, current_app

from app.database import Database
from app.work import Clock, Work, begin, look
from config import Settings


class _Parts(TypedDict):
    database: Database
    statistics: Database | None
    clock: Clock
    settings: Settings


def install(
    flask_app: Flask,
    database: Database,
    clock: Clock,
    settings: Settings,
    *,
    statistics: Database | None = None,
) -> None:
    """Tell the application where its databases, its clock and its settings are.

    A process that serves reporters alone is given no statistics database.
    """
    flask_app.extensions["candour"] = _Parts(
        database=database, statistics=statistics, clock=clock, settings=settings
    )


def _parts() -> _Parts:
    return cast(_Parts, current_app.extensions["candour"])


def begin_work() -> AbstractContextManager[Work]:
    """Begin a transaction that writes to the casework database."""
    return begin(_parts()["database"], _parts()["clock"])


def look_work() -> AbstractContextManager[Work]:
    """Begin a transaction that can only read the casework database."""
    return look(_parts()["database"], _parts()["clock"])


def begin_statistics() -> AbstractContextManager[Work]:
    """Begin a transaction that writes to the statistics database."""
    return begin(statistics(), _parts()["clock"])


def look_statistics() -> AbstractContextManager[Work]:
    """Begin a transaction that can only read the statistics database."""
    return look(statistics(), _parts()["clock"])


def settings() -> Settings:
    """Return the settings this application was built with."""
    return _parts()["settings"]


def database() -> Database:
    """Return the casework database."""
    return _parts()["database"]


def statistics() -> Database:
    """Return the statistics database.

    Raises:
        RuntimeError: in a process that serves reporters alone, which has none.
    """
    found = _parts()["statistics"]
    if found is None:
        raise RuntimeError("this process has no statistics database")
    return found


def clock() -> Clock:
    """Return the clock this application was built with."""
    return _parts()["clock"]
