"""Reading a whole parcel against the letter in it: nothing more, nothing less, nothing altered.

Source: docs/envelope-spec.md, section 5.3.
"""

from collections.abc import Callable
from hashlib import sha256

from app.envelope.errors import LetterError
from app.envelope.letter import Attachment, Letter
from app.envelope.parcel import AttachmentReader, ParcelReader
from app.envelope.pipes import Sink, blocks_of


def read_attachments(
    parcel: ParcelReader, letter: Letter, sink_for: Callable[[int, Attachment], Sink | None]
) -> None:
    """Copy attachments out of `parcel`, and check all of it against the verified `letter`.

    Args:
        parcel: of which nothing but letter and signature was read.
        letter: as `verify_letter` or `verify_reply` returned it for that parcel.
        sink_for: called with each attachment's number, counted from 1, and what the letter says
            of it; returns where its bytes go, or None to check them only.

    Raises:
        LetterError: if an attachment is missing, too many, or not the one the letter names.
            Bytes of it were written by then: hand them to nobody before this returns.
        ParcelError: if the parcel is not sound to its last byte.
    """
    count = 0
    for found in parcel.attachments(floor=letter.floor):
        count += 1
        if count > len(letter.attachments):
            raise LetterError("the parcel has an attachment that the letter does not name")
        named = letter.attachments[count - 1]
        _copy(found, named, sink_for(count, named))
    if count != len(letter.attachments):
        raise LetterError("an attachment that the letter names is missing")


def _copy(found: AttachmentReader, named: Attachment, sink: Sink | None) -> None:
    if found.size != named.size:
        raise LetterError("an attachment has not the size that the letter names")
    digest = sha256()
    for block in blocks_of(found):
        digest.update(block)
        if sink is not None:
            sink.write(block)
    if digest.hexdigest() != named.sha256:
        raise LetterError("an attachment is not the one that the letter names")
