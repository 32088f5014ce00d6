"""Slips for the tests of the box and of its hand-over."""

import secrets

from app.envelope.slips import Slip, SlipKind, SlipPlace
from app.slips import service
from app.slips.tables import BoxRow
from app.work import begin, look


def slip(force="a", period="2026Q4", kind=SlipKind.ENTRY, id=None, says=("bullying", "response")):
    place = SlipPlace(id=id or secrets.token_bytes(16), force=force, period=period, kind=kind)
    return Slip(place=place, says=says)


def put(database, clock, people, *slips):
    """Put slips into the box, each in a transaction of its own as deeds are."""
    for one in slips:
        with begin(database, clock) as work:
            service.put(work, [one], people.keyring.statistics)


def in_box(database):
    """Return the ids in the box, in the order in which their rows lie."""
    with look(database) as work:
        place = "rowid" if database.is_sqlite else "ctid"
        from sqlalchemy import text

        return [bytes(row[0]) for row in work.session.execute(
            text(f"SELECT id FROM slips_box ORDER BY {place}"))]  # fmt: skip


def rows(database):
    with look(database) as work:
        return list(work.session.query(BoxRow).all())
