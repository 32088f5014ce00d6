"""What a freeze reads and writes, for the commands that look after it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from app.database import open_database
from app.errors import PortalError
from app.freeze.stores import Stores
from app.work import system_clock
from config import Settings


@contextmanager
def open_stores() -> Iterator[Stores]:
    """Open the stores that the settings name; say in one line what is wrong with them."""
    settings = Settings.from_environment()
    casework = open_database(settings.database_url)
    statistics = open_database(settings.statistics_url)
    try:
        yield Stores.of(settings, casework, statistics, system_clock)
    except PortalError as error:
        raise click.ClickException(str(error)) from error
    finally:
        casework.engine.dispose()
        statistics.engine.dispose()
