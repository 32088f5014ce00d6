"""Starts a demonstration: invented people, invented concerns, the real portal."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from app.cli.setting_up import make_folders, make_secret, migrate
from config import ROOT, Settings

DATA = ROOT / "data" / "demonstration"
ELSEWHERE = frozenset(
    {
        "PORTAL_DATABASE_URL", "PORTAL_STATISTICS_URL", "PORTAL_WITNESS", "PORTAL_KEYRING",
        "PORTAL_KEYRING_SIGNER",
    }
)  # fmt: skip
PATIENCE = 30.0  # seconds a child may take to answer or to stop


def demonstration_environment() -> dict[str, str]:
    """Return the variables of a demonstration over those of the shell.

    What a shell names outside the data folder may be real: invented people and releases never go
    there, and what a release has spent could never be taken back.
    """
    return {
        **{name: value for name, value in os.environ.items() if name not in ELSEWHERE},
        "PORTAL_DATA": os.environ.get("PORTAL_DATA") or str(DATA),
        "PORTAL_DEMONSTRATION": "yes",
        "PORTAL_SECURE_COOKIES": "no",
    }


def prepare() -> Settings:
    """Make the demonstration's data unless it is there, and return its settings.

    It is made beside its place and moved there whole, so that one that was interrupted is
    made anew.
    """
    from app.cli import demo_seeds

    environment = demonstration_environment()
    data = Path(environment["PORTAL_DATA"]).resolve()
    if not (data / "secret.key").exists():
        unfinished = data.with_name(f"{data.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        make_folders(unfinished)
        make_secret(unfinished)
        making = Settings.from_environment({**environment, "PORTAL_DATA": str(unfinished)})
        migrate(making)
        demo_seeds.sow(making)
        if data.exists():
            data.rmdir()
        unfinished.rename(data)
    elif not (data / "sown.json").exists():
        raise click.ClickException(f"{data} holds no demonstration; it may be real")
    settings = Settings.from_environment(environment)
    migrate(settings)
    return settings


@click.group(invoke_without_command=True, help="Start a demonstration with invented people.")
@click.pass_context
def group(ctx: click.Context) -> None:
    """Start it, unless a command of its own was named."""
    if ctx.invoked_subcommand is None:
        _start()


@group.command("code")
@click.argument("member")
def code(member: str) -> None:
    """Print the current one-time code of MEMBER of the demonstration."""
    from app.cli import demo_seeds

    settings = Settings.from_environment(demonstration_environment())
    click.echo(demo_seeds.current_code(settings, member))


@group.command("seed")
def seed() -> None:
    """Make the demonstration's data and do not start it."""
    click.echo(f"The demonstration's data is in {prepare().data}.")


def _start() -> None:
    from app.cli import demo_seeds

    settings = prepare()
    _check_port_is_free(settings)
    environment = demonstration_environment()
    with _children(environment) as children:
        _wait_until_it_answers(settings, children)
        click.echo(demo_seeds.welcome(settings))
        _until_one_stops(children)


def _check_port_is_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise click.ClickException(
                f"{settings.host}:{settings.port} is in use; choose another with PORTAL_PORT"
            ) from error


@contextmanager
def _children(environment: dict[str, str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    # A service manager stops us with SIGTERM: the children must stop with us.
    signal.signal(signal.SIGTERM, _as_interrupt)
    children = [
        subprocess.Popen(  # noqa: S603 -- our own command
            [sys.executable, "-m", "app.cli", name], env=environment, cwd=ROOT
        )
        for name in ("serve", "worker")
    ]
    try:
        yield children
    except KeyboardInterrupt:
        click.echo("\nThe demonstration stops. Its data stays; `make clean` removes it.")
    finally:
        for child in children:
            child.terminate()
        for child in children:
            _reap(child)


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _reap(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()


def _wait_until_it_answers(settings: Settings, children: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if any(child.poll() is not None for child in children):
            raise click.ClickException("the portal stopped before it answered; see above")
        try:
            with socket.create_connection((settings.host, settings.port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise click.ClickException(f"nothing answered on {settings.host}:{settings.port}")


def _until_one_stops(children: list[subprocess.Popen[bytes]]) -> None:
    while all(child.poll() is None for child in children):
        time.sleep(0.2)
