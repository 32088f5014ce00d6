"""Candour: confidential envelopes for policing integrity.

`create_app` imports late on purpose: importing a room's domain must not load Flask.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> "Flask":
    """Return the portal that the environment describes; see `config.py`."""
    from app.factory import build
    from config import Settings

    return build(Settings.from_environment())
