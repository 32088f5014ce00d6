"""Loads plans: the starting data that comes with the portal, or a force's own file."""

from datetime import date
from pathlib import Path

import click

from app.database import open_database
from app.plan import loading, service
from app.plan.starting import STARTING, UnfitPlanFile, Whole, read_plan, starting_plan
from app.work import begin, look
from config import Settings


@click.group(help="Load integrity plans and strategies.")
def group() -> None:
    """Hold the commands together."""


@group.command("load")
@click.argument("name")
def load(name: str) -> None:
    """Load the plan NAME: herts, norfolk-suffolk, alliance, or a JSON file.

    A plan that is there is left as it is, so this is safe to repeat.
    """
    database = open_database(Settings.from_environment().statistics_url)
    try:
        with begin(database) as work:
            whole = _whole(name, work.today)
            loaded = loading.load(work, whole)
    except UnfitPlanFile as unfit:
        raise click.ClickException("\n".join(("Nothing was loaded.", *unfit.complaints))) from unfit
    finally:
        database.engine.dispose()
    title, count = whole.plan.title, len(whole.actions)
    click.echo(
        f"{title} is loaded, with {count} actions."
        if loaded
        else f"{title} is there already; it was left as it is."
    )


@group.command("list")
def list_plans() -> None:
    """Print every plan and strategy with its number of actions."""
    database = open_database(Settings.from_environment().statistics_url)
    try:
        with look(database) as work:
            for found in service.summaries(work):
                click.echo(f"{found.plan.slug}\t{found.total}\t{found.plan.title}")
    finally:
        database.engine.dispose()


def _whole(name: str, today: date) -> Whole:
    if name in STARTING:
        return starting_plan(name, today)
    path = Path(name)
    if not path.is_file():
        known = ", ".join(STARTING)
        raise click.ClickException(f"{name} is no file, and none of {known}")
    try:
        return read_plan(path.read_bytes(), today)
    except OSError as error:
        raise click.ClickException(f"{name}: {error.strerror}") from error
