"""Sealed payloads as files: random names in one folder, whole or not there at all.

A name says nothing, and the only times a file has are those of the collection or of the member
who wrote it: nothing of a reporter's comes here on arrival.
"""

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from app.errors import Missing

NAME = re.compile(r"[0-9a-f]{32}", re.ASCII)
NAME_LENGTH = 16  # random bytes
PIECE = 1024 * 1024  # bytes copied at a time
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
UNFINISHED = ".unfinished"


class Objects:
    """The payloads that lie in `folder`. Any number of processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, source: BinaryIO) -> str:
        """Store all of `source`, and return the new name: 32 hexadecimal digits.

        When this returns, the payload outlives a power cut. When it does not, what was written
        is there under a name that `open` does not take, for `sweep` to remove.
        """
        self._folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        name = secrets.token_hex(NAME_LENGTH)
        unfinished = self._folder / f"{name}{UNFINISHED}"
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(source, file, PIECE)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._folder / name)
        self._sync_folder()
        return name

    def open(self, name: str) -> BufferedReader:
        """Return the payload called `name`, to read.

        Raises:
            Missing: if there is none.
        """
        try:
            return os.fdopen(_open_unnoticed(self._path(name)), "rb")
        except FileNotFoundError as error:
            raise Missing(f"object {name}") from error

    def delete(self, name: str) -> None:
        """Remove the payload called `name`; it may be gone already."""
        self._path(name).unlink(missing_ok=True)

    def names(self) -> Iterator[tuple[str, float]]:
        """Yield each stored name with its age in seconds. What is unfinished is left out."""
        yield from ((path.name, age) for path, age in self._aged() if NAME.fullmatch(path.name))

    def sweep_unfinished(self, older_than: float) -> None:
        """Remove what a killed process left half written more than `older_than` seconds ago."""
        for path, age in self._aged():
            if path.name.endswith(UNFINISHED) and age > older_than:
                path.unlink(missing_ok=True)

    def _aged(self) -> Iterator[tuple[Path, float]]:
        # The file system's clock wrote the times, so the same clock reads them.
        now = time.time()
        if not self._folder.is_dir():
            return
        with os.scandir(self._folder) as found:
            for entry in found:
                try:
                    yield Path(entry.path), now - entry.stat(follow_symlinks=False).st_mtime
                except FileNotFoundError:
                    continue

    def _path(self, name: str) -> Path:
        # The name may come out of a row that somebody wrote to: it must not leave the folder.
        if not NAME.fullmatch(name):
            raise Missing("that is not the name of an object")
        return self._folder / name

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _open_unnoticed(path: Path) -> int:
    # The time of a file's last reading would be the minute of a reporter's visit.
    try:
        return os.open(path, os.O_RDONLY | getattr(os, "O_NOATIME", 0))
    except PermissionError:  # its owner alone may; what was put back may be somebody else's
        return os.open(path, os.O_RDONLY)
