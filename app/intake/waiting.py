"""Files of a page without scripts: sealed while they arrive, under a key that only the page holds.

The page is answered and forgotten; the file has to wait until the page comes back with the
words it belongs to. What waits here is opened by nobody else: not by a desk, not by us.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Self

from app.envelope.derivation import derive
from app.envelope.errors import EnvelopeError
from app.envelope.file_keys import FILE_KEY, FileKey
from app.envelope.padding import sealed_payload_length
from app.envelope.pipes import blocks_of
from app.envelope.stream import PayloadReader, PayloadWriter
from app.intake.domain import LARGEST_FILE
from app.intake.spool import Spool, TooLarge
from app.intake.store import PART, WaitingFiles
from app.intake.writing import WaitingFile
from app.work import Work

SALT = b"candour/waiting/v1"
PAGE_KEY = 32  # bytes
FILE_ID = 16  # bytes


class LostFile(Exception):
    """A file does not wait any more, or does not open with this page's key."""


@dataclass(frozen=True, slots=True)
class PageKey:
    """What opens the files of one page. It stands in the page and nowhere else."""

    raw: bytes = field(repr=False)

    @classmethod
    def fresh(cls) -> Self:
        """Return a key nobody else has."""
        return cls(secrets.token_bytes(PAGE_KEY))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the key a page carries, or None if no page of ours wrote this."""
        try:
            raw = urlsafe_b64decode(text + "=") if text.isascii() else b""
        except ValueError:
            return None
        return cls(raw) if len(raw) == PAGE_KEY else None

    def __str__(self) -> str:
        return urlsafe_b64encode(self.raw).decode().rstrip("=")

    def file_key(self, file: bytes) -> FileKey:
        """Return the key of the file with this id."""
        return FileKey(derive(self.raw, salt=SALT, info=file)[:FILE_KEY])


class ArrivingFile:
    """Seals a file piece by piece into the spool, and measures it meanwhile.

    Raises:
        TooLarge: while writing, if the file is larger than a file may be.
        Full: if the disk has no room.
    """

    def __init__(self, folder: Path, page_key: PageKey, largest: int = LARGEST_FILE) -> None:
        self.id = secrets.token_bytes(FILE_ID)
        self.size = 0
        self._digest = sha256()
        self._largest = largest
        self._spool = Spool(folder, sealed_payload_length(largest))
        self._payload = PayloadWriter(self._spool, page_key.file_key(self.id))

    def write(self, piece: bytes) -> None:
        """Seal the next piece."""
        self.size += len(piece)
        if self.size > self._largest:
            raise TooLarge
        self._payload.write(piece)
        self._digest.update(piece)

    def finish(self) -> None:
        """Seal the end. Without it the file opens for nobody."""
        self._payload.finish()

    def close(self) -> None:
        """Let go of what arrived."""
        self._spool.close()

    def labelled(self, label: str) -> WaitingFile:
        """Return how the page refers to this file."""
        return WaitingFile(self.id, self.size, self._digest.hexdigest(), label)

    def store(self, work: Work) -> None:
        """Put the sealed bytes where they wait. They are dated by the day alone."""
        files = WaitingFiles(work.session)
        files.add(self.id, arrived_on=work.today, size=self._spool.size)
        sealed = self._spool.rewound()
        for number, piece in enumerate(iter(lambda: sealed.read(PART), b"")):
            files.add_part(self.id, number, piece)


def missing(work: Work, files: Sequence[WaitingFile]) -> list[WaitingFile]:
    """Return those of `files` that do not wait any more."""
    waiting = WaitingFiles(work.session)
    return [file for file in files if not waiting.has(file.id)]


def content(work: Work, file: WaitingFile, page_key: PageKey) -> Iterator[memoryview]:
    """Yield what a waiting file holds, piece by piece; a piece is valid until the next.

    Raises:
        LostFile: if it does not wait any more, or is not what the page says. What was yielded
            by then is not the file, and is to be thrown away.
    """
    digest = sha256()
    size = 0
    try:
        sealed = WaitingFiles(work.session).sealed(file.id)
        for block in blocks_of(PayloadReader(sealed, page_key.file_key(file.id))):
            digest.update(block)
            size += len(block)
            yield block
    except EnvelopeError:
        raise LostFile from None
    if size != file.size or digest.hexdigest() != file.sha256:
        raise LostFile


def forget(work: Work, files: Sequence[bytes]) -> None:
    """Remove files that were sent, or that the reporter took out again."""
    WaitingFiles(work.session).remove(files)
