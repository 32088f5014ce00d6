"""What the custodians' pages show: the calendar, what waits for a second person, the releases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.approval import service as approval
from app.approval.domain import Proposal, Standing
from app.envelope.keyring import Former, Member
from app.errors import Broken, PortalError
from app.freeze.domain import FREEZE, WITHDRAWAL
from app.freeze.service import subject_of
from app.freeze.stores import Stores
from app.keyring.service import signed
from app.trends import freezing
from app.trends import service as trends
from app.trends.calendar import calendar_of
from app.trends.domain import Period
from app.trends.published import PublishedRelease
from app.work import look

AHEAD = 4  # freezes of each force that the calendar shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One line of the calendar."""

    force: str
    quarter: Period
    day: date
    # Of a force, the first is the one whose turn it is.
    has_turn: bool
    proposal: Proposal | None

    def can_be_proposed(self, today: date) -> bool:
        """Say whether its day has come, and nobody has proposed it."""
        return self.has_turn and self.day <= today and self.proposal is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Everything on the first page."""

    today: date
    due: Sequence[Due]
    freezes: Sequence[Proposal]
    withdrawals: Sequence[Proposal]
    releases: Sequence[PublishedRelease]
    # Freezes that a crash interrupted after their release was drawn.
    unfinished: int
    witness_is_there: bool


def front(stores: Stores) -> Front:
    """Return what the first page shows."""
    with look(stores.casework, stores.clock) as work:
        freezes, withdrawals = approval.alive(work, FREEZE), approval.alive(work, WITHDRAWAL)
    proposed = {proposal.subject: proposal for proposal in freezes}
    there = _witness_is_there(stores)
    with look(stores.statistics, stores.clock) as work:
        drawn = [
            intent.prospect
            for intent in freezing.unfinished(work, plans=stores.plans)
            if there
            and stores.witness.drawn(intent.prospect.force, intent.prospect.number) is not None
        ]
        return Front(
            today=work.today,
            due=[
                Due(
                    force=force.id,
                    quarter=quarter,
                    day=day,
                    has_turn=place == 0,
                    proposal=proposed.get(subject_of(force.id, quarter)),
                )
                for force in stores.plans.newest.forces
                for place, (quarter, day) in enumerate(
                    calendar_of(work, force.id, ahead=AHEAD, plans=stores.plans)
                )
            ],
            freezes=freezes,
            withdrawals=withdrawals,
            releases=trends.releases(work),
            unfinished=len(drawn) + len(freezing.not_shown(work)),
            witness_is_there=there,
        )


def _witness_is_there(stores: Stores) -> bool:
    try:
        stores.witness.check()
    except PortalError:
        return False
    return True


def people(stores: Stores) -> dict[str, str]:
    """Return the names of members and former members by their ids; none, if the keyring is bad."""
    with look(stores.casework, stores.clock) as work:
        try:
            keyring = signed(work, stores.keyring)
        except Broken:
            return {}
    known: tuple[Member | Former, ...] = (*keyring.members, *keyring.former)
    return {one.id: one.name for one in known}


def may_carry_on(proposal: Proposal, member: str, today: date) -> bool:
    """Say whether `member` approved this and may carry it on after an interruption."""
    approved = proposal.standing is Standing.APPROVED and proposal.answered_by == member
    return approved and not proposal.has_expired(today)
