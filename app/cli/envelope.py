"""Opens envelopes by hand, for the day when this portal is gone."""

import sys
from pathlib import Path

import click

from app.envelope.errors import EnvelopeError
from app.envelope.rescue import open_envelope_file


@click.group(help="Open an envelope without the portal.")
def group() -> None:
    """Hold the commands together."""


@group.command("open")
@click.option("--identity", "identity_file", required=True, type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="Where the parcel (a tar) goes.")
@click.argument("sealed", type=click.Path(path_type=Path))
def open_envelope(identity_file: Path, output: Path | None, sealed: Path) -> None:
    """Open SEALED with an identity file; a refused file leaves no output and exits with 1."""
    try:
        open_envelope_file(identity_file, sealed, output)
    except (EnvelopeError, OSError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        click.echo(f"candour: {type(error).__name__}: {reason}", err=True)
        sys.exit(1)
