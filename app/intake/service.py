"""What a reporter's act stores: a sealed letter, its ticket, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import BinaryIO

from app.envelope.errors import HeaderError
from app.envelope.format import STANZAS, parse_header
from app.envelope.padding import is_sealed_payload_length
from app.envelope.receipts import hashed_tag
from app.errors import Busy, Full, Missing
from app.intake import store
from app.intake.domain import MIB, MOST_WAITING, Waiting
from app.intake.spool import Spool
from app.intake.tickets import StaleTicket, Ticket
from app.mailbox import service as mailbox
from app.work import Work

LOOK_AGAIN = timedelta(days=8)  # collected within a day, then seven days to answer
LARGE = 64 * 1024  # bytes of payload; a letter without files is smaller
LARGE_SHARE = 0.8  # of the letterbox; the rest is kept for words


class NotAnEnvelope(Exception):
    """The header is not one that intake takes."""


class WrongLength(Exception):
    """The payload's length is not that of a padded parcel."""


class TooManyWaiting(Busy):
    """This mailbox has as many letters waiting as it may have between two collections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """A first letter, as far as the server knows it."""

    tag: bytes
    mailbox: bytes
    desk: str
    urgent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A later letter, as far as the server knows it."""

    tag: bytes
    # Random, from the page: the same page posted twice is the same message.
    entry: bytes


Deposit = Concern | Message


@dataclass(frozen=True, slots=True)
class Arrived:
    """A whole envelope in the spool: its header, and its payload yet to be copied."""

    header: bytes
    payload: BinaryIO
    size: int


def examine(spool: Spool) -> Arrived:
    """Return the envelope in `spool`, if it is one that intake takes.

    Nobody here can open it; header and length are all there is to judge, and are judged
    strictly, so that no letter stands out among the others by its form.

    Raises:
        NotAnEnvelope: unless the header has exactly 16 hybrid stanzas.
        WrongLength: unless the payload is as long as some padded parcel.
        Full: if what is in the spool did not reach the disk.
    """
    file = spool.rewound()
    try:
        parse_header(file, exactly=STANZAS)
    except HeaderError as error:
        raise NotAnEnvelope(str(error)) from None
    ends = file.tell()
    if not is_sealed_payload_length(spool.size - ends):
        raise WrongLength
    file.seek(0)
    return Arrived(file.read(ends), file, spool.size - ends)


def sealed_here(spool: Spool, header: bytes) -> Arrived:
    """Return the envelope in `spool` that this process has sealed under `header` a moment ago.

    Raises:
        Full: if what is in the spool did not reach the disk.
    """
    file = spool.rewound()
    file.seek(len(header))
    return Arrived(header, file, spool.size - len(header))


def deposit(
    work: Work, letter: Deposit, arrived: Arrived, ticket: Ticket, letterbox_mib: int
) -> bool:
    """Put a letter into the letterbox; False if it is stored already.

    A second posting stores nothing, whether the first waits still or was collected: the same
    page was sent twice, and the reporter gets the same answer twice.

    Raises:
        Missing: if a later letter has no mailbox, nor a first letter waiting to make one.
        TooManyWaiting: if that mailbox has enough letters waiting.
        StaleTicket: if the ticket's days have passed, or it was spent on something else.
        Full: if the letterbox has no room.
    """
    if isinstance(letter, Concern):
        return _deposit_concern(work, letter, arrived, ticket, letterbox_mib)
    return _deposit_message(work, letter, arrived, ticket, letterbox_mib)


def stored_already(work: Work, tag: bytes, entry: bytes | None = None) -> bool:
    """Say whether the first letter of `tag`, or its later letter `entry`, is stored.

    Lets a page that is posted twice be answered without sealing its words a second time.
    """
    hashed = hashed_tag(tag)
    letters = store.Letters(work.session)
    if entry is not None:
        return letters.has(_later_id(hashed, entry))
    return letters.has(_first_id(hashed)) or _collected(work, hashed)


def check_ticket(work: Work, ticket: Ticket) -> None:
    """Raise StaleTicket if `ticket` could not be spent now."""
    ticket.check_day(work.today)
    if store.SpentTickets(work.session).has(ticket.digest):
        raise StaleTicket


def check_letterbox(work: Work, size: int, more: int, letterbox_mib: int) -> None:
    """Raise Full unless there is room. Large letters are refused first, words last.

    Args:
        work: in whose transaction what waits is added up.
        size: bytes of the letter that is asked about; decides how full is too full.
        more: bytes to come; 0 if the letter is counted already.
        letterbox_mib: MiB that may wait.
    """
    room = letterbox_mib * MIB
    if size > LARGE:
        room = int(room * LARGE_SHARE)
    if store.bytes_waiting(work.session) + more > room:
        raise Full("the letterbox has no room")


def look_again_on(today: date) -> date:
    """Return the day from which it is worth looking into a mailbox."""
    return today + LOOK_AGAIN


@contextmanager
def storage_errors_named() -> Iterator[None]:
    """Turn what a database says of a full disk or a locked file into Full or Busy.

    Wraps the whole transaction: a disk is often found full only at its commit.
    """
    with store.errors_named():
        yield


def _deposit_concern(
    work: Work, concern: Concern, arrived: Arrived, ticket: Ticket, letterbox_mib: int
) -> bool:
    hashed = hashed_tag(concern.tag)
    letter = Waiting(
        id=_first_id(hashed),
        tag_hash=hashed,
        mailbox=concern.mailbox,
        desk=concern.desk,
        first=True,
        urgent=concern.urgent,
        size=arrived.size,
        header=arrived.header,
    )
    letters = store.Letters(work.session)
    if not letters.add(letter):
        return False
    # Asked behind the lock that adding took: a collection may have ended a moment ago.
    if _collected(work, hashed):
        letters.remove([letter.id])
        return False
    _fill(work, letter, arrived, ticket, letterbox_mib)
    return True


def _deposit_message(
    work: Work, message: Message, arrived: Arrived, ticket: Ticket, letterbox_mib: int
) -> bool:
    hashed = hashed_tag(message.tag)
    waiting = store.Letters(work.session).mailboxes_of(hashed)
    letter = Waiting(
        id=_later_id(hashed, message.entry),
        tag_hash=hashed,
        mailbox=_home(work, hashed, waiting),
        desk=None,
        first=False,
        urgent=False,
        size=arrived.size,
        header=arrived.header,
    )
    if letter.id in waiting:
        return False
    if len(waiting) >= MOST_WAITING:
        raise TooManyWaiting("a mailbox has as many letters waiting as it may have")
    if not store.Letters(work.session).add(letter):
        return False
    _fill(work, letter, arrived, ticket, letterbox_mib)
    return True


def _fill(
    work: Work, letter: Waiting, arrived: Arrived, ticket: Ticket, letterbox_mib: int
) -> None:
    """Add what makes a new letter whole; whatever is raised here takes the letter back too."""
    _spend(work, ticket)
    check_letterbox(work, letter.size, 0, letterbox_mib)
    letters = store.Letters(work.session)
    for number, piece in enumerate(iter(lambda: arrived.payload.read(store.PART), b"")):
        letters.add_part(letter.id, number, piece)


def _first_id(hashed: bytes) -> bytes:
    # From the tag alone, so that two postings at the same instant meet at one key.
    return sha256(b"first" + hashed).digest()[:16]


def _later_id(hashed: bytes, entry: bytes) -> bytes:
    # Bound to the tag: nobody else's entry can stand in its way, or be found by trying.
    return sha256(b"later" + hashed + entry).digest()[:16]


def _spend(work: Work, ticket: Ticket) -> None:
    ticket.check_day(work.today)
    if not store.SpentTickets(work.session).add(ticket.digest, ticket.valid_on):
        raise StaleTicket


def _collected(work: Work, hashed: bytes) -> bool:
    try:
        mailbox.find(work, hashed)
    except Missing:
        return False
    return True


def _home(work: Work, hashed: bytes, waiting: dict[bytes, bytes]) -> bytes:
    for its_mailbox in waiting.values():
        return its_mailbox
    return mailbox.find(work, hashed).id
