"""Where ciphertext, and only ciphertext, gathers while it arrives: memory, then nameless files.

A transaction that stayed open as long as an upload lasts would keep every other writer
waiting; so what arrives gathers here first, and is stored in one short step when it is whole.
"""

import os
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from app.errors import Full

# A letter without files is some 30 kB: making a file for it cost more than sealing it to a reader.
IN_MEMORY = 256 * 1024  # bytes
TOO_LITTLE = 64 * 1024 * 1024  # bytes left on the disk below which nothing large is taken


class TooLarge(Exception):
    """More arrived than this file may take. Nothing of it is kept."""


class Spool:
    """A file without a name, or memory while it is small: gone when closed, or with the process.

    Args:
        folder: where; on the same disk as the letterbox, so that a full disk shows here first.
        most: bytes it may take.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self.size = 0
        self._room = most
        self._file = _nameless(folder)

    def write(self, sealed: bytes | memoryview, /) -> int:
        """Take the next bytes.

        Raises:
            TooLarge: if there is more than this file may take.
            Full: if the disk has no room.
        """
        self._room -= len(sealed)
        if self._room < 0:
            self.close()
            raise TooLarge
        try:
            self._file.write(sealed)
        except OSError:
            self.close()
            raise Full("the spool has no room") from None
        self.size += len(sealed)
        return len(sealed)

    def rewound(self) -> BinaryIO:
        """Return the file, to be read from its first byte."""
        try:
            self._file.seek(0)
        except OSError:  # what was still in memory had no room
            self.close()
            raise Full("the spool has no room") from None
        return self._file

    def close(self) -> None:
        """Let the file go."""
        try:
            self._file.close()
        except OSError:
            # Flushing what nobody wants any more met a full disk; the file is gone all the same.
            return


def check_room(folder: Path) -> None:
    """Raise Full if the disk of `folder` is nearly full, before anything large is sent to it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < TOO_LITTLE:
        raise Full("the disk is nearly full")


def _nameless(folder: Path) -> BinaryIO:
    # The standard library asks for a file without a name; where the file system has none, the
    # file has a random name for the instant between its making and its unlinking.
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # It has every method of a file; typeshed does not say so.
        return cast(
            BinaryIO,
            SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(folder), prefix="", suffix=""),
        )
    except OSError:
        raise Full("the spool has no room") from None
