"""A step that a second person has to confirm: proposed by one, taken by both or not at all.

What is proposed is signed by whoever proposes it and sealed to those who read the case; beside it
stand in clear the case and a digest, over random bytes too, so that nobody can guess at it.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

from app.approval import service as approval
from app.approval.domain import Kind, NoLongerOpen, Proposal
from app.casework import decisions, sheet_keeping
from app.casework.decisions import Situation
from app.casework.domain import Case
from app.casework.guards import Asked
from app.casework.sheet_keeping import OpenSheet, Pen
from app.casework.stepping import StepRefused, Wish, check, needs_second
from app.envelope.errors import EnvelopeError
from app.envelope.identities import Identity
from app.envelope.keyring import Keyring
from app.envelope.opening import open_envelope
from app.envelope.parcel import ParcelReader
from app.envelope.strict_json import (
    integer_in,
    names_of,
    object_in,
    read_object,
    text_in,
    texts_in,
    write_object,
)
from app.identity.domain import Permission, Role, StaffId, StaffMember
from app.work import Work

CASE_STEP = Kind(
    name="case-step",
    to_propose=Permission.READ_CASES,
    to_approve=Permission.READ_CASES,
    lasts=timedelta(days=14),
)
FORMAT = "candour-case-step/1"
LABEL = "candour/case-step/v1"  # of the signature
NONCE = 16  # random bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A step that waits for a second person, opened."""

    proposal: Proposal
    wish: Wish = field(repr=False)
    # The version of the sheet that it was proposed over.
    over: int


def propose(
    work: Work, found: Situation, before: OpenSheet, wish: Wish, *, version: int, pen: Pen
) -> None:
    """Propose a step for a second person to confirm.

    Raises:
        Missing: if she may not read the case any more.
        StepRefused: if it may not be taken, or there is nobody else who could confirm it.
        Conflict: if the case moved on, or a step of it waits already.
    """
    case = decisions.held(work, found.case.ref, version=version, by=pen.by)
    check(found.course, found.facts, wish, found.hand(pen.by))
    readers = sheet_keeping.readers_by(before.sheet, pen.readers)
    if not {reader.id for reader in readers} - {pen.by.id}:
        raise StepRefused("nobody else reads this case", unmet=("somebody-else",))
    content = write_object(
        {
            "format": FORMAT,
            "ref": case.ref,
            "over": before.sheet.version,
            "step": wish.step,
            "code": wish.asked.code,
            "outcomes": list(wish.asked.outcomes),
            "reasons": dict(wish.reasons),
            "nonce": secrets.token_hex(NONCE),
        }
    )
    sealed = sheet_keeping.seal_bytes(LABEL, content, pen.key, readers)
    approval.propose(
        work,
        CASE_STEP,
        subject=case.ref,
        digest=sha256(content).digest(),
        by=pen.by,
        payload=sealed.header + sealed.payload,
    )


def waiting(work: Work, ref: str, identity: Identity, keyring: Keyring) -> Waiting | None:
    """Return the step of a case that waits for a second person, if one does.

    One that does not open, or is not by whom it says, is nobody's, and is not shown.
    """
    for proposal in alive(work):
        if proposal.subject == ref:
            return open_proposal(proposal, identity, keyring)
    return None


def alive(work: Work) -> list[Proposal]:
    """Return the steps of all desks that wait for a second person, closed.

    The caller leaves out those of cases that are not hers to read.
    """
    return approval.alive(work, CASE_STEP)


def open_proposal(proposal: Proposal, identity: Identity, keyring: Keyring) -> Waiting | None:
    """Return a step that waits, opened; None if it is not for her, or by nobody."""
    try:
        return _opened(proposal, identity, keyring)
    except EnvelopeError:
        return None


def confirm(
    work: Work,
    found: Situation,
    before: OpenSheet,
    step: Waiting,
    *,
    version: int,
    pen: Pen,
) -> Case:
    """Confirm a step that a colleague proposed: it is taken now, by both.

    Raises:
        Missing: if she may not read the case any more, or nothing waits.
        Refused: if she proposed it herself.
        StepRefused: if it may not be taken any more, or its author may not take it.
        Conflict: if case or sheet moved on since it was proposed.
    """
    if step.over != before.sheet.version:
        raise NoLongerOpen(f"the sheet of {found.case.ref} changed since")
    author = _author(step, pen.keyring, found)
    digest = step.proposal.digest
    approval.approve(work, CASE_STEP, step.proposal.id, digest=digest, by=pen.by)
    case = decisions.take_step(
        work, found, before, step.wish, version=version, pen=pen, second=pen.by.id, author=author
    )
    approval.finish(work, CASE_STEP, step.proposal.id)
    return case


def end(work: Work, ref: str, *, by: StaffMember) -> bool:
    """End what waits in a case, taken back or declined, and say whether anything did.

    The caller knows that `by` may read the case.
    """
    found = [one for one in approval.alive(work, CASE_STEP) if one.subject == ref]
    for proposal in found:
        approval.withdraw(work, CASE_STEP, proposal.id, by=by)
    return bool(found)


def asks_for_another(found: Situation, wish: Wish, by: StaffMember) -> bool:
    """Say whether a step that `by` wants to take is one that somebody else has to confirm."""
    step = found.course.step_between(found.state.id, wish.step)
    return step is not None and needs_second(step, found.hand(by))


def _author(step: Waiting, keyring: Keyring, found: Situation) -> StaffMember:
    if step.proposal.proposed_by not in found.facts.readers:
        raise StepRefused("whoever proposed it does not read this case any more")
    member = keyring.member(step.proposal.proposed_by)
    return StaffMember(
        id=StaffId(member.id),
        name=member.name,
        role=Role(member.role.value),
        desk=found.case.desk,
    )


def _opened(proposal: Proposal, identity: Identity, keyring: Keyring) -> Waiting:
    opened = open_envelope(BytesIO(proposal.payload or b""), identity)
    parcel = ParcelReader(opened.payload)
    content, signature = parcel.letter_json, parcel.signature
    parcel.finish()
    key = keyring.verification_keys().get(proposal.proposed_by)
    if key is None or sha256(content).digest() != proposal.digest:
        raise EnvelopeError("a proposal is nobody's, or not what was proposed")
    key.verify(LABEL, content, signature)
    said = read_object(content)
    names_of(said, ("format", "ref", "over", "step", "code", "outcomes", "reasons", "nonce"))
    if (text_in(said, "format"), text_in(said, "ref")) != (FORMAT, proposal.subject):
        raise EnvelopeError("a proposal belongs elsewhere")
    reasons = object_in(said, "reasons")
    return Waiting(
        proposal=proposal,
        over=integer_in(said, "over"),
        wish=Wish(
            step=text_in(said, "step"),
            asked=Asked(code=text_in(said, "code"), outcomes=texts_in(said, "outcomes")),
            reasons={name: text_in(reasons, name) for name in reasons},
        ),
    )
