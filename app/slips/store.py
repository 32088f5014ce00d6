"""The rows of the box. Every change writes all of it anew, shuffled."""

import secrets
from collections.abc import Sequence

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from app.envelope.slips import SealedSlip, SlipKind, SlipPlace
from app.slips.tables import BoxRow


class Box:
    """The slips that wait."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def has(self, id: bytes) -> bool:
        """Say whether the slip with this id waits still."""
        return self._session.scalar(select(BoxRow.id).where(BoxRow.id == id)) is not None

    def all(self) -> list[SealedSlip]:
        """Return every slip that waits."""
        return [_slip(row) for row in self._session.scalars(select(BoxRow))]

    def replace_all(self, slips: Sequence[SealedSlip]) -> None:
        """Let `slips` be what waits.

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
