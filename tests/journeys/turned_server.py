"""Serves a portal whose clock stands where a file says: `python -m tests.journeys.turned_server`.

The same server and the same pages as `candour serve`; what differs is the clock it is given, so
that a journey may take months.
"""

import os
from datetime import datetime
from pathlib import Path

from flask import Flask

from app.cli.serving import Server, check_keyring
from app.factory import build
from app.identity import passwords
from app.work import Clock
from config import Settings

CLOCK_FILE = "CANDOUR_TEST_CLOCK"
# Argon2id at its real size has tests of its own; here somebody signs in every few pages.
QUICK = {"MEMORY": 64, "PASSES": 1}


def clock_in(path: Path) -> Clock:
    """Return a clock that stands at the instant, aware, that a file holds."""
    return lambda: datetime.fromisoformat(path.read_text(encoding="ascii"))


class TurnedServer(Server):
    """Gunicorn with one worker, because nobody here waits for another."""

    def load_config(self) -> None:
        """Give gunicorn the settings it has in use, but for the number of workers."""
        super().load_config()
        self.cfg.set("workers", 1)

    def load(self) -> Flask:
        """Return the application with the clock of the file."""
        return build(self._settings, clock=clock_in(Path(os.environ[CLOCK_FILE])))


def main() -> None:
    settings = Settings.from_environment()
    check_keyring(settings)
    for name, value in QUICK.items():
        setattr(passwords, name, value)
    TurnedServer(settings).run()


if __name__ == "__main__":
    main()
