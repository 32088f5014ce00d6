"""The rows of drafts: what waits for a second reader, one a case."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import LargeBinary, Row, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from app.casework.domain import Declaration
from app.casework.sealed_texts import SealedText
from app.casework.tables import CaseRow, DeclarationRow, DraftRow, ReaderRow
from app.envelope.padding import BEGINNING
from app.identity.domain import StaffMember

MOST_LISTED = 50  # cases

# Of a payload only its beginning, in which the letter lies: fifty with a file have 200 MB.
_LISTED = (
    DraftRow.id,
    DraftRow.ref,
    DraftRow.returned,
    DraftRow.header,
    func.substr(DraftRow.payload, 1, BEGINNING, type_=LargeBinary).label("beginning"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """A draft as it is stored, as far as its letter.

    Its id becomes the id of the entry in the mailbox.
    """

    id: bytes
    ref: str
    returned: bool
    header: bytes = field(repr=False)
    beginning: bytes = field(repr=False)  # of the payload


class Drafts:
    """The drafts of all cases, sealed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, ref: str) -> StoredDraft | None:
        """Return the draft of a case, if there is one."""
        row = self._session.execute(select(*_LISTED).where(DraftRow.ref == ref)).one_or_none()
        return None if row is None else _draft(row)

    def payload(self, id: bytes) -> bytes | None:
        """Return the whole payload of a draft; None if it is gone."""
        return self._session.scalar(select(DraftRow.payload).where(DraftRow.id == id))

    def put(self, id: bytes, ref: str, sealed: SealedText) -> None:
        """Put a draft in place of the one that was returned, if there was one."""
        self._session.execute(delete(DraftRow).where(DraftRow.ref == ref))
        self._session.execute(
            insert(DraftRow).values(
                id=id, ref=ref, returned=False, header=sealed.header, payload=sealed.payload
            )
        )

    def set_returned(self, id: bytes) -> None:
        """Note that the second reader wants it written otherwise."""
        self._session.execute(update(DraftRow).where(DraftRow.id == id).values(returned=True))

    def remove(self, id: bytes) -> bool:
        """Take a draft away; False if it is gone already."""
        gone = delete(DraftRow).where(DraftRow.id == id).returning(DraftRow.id)
        return self._session.scalar(gone) is not None

    def waiting(self, by: StaffMember) -> Sequence[str]:
        """Return the cases that `by` has opened and in which a draft waits for a reader."""
        return [found.ref for found in self.lying(by) if not found.returned]

    def lying(self, by: StaffMember) -> list[StoredDraft]:
        """Return the drafts in cases that `by` has opened: those that wait, then what came back."""
        # From the drafts, of which there are few, to the cases, and not the other way round.
        on_desk = exists().where(CaseRow.ref == DraftRow.ref, CaseRow.desk == (by.desk or ""))
        reads = exists().where(
            ReaderRow.ref == DraftRow.ref, ReaderRow.member == by.id, ReaderRow.may_read
        )
        opened = exists().where(
            DeclarationRow.ref == DraftRow.ref,
            DeclarationRow.member == by.id,
            DeclarationRow.said == Declaration.NO_CONFLICT,
        )
        chosen = select(*_LISTED).where(on_desk, reads, opened)
        ordered = chosen.order_by(DraftRow.returned, DraftRow.ref).limit(MOST_LISTED)
        return [_draft(row) for row in self._session.execute(ordered)]


def _draft(row: Row[bytes, str, bool, bytes, bytes]) -> StoredDraft:
    return StoredDraft(
        id=row.id,
        ref=row.ref,
        returned=row.returned,
        header=row.header,
        beginning=row.beginning,
    )
