"""A picture to look at instead of the picture that was sent."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from app.errors import Busy

PROGRAM = Path(__file__).with_name("shrinking.py")
LARGEST = 16 * 1024 * 1024  # bytes
SECONDS = 15.0
AT_ONCE = 2  # each may take a gigabyte
PNG_BEGINS = b"\x89PNG"

_turns = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was written anew here."""

    content: bytes
    media_type: str


def redrawn(content: bytes) -> Picture | None:
    """Return a JPEG, PNG or WebP picture drawn anew and small, or None if that cannot be done.

    Raises:
        Busy: if too many are being drawn.
    """
    if not _turns.acquire(timeout=SECONDS):
        raise Busy("pictures are being drawn")
    try:
        drawn = _run(content)
    finally:
        _turns.release()
    if not drawn:
        return None
    return Picture(drawn, "image/png" if drawn.startswith(PNG_BEGINS) else "image/jpeg")


def _run(content: bytes) -> bytes:
    # -I: nothing of the environment and no folder of ours on the path. What it writes to its
    # standard error could quote the picture.
    try:
        done = subprocess.run(  # noqa: S603 -- our own program, and no argument from anybody
            [sys.executable, "-I", str(PROGRAM)],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return b""
    return done.stdout if done.returncode == 0 else b""
