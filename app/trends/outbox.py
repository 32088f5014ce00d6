"""Entries for the audit log, until they are carried over to the casework database."""

import json
import secrets
from collections.abc import Sequence

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.trends.published import AuditOut
from app.trends.tables import AuditOutRow

OUT_ID = 16  # bytes, random


class AuditOutbox:
    """Entries for the audit log that have not been carried over yet."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, actor: str, verb: str, subject: str, details: dict[str, str | int]) -> None:
        """Add an entry behind the others."""
        last = self._session.scalar(select(func.max(AuditOutRow.place))) or 0
        self._session.execute(
            insert(AuditOutRow),
            {
                "id": secrets.token_bytes(OUT_ID),
                "place": last + 1,
                "actor": actor,
                "verb": verb,
                "subject": subject,
                "details": json.dumps(details, sort_keys=True, separators=(",", ":")),
                "delivered": False,
            },
        )

    def waiting(self, most: int) -> list[AuditOut]:
        """Return the first `most` entries that wait, the oldest first."""
        chosen = select(AuditOutRow).where(AuditOutRow.delivered.is_(False))
        rows = self._session.scalars(chosen.order_by(AuditOutRow.place).limit(most))
        return [
            AuditOut(
                id=row.id,
                actor=row.actor,
                verb=row.verb,
                subject=row.subject,
                details=json.loads(row.details),
            )
            for row in rows
        ]

    def delivered(self, ids: Sequence[bytes]) -> None:
        """Note that entries are in the audit log."""
        self._session.execute(
            update(AuditOutRow).where(AuditOutRow.id.in_(ids)).values(delivered=True)
        )
