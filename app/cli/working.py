"""Runs the worker that makes the collections and the hand-overs, and finishes freezes."""

import click

from app.collection.worker import run
from app.database import open_database
from app.freeze.stores import Stores
from app.freeze.worker import FreezeWorker
from app.handover.service import Databases
from app.handover.worker import HandoverWorker
from app.web import logs
from app.work import system_clock
from config import Settings


@click.command(help="Make the daily collections, the urgent ones, and the weekly hand-over.")
def command() -> None:
    """Work until told to stop."""
    settings = Settings.from_environment()
    logs.configure()
    casework = open_database(settings.database_url)
    statistics = open_database(settings.statistics_url)
    databases = Databases(casework=casework, statistics=statistics)
    freezes = FreezeWorker(Stores.of(settings, casework, statistics, system_clock))
    handover = HandoverWorker(databases, hand_over_at=settings.collect_at)
    run(casework, settings, also=(handover.look_round, freezes.look_round))
