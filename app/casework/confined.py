"""Has a hostile file read by one of our programs in a process of its own: see `confining.py`."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore, Thread, Timer
from typing import IO

from app.errors import Busy

CAGE = Path(__file__).with_name("confining.py")
LARGEST = 16 * 1024 * 1024  # bytes that go in
MOST_BACK = 48 * 1024 * 1024  # bytes that are taken back
SECONDS = 15.0
AT_ONCE = 2  # each may take a gigabyte

_turns = BoundedSemaphore(AT_ONCE)


def program(name: str) -> Path:
    """Return the path of one of the programs that run confined."""
    return Path(__file__).with_name(name)


def run(path: Path, content: bytes, *arguments: str, most: int = MOST_BACK) -> bytes:
    """Return what a program makes of `content`; nothing if it fails, is too slow or says too much.

    What comes back was made by a process that a hostile file may have taken over: it is as
    trustworthy as the file was.

    Args:
        path: the program.
        content: its standard input.
        arguments: ours, and nothing that anybody sent.
        most: bytes that are taken back.

    Raises:
        Busy: if too many are running.
    """
    return run_in(CAGE, content, str(path), *arguments, most=most)


def run_in(
    cage: Path,
    content: bytes,
    *arguments: str,
    most: int = MOST_BACK,
    seconds: float | None = None,
    environment: Mapping[str, str] | None = None,
) -> bytes:
    """Return what a cage makes of `content`, as `run`.

    Args:
        cage: a program that bounds itself before it reads anything.
        content: its standard input.
        arguments: ours, and nothing that anybody sent.
        most: bytes that are taken back.
        seconds: after which it is killed, with all that it started; `SECONDS` unless told.
        environment: what it finds in its environment: nothing unless told.

    Raises:
        Busy: if too many are running.
    """
    with turn():
        return _run([str(cage), *arguments], content, most, seconds or SECONDS, environment or {})


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn: a few files are read at a time.

    Raises:
        Busy: if too many are being read.
    """
    if not _turns.acquire(timeout=SECONDS):
        raise Busy("files are being read")
    try:
        yield
    finally:
        _turns.release()


def _run(
    command: list[str], content: bytes, most: int, seconds: float, environment: Mapping[str, str]
) -> bytes:
    # -I: nothing of the environment and no folder of ours on the path.
    with subprocess.Popen(  # noqa: S603 -- our own program, with our own arguments
        [sys.executable, "-I", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
        start_new_session=True,
    ) as process:
        given, made = process.stdin, process.stdout
        if given is None or made is None:
            raise ValueError("a process without pipes")
        clock = Timer(seconds, _end, args=(process.pid,))
        feeding = Thread(target=_feed, args=(given, content))
        clock.start()
        feeding.start()
        try:
            # One that writes without end is not read without end.
            back = made.read(most + 1)
            if len(back) > most:
                _end(process.pid)
            code = _end_of(process)
        finally:
            clock.cancel()
            feeding.join()
    return back if code == 0 and len(back) <= most else b""


def _end_of(process: subprocess.Popen[bytes]) -> int:
    # What it started ends with it: while nobody has asked how it ended, its number is its own.
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        _end(process.pid)
    return process.wait()


def _end(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _feed(given: IO[bytes], content: bytes) -> None:
    # A process that has ended reads no more.
    try:
        with given:
            given.write(content)
    except BrokenPipeError:
        return
