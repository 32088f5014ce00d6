"""A tar of documents and files, sealed to one recipient while it is written.

Nothing of it is on a disk and no file is in memory as a whole. Members have no owner and no time.
The manifest comes first and names every member with its length and SHA-256: what a letter says of
its files was checked before, and is checked again while they pass.
"""

import io
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from app.envelope.errors import EnvelopeError
from app.envelope.recipients import Recipient
from app.envelope.sealing import Sealer
from app.sharing.documents import json_bytes

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Document:
    """A member of a bundle that is made here."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class File:
    """A member of a bundle that a letter brought: its length, its digest, and its blocks."""

    name: str
    size: int
    digest: str
    blocks: Iterable[bytes]


class FileChanged(EnvelopeError):
    """A file is not what its letter says of it. The bundle breaks off, and opens nowhere."""


def sealed_bundle(
    head: dict[str, object],
    documents: Sequence[Document],
    files: Sequence[File],
    recipient: Recipient,
) -> Iterator[bytes]:
    """Yield an age file with a tar of everything, piece by piece.

    Args:
        head: what the manifest says beside its list.
        documents: written first.
        files: after them, in their order.
        recipient: the only one who can open it.

    Raises:
        FileChanged: where a file is not what its letter says.
    """
    drain = _Drain()
    sealer = Sealer(drain, [recipient])
    for block in _tar(head, documents, files):
        sealer.write(block)
        yield from drain.taken()
    sealer.finish()
    yield from drain.taken()


def sealed_document(document: Document, recipient: Recipient) -> bytes:
    """Return one document as an age file for one recipient."""
    out = io.BytesIO()
    sealer = Sealer(out, [recipient])
    sealer.write(document.content)
    sealer.finish()
    return out.getvalue()


def _tar(
    head: dict[str, object], documents: Sequence[Document], files: Sequence[File]
) -> Iterator[bytes]:
    listed = [
        *(
            {"name": one.name, "size": len(one.content), "sha256": sha256(one.content).hexdigest()}
            for one in documents
        ),
        *({"name": one.name, "size": one.size, "sha256": one.digest} for one in files),
    ]
    manifest = Document(MANIFEST, json_bytes({**head, "members": listed}))
    for document in (manifest, *documents):
        yield _header(document.name, len(document.content))
        yield document.content
        yield _filling(len(document.content))
    for file in files:
        yield _header(file.name, file.size)
        yield from _checked(file)
        yield _filling(file.size)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _checked(file: File) -> Iterator[bytes]:
    digest, length = sha256(), 0
    for block in file.blocks:
        digest.update(block)
        length += len(block)
        yield block
    if (length, digest.hexdigest()) != (file.size, file.digest):
        raise FileChanged(f"{file.name} is not what its letter says")


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member.tobuf(tarfile.USTAR_FORMAT)


def _filling(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


class _Drain:
    """A sink that gives on what it was written."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, content: bytes | bytearray | memoryview, /) -> int:
        self._held.append(bytes(content))
        return len(content)

    def taken(self) -> list[bytes]:
        """Return what came since the last time."""
        held, self._held = self._held, []
        return held
