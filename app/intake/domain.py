"""What waits in the letterbox, and how much of it there may be."""

from dataclasses import dataclass

MIB = 1024 * 1024

MOST_FILES = 10
LARGEST_FILE = 32 * MIB  # bytes
LARGEST_FILES = 64 * MIB  # bytes of all files of one letter together
# A parcel of the largest files is padded by at most 12 %, and has a header before it.
LARGEST_ENVELOPE = 76 * MIB  # bytes

# Letters in one mailbox between two collections. The newest are opened to answer a visit,
# so a mailbox that somebody stuffs would cost more with every look.
MOST_WAITING = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A sealed letter that waits for the collection."""

    # Does not survive the collection: it follows from the tag, or from the page it was sent by.
    id: bytes
    tag_hash: bytes
    mailbox: bytes
    # None for a later letter: its mailbox knows.
    desk: str | None
    first: bool
    urgent: bool
    # Bytes of the sealed payload, which has a padded length.
    size: int
    header: bytes
