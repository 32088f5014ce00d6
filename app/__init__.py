"""Candour: confidential envelopes for policing integrity.

`create_app` imports late on purpose: importing a room's domain must not load Flask.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> "Flask":
    """Return the portal that the environment describes; see `config.py`."""
    from app.cli import cli
    from app.factory import build
    from config import Settings

    flask_app = build(Settings.from_environment())
    flask_app.cli.add_command(cli, "candour")
    return flask_app
