"""The rows of proposals. The same on SQLite and on PostgreSQL."""

from datetime import date

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.approval.domain import Proposal, Standing
from app.approval.tables import ProposalRow
from app.errors import Conflict

ALIVE = (Standing.OPEN, Standing.APPROVED)


class Proposals:
    """Everything that was proposed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, proposal: Proposal) -> None:
        """Add a proposal.

        Raises:
            Conflict: if one of the same kind and subject is alive.
        """
        try:
            self._session.execute(
                insert(ProposalRow),
                {
                    "id": proposal.id,
                    "kind": proposal.kind,
                    "subject": proposal.subject,
                    "digest": proposal.digest,
                    "payload": proposal.payload,
                    "proposed_by": proposal.proposed_by,
                    "proposed_on": proposal.proposed_on,
                    "expires_on": proposal.expires_on,
                    "standing": proposal.standing,
                },
            )
        except IntegrityError:
            raise Conflict(f"a {proposal.kind} of {proposal.subject} is proposed") from None

    def find(self, id: bytes) -> Proposal | None:
        """Return a proposal, if there is one of this id."""
        row = self._session.get(ProposalRow, id)
        return None if row is None else _proposal(row)

    def alive(self, kind: str) -> list[Proposal]:
        """Return the proposals of a kind that something may still come of."""
        chosen = select(ProposalRow).where(
            ProposalRow.kind == kind, ProposalRow.standing.in_(ALIVE)
        )
        rows = self._session.scalars(chosen.order_by(ProposalRow.proposed_on, ProposalRow.subject))
        return [_proposal(row) for row in rows]

    def some_expired(self, today: date) -> bool:
        """Say whether a proposal that is alive waited too long."""
        chosen = select(ProposalRow.id).where(
            ProposalRow.standing.in_(ALIVE), ProposalRow.expires_on < today
        )
        return self._session.scalar(chosen.limit(1)) is not None

    def expire(self, today: date) -> list[Proposal]:
        """End the proposals that are alive and waited too long, and return them."""
        write = (
            update(ProposalRow)
            .where(ProposalRow.standing.in_(ALIVE), ProposalRow.expires_on < today)
            .values(standing=Standing.EXPIRED, payload=None)
            .returning(ProposalRow)
        )
        return [_proposal(row) for row in self._session.scalars(write)]

    def approve(self, id: bytes, *, by: str) -> Proposal | None:
        """Approve an open proposal and return it; None if it is open no longer.

        One statement: of two who approve at once, one finds it approved.
        """
        write = (
            update(ProposalRow)
            .where(ProposalRow.id == id, ProposalRow.standing == Standing.OPEN)
            .values(standing=Standing.APPROVED, answered_by=by)
            .returning(ProposalRow)
        )
        row = self._session.scalar(write)
        return None if row is None else _proposal(row)

    def end(
        self, id: bytes, *, was: Standing, standing: Standing, by: str | None = None
    ) -> Proposal | None:
        """End a proposal that is at `was`, and return it; None if it is there no longer."""
        values = {"standing": standing, "payload": None} | ({"answered_by": by} if by else {})
        write = (
            update(ProposalRow)
            .where(ProposalRow.id == id, ProposalRow.standing == was)
            .values(values)
            .returning(ProposalRow)
        )
        row = self._session.scalar(write)
        return None if row is None else _proposal(row)


def _proposal(row: ProposalRow) -> Proposal:
    return Proposal(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        digest=row.digest,
        payload=row.payload,
        proposed_by=row.proposed_by,
        proposed_on=row.proposed_on,
        expires_on=row.expires_on,
        standing=row.standing,
        answered_by=row.answered_by,
    )
