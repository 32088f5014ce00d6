"""Runs the worker that makes the collections and the hand-overs, and finishes freezes."""

import click

from app.alerts.domain import OnCall, UnfitOnCall
from app.alerts.mail import MailServer
from app.alerts.reading import read_on_call
from app.alerts.worker import AlertWorker
from app.collection.worker import run
from app.database import Database, open_database
from app.errors import Broken
from app.freeze.stores import Stores
from app.freeze.worker import FreezeWorker
from app.handover.service import Databases
from app.handover.worker import HandoverWorker
from app.keyring.service import KeyringFiles, signed
from app.web import logs
from app.work import look, system_clock
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
    alerts = alert_worker(settings, casework)
    handover = HandoverWorker(databases, hand_over_at=settings.collect_at)
    run(casework, settings, also=(alerts.look_round, handover.look_round, freezes.look_round))


def alert_worker(settings: Settings, casework: Database) -> AlertWorker:
    """Return what tells the people on call; it tells nobody where no alerts are configured."""
    if settings.on_call is None:
        return AlertWorker(casework, None, OnCall({}))
    try:
        on_call = read_on_call(settings.on_call)
        with look(casework) as work:
            desks = signed(work, KeyringFiles.of(settings)).desks
        on_call.check_covers(desk.id for desk in desks)
    except (UnfitOnCall, Broken) as error:
        raise click.ClickException(f"PORTAL_ON_CALL: {error}") from error
    return AlertWorker(casework, MailServer.of(settings) if settings.alerts else None, on_call)
