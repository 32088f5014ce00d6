"""Marks the witness's folder, checks it, and brings back what a restored backup lost."""

import click

from app.cli.stores import open_stores
from app.errors import PortalError
from app.freeze import publishing, recovering
from app.freeze.witness import Witness
from config import Settings


@click.group(help="The witness of the freezes, on another machine.")
def group() -> None:
    """Hold the commands together."""


@group.command("mark")
def mark() -> None:
    """Make the folder that PORTAL_WITNESS names the witness. Once, when it is mounted."""
    folder = Settings.from_environment().witness
    try:
        Witness(folder).mark()
    except (OSError, PortalError) as error:
        raise click.ClickException(f"{folder}: {error}") from error
    click.echo(f"{folder} is the witness.")


@group.command("check")
def check() -> None:
    """Say whether the witness is there, and finish what it only waited for."""
    with open_stores() as stores:
        stores.witness.check()
        count = publishing.catch_up(stores)
    click.echo(f"The witness is there. {count} releases were finished.")


@group.command("recover")
def recover() -> None:
    """Bring back releases that the witness has and the statistics database has not."""
    with open_stores() as stores:
        count = recovering.recover(stores)
    click.echo(f"{count} releases came back, as they were.")
