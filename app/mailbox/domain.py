"""What stands in clear about a thread, and nothing else."""

import enum
from dataclasses import dataclass
from datetime import date, timedelta

LOOK_AGAIN_AFTER = timedelta(days=7)


class Side(enum.Enum):
    """Whose entry it is: all members of desks are one side."""

    REPORTER = "reporter"
    DESK = "desk"


class Standing(enum.Enum):
    """What a reporter is told of the state of things; never varies with the desk."""

    RECEIVED = "received"
    BEING_READ = "being read"
    BEING_ASSESSED = "being assessed"
    UNDER_WAY = "under way"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A thread's home, as it stands between two collections."""

    # SHA-256 of the reporter's verification key and recipient.
    id: bytes
    tag_hash: bytes
    desk: str
    standing: Standing = Standing.RECEIVED
    # When the reporter was told to look again; None once there is nothing to look for.
    look_again_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One envelope of a thread. Its place in the thread is sealed inside it."""

    id: bytes
    side: Side
    postmark: date
    # Bytes of the sealed payload.
    size: int
    header: bytes
    object_name: str
