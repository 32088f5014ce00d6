"""Runs the worker that makes the collections and the hand-overs."""

import click

from app.collection.worker import run
from app.database import open_database
from app.handover.service import Databases
from app.handover.worker import HandoverWorker
from app.web import logs
from config import Settings


@click.command(help="Make the daily collections, the urgent ones, and the weekly hand-over.")
def command() -> None:
    """Work until told to stop."""
    settings = Settings.from_environment()
    logs.configure()
    casework = open_database(settings.database_url)
    databases = Databases(casework=casework, statistics=open_database(settings.statistics_url))
    handover = HandoverWorker(databases, hand_over_at=settings.collect_at)
    run(casework, settings, also=(handover.look_round,))
