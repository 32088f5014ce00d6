"""A reporter's thread, opened in memory with what her receipt gives; a visit writes nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BufferedReader, BytesIO

from app.envelope.errors import EnvelopeError
from app.envelope.keyring import Keyring
from app.envelope.letter import (
    Kind,
    Letter,
    check_place,
    letter_digest,
    verify_letter,
    verify_reply,
)
from app.envelope.opening import open_header
from app.envelope.padding import CHUNK, NONCE, TAG
from app.envelope.parcel import peek_letter
from app.envelope.receipts import Receipt, hashed_tag
from app.envelope.stream import PayloadReader
from app.envelope.thread import Entry, Gap, Refused, Side, Thread, arrange
from app.errors import Broken, Missing
from app.intake.domain import Waiting
from app.intake.store import Letters
from app.intake.vouching import desks_of
from app.mailbox import domain as mailbox_domain
from app.mailbox import service as mailbox_service
from app.mailbox.domain import Mailbox, Standing
from app.mailbox.objects import Objects
from app.mailbox.promises import Days, promised
from app.work import Work

# Opened on a visit unless all are asked for: each costs about two milliseconds, and anybody
# may make a receipt and ask.
NEWEST = 4
# The nonce and two chunks: whoever opens the first must see whether another follows.
HEAD = NONCE + 2 * (CHUNK + TAG)  # bytes

REPORTERS = frozenset({Kind.CONCERN, Kind.MESSAGE})
DESKS = frozenset({Kind.REPLY})

WAITS = (
    "Your concern is sealed and waits for the next collection, which is once a day. "
    "Nobody has been able to read it yet."
)
STANDINGS = {
    Standing.RECEIVED: "Your concern has been collected. Nobody has opened it yet.",
    Standing.BEING_READ: "Your concern has been opened and is being read.",
    Standing.BEING_ASSESSED: (
        "Your concern has been read and is being assessed. There may be a question for you below."
    ),
    Standing.UNDER_WAY: (
        "Your concern has been assessed and is being acted on. There may be a question for you "
        "below."
    ),
    Standing.CLOSED: "This is closed. You can still read it and write to the team here.",
}


SIDES = {mailbox_domain.Side.REPORTER: Side.REPORTER, mailbox_domain.Side.DESK: Side.DESKS}


class NoMailbox(Missing):
    """There is no mailbox for this receipt, nor a letter that waits to make one."""


class Replaced(Broken):
    """The mailbox found under this receipt's tag belongs to other keys."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed letter of a thread, wherever it lies."""

    id: bytes
    side: Side
    # None while it waits for the collection.
    postmark: date | None
    header: bytes
    payload: Callable[[], BufferedReader | BytesIO]

    def head(self) -> bytes:
        """Return the beginning of the payload, in which the letter lies.

        Empty where the payload is gone: whoever opens it says so.
        """
        try:
            with self.payload() as payload:
                return payload.read(HEAD)
        except (Missing, OSError):
            return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A mailbox before anything in it is opened."""

    mailbox: bytes
    desk: str
    status: str
    look_again_on: date | None
    # By when the desk promised to write; None if nothing is promised.
    promised: date | None
    closed: bool
    # Newest first, as far as days tell.
    envelopes: tuple[Envelope, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A letter that opened and verified, and whether it waits still."""

    # Of the envelope.
    id: bytes
    letter: Letter
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a reporter is shown."""

    box: Box
    thread: Thread[Found]
    everything: bool
    names: Mapping[str, str] = field(default_factory=dict)
    # The desks that it was with.
    vouched: frozenset[str] = frozenset()
    # Where the reporter's own chain ends; None if none of her letters opens.
    last: Entry[Found] | None

    @property
    def desk(self) -> str:
        """The desk to write to: where the server says, if a verified letter of it vouches."""
        if self.last is None or self.strange_desk:
            return "" if self.last is None else self.last.content.letter.desk
        return self.box.desk

    @property
    def strange_desk(self) -> bool:
        """Whether the server names a desk that no verified letter vouches for."""
        return self.box.desk not in self.vouched


def look_into(work: Work, tag: bytes, objects: Objects) -> Box:
    """Return the mailbox of a tag, with what waits for the next collection.

    Raises:
        NoMailbox: if there is none.
    """
    hashed = hashed_tag(tag)
    waiting = Letters(work.session).of(hashed)
    try:
        mailbox: Mailbox | None = mailbox_service.find(work, hashed)
    except Missing:
        mailbox = None
    if mailbox is None:
        return _before_collection(work, waiting)
    entries = mailbox_service.entries(work, mailbox.id)
    closed = mailbox.standing is Standing.CLOSED
    return Box(
        mailbox=mailbox.id,
        desk=mailbox.desk,
        status=STANDINGS[mailbox.standing],
        look_again_on=mailbox.look_again_on,
        promised=promised(Days.of(entries), closed=closed),
        closed=closed,
        envelopes=(*_waiting(work, waiting), *_collected(entries, objects)),
    )


def visit(
    work: Work, receipt: Receipt, keyring: Keyring, objects: Objects, *, everything: bool
) -> Visit:
    """Open a reporter's thread, or its newest letters.

    Raises:
        NoMailbox: if there is none.
        Replaced: if what is there belongs to other keys than the receipt's.
    """
    box = look_into(work, receipt.tag, objects)
    if box.mailbox.hex() != receipt.mailbox_id:
        raise Replaced("the mailbox does not belong to the receipt")
    opener = _Opener(receipt, keyring)
    count = len(box.envelopes) if everything else NEWEST
    found = [opener.open(envelope) for envelope in box.envelopes[:count]]
    if not any(_is_own(item) for item in found):
        found += _own_newest(opener, box.envelopes[count:])
    arranged = arrange(found)
    complete = len(found) == len(box.envelopes)
    return Visit(
        box=box,
        thread=arranged if complete else _without_gaps(arranged),
        everything=complete,
        names={member.id: member.name for member in keyring.members}
        | {former.id: former.name for former in keyring.former},
        vouched=desks_of((entry.content.letter for entry in arranged.entries), keyring),
        last=_last_own(arranged),
    )


class _Opener:
    """Opens envelopes with a receipt, and believes nothing that does not verify."""

    def __init__(self, receipt: Receipt, keyring: Keyring) -> None:
        self._receipt = receipt
        self._keys = keyring.verification_keys()

    def open(self, envelope: Envelope) -> Entry[Found] | Refused:
        # What waits comes after everything that was collected.
        postmark = envelope.postmark or date.max
        try:
            content, letter = self._verified(envelope)
        except EnvelopeError as error:
            return Refused(
                side=envelope.side,
                postmark=postmark,
                reference=envelope.id.hex(),
                reason=str(error),
            )
        return Entry(
            side=envelope.side,
            postmark=postmark,
            place=letter.place,
            previous=letter.previous,
            digest=letter_digest(content),
            content=Found(id=envelope.id, letter=letter, waits=envelope.postmark is None),
        )

    def _verified(self, envelope: Envelope) -> tuple[bytes, Letter]:
        identity = self._receipt.identity
        file_key = open_header(envelope.header, identity, placed=identity.recipient)
        head = envelope.head()
        reader = PayloadReader(BytesIO(head), file_key)
        content, signature = peek_letter(reader.read(CHUNK))
        if envelope.side is Side.REPORTER:
            letter, kinds = verify_letter(content, signature), REPORTERS
        else:
            letter, kinds = verify_reply(content, signature, self._keys), DESKS
        check_place(letter, mailbox=self._receipt.mailbox_id, kinds=kinds)
        return content, letter


def _before_collection(work: Work, waiting: Sequence[Waiting]) -> Box:
    first = next((letter for letter in waiting if letter.first), None)
    if first is None or first.desk is None:
        raise NoMailbox("no mailbox")
    return Box(
        mailbox=first.mailbox,
        desk=first.desk,
        status=WAITS,
        look_again_on=None,
        promised=None,
        closed=False,
        envelopes=tuple(_waiting(work, waiting)),
    )


def _waiting(work: Work, letters: Iterable[Waiting]) -> list[Envelope]:
    box = Letters(work.session)
    return [
        Envelope(
            letter.id,
            Side.REPORTER,
            None,
            letter.header,
            lambda of=letter.id: box.payload(of),  # type: ignore[misc]  # a default binds it
        )
        for letter in letters
    ]


def _collected(entries: Sequence[mailbox_domain.Entry], objects: Objects) -> list[Envelope]:
    newest_first = sorted(entries, key=lambda entry: entry.postmark, reverse=True)
    return [
        Envelope(
            entry.id,
            SIDES[entry.side],
            entry.postmark,
            entry.header,
            lambda name=entry.object_name: objects.open(name),  # type: ignore[misc]
        )
        for entry in newest_first
    ]


def _own_newest(opener: _Opener, envelopes: Sequence[Envelope]) -> list[Entry[Found] | Refused]:
    # All of the last day on which she wrote: the place of each is sealed inside it.
    own = [envelope for envelope in envelopes if envelope.side is Side.REPORTER]
    return [opener.open(one) for one in own if one.postmark == own[0].postmark]


def _is_own(item: Entry[Found] | Refused) -> bool:
    return isinstance(item, Entry) and item.side is Side.REPORTER


def _last_own(arranged: Thread[Found]) -> Entry[Found] | None:
    own = [entry for entry in arranged.entries if entry.side is Side.REPORTER]
    return max(own, key=lambda entry: entry.place, default=None)


def _without_gaps(arranged: Thread[Found]) -> Thread[Found]:
    # Letters that were not opened would look like gaps.
    return Thread(items=tuple(item for item in arranged.items if not isinstance(item, Gap)))
