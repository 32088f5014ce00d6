"""The rows of redacted versions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.casework.sealed_texts import SealedText
from app.sharing.tables import RedactionReaderRow, RedactionRow

MOST_LISTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRedaction:
    """A redacted version as it is stored."""

    id: bytes
    ref: str
    sealed: SealedText


class Redactions:
    """All redacted versions, sealed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, found: StoredRedaction, readers: Sequence[str]) -> None:
        """Add a redacted version with those who may read it."""
        self._session.execute(
            insert(RedactionRow).values(
                id=found.id,
                ref=found.ref,
                header=found.sealed.header,
                payload=found.sealed.payload,
            )
        )
        for member in readers:
            self._session.execute(
                insert(RedactionReaderRow).values(member=member, redaction=found.id)
            )

    def case_of(self, id: bytes) -> str | None:
        """Return of which case a redacted version is, if there is one with this id."""
        return self._session.scalar(select(RedactionRow.ref).where(RedactionRow.id == id))

    def for_reader(self, id: bytes, member: str) -> StoredRedaction | None:
        """Return a redacted version, if this member is on its access list."""
        chosen = (
            select(RedactionRow)
            .join(RedactionReaderRow, RedactionReaderRow.redaction == RedactionRow.id)
            .where(RedactionRow.id == id, RedactionReaderRow.member == member)
        )
        row = self._session.scalar(chosen)
        return None if row is None else _redaction(row)

    def listed(self, member: str) -> list[bytes]:
        """Return the ids of what a member may read."""
        chosen = select(RedactionReaderRow.redaction).where(RedactionReaderRow.member == member)
        ordered = chosen.order_by(RedactionReaderRow.redaction).limit(MOST_LISTED)
        return list(self._session.scalars(ordered))

    def of_case(self, ref: str) -> dict[bytes, list[str]]:
        """Return the redacted versions of a case, each with those who may read it."""
        chosen = (
            select(RedactionRow.id, RedactionReaderRow.member)
            .outerjoin(RedactionReaderRow, RedactionReaderRow.redaction == RedactionRow.id)
            .where(RedactionRow.ref == ref)
            .order_by(RedactionRow.id, RedactionReaderRow.member)
        )
        found: dict[bytes, list[str]] = {}
        for id, member in self._session.execute(chosen):
            found.setdefault(id, []).extend([member] if member else [])
        return found

    def take_from(self, ref: str, members: Collection[str]) -> None:
        """Take some members off the access lists of every redacted version of a case."""
        of_case = select(RedactionRow.id).where(RedactionRow.ref == ref)
        self._session.execute(
            delete(RedactionReaderRow).where(
                RedactionReaderRow.member.in_(members), RedactionReaderRow.redaction.in_(of_case)
            )
        )

    def remove(self, id: bytes, ref: str) -> bool:
        """Take a redacted version of a case away, with its access list; False if it is gone."""
        row = self._session.scalar(
            select(RedactionRow.id).where(RedactionRow.id == id, RedactionRow.ref == ref)
        )
        if row is None:
            return False
        self._session.execute(delete(RedactionReaderRow).where(RedactionReaderRow.redaction == id))
        self._session.execute(delete(RedactionRow).where(RedactionRow.id == id))
        return True


def _redaction(row: RedactionRow) -> StoredRedaction:
    return StoredRedaction(id=row.id, ref=row.ref, sealed=SealedText(row.header, row.payload))
