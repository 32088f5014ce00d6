"""Cli: the `candour` command for the people who run the portal.

Each command loads only what it needs, so that `candour envelope open` works on a rescue
machine that has no database.
"""

import os
import sys
from importlib import import_module

import click

from config import SettingsError

# Name of the command or group, the module it lives in, and what `candour --help` says of it.
PLACES = {
    "demo": ("app.cli.demo", "Start a demonstration with invented people and concerns."),
    "init": ("app.cli.setting_up", "Make the data folder, its secret and its databases."),
    "serve": ("app.cli.serving", "Serve the pages."),
    "worker": ("app.cli.working", "Make the daily collections."),
    "keys": ("app.cli.keys", "Make member keys and sign keyrings."),
    "staff": ("app.cli.staff", "Add staff accounts."),
    "envelope": ("app.cli.envelope", "Open an envelope without the portal."),
    "releases": ("app.cli.releases", "Verify releases, and rehearse them on synthetic matters."),
    "plan": ("app.cli.plan", "Load integrity plans and strategies."),
    "witness": ("app.cli.witness", "Mark and ask the witness of the freezes."),
    "audit": ("app.cli.audit", "Verify the audit log and take its checkpoint."),
}


class _Rooms(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in PLACES:
            return None
        module = import_module(PLACES[cmd_name][0])
        found: click.Command = getattr(module, "group", None) or module.command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in PLACES.items()])

    @property
    def loaded(self) -> dict[str, click.Command]:
        """Every command, imported: for the test that compares them with the documents."""
        found = {name: self.get_command(click.Context(self), name) for name in PLACES}
        return {name: command for name, command in found.items() if command is not None}


@click.group(cls=_Rooms, help="Candour: confidential envelopes for policing integrity.")
def cli() -> None:
    """Hold the commands together."""


def main() -> None:
    """Run the console script; an unfit environment is one sentence, not a traceback."""
    # Whatever a command writes is for the portal's user alone.
    os.umask(0o077)
    try:
        cli(standalone_mode=True)
    except SettingsError as error:
        click.echo(f"candour: {error}", err=True)
        sys.exit(2)
    except _database_errors() as error:
        # Its own first line and no more: the rest quotes the statement, and what was in it.
        said = str(getattr(error, "orig", None) or "").partition("\n")[0]
        click.echo(f"candour: the database cannot be used ({said}): run `candour init`", err=True)
        sys.exit(1)


def _database_errors() -> tuple[type[Exception], ...]:
    """Return what a database that is not there or was not made raises, where one was loaded."""
    errors = sys.modules.get("sqlalchemy.exc")
    return (errors.OperationalError, errors.ProgrammingError) if errors else ()
