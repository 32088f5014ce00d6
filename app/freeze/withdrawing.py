"""Withdrawing a release, whole, by two people, for a reason that stands beside it.

Its figures stay to be seen, marked; its budget stays spent; nothing is drawn again.
"""

from dataclasses import dataclass
from hashlib import sha256

from app.approval import service as approval
from app.approval.domain import NoLongerOpen, Proposal, Standing, check_may_approve
from app.envelope.strict_json import read_object, text_in, write_object
from app.errors import Conflict, Missing
from app.freeze.domain import WITHDRAWAL, Done
from app.freeze.stores import Stores
from app.freeze.witness import Withdrawn
from app.identity.domain import StaffMember
from app.trends import freezing
from app.trends import service as trends
from app.trends.published import PublishedRelease
from app.work import begin, begin_alone, look


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """A proposed withdrawal: the release, and why."""

    proposal: Proposal
    release: PublishedRelease
    why: str


def propose(stores: Stores, force: str, number: int, *, why: str, by: StaffMember) -> Proposal:
    """Propose to withdraw a release.

    Raises:
        Missing: if there is no such release.
        Refused: if her role may not.
        Conflict: if it is withdrawn, or that is proposed already.
    """
    release = _standing(stores, force, number)
    with begin(stores.casework, stores.clock) as work:
        return approval.propose(
            work,
            WITHDRAWAL,
            subject=f"{force}/{number}",
            digest=_digest(release, why),
            payload=write_object({"why": why}),
            by=by,
        )


def considered(stores: Stores, id: bytes) -> Considered:
    """Return a proposed withdrawal that something may still come of.

    Raises:
        Missing: if there is none.
    """
    with look(stores.casework, stores.clock) as work:
        proposal = approval.proposal(work, WITHDRAWAL, id)
    if proposal.payload is None:
        raise Missing("a proposal of a withdrawal")
    force, _, number = proposal.subject.rpartition("/")
    with look(stores.statistics, stores.clock) as work:
        release = trends.release(work, force, int(number))
    return Considered(
        proposal=proposal, release=release, why=text_in(read_object(proposal.payload), "why")
    )


def carry_out(stores: Stores, id: bytes, *, by: StaffMember) -> Done:
    """Approve a proposed withdrawal and carry it out, or carry on one that was interrupted.

    Raises:
        Missing: if there is no such proposal.
        Refused: if she may not, or proposed it herself.
        Conflict: if it is open no longer.
    """
    found = considered(stores, id)
    force, number = found.release.force, found.release.number
    stores.witness.check()
    _approve(stores, found, by=by)
    with look(stores.statistics, stores.clock) as work:
        today = work.today
    stands = stores.witness.keep_withdrawal(force, number, Withdrawn(today, found.why))
    # Beside a freeze that begins at the same moment, one of the two gives way.
    with begin_alone(stores.statistics, stores.clock) as work:
        if trends.release(work, force, number).stands:
            freezing.withdraw_release(
                work,
                force,
                number,
                why=stands.why,
                on=stands.on,
                proposed_by=found.proposal.proposed_by,
                approved_by=by.id,
            )
    with begin(stores.casework, stores.clock) as work:
        approval.finish(work, WITHDRAWAL, id)
    return Done(force=force, number=number)


def _approve(stores: Stores, found: Considered, *, by: StaffMember) -> None:
    digest = _digest(found.release, found.why)
    with begin(stores.casework, stores.clock) as work:
        if found.proposal.standing is Standing.APPROVED:
            if found.proposal.answered_by != by.id:
                raise NoLongerOpen("somebody else approved this withdrawal, and can carry it on")
            if found.proposal.has_expired(work.today):
                raise NoLongerOpen("this withdrawal was approved and waited too long")
            return
        check_may_approve(WITHDRAWAL, found.proposal, digest=digest, by=by, today=work.today)
        with look(stores.statistics, stores.clock) as statistics:
            freezing.check_may_withdraw(statistics, found.release.force)
        approval.approve(work, WITHDRAWAL, found.proposal.id, digest=digest, by=by)


def _standing(stores: Stores, force: str, number: int) -> PublishedRelease:
    with look(stores.statistics, stores.clock) as work:
        release = trends.release(work, force, number)
        freezing.check_may_withdraw(work, force)
    if not release.stands:
        raise Conflict(f"release {number} of {force} is withdrawn")
    return release


def _digest(release: PublishedRelease, why: str) -> bytes:
    return sha256(release.release.digest() + why.encode()).digest()
