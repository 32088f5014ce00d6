"""Verifies the audit log, takes its checkpoint and shows its last entries."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from app.audit import checkpoints, service, signing
from app.audit.signing import BadNote, LogVerifier
from app.database import open_database
from app.errors import Broken
from app.work import Work, begin, look
from config import Settings

OPERATOR = "operator"


@click.group(help="Verify the audit log and take its checkpoint.")
def group() -> None:
    """Hold the commands together."""


@group.command("verify")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="An older checkpoint, best the witness's copy: the log must still begin with it.",
)
@click.option("--key", help="The log's verification key, as `audit key` printed it.")
def verify(checkpoint: Path | None, key: str | None) -> None:
    """Recompute every entry and the tree over them; exit with 1 if one is wrong."""
    settings = Settings.from_environment()
    with _looking(settings) as work:
        found = service.verify(work)
        click.echo(f"{found.size} entries, root {found.root.hex()}: nothing is missing or altered.")
        if checkpoint is not None:
            verifier = _verifier(settings, key)
            old = service.check_against(work, verifier, checkpoint.read_text("utf-8"))
            click.echo(f"The log begins with the {old.size} entries of the checkpoint.")


@group.command("checkpoint")
def take_checkpoint() -> None:
    """Print a signed checkpoint, keep it beside the data, and record that it was taken."""
    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    try:
        with begin(database) as work:
            note = service.checkpoint(work, signing.read_or_make(_key_file(settings)))
            size = service.measure(work).size
            kept = checkpoints.keep(settings.data, note, today=work.today)
            service.record(work, actor=OPERATOR, verb="log.checkpointed", size=size)
    finally:
        database.engine.dispose()
    click.echo(note, nl=False)
    click.echo(f"Kept in {kept}. Give it to the witness.", err=True)


@group.command("key")
def show_key() -> None:
    """Print the log's verification key, for the witness and for auditors."""
    settings = Settings.from_environment()
    try:
        click.echo(signing.read_or_make(_key_file(settings)).verifier)
    except (BadNote, OSError) as error:
        raise click.ClickException(f"{_key_file(settings)}: {error}") from error


@group.command("show")
@click.option("--last", default=20, show_default=True, type=click.IntRange(1, 1000))
def show(last: int) -> None:
    """Print the last entries, as they were hashed."""
    with _looking(Settings.from_environment()) as work:
        for entry in service.last_entries(work, last):
            click.echo(entry.leaf().decode("ascii"))


def _key_file(settings: Settings) -> Path:
    return settings.data / "keys" / signing.KEY_FILE_NAME


def _verifier(settings: Settings, key: str | None) -> LogVerifier:
    try:
        if key is not None:
            return LogVerifier.parse(key)
        return signing.read(_key_file(settings)).verifier
    except (BadNote, OSError) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _looking(settings: Settings) -> Iterator[Work]:
    database = open_database(settings.database_url)
    try:
        with look(database) as work:
            yield work
    except Broken as error:
        raise click.ClickException(str(error)) from error
    finally:
        database.engine.dispose()
