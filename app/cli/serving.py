"""Serves the pages with the measured settings, and logs nothing about a request."""

import gc
import os
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from app import create_app
from app.database import open_database
from app.errors import Broken
from app.keyring import service as keyring_service
from app.keyring.service import KeyringFiles
from app.work import begin
from config import Settings, Surface

# Two processes of sixteen threads survived slow uploads where fewer threads stalled; measured
# in docs/adr/0005-gunicorn-with-threads.md.
WORKERS = 2
THREADS = 16
NEW_OBJECTS = 20_000  # between two looks for garbage; a request makes some thousands
TIMEOUT = 120  # seconds a worker may be silent; threads keep it talking during an upload


class UnfitKeyring(click.ClickException):
    """Nothing may be served: what was sealed now would be sealed to nobody knows whom."""

    exit_code = 2


class QuietLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn's own log without the lines that quote a request or its address.

    "Invalid request from ip=…" and "Error handling request /…" are among those lines, so
    only lines about the process itself are let through, and the access log does not exist.
    """

    HARMLESS = (
        "Starting gunicorn",
        "Listening at",
        "Booting worker",
        "Shutting down",
        "Worker exiting",
        "Connection in use",
        "Retrying in",
        "Can't connect",
        "Exception in worker process",
        "Worker failed to boot",
    )

    def access(self, *_args: object, **_named: object) -> None:
        """Write no access log, whatever the configuration says."""

    def debug(self, message: str, *args: object, **named: object) -> None:
        """Write nothing: debugging lines quote requests."""

    def info(self, message: str, *args: object, **named: object) -> None:
        """Write a line about the process and none about a request."""
        if message.startswith(self.HARMLESS):
            super().info(message, *args, **named)

    def warning(self, message: str, *args: object, **named: object) -> None:
        """Write a line about the process and none about a request."""
        if message.startswith(self.HARMLESS):
            super().warning(message, *args, **named)

    def error(self, message: str, *args: object, **named: object) -> None:
        """Write a line about the process and none about a request."""
        if message.startswith(self.HARMLESS):
            super().error(message, *args, **named)

    def critical(self, message: str, *args: object, **named: object) -> None:
        """Write a line about the process and none about a request."""
        if message.startswith(self.HARMLESS):
            super().critical(message, *args, **named)

    def exception(self, message: str, *args: object, **named: object) -> None:
        """Write why a worker did not start, and nothing of a request that failed."""
        if message.startswith(self.HARMLESS):
            super().exception(message, *args, **named)


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn, told everything here and nothing by a configuration file."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        chosen: dict[str, Any] = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": WORKERS,
            "threads": THREADS,
            "worker_class": "gthread",
            "timeout": TIMEOUT,
            "graceful_timeout": 15,
            "keepalive": 5,
            "logger_class": QuietLogger,
            "accesslog": None,
            "loglevel": "info",
            "limit_request_line": 2048,
            "limit_request_fields": 40,
            "limit_request_field_size": 4096,
            "proc_name": "candour",
            "control_socket_disable": True,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application, made once in each worker after the fork."""
        made = create_app()
        _collect_garbage_less_often()
        return made


def _collect_garbage_less_often() -> None:
    # What is loaded by now stays until the process ends: looking through it again and again for
    # garbage took one part in fifteen of a request (benchmarks/endpoints.py).
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def check_keyring(settings: Settings) -> None:
    """Accept the keyring, or say in one sentence why nothing can be sealed under it.

    Raises:
        UnfitKeyring: if the keyring is missing, forged, expired or gone back, or if an
            account does not agree with it.
    """
    database = open_database(settings.database_url)
    try:
        with begin(database) as work:
            keyring = keyring_service.accept(work, KeyringFiles.of(settings))
            if settings.surfaces is not Surface.REPORTER:
                # Loaded late: a reporter's process has no code that knows an account.
                from app.identity.service import check_members

                check_members(work, keyring)
    except Broken as error:
        raise UnfitKeyring(f"the keyring is not fit to seal to: {error}") from error
    finally:
        database.engine.dispose()


@click.command(help="Serve the pages.")
def command() -> None:
    """Serve until told to stop."""
    settings = Settings.from_environment()
    check_keyring(settings)
    os.environ.pop("GUNICORN_CMD_ARGS", None)
    # Loads the code once, before the workers fork, and not once in each of them.
    create_app()
    Server(settings).run()
