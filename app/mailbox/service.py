"""Threads in their final place: opened by a collection, found by a tag, added to by both sides."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from app.errors import Conflict, Missing
from app.mailbox.domain import LOOK_AGAIN_AFTER, Entry, Mailbox, Side, Standing
from app.mailbox.objects import Objects
from app.mailbox.store import Entries, Mailboxes
from app.work import Work

ENTRY_ID = 16  # bytes
# Longer than any put takes before its row is committed, upload and padding included.
ORPHAN_AFTER = 3600.0  # seconds


def find(work: Work, tag_hash: bytes) -> Mailbox:
    """Return the mailbox that is found by the hash of a receipt's tag.

    Raises:
        Missing: if no collection has opened one.
    """
    mailbox = Mailboxes(work.session).by_tag(tag_hash)
    if mailbox is None:
        raise Missing("mailbox")
    return mailbox


def ids_by_tag(work: Work, tag_hashes: Iterable[bytes]) -> Mapping[bytes, bytes]:
    """Return the ids of the mailboxes found by any of `tag_hashes`, by that hash."""
    return Mailboxes(work.session).ids_by_tag(tag_hashes)


def taken(work: Work, ids: Iterable[bytes]) -> frozenset[bytes]:
    """Return those of `ids` that a mailbox has already."""
    return Mailboxes(work.session).taken(ids)


def open_mailbox(work: Work, *, id: bytes, tag_hash: bytes, desk: str) -> None:
    """Open a mailbox for a reporter's first letter.

    Whoever calls has made sure that neither `id` nor `tag_hash` is taken. Calls are written
    in their order, so many of them come shuffled.
    """
    Mailboxes(work.session).add(
        Mailbox(id=id, tag_hash=tag_hash, desk=desk, look_again_on=work.today + LOOK_AGAIN_AFTER)
    )


def place(
    work: Work,
    *,
    mailbox: bytes,
    side: Side,
    postmark: date,
    header: bytes,
    size: int,
    object_name: str,
    id: bytes | None = None,
) -> bytes:
    """Place an envelope in a mailbox, and return the entry's id (16 bytes).

    Args:
        work: its transaction makes the entry real; until then the object is an orphan.
        mailbox: id of a mailbox.
        side: who wrote.
        postmark: the day of the collection, or of the desk's letter.
        header: of the envelope, up to the newline after its MAC.
        size: bytes of the sealed payload.
        object_name: where `Objects.put` stored the payload.
        id: 16 random bytes, where a form was given them so that posting it twice is noticed.
            Random bytes of its own without.
    """
    entry = Entry(
        id=id or secrets.token_bytes(ENTRY_ID),
        side=side,
        postmark=postmark,
        size=size,
        header=header,
        object_name=object_name,
    )
    Entries(work.session).add(mailbox, entry)
    return entry.id


def entries(work: Work, mailbox: bytes) -> list[Entry]:
    """Return a mailbox's entries by postmark; those of one day in no meaningful order."""
    return Entries(work.session).of(mailbox)


def entries_in(work: Work, mailboxes: Sequence[bytes]) -> Mapping[bytes, list[Entry]]:
    """Return the entries of many mailboxes by mailbox, as `entries` gives those of one."""
    return Entries(work.session).of_many(mailboxes)


def desk_postmarks(work: Work, mailboxes: Sequence[bytes]) -> Mapping[bytes, tuple[date, ...]]:
    """Return by mailbox on which days its desk wrote, the first one first, where it did."""
    found = Entries(work.session).postmarks(mailboxes, Side.DESK)
    return {mailbox: tuple(days) for mailbox, days in found.items()}


def has_entry(work: Work, mailbox: bytes, entry: bytes) -> bool:
    """Say whether the entry of this id lies in `mailbox`."""
    return Entries(work.session).has(mailbox, entry)


def first_headers(work: Work, mailboxes: Sequence[bytes]) -> Mapping[bytes, list[bytes]]:
    """Return, for each of `mailboxes`, the headers of what the reporter sent on its first day.

    The concern is among them; which one it is, is sealed.
    """
    return Entries(work.session).first_headers(mailboxes)


def put_again(work: Work, mailbox: bytes, entries: Sequence[Entry]) -> None:
    """Write the envelopes of a thread as they are after other people can open them.

    Raises:
        Conflict: if a letter came that is not among them.
    """
    known = {entry.id for entry in Entries(work.session).of(mailbox)}
    if known != {entry.id for entry in entries}:
        raise Conflict("a letter came meanwhile")
    Entries(work.session).put_again(entries)


def pass_to(work: Work, mailbox: bytes, desk: str) -> None:
    """Write which desk a thread is with from now on; a letter of the desk's has to vouch for it."""
    Mailboxes(work.session).set_desk(mailbox, desk)


def set_standing(
    work: Work, mailbox: bytes, standing: Standing, *, look_again_on: date | None
) -> None:
    """Write what the reporter of `mailbox` is told, and when to look again.

    Raises:
        Missing: if there is no such mailbox.
    """
    Mailboxes(work.session).set_standing(mailbox, standing, look_again_on)


def orphans(work: Work, objects: Objects) -> set[str]:
    """Return the objects that no entry names and that are too old to be named yet.

    What a collection or a reply stored before it was killed lies there, sealed, and is no use
    to anybody. Names are listed before rows are read: a row committed in between is seen.
    """
    old = {name for name, age in objects.names() if age > ORPHAN_AFTER}
    return old - Entries(work.session).named(old)
