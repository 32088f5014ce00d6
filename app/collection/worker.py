"""The worker: once a day empties the letterbox, and every minute takes what is urgent.

It may be killed at any moment, started twice, or be away for a week.
"""

import signal
from collections.abc import Callable, Sequence
from threading import Event

from app.collection.domain import is_due
from app.collection.service import collect, last_made_on, tidy
from app.database import Database
from app.keyring.service import KeyringBroken, KeyringFiles, accept
from app.mailbox.objects import Objects
from app.web.logs import log
from app.work import Clock, begin, look, system_clock
from config import Settings

BEAT = 60.0  # seconds


class Worker:
    """Looks round once a minute for what there is to do."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        keyring: KeyringFiles,
        *,
        collect_at: int,
        clock: Clock = system_clock,
    ) -> None:
        self._database = database
        self._objects = objects
        self._keyring = keyring
        self._collect_at = collect_at
        self._clock = clock
        # Whoever ran before may have been killed between its commit and its wiping.
        self._untidy = True

    def look_round(self) -> None:
        """Do what is due. What fails is said by its type alone and tried again next time."""
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 -- nothing may end the worker but its signal
            # Not the text: the message of a driver may quote the row it could not write.
            log().error("collection failed", what=type(error).__name__)
            self._untidy = True

    def _work(self) -> None:
        with look(self._database, self._clock) as work:
            due = is_due(work.now, collect_at=self._collect_at, last_made_on=last_made_on(work))
        if due:
            self._accept_keyring()
            letters = collect(self._database, self._clock, self._objects)
            log().info("collected", count=letters)
            self._untidy = False
            return
        # Nothing is logged of an urgent letter: the line would stand at its reporter's minute.
        collect(self._database, self._clock, self._objects, only_urgent=True)
        if self._untidy:
            tidy(self._database, self._clock, self._objects)
            self._untidy = False

    def _accept_keyring(self) -> None:
        # Once a day, whatever pages are visited. A keyring nobody may use is no reason to leave
        # letters lying where they came: they were sealed to the one before it.
        try:
            with begin(self._database, self._clock) as work:
                accept(work, self._keyring)
        except KeyringBroken as error:
            log().error("keyring refused", what=error.fault.name)


def run(
    database: Database,
    settings: Settings,
    *,
    also: Sequence[Callable[[], None]] = (),
    stop: Event | None = None,
) -> None:
    """Look round every minute until told to stop, by SIGTERM, SIGINT or `stop`.

    Args:
        database: the casework database.
        settings: where things lie, and when a day's collection is made.
        also: what else is looked after each time; it never raises.
        stop: ends the run once it is set.
    """
    stopped = stop or Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    worker = Worker(
        database,
        Objects(settings.objects),
        KeyringFiles.of(settings),
        collect_at=settings.collect_at,
    )
    log().info("worker started")
    while not stopped.is_set():
        worker.look_round()
        for look_round in also:
            look_round()
        stopped.wait(BEAT)
    log().info("worker stopped")
