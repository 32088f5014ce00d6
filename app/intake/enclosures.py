"""A file that a desk sent with a letter: opened for its reporter in memory, and given to her.

It was cleaned before it was sealed, and is of a kind that is told by its first bytes. The name it
goes by on her machine says nothing of where it came from.
"""

import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import Self

from app.envelope.errors import LetterError
from app.envelope.keyring import Keyring
from app.envelope.letter import Kind, check_place, letter_digest, verify_reply
from app.envelope.opening import open_header, open_payload
from app.envelope.parcel import ParcelReader
from app.envelope.reading import read_attachments
from app.envelope.receipts import Receipt
from app.envelope.thread import Side
from app.errors import Missing
from app.intake.reading import Envelope, look_into
from app.mailbox.objects import Objects
from app.work import Work

NUMBER = 1  # of the one file that such a letter encloses
# The same in assets/report/enclosure.js.
KINDS = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
)
PLAIN = "txt"
NAME = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """A file as it is given to a reporter."""

    content: bytes = field(repr=False)
    ending: str

    @property
    def name(self) -> str:
        """The name it is saved under."""
        return f"{NAME}.{self.ending}"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which letter's file a page asks for: the id of its entry, and the letter that it showed."""

    entry: bytes
    digest: str

    @classmethod
    def read(cls, said: str) -> Self | None:
        """Return what a button carries, if it is that."""
        if not re.fullmatch(r"[0-9a-f]{32}\.[0-9a-f]{64}", said, re.ASCII):
            return None
        entry, digest = said.split(".")
        return cls(bytes.fromhex(entry), digest)

    def __str__(self) -> str:
        return f"{self.entry.hex()}.{self.digest}"


def envelope_of(work: Work, tag: bytes, entry: bytes, objects: Objects) -> Envelope:
    """Return the envelope of a letter of the desk's in the mailbox of `tag`.

    Raises:
        Missing: if there is no such mailbox, or no such letter of the desk's in it.
    """
    box = look_into(work, tag, objects)
    found = next((one for one in box.envelopes if one.id == entry), None)
    if found is None or found.side is not Side.DESKS:
        raise Missing("letter")
    return found


def open_enclosed(envelope: Envelope, receipt: Receipt, keyring: Keyring, digest: str) -> Enclosed:
    """Return the file that a letter of the desk's encloses, checked to its last byte.

    Args:
        envelope: in which it should lie.
        receipt: of its reporter.
        keyring: to verify who wrote.
        digest: of the letter that she was shown, in hexadecimal.

    Raises:
        Missing: if it encloses none, or its payload is gone.
        EnvelopeError: if it does not open, is not what a member of the desk sealed, or is not
            in the letter that she was shown.
    """
    identity = receipt.identity
    file_key = open_header(envelope.header, identity, placed=identity.recipient)
    file = BytesIO()
    with envelope.payload() as payload:
        parcel = ParcelReader(open_payload(file_key, payload))
        letter = verify_reply(parcel.letter_json, parcel.signature, keyring.verification_keys())
        if letter_digest(parcel.letter_json) != digest:
            raise LetterError("another letter lies in its place")
        check_place(letter, mailbox=receipt.mailbox_id, kinds=(Kind.REPLY,))
        if len(letter.attachments) < NUMBER:
            raise Missing("file")
        read_attachments(parcel, letter, lambda number, _: file if number == NUMBER else None)
    return _of_kind(file.getvalue())


def _of_kind(content: bytes) -> Enclosed:
    endings = (ending for beginning, ending in KINDS if content.startswith(beginning))
    return Enclosed(content=content, ending=next(endings, PLAIN))
