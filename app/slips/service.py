"""The box of slips: one is put in, corrected or taken back by casework, and handed over weekly."""

import secrets
from collections.abc import Collection, Sequence

from app.envelope.keyring import Statistics
from app.envelope.slips import ID, SealedSlip, Slip, SlipKind, SlipPlace, seal_slip
from app.slips.domain import Clear, quarter_of, ready, year_of
from app.slips.store import Box
from app.work import Work


def period_of(kind: SlipKind, work: Work) -> str:
    """Return the period that a new slip counts in: an entry in the quarter, a closure in the year.

    Of the day it is written on: what a covert enquiry held back counts when that is lifted.
    """
    return quarter_of(work.today) if kind is SlipKind.ENTRY else year_of(work.today)


def new_place(kind: SlipKind, *, force: str, work: Work) -> SlipPlace:
    """Return where a new slip belongs: a random id, and the period of today."""
    id = secrets.token_bytes(ID)
    return SlipPlace(id=id, force=force, period=period_of(kind, work), kind=kind)


def put(
    work: Work,
    slips: Sequence[Slip],
    statistics: Statistics,
    *,
    corrections: Collection[bytes] = (),
) -> None:
    """Seal `slips` into the box. One with the id of one that waits takes its place.

    Args:
        work: a transaction that writes.
        slips: what they say, and where they belong.
        statistics: of a keyring fit to seal to; slips are sealed to nobody else.
        corrections: the ids of those that put an earlier one right. Where that is not in the
            box any more, it was handed over.
    """
    if not slips:
        return
    sealed = [seal_slip(slip, statistics.recipient) for slip in slips]
    new = {slip.place.id for slip in sealed}
    box = Box(work.session)
    box.hold()
    waiting = box.all()
    handed_over = (new & set(corrections)) - {slip.place.id for slip in waiting}
    box.replace_all(
        [*(slip for slip in waiting if slip.place.id not in new), *sealed],
        sent=box.sent() | handed_over,
    )


def take_back(work: Work, ids: Sequence[bytes]) -> set[bytes]:
    """Take slips out of the box again, and return the ids of those that are nowhere now.

    One that may be in the statistics counts there, and stays: whoever forgot it would count its
    matter a second time, by another slip.
    """
    if not ids:
        return set()
    box = Box(work.session)
    box.hold()
    waiting, sent = box.all(), box.sent()
    taken = ({slip.place.id for slip in waiting} & set(ids)) - sent
    if taken:
        box.replace_all([slip for slip in waiting if slip.place.id not in taken], sent=sent)
    return taken


def waits(work: Work, id: bytes) -> bool:
    """Say whether the slip with this id is in the box, and nowhere else for certain."""
    return Box(work.session).has(id)


def ready_to_go(work: Work) -> list[SealedSlip]:
    """Return the slips that may be handed over today, in no order."""
    waiting = Box(work.session).all()
    clear = (
        Clear(
            id=slip.place.id,
            force=slip.place.force,
            period=slip.place.period,
            kind=slip.place.kind.value,
        )
        for slip in waiting
    )
    going = set(ready(clear, work.today))
    return [slip for slip in waiting if slip.place.id in going]


def send_ready(work: Work) -> list[SealedSlip]:
    """Return the slips that may be handed over today; from now on none is taken back.

    Commit it before the first of them goes: between going and being removed they are on both
    sides, for as long as it takes after a kill.
    """
    box = Box(work.session)
    box.hold()
    going = ready_to_go(work)
    if going:
        box.replace_all(box.all(), sent=box.sent() | {slip.place.id for slip in going})
    return going


def remove_delivered(work: Work, delivered: Sequence[SealedSlip]) -> int:
    """Remove from the box exactly what was delivered, and return how many slips that was.

    One that was corrected since stays: its correction is yet to be delivered.
    """
    box = Box(work.session)
    box.hold()
    gone = set(delivered)
    waiting = box.all()
    left = [slip for slip in waiting if slip not in gone]
    if len(left) != len(waiting):
        box.replace_all(left, sent=box.sent())
    return len(waiting) - len(left)
