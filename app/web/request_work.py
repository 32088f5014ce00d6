"""The unit of work of the request being answered, and the settings it is answered under."""

from contextlib import AbstractContextManager
from typing import TypedDict, cast

from flask import Flask, current_app

from app.database import Database
from app.work import Clock, Work, begin, look
from config import Settings


class _Parts(TypedDict):
    database: Database
    clock: Clock
    settings: Settings


def install(flask_app: Flask, database: Database, clock: Clock, settings: Settings) -> None:
    """Tell the application where its database, its clock and its settings are."""
    flask_app.extensions["candour"] = _Parts(database=database, clock=clock, settings=settings)


def _parts() -> _Parts:
    return cast(_Parts, current_app.extensions["candour"])


def begin_work() -> AbstractContextManager[Work]:
    """Begin a transaction that writes."""
    return begin(_parts()["database"], _parts()["clock"])


def look_work() -> AbstractContextManager[Work]:
    """Begin a transaction that can only read."""
    return look(_parts()["database"], _parts()["clock"])


def settings() -> Settings:
    """Return the settings this application was built with."""
    return _parts()["settings"]


def database() -> Database:
    """Return the casework database."""
    return _parts()["database"]


def clock() -> Clock:
    """Return the clock this application was built with."""
    return _parts()["clock"]
