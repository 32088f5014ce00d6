"""What this process keeps in its memory for a signed-in session, and no longer than that.

Nothing kept here is written anywhere or handed to another session. It goes when the session signs
out in this process, and otherwise within seconds of its end, whatever ended it: a watch asks the
database which sessions are still open, and forgets all of them if it gets no answer. Python can
drop the last reference to words and not overwrite them: docs/threat-model.md says so.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

MOST = 256 * 1024 * 1024  # bytes of one process, as those who keep something estimate them
LOOK_EVERY = 5.0  # seconds

# Which of these sessions are open.
Open = Callable[[Collection[bytes]], Collection[bytes]]


class Sized(Protocol):
    """What can be kept: it says how much memory it takes."""

    @property
    def size(self) -> int:
        """About how many bytes."""


@dataclass
class SessionMemory:
    """A few things for each session, in bounded memory.

    What makes room is the session that was used longest ago, with all that is kept for it.
    """

    most: int = MOST
    look_every: float = LOOK_EVERY
    _kept: OrderedDict[bytes, tuple[str, dict[str, Sized]]] = field(
        default_factory=OrderedDict, repr=False
    )
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _watch: threading.Thread | None = field(default=None, repr=False)
    _woken: threading.Event = field(default_factory=threading.Event, repr=False)

    def keep(
        self, session: bytes, member: str, thing: Sized, *, is_open: Open, name: str = "search"
    ) -> None:
        """Keep a thing for a session of `member`, in place of what it had of this name.

        Args:
            session: the session's id.
            member: whose it is; nobody else is ever given it.
            thing: refused if it is larger than all there is room for.
            is_open: how the watch asks which sessions are open.
            name: what it is asked for by.

        Raises:
            ValueError: if there is no room for it at all.
        """
        if thing.size > self.most:
            raise ValueError("this is too large to be kept")
        with self._turn:
            whose, things = self._kept.pop(session, ("", {}))
            # A dictionary of its own: somebody may be reading the one that was there.
            mine = {**things, name: thing} if whose == member else {name: thing}
            self._kept[session] = (member, mine)
            while self._size() > self.most and len(self._kept) > 1:
                self._kept.popitem(last=False)
            if self._size() > self.most:
                self._kept[session] = (member, {name: thing})
            if self._watch is None:
                self._woken.clear()
                self._watch = threading.Thread(
                    target=self._look_now_and_then, args=(is_open,), daemon=True
                )
                self._watch.start()

    def kept(self, session: bytes, member: str, name: str = "search") -> Sized | None:
        """Return what is kept by this name for a session of `member`, if something is."""
        with self._turn:
            whose, things = self._kept.get(session, ("", {}))
            if name not in things or whose != member:
                return None
            self._kept.move_to_end(session)
            return things[name]

    def forget(self, session: bytes) -> None:
        """Forget what is kept for a session: it is signing out."""
        with self._turn:
            self._kept.pop(session, None)
            if not self._kept:
                self._woken.set()

    def look(self, is_open: Open) -> None:
        """Forget what is kept for sessions that are not open, or everything without an answer."""
        with self._turn:
            sessions = list(self._kept)
        try:
            still = set(is_open(sessions)) if sessions else set()
        except Exception:  # noqa: BLE001 -- whatever it was, nobody knows who is still there
            still = set()
        with self._turn:
            for session in sessions:
                if session not in still:
                    self._kept.pop(session, None)

    def _size(self) -> int:
        return sum(thing.size for _, things in self._kept.values() for thing in things.values())

    def _look_now_and_then(self, is_open: Open) -> None:
        while True:
            self._woken.wait(self.look_every)
            self.look(is_open)
            with self._turn:
                if not self._kept:
                    self._watch = None
                    return
                self._woken.clear()


sessions = SessionMemory()
