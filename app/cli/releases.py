"""Verifies releases; rehearses them on synthetic matters, and then looks at no real store."""

from pathlib import Path

import click

from app.cli.matters import UnfitMatters, read_matters
from app.cli.rehearsing import Rehearsal, rehearse
from app.cli.stores import open_stores
from app.freeze.verifying import verify

MOST_RUNS = 1000


@click.group(help="Verify releases, and rehearse them on synthetic matters.")
def group() -> None:
    """Hold the commands together."""


@group.command("verify")
def verify_releases() -> None:
    """Check every release: signature, chain, figures, ledger, and what the witness keeps."""
    with open_stores() as stores:
        found = verify(stores)
    for fault in found.faults:
        click.echo(fault, err=True)
    if found.faults:
        raise click.ClickException(f"{len(found.faults)} faults in {found.releases} releases")
    click.echo(f"{found.releases} releases are as they were signed.")


@group.command("rehearse")
@click.option(
    "--matters",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Synthetic matters: CSV with concern_id, reporter_id, period, force, theme, "
    "directorate, valid_from and valid_to.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the runs go: OUT/000/releases/*.csv, OUT/000/meta.json, and so on.",
)
@click.option(
    "--runs",
    default=1,
    show_default=True,
    type=click.IntRange(1, MOST_RUNS),
    help="Independent runs: the same matters, other noise.",
)
def rehearse_releases(matters: Path, out: Path, runs: int) -> None:
    """Freeze every quarter of a file of synthetic matters, in an empty store for each run."""
    try:
        read = read_matters(matters)
    except UnfitMatters as error:
        raise click.ClickException(f"{matters}: {error}") from error
    try:
        rehearse(Rehearsal.of(read), out, runs=runs)
    except FileExistsError as error:
        raise click.ClickException(f"{error.filename} is there already") from error
    click.echo(f"{runs} runs of {len(read.quarters)} quarters are in {out}.")
