"""After a collection nothing lies, or is numbered, in the order in which it came.

Each place where an order could survive is read out and correlated with the order of arrival
(Spearman's rho, summed over collections). Under no relation the sum is normal; the bound is
fixed, and a planted order has to be found by the same detector.
"""

import math
import secrets
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from scipy.stats import rankdata
from sqlalchemy import text

from app.casework import listing
from app.casework.domain import Drawer
from app.casework.inbox import Asked
from app.casework.tables import CaseRow, ReaderRow
from app.collection import service
from app.identity.domain import Role, StaffMember
from app.mailbox.tables import EntryRow
from app.work import begin, look
from tests.collection.letters import a_letter
from tests.proof import PROVING

LETTERS = 150 if PROVING else 30  # in a collection
COLLECTIONS = 30 if PROVING else 4
LONG = 6_000  # bytes of header: it overflows a page, as a real one does
# Standard deviations. With some twenty features a run, one in ten thousand runs goes beyond it.
BOUND = 4.5

Features = dict[str, list[object]]


def file_order(post, batch) -> Features:
    """What the object store shows: times, inodes, names, and the order a folder is read in."""
    folder = post.objects._folder
    in_folder = [path.name for path in Path(folder).iterdir()]
    stats = [(folder / entry.object_name).stat() for entry in batch]
    return {
        "object ctime": [stat.st_ctime_ns for stat in stats],
        "object mtime": [stat.st_mtime_ns for stat in stats],
        "object inode": [stat.st_ino for stat in stats],
        "object name": [entry.object_name for entry in batch],
        "object place in the folder": [in_folder.index(entry.object_name) for entry in batch],
    }


def row_order(post, batch, cases) -> Features:
    """What the rows themselves show."""
    return {
        "entry id": [entry.id for entry in batch],
        "mailbox id": [entry.mailbox for entry in batch],
        "case reference": [cases[entry.mailbox] for entry in batch],
    }


def inbox_order(post, batch, cases) -> Features:
    member = StaffMember(id="amara", name="Amara", role=Role.HANDLER, desk="psd")
    with begin(post.database, post.clock) as work:
        for entry in batch:
            work.session.add(ReaderRow(member="amara", ref=cases[entry.mailbox], may_read=True))
    order = []
    with look(post.database, post.clock) as work:
        asked = Asked(drawer=Drawer.WAITING)
        while asked is not None:
            page = listing.inbox(work, asked, by=member)
            order += [case.ref for case in page.cases]
            asked = replace(asked, after=page.later) if page.later else None
    with begin(post.database) as work:
        work.session.query(ReaderRow).delete()
    return {"place in the inbox": [order.index(cases[entry.mailbox]) for entry in batch]}


def asked(post, statement) -> dict[object, tuple]:
    with look(post.database) as work:
        return {row[0]: tuple(row[1:]) for row in work.session.execute(text(statement))}


def sqlite_order(post, batch, cases) -> Features:
    """Row numbers, and where in the file the bytes lie."""
    content = Path(post.database.engine.url.database).read_bytes()
    entries = asked(post, "SELECT id, rowid FROM mailbox_entry")
    homes = asked(post, "SELECT id, rowid FROM mailbox_mailbox")
    rows = asked(post, "SELECT mailbox, rowid FROM casework_case")
    return {
        "entry row": [entries[entry.id] for entry in batch],
        "mailbox row": [homes[entry.mailbox] for entry in batch],
        "case row": [rows[entry.mailbox] for entry in batch],
        "header's beginning in the file": [content.index(entry.header[:32]) for entry in batch],
        "header's end in the file": [content.index(entry.header[-32:]) for entry in batch],
        "case in the file": [content.index(cases[entry.mailbox].encode()) for entry in batch],
    }


def postgresql_order(post, batch, cases) -> Features:
    """Where in its table each tuple lies, and which transaction and command wrote it."""
    found: Features = {}
    for name, table, key in (
        ("entry", "mailbox_entry", "id"),
        ("mailbox", "mailbox_mailbox", "id"),
        ("case", "casework_case", "mailbox"),
    ):
        rows = asked(
            post,
            f"SELECT {key}, (ctid::text::point)[0]::int, (ctid::text::point)[1]::int, "
            f"cmin::text::int, xmin::text::bigint FROM {table}",
        )
        rows = {bytes(row): places for row, places in rows.items()}
        ids = [entry.id if name == "entry" else entry.mailbox for entry in batch]
        found[f"{name} ctid"] = [rows[id][:2] for id in ids]
        found[f"{name} cmin"] = [rows[id][2] for id in ids]
        found[f"{name} xmin"] = [rows[id][3] for id in ids]
    return found


def features_of(post, sent) -> Features:
    """Read out every place, for the letters of one collection in the order of their arrival."""
    by_mailbox = {entry.mailbox: entry for entry in post.rows(EntryRow)}
    cases = {case.mailbox: case.ref for case in post.rows(CaseRow)}
    batch = [by_mailbox[one.letter.mailbox] for one in sent]
    inside = sqlite_order if post.database.is_sqlite else postgresql_order
    return {
        **file_order(post, batch),
        **row_order(post, batch, cases),
        **inbox_order(post, batch, cases),
        **inside(post, batch, cases),
    }


def rho(values) -> float:
    """Spearman's correlation of `values` with the order they stand in; 0 if all are alike."""
    order = {value: rank for rank, value in enumerate(sorted(set(values)))}
    ranks = rankdata([order[value] for value in values])
    count = len(ranks)
    middle = (count + 1) / 2
    spread = sum((rank - middle) ** 2 for rank in ranks)
    if not spread:
        return 0.0
    shared = sum((rank - middle) * (n - middle) for n, rank in enumerate(ranks, 1))
    return shared / math.sqrt(spread * sum((n - middle) ** 2 for n in range(1, count + 1)))


def deviations(post) -> dict[str, float]:
    """Make collections, and return for each place by how many deviations it tells the order."""
    totals: dict[str, float] = defaultdict(float)
    for _ in range(COLLECTIONS):
        sent = [
            post.drop(a_letter(size=600, header=secrets.token_bytes(LONG))) for _ in range(LETTERS)
        ]
        assert post.collect() == LETTERS
        for name, values in features_of(post, sent).items():
            totals[name] += rho(values)
    return {name: total * math.sqrt((LETTERS - 1) / COLLECTIONS) for name, total in totals.items()}


def test_nothing_lies_in_the_order_of_arrival(post):
    found = deviations(post)
    assert len(found) >= 15
    telling = {name: round(value, 1) for name, value in found.items() if abs(value) > BOUND}
    assert telling == {}


@pytest.mark.parametrize("planted", ["no shuffle at all", "files alone", "rows alone"])
def test_a_planted_order_is_found(post, monkeypatch, planted):
    """The detector detects: with a shuffle left out, the places it was for tell the order."""
    shuffled = service._shuffled

    class Half:
        """Shuffles the files or the rows and leaves the other as it came."""

        copying = False

        def __call__(self, things):
            things = list(things)
            orderly = planted == "no shuffle at all" or (planted == "files alone") == self.copying
            return sorted(things, key=arrival) if orderly else shuffled(things)

    def arrival(thing):
        letter = getattr(thing, "letter", thing)
        return came.get(getattr(letter, "id", letter), 0)

    came: dict[bytes, int] = {}
    drop = post.drop

    def drop_and_count(letter):
        came[letter.id] = came[letter.mailbox] = len(came)
        return drop(letter)

    half = Half()
    copy = service._copy_payloads

    def copy_payloads(*args, **named):
        half.copying = True
        try:
            return copy(*args, **named)
        finally:
            half.copying = False

    monkeypatch.setattr(post, "drop", drop_and_count)
    monkeypatch.setattr(service, "_copy_payloads", copy_payloads)
    monkeypatch.setattr(service, "_shuffled", half)

    found = deviations(post)

    telling = {name for name, value in found.items() if abs(value) > BOUND}
    rows = (
        {"entry row", "mailbox row", "case row", "header's beginning in the file",
         "header's end in the file"}
        if post.database.is_sqlite
        else {"entry ctid", "mailbox ctid", "case ctid", "entry cmin"}
    )  # fmt: skip
    if planted != "rows alone":
        assert "object ctime" in telling
    if planted != "files alone":
        assert rows <= telling
    assert not telling & {"object name", "case reference", "entry id", "mailbox id"}
