"""The rows of mailboxes and their entries. The same on SQLite and on PostgreSQL."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar, cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from app.errors import Missing
from app.mailbox.domain import Entry, Mailbox, Side, Standing
from app.mailbox.tables import EntryRow, MailboxRow

AT_ONCE = 500  # keys in one statement

# Built once: it runs for everybody who asks, and to build it takes longer than to run it.
# Columns and not rows: an object for the session to watch costs as much as the look itself.
MAILBOX = cast(Table, MailboxRow.__table__)
ENTRY = cast(Table, EntryRow.__table__)
BY_TAG = select(MAILBOX).where(MAILBOX.c.tag_hash == bindparam("tag_hash"))
ENTRIES_OF = (
    select(*(column for column in ENTRY.c if column.name != "mailbox"))
    .where(ENTRY.c.mailbox == bindparam("of"))
    .order_by(ENTRY.c.postmark, ENTRY.c.id)
)

Key = TypeVar("Key", bytes, str)


class Mailboxes:
    """The mailboxes that collections opened."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, mailbox: Mailbox) -> None:
        """Add a mailbox. Written at once: the order of calls is the order of the rows."""
        self._session.execute(
            insert(MailboxRow),
            {
                "id": mailbox.id,
                "tag_hash": mailbox.tag_hash,
                "desk": mailbox.desk,
                "standing": mailbox.standing,
                "look_again_on": mailbox.look_again_on,
            },
        )

    def by_tag(self, tag_hash: bytes) -> Mailbox | None:
        """Return the mailbox found by the hash of a tag, if there is one."""
        found = self._session.connection().execute(BY_TAG, {"tag_hash": tag_hash})
        row = found.mappings().one_or_none()
        return None if row is None else Mailbox(**row)

    def ids_by_tag(self, tag_hashes: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the ids of the mailboxes that are found by any of `tag_hashes`, by that hash."""
        found: dict[bytes, bytes] = {}
        for some in _some_at_once(tag_hashes):
            chosen = select(MailboxRow.tag_hash, MailboxRow.id)
            rows = self._session.execute(chosen.where(MailboxRow.tag_hash.in_(some)))
            found |= {row.tag_hash: row.id for row in rows}
        return found

    def taken(self, ids: Iterable[bytes]) -> frozenset[bytes]:
        """Return those of `ids` that a mailbox has."""
        found: set[bytes] = set()
        for some in _some_at_once(ids):
            chosen = select(MailboxRow.id).where(MailboxRow.id.in_(some))
            found |= set(self._session.scalars(chosen))
        return frozenset(found)

    def set_desk(self, id: bytes, desk: str) -> None:
        """Write which desk a thread is with."""
        self._session.execute(update(MailboxRow).where(MailboxRow.id == id).values(desk=desk))

    def set_standing(self, id: bytes, standing: Standing, look_again_on: date | None) -> None:
        """Write what the reporter is told.

        Raises:
            Missing: if there is no such mailbox.
        """
        write = (
            update(MailboxRow)
            .where(MailboxRow.id == id)
            .values(standing=standing, look_again_on=look_again_on)
            .returning(MailboxRow.id)
        )
        if self._session.scalar(write) is None:
            raise Missing("mailbox")


class Entries:
    """The envelopes that lie in mailboxes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, mailbox: bytes, entry: Entry) -> None:
        """Add an entry. Written at once: the order of calls is the order of the rows."""
        self._session.execute(
            insert(EntryRow),
            {
                "id": entry.id,
                "mailbox": mailbox,
                "side": entry.side,
                "postmark": entry.postmark,
                "size": entry.size,
                "header": entry.header,
                "object_name": entry.object_name,
            },
        )

    def of(self, mailbox: bytes) -> list[Entry]:
        """Return a mailbox's entries by postmark; those of one day in no meaningful order."""
        found = self._session.connection().execute(ENTRIES_OF, {"of": mailbox})
        return [Entry(**row) for row in found.mappings()]

    def of_many(self, mailboxes: Sequence[bytes]) -> dict[bytes, list[Entry]]:
        """Return the entries of some mailboxes, by mailbox."""
        found: dict[bytes, list[Entry]] = {mailbox: [] for mailbox in mailboxes}
        for some in _some_at_once(mailboxes):
            chosen = select(ENTRY).where(ENTRY.c.mailbox.in_(some))
            ordered = chosen.order_by(ENTRY.c.postmark, ENTRY.c.id)
            for row in self._session.connection().execute(ordered).mappings():
                said = dict(row)
                found[said.pop("mailbox")].append(Entry(**said))
        return found

    def postmarks(self, mailboxes: Sequence[bytes], side: Side) -> dict[bytes, list[date]]:
        """Return the postmarks of one side of some mailboxes, by mailbox, the first one first."""
        found: dict[bytes, list[date]] = {}
        for some in _some_at_once(mailboxes):
            chosen = select(ENTRY.c.mailbox, ENTRY.c.postmark).where(
                ENTRY.c.mailbox.in_(some), ENTRY.c.side == side
            )
            for mailbox, day in self._session.connection().execute(
                chosen.order_by(ENTRY.c.postmark)
            ):
                found.setdefault(mailbox, []).append(day)
        return found

    def has(self, mailbox: bytes, entry: bytes) -> bool:
        """Say whether the entry of this id lies in `mailbox`."""
        chosen = select(EntryRow.id).where(EntryRow.id == entry, EntryRow.mailbox == mailbox)
        return self._session.scalar(chosen) is not None

    def put_again(self, entries: Iterable[Entry]) -> None:
        """Write header, size and payload of entries that were sealed or wrapped again."""
        for entry in entries:
            self._session.execute(
                update(EntryRow)
                .where(EntryRow.id == entry.id)
                .values(header=entry.header, size=entry.size, object_name=entry.object_name)
            )

    def first_headers(self, mailboxes: Sequence[bytes]) -> dict[bytes, list[bytes]]:
        """Return, by mailbox, the headers of the reporter's entries of its first day."""
        theirs = select(EntryRow).where(EntryRow.side == Side.REPORTER)
        theirs = theirs.where(EntryRow.mailbox.in_(mailboxes))
        days = select(EntryRow.mailbox, func.min(EntryRow.postmark).label("first"))
        begun = (
            days.where(EntryRow.side == Side.REPORTER, EntryRow.mailbox.in_(mailboxes))
            .group_by(EntryRow.mailbox)
            .subquery()
        )
        on_first_day = (begun.c.mailbox == EntryRow.mailbox) & (begun.c.first == EntryRow.postmark)
        found: dict[bytes, list[bytes]] = {mailbox: [] for mailbox in mailboxes}
        for row in self._session.scalars(theirs.join(begun, on_first_day)):
            found[row.mailbox].append(row.header)
        return found

    def named(self, object_names: Iterable[str]) -> frozenset[str]:
        """Return those of `object_names` that an entry names."""
        found: set[str] = set()
        for some in _some_at_once(object_names):
            chosen = select(EntryRow.object_name).where(EntryRow.object_name.in_(some))
            found |= set(self._session.scalars(chosen))
        return frozenset(found)


def _some_at_once(keys: Iterable[Key]) -> Iterator[list[Key]]:
    every = list(keys)
    for start in range(0, len(every), AT_ONCE):
        yield every[start : start + AT_ONCE]
