"""Room for everybody under a flood, without knowing who anybody is.

There is no address to count by and none is wanted. So what is large waits for what is small:
large bodies pass a few at a time and at a bounded pace, and words always find a free thread.
Everything here is one process's own; several processes have several.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from app.errors import Busy

LARGE = 64 * 1024  # bytes of body; a letter without files, sealed, stays below
LARGE_AT_ONCE = 4  # of the 16 threads of a process
CLEANED_AT_ONCE = 2  # pictures; each may take some hundred megabytes while it is open

PATIENCE = 2.0  # seconds that a large body waits for its turn
CLEANING_PATIENCE = 20.0  # seconds

PACE = 16 * 1024 * 1024  # bytes a second of all large bodies together
BURST = 32 * 1024 * 1024  # bytes

# An upload slower than this after a while only keeps others out.
SLOWEST = 4 * 1024  # bytes a second
GRACE = 60.0  # seconds


class Gate:
    """Lets a few in at a time; the next one waits a little, and is then asked to come back."""

    def __init__(self, at_once: int, patience: float) -> None:
        self._places = threading.BoundedSemaphore(at_once)
        self._patience = patience

    def enter(self) -> None:
        """Take a place, or raise Busy if none came free."""
        if not self._places.acquire(timeout=self._patience):
            raise Busy("too many at once")

    def leave(self) -> None:
        """Give the place back."""
        self._places.release()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for the length of a block."""
        self.enter()
        try:
            yield
        finally:
            self.leave()


class Bucket:
    """Bytes that may pass: refilled at a pace, and never fuller than a burst."""

    def __init__(
        self, pace: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pace = pace
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._left = burst
        self._at = clock()

    def take(self, count: int) -> float:
        """Take `count` bytes, and return the seconds to wait before going on."""
        with self._lock:
            now = self._clock()
            self._left = min(self._burst, self._left + (now - self._at) * self._pace)
            self._at = now
            self._left -= count
            return max(0.0, -self._left / self._pace)


large_bodies = Gate(LARGE_AT_ONCE, PATIENCE)
cleaning = Gate(CLEANED_AT_ONCE, CLEANING_PATIENCE)
large_bytes = Bucket(PACE, BURST)


class Passage:
    """The way of one body: small ones walk through, large ones wait their turn and keep pace.

    Args:
        size: bytes the body says it has; without a word of it, it counts as large.
    """

    def __init__(
        self,
        size: int | None,
        *,
        gate: Gate = large_bodies,
        bucket: Bucket = large_bytes,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.size = LARGE + 1 if size is None else size
        self.large = self.size > LARGE
        self._gate = gate
        self._bucket = bucket
        self._clock = clock
        self._sleep = sleep
        self._inside = False
        self._taken = 0
        self._began = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._inside:
            self._inside = False
            self._gate.leave()

    def enter(self) -> None:
        """Take a place if the body is large; asked for again, nothing happens.

        Called when the first file begins: by then the words before it have been read, so that
        a page which says "busy" can still show them.

        Raises:
            Busy: if no place came free.
        """
        if self.large and not self._inside:
            self._gate.enter()
            self._inside = True
            self._began = self._clock()

    def let_through(self, count: int) -> None:
        """Note that `count` bytes came, and slow down what comes too fast.

        Raises:
            Busy: if they come so slowly that they only keep others out.
        """
        if not self._inside:
            return
        self._taken += count
        lasted = self._clock() - self._began
        if lasted > GRACE and self._taken < lasted * SLOWEST:
            raise Busy("an upload came too slowly")
        if wait := self._bucket.take(count):
            self._sleep(wait)
