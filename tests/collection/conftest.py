"""A letterbox to drop letters into, and the objects a collection fills."""

import pytest
from sqlalchemy import func, select

from app.audit import service as audit
from app.casework.tables import CaseRow
from app.collection.service import collect
from app.intake.tables import LetterPartRow, LetterRow
from app.mailbox.objects import Objects
from app.mailbox.tables import EntryRow, MailboxRow
from app.work import begin, look
from tests.collection.letters import Sent, drop


class Post:
    """The letterbox before a collection, and everything after it."""

    def __init__(self, database, clock, objects):
        self.database = database
        self.clock = clock
        self.objects = objects

    def drop(self, letter) -> Sent:
        with begin(self.database, self.clock) as work:
            return drop(work, letter)

    def collect(self, **options) -> int:
        return collect(self.database, self.clock, self.objects, **options)

    def rows(self, table):
        with look(self.database) as work:
            return list(work.session.scalars(select(table)))

    def count(self, table) -> int:
        with look(self.database) as work:
            return work.session.scalar(select(func.count()).select_from(table))

    def payload(self, entry) -> bytes:
        with self.objects.open(entry.object_name) as file:
            return file.read()

    def audit(self):
        with look(self.database) as work:
            return audit.last_entries(work, 100)

    def assert_each_once(self, sent: list[Sent]) -> None:
        """Every letter lies in its mailbox with its payload, once; nothing waits."""
        entries = self.rows(EntryRow)
        found = {(entry.mailbox, entry.header): entry for entry in entries}
        assert len(entries) == len(sent) == len(found)
        for one in sent:
            entry = found[one.letter.mailbox, one.letter.header]
            assert self.payload(entry) == one.payload
            assert entry.size == one.letter.size
        homes = {one.letter.mailbox for one in sent}
        assert {row.id for row in self.rows(MailboxRow)} == homes
        assert {row.mailbox for row in self.rows(CaseRow)} == homes
        assert len(self.rows(CaseRow)) == len(homes)
        assert self.count(LetterRow) == self.count(LetterPartRow) == 0


@pytest.fixture
def objects(tmp_path) -> Objects:
    return Objects(tmp_path / "objects")


@pytest.fixture
def post(database, clock, objects) -> Post:
    return Post(database, clock, objects)
