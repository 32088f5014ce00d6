"""A freeze by two custodians: proposed by one, carried out by the other, resumed after a crash.

The order is the whole of its safety. Written down here before the witness is told, told to the
witness before noise is drawn, drawn once and kept by the witness before it is committed here,
shown only when the witness has confirmed it. Whatever is interrupted in between is carried on
from where it stands, with the same noise or with none.
"""

from dataclasses import dataclass

from app.approval import service as approval
from app.approval.domain import (
    NoLongerOpen,
    NotAsProposed,
    Proposal,
    Standing,
    check_may_approve,
)
from app.audit import service as audit
from app.envelope.custody import CustodyError, open_first, open_second, pack, unpack
from app.envelope.identities import Identity
from app.envelope.keyring import Statistics
from app.envelope.member_keys import MemberKey
from app.errors import Refused
from app.freeze import publishing
from app.freeze.domain import FREEZE, Done, Faults, SlipsSetAside, WitnessedAlready
from app.freeze.opening import Opener
from app.freeze.publishing import Names
from app.freeze.stores import Stores
from app.identity.domain import StaffMember
from app.trends import freezing
from app.trends.calendar import AlreadyFrozen
from app.trends.domain import Period
from app.trends.drawing import Opened
from app.trends.published import Prospect
from app.work import Work, begin, begin_alone, look


class NoCustodian(Refused):
    """Only a custodian whom the keyring names today opens the statistics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A proposal with what it would publish."""

    proposal: Proposal
    prospect: Prospect


def subject_of(force: str, quarter: Period) -> str:
    """Return what a freeze is called in proposals and in the log."""
    return f"{force}/{quarter}"


def propose(
    stores: Stores, force: str, quarter: Period, *, by: StaffMember, key: MemberKey
) -> Proposal:
    """Propose a freeze, and open the first of the two seals for every other custodian.

    Raises:
        Refused: if she is no custodian, or it is not this quarter's turn or day.
        Conflict: if it is proposed already.
        Broken: if the copies of the identity are not fit.
    """
    stores.witness.check()
    with look(stores.statistics, stores.clock) as work:
        freezing.check_may_begin(work, force, quarter, plans=stores.plans)
        prospect = freezing.prospect(work, force, quarter, plans=stores.plans)
    with begin(stores.casework, stores.clock) as work:
        named = _custodian(stores, work, by)
        opened = open_first(stores.custody(named), by.id, key.identity)
        return approval.propose(
            work,
            FREEZE,
            subject=subject_of(force, quarter),
            digest=prospect.digest(),
            payload=pack(opened),
            by=by,
        )


def waiting(stores: Stores, id: bytes) -> Waiting:
    """Return a proposal of a freeze with what it would publish.

    Raises:
        Missing: if there is none, or nothing is to be published of it any more.
    """
    with look(stores.casework, stores.clock) as work:
        proposal = approval.proposal(work, FREEZE, id)
    force, quarter = _about(proposal)
    with look(stores.statistics, stores.clock) as work:
        found = freezing.prospect(work, force, quarter, plans=stores.plans)
    return Waiting(proposal=proposal, prospect=found)


def carry_out(
    stores: Stores, id: bytes, *, by: StaffMember, key: MemberKey, set_aside: int = 0
) -> Done:
    """Approve a proposed freeze and carry it out; or carry on one that was interrupted.

    Args:
        stores: what it reads and writes.
        id: the proposal's.
        by: the second custodian.
        key: hers, which opens the second seal.
        set_aside: how many slips both know that cannot be counted.

    Raises:
        SlipsSetAside: if there are more or fewer than that. Nothing was begun.
        Refused: if she may not, or the quarter was frozen already, here or for the witness.
        Conflict: if the proposal is open no longer, or not what would be published now.
        WitnessAbsent: if the witness is not there. What was begun can be carried on.
    """
    found = waiting(stores, id)
    identity = _unlocked(stores, found, by=by, key=key)
    opener = Opener(identity, found.prospect.plan, found.prospect.force)
    _check_slips(stores, found.prospect, opener, expected=set_aside)
    try:
        _check_witness(stores, found.prospect)
        _approve(stores, found, by=by)
        return _freeze(stores, found, opener, by=by, expected=set_aside)
    except (WitnessedAlready, AlreadyFrozen) as error:
        _refuse(stores, found.proposal, by=by)
        raise error


def _unlocked(stores: Stores, found: Waiting, *, by: StaffMember, key: MemberKey) -> Identity:
    proposal = found.proposal
    with look(stores.casework, stores.clock) as work:
        named = _custodian(stores, work, by)
        _check_approver(work, found, by=by)
    if proposal.proposed_by not in named.custodians:
        raise NoCustodian(f"{proposal.proposed_by} is no custodian any more")
    try:
        sealed = unpack(proposal.payload or b"{}", by.id)
        return open_second(sealed, key.identity, named.recipient)
    except CustodyError as error:
        raise NoCustodian(str(error)) from error


def _check_approver(work: Work, found: Waiting, *, by: StaffMember) -> None:
    proposal, digest = found.proposal, found.prospect.digest()
    if proposal.standing is not Standing.APPROVED:
        check_may_approve(FREEZE, proposal, digest=digest, by=by, today=work.today)
        return
    if proposal.answered_by != by.id:
        raise NoLongerOpen("somebody else approved this freeze, and can carry it on")
    if proposal.has_expired(work.today):
        raise NoLongerOpen("this freeze was approved and waited too long")
    if digest != proposal.digest:
        raise NotAsProposed("what would be published is not what was approved")


def _custodian(stores: Stores, work: Work, by: StaffMember) -> Statistics:
    named = stores.custodians(work)
    if by.id not in named.custodians:
        raise NoCustodian(f"{by.id} is no custodian")
    return named


def _check_slips(stores: Stores, prospect: Prospect, opener: Opener, *, expected: int) -> None:
    with look(stores.statistics, stores.clock) as work:
        _opened, faults = opener.open(freezing.slips_counted(work, prospect))
    _check_faults(faults, expected)


def _check_faults(faults: Faults, expected: int) -> None:
    if sum(faults.values()) != expected:
        raise SlipsSetAside(faults)


def _check_witness(stores: Stores, prospect: Prospect) -> None:
    with look(stores.statistics, stores.clock) as work:
        intent = freezing.begun(work, prospect.force, prospect.quarter, plans=stores.plans)
    stores.witness.check_free(prospect.spends, None if intent is None else intent.id)


def _approve(stores: Stores, found: Waiting, *, by: StaffMember) -> None:
    if found.proposal.standing is Standing.APPROVED:
        return
    with begin(stores.casework, stores.clock) as work:
        approval.approve(work, FREEZE, found.proposal.id, digest=found.prospect.digest(), by=by)


def _freeze(
    stores: Stores, found: Waiting, opener: Opener, *, by: StaffMember, expected: int
) -> Done:
    prospect = found.prospect
    with begin_alone(stores.statistics, stores.clock) as work:
        intent = freezing.begin_freeze(work, prospect.force, prospect.quarter, plans=stores.plans)

    def opened(work: Work) -> Opened:
        slips, faults = opener.open(freezing.slips_counted(work, intent.prospect))
        _check_faults(faults, expected)
        return slips

    names = Names(proposed_by=found.proposal.proposed_by, approved_by=by.id, set_aside=expected)
    publishing.publish(stores, intent, opened, names)
    with begin(stores.casework, stores.clock) as work:
        approval.finish(work, FREEZE, found.proposal.id)
    publishing.tell_checkpoint(stores)
    return Done(force=prospect.force, number=prospect.number)


def _refuse(stores: Stores, proposal: Proposal, *, by: StaffMember) -> None:
    # Nothing can come of it: what it kept for the second custodian goes at once.
    with begin(stores.casework, stores.clock) as work:
        if approval.proposal(work, FREEZE, proposal.id).is_alive:
            approval.withdraw(work, FREEZE, proposal.id, by=by)
        audit.record(work, actor=by.id, verb="freeze.refused", subject=proposal.subject)


def _about(proposal: Proposal) -> tuple[str, Period]:
    force, _, quarter = proposal.subject.rpartition("/")
    return force, Period.parse(quarter)
