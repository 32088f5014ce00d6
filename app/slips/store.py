"""The rows of the box. Every change writes all of it anew, shuffled."""

import secrets
from collections.abc import Collection, Sequence

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from app.envelope.slips import SealedSlip, SlipKind, SlipPlace
from app.slips.tables import BoxRow


class Box:
    """The slips that wait."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def has(self, id: bytes) -> bool:
        """Say whether the slip with this id waits still, and is not in the statistics."""
        waiting = select(BoxRow.id).where(BoxRow.id == id, BoxRow.sent.is_(False))
        return self._session.scalar(waiting) is not None

    def all(self) -> list[SealedSlip]:
        """Return every slip that waits."""
        return [_slip(row) for row in self._session.scalars(select(BoxRow))]

    def sent(self) -> set[bytes]:
        """Return the ids of those that may be in the statistics, as they are or as they were."""
        return set(self._session.scalars(select(BoxRow.id).where(BoxRow.sent)))

    def replace_all(self, slips: Sequence[SealedSlip], *, sent: Collection[bytes]) -> None:
        """Let `slips` be what waits; those with an id in `sent` may be in the statistics.

        Written anew as a whole: rows that stayed where they were put would show, beside the
        audit log, which of them came with which deed.
        """
        shuffled = list(slips)
        secrets.SystemRandom().shuffle(shuffled)
        self._session.execute(delete(BoxRow))
        for slip in shuffled:
            self._session.execute(
                insert(BoxRow).values(
                    id=slip.place.id,
                    force=slip.place.force,
                    period=slip.place.period,
                    kind=slip.place.kind.value,
                    header=slip.header,
                    payload=slip.payload,
                    sent=slip.place.id in sent,
                )
            )

    def hold(self) -> None:
        """Let nobody else change the box before this transaction ends."""
        # On SQLite a transaction that writes is alone in any case.
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(text("LOCK TABLE slips_box IN EXCLUSIVE MODE"))


def _slip(row: BoxRow) -> SealedSlip:
    place = SlipPlace(id=row.id, force=row.force, period=row.period, kind=SlipKind(row.kind))
    return SealedSlip(place=place, header=row.header, payload=row.payload)
