"""Two people for one deed: what is proposed, for how long, and who may approve it."""

import enum
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.errors import Conflict, Refused
from app.identity.domain import Permission, StaffMember

ID = 16  # bytes, random
DIGEST = 32  # bytes, SHA-256 of exactly what is approved


class Standing(enum.Enum):
    """How far a proposal has come. Only an open one can be approved."""

    OPEN = "open"
    # Approved, and the deed it allows is not done yet: who approved may carry on after a crash.
    APPROVED = "approved"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class SamePerson(Refused):
    """Whoever proposed something may not approve it as well."""


class NotAsProposed(Conflict):
    """What would be approved is not, byte for byte, what was proposed."""


class NoLongerOpen(Conflict):
    """The proposal was approved, withdrawn or left too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of deed that takes two people. Each room declares its own.

    `lasts` is how long a proposal may wait, its own day and the last included.
    """

    name: str
    to_propose: Permission
    to_approve: Permission
    lasts: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody proposed. `payload` is what the deed needs, and goes when it ends."""

    id: bytes
    kind: str
    subject: str
    digest: bytes
    proposed_by: str
    proposed_on: date
    expires_on: date
    payload: bytes | None = field(default=None, repr=False)
    standing: Standing = Standing.OPEN
    # Whoever approved it, or withdrew it.
    answered_by: str | None = None

    def has_expired(self, today: date) -> bool:
        """Say whether nothing can come of it any more, approved or not, because it waited too long.

        What it keeps for its deed is kept so long and no longer.
        """
        return self.is_alive and today > self.expires_on

    @property
    def is_alive(self) -> bool:
        """Whether something may still come of it."""
        return self.standing in {Standing.OPEN, Standing.APPROVED}


def check_may_propose(kind: Kind, by: StaffMember) -> None:
    """Check that `by` may propose something of this kind, or raise Refused."""
    if not by.may(kind.to_propose):
        raise Refused(f"{by.id} may not propose a {kind.name}")


def check_may_approve(
    kind: Kind, proposal: Proposal, *, digest: bytes, by: StaffMember, today: date
) -> None:
    """Check that `by` may approve a proposal, today, for what has this digest.

    Raises:
        Refused: if her role may not.
        SamePerson: if she proposed it herself.
        NoLongerOpen: if it is not open, or expired.
        NotAsProposed: if the digest is another.
    """
    if not by.may(kind.to_approve):
        raise Refused(f"{by.id} may not approve a {kind.name}")
    if by.id == proposal.proposed_by:
        raise SamePerson(f"{by.id} proposed this {kind.name}")
    if proposal.standing is not Standing.OPEN or proposal.has_expired(today):
        raise NoLongerOpen(f"this {kind.name} is no longer open")
    if digest != proposal.digest:
        raise NotAsProposed(f"this {kind.name} is not what was proposed")
