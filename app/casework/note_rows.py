"""The rows of internal notes."""

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.casework.sealed_texts import SealedText
from app.casework.store import count_writing
from app.casework.tables import NoteRow


class Notes:
    """The internal notes on all cases, sealed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def count(self, ref: str) -> int:
        """Return how many notes there are on a case."""
        chosen = select(func.count()).where(NoteRow.ref == ref)
        return self._session.scalar(chosen) or 0

    def of(self, ref: str) -> list[SealedText]:
        """Return the notes on a case, the first one first."""
        chosen = select(NoteRow).where(NoteRow.ref == ref).order_by(NoteRow.number)
        return [SealedText(row.header, row.payload) for row in self._session.scalars(chosen)]

    def add(self, ref: str, id: bytes, number: int, sealed: SealedText) -> None:
        """Add a note. The case is held, so that there is no other of its number."""
        said = {"id": id, "ref": ref, "number": number}
        self._session.execute(
            insert(NoteRow).values(header=sealed.header, payload=sealed.payload, **said)
        )
        count_writing(self._session, ref)
