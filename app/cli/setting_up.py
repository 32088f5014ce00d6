"""Makes what a portal stands on: its folders, its secret, its databases."""

import os
import secrets
from pathlib import Path

import click
from alembic import command as alembic_command
from alembic.config import Config

from app.database import changing_schema, open_database
from config import ROOT, Settings

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


def make_folders(data: Path) -> None:
    """Make the data folder and those in it, readable by the portal's user alone."""
    for folder in (data, data / "keys", data / "objects", data / "spool"):
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


def make_secret(data: Path) -> None:
    """Write a secret key of 256 bits beside the data, unless there is one."""
    path = data / "secret.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")


def mark_witness(settings: Settings) -> None:
    """Make the folder in the data folder the witness. One that is mounted is marked by hand."""
    from app.freeze.witness import Witness

    Witness(settings.witness).mark()


def migrate(settings: Settings) -> None:
    """Bring the casework database and the statistics database to their newest migrations."""
    _to_newest(settings.database_url, ROOT / "migrations" / "alembic.ini")
    migrate_statistics(settings.statistics_url)


def migrate_statistics(url: str) -> None:
    """Bring the statistics database at `url` to its newest migration."""
    _to_newest(url, ROOT / "migrations" / "statistics" / "alembic.ini")


def _to_newest(url: str, ini: Path) -> None:
    database = open_database(url)
    config = Config(ini)
    with changing_schema(database) as connection:
        config.attributes["connection"] = connection
        alembic_command.upgrade(config, "head")
    database.engine.dispose()


@click.command(help="Make the data folder, its secret and its databases. Safe to repeat.")
def command() -> None:
    """Prepare an installation and say what is left to do."""
    data = Path(os.environ.get("PORTAL_DATA") or ROOT / "data").resolve()
    make_folders(data)
    if not (os.environ.get("PORTAL_SECRET_KEY") or os.environ.get("PORTAL_SECRET_KEY_FILE")):
        make_secret(data)
    settings = Settings.from_environment()
    migrate(settings)
    if settings.witness == settings.data / "witness":
        mark_witness(settings)
    click.echo(f"The data folder is {data} and its databases are at their newest migrations.")
    for path, what in (
        (settings.keyring_signer, "the keyring signers' public keys (candour keys make-signer)"),
        (settings.keyring, "the signed keyring (candour keys sign)"),
    ):
        click.echo(f"{'found  ' if path.exists() else 'missing'} {what}: {path}")
