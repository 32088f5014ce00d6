"""Runs the worker that makes the collections."""

import click

from app.collection.worker import run
from app.database import open_database
from app.web import logs
from config import Settings


@click.command(help="Make the daily collections, and the urgent ones as they come.")
def command() -> None:
    """Work until told to stop."""
    settings = Settings.from_environment()
    logs.configure()
    run(open_database(settings.database_url), settings)
