"""A wire between a browser and a portal, and somebody who keeps every byte the browser sends."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.journeys.running import free_port

PIECE = 65_536  # bytes


class Wiretap:
    """Passes connections on to a port of this machine, and keeps what goes that way."""

    def __init__(self, to: int) -> None:
        self.port = free_port()
        self._to = to
        self._heard: list[bytearray] = []
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", self.port))

    @property
    def heard(self) -> list[bytes]:
        """What was sent so far, by connection."""
        return [bytes(one) for one in self._heard]

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                theirs, _ = self._listener.accept()
                ours = socket.create_connection(("127.0.0.1", self._to))
                self._open += [theirs, ours]
                kept = bytearray()
                self._heard.append(kept)
                self._start(self._pass_on, theirs, ours, kept)
                self._start(self._pass_on, ours, theirs, None)

    def _pass_on(self, here: socket.socket, there: socket.socket, kept: bytearray | None) -> None:
        with suppress(OSError):
            while piece := here.recv(PIECE):
                if kept is not None:
                    kept += piece
                there.sendall(piece)
        with suppress(OSError):
            there.shutdown(socket.SHUT_WR)

    def _start(self, what, *given) -> None:
        thread = threading.Thread(target=what, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    @contextmanager
    def listening(self) -> Iterator["Wiretap"]:
        self._start(self._listen)
        try:
            yield self
        finally:
            # A thread that waits in accept or recv wakes up when its socket is shut.
            for one in (self._listener, *self._open):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            for thread in self._threads:
                thread.join(10)
            for one in (self._listener, *self._open):
                one.close()
