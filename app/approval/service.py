"""Propose, approve, withdraw, finish. Each writes its audit entry in its own transaction."""

import secrets

from app.approval.domain import (
    DIGEST,
    ID,
    Kind,
    NoLongerOpen,
    Proposal,
    Standing,
    check_may_approve,
    check_may_propose,
)
from app.approval.store import Proposals
from app.audit.service import record
from app.errors import Missing, Refused
from app.identity.domain import StaffMember
from app.work import Work

PART = "approval"  # the actor of what happens by itself


def propose(
    work: Work,
    kind: Kind,
    *,
    subject: str,
    digest: bytes,
    by: StaffMember,
    payload: bytes = b"",
) -> Proposal:
    """Propose something, for another person to approve.

    Args:
        work: its day is the first on which the proposal can be approved.
        kind: says who may, and how long it waits.
        subject: what it is about, an identifier; one of a kind and subject at a time.
        digest: SHA-256 of exactly what is approved.
        by: whoever proposes.
        payload: what the deed needs, kept until the proposal ends.

    Raises:
        Refused: if her role may not.
        Conflict: if the same is proposed already.
    """
    check_may_propose(kind, by)
    if len(digest) != DIGEST:
        raise ValueError("a digest has 32 bytes")
    expire(work)
    proposal = Proposal(
        id=secrets.token_bytes(ID),
        kind=kind.name,
        subject=subject,
        digest=digest,
        payload=payload,
        proposed_by=by.id,
        proposed_on=work.today,
        expires_on=work.today + kind.lasts,
    )
    Proposals(work.session).add(proposal)
    _record(work, "approval.proposed", proposal, actor=by.id)
    return proposal


def proposal(work: Work, kind: Kind, id: bytes) -> Proposal:
    """Return a proposal of this kind.

    Raises:
        Missing: if there is none.
    """
    found = Proposals(work.session).find(id)
    if found is None or found.kind != kind.name:
        raise Missing(f"a proposal of a {kind.name}")
    return found


def alive(work: Work, kind: Kind) -> list[Proposal]:
    """Return the proposals of a kind that something may still come of today."""
    found = Proposals(work.session).alive(kind.name)
    return [proposal for proposal in found if not proposal.has_expired(work.today)]


def approve(work: Work, kind: Kind, id: bytes, *, digest: bytes, by: StaffMember) -> Proposal:
    """Approve a proposal for what has this digest, and return it with its payload.

    Raises:
        Missing: if there is no such proposal.
        Refused: if her role may not, or she proposed it.
        Conflict: if it is open no longer, or not what was proposed.
    """
    found = proposal(work, kind, id)
    check_may_approve(kind, found, digest=digest, by=by, today=work.today)
    approved = Proposals(work.session).approve(id, by=by.id)
    if approved is None:
        raise NoLongerOpen(f"this {kind.name} is no longer open")
    _record(work, "approval.given", approved, actor=by.id)
    return approved


def withdraw(work: Work, kind: Kind, id: bytes, *, by: StaffMember) -> None:
    """End a proposal: its own author takes it back, or who might approve it declines.

    One that was approved and never carried out is ended in the same way.

    Raises:
        Missing: if there is no such proposal.
        Refused: if she is neither.
        Conflict: if it is open no longer.
    """
    found = proposal(work, kind, id)
    if by.id != found.proposed_by and not by.may(kind.to_approve):
        raise Refused(f"{by.id} may not withdraw this {kind.name}")
    if not found.is_alive or found.has_expired(work.today):
        raise NoLongerOpen(f"this {kind.name} is no longer open")
    ended = Proposals(work.session).end(
        id, was=found.standing, standing=Standing.WITHDRAWN, by=by.id
    )
    if ended is None:
        raise NoLongerOpen(f"this {kind.name} is no longer open")
    _record(work, "approval.withdrawn", ended, actor=by.id)


def finish(work: Work, kind: Kind, id: bytes) -> None:
    """Note that the deed of an approved proposal is done. Safe to repeat.

    Raises:
        Missing: if there is no such proposal.
    """
    proposal(work, kind, id)
    ended = Proposals(work.session).end(id, was=Standing.APPROVED, standing=Standing.DONE)
    if ended is not None:
        _record(work, "approval.finished", ended, actor=PART)


def some_expired(work: Work) -> bool:
    """Say whether a proposal waited too long and is still to be ended."""
    return Proposals(work.session).some_expired(work.today)


def expire(work: Work) -> int:
    """End what waited too long, payload and all, and return how many there were."""
    ended = Proposals(work.session).expire(work.today)
    for found in ended:
        _record(work, "approval.expired", found, actor=PART)
    return len(ended)


def _record(work: Work, verb: str, proposal: Proposal, *, actor: str) -> None:
    record(
        work,
        actor=actor,
        verb=verb,
        subject=proposal.id.hex(),
        kind=proposal.kind,
        about=proposal.subject,
        digest=proposal.digest.hex(),
    )
