"""The changes of plans: each is one transaction, checked, and written down in the history."""

from dataclasses import replace

from app.errors import Missing, Refused
from app.identity.domain import StaffMember
from app.plan import recording
from app.plan.changes import action_changes, corporate_changes, plan_changes, risk_changes
from app.plan.choices import EvidenceKind, Subject
from app.plan.domain import (
    Action,
    Change,
    CorporateRisk,
    Evidence,
    Plan,
    Risk,
    at_version,
)
from app.plan.readers import Document, Progress
from app.plan.recording import (
    NumberTaken,
    add_notes,
    author,
    held,
    noted,
    record,
    record_added,
    require_lead,
    save_action,
)
from app.plan.register import Register
from app.plan.service import find_action, find_corporate, find_risk, may_update
from app.plan.store import Actions, Plans
from app.plan.trail import EvidenceStore
from app.work import Work


def add_plan(work: Work, plan: Plan, *, by: StaffMember) -> None:
    """Add a plan or a strategy.

    Raises:
        Refused: if `by` may not edit plans.
        NumberTaken: if there is one of that short name.
    """
    require_lead(by)
    recording.add_plan(work, plan, author(by))


def revise_plan(work: Work, revised: Plan, *, by: StaffMember) -> None:
    """Write a plan as `by` revised it, seen at the version it carries.

    Raises:
        Refused: if she may not.
        Stale: if it changed meanwhile.
    """
    require_lead(by)
    now = held(work, revised.slug).at(revised.version)
    revised = replace(revised, begun_on=now.begun_on, reviewed_on=now.reviewed_on)
    changes = plan_changes(now, revised)
    if changes:
        Plans(work.session).save(revised)
        record(work, revised.slug, Subject.PLAN, None, changes, author(by))


def record_review(work: Work, slug: str, *, version: int, by: StaffMember) -> None:
    """Write down that a plan was reviewed today; its next review counts from here.

    Raises:
        Refused: if `by` may not.
        Stale: if it changed meanwhile.
    """
    require_lead(by)
    now = held(work, slug).at(version)
    reviewed = now.reviewed(work.today)
    Plans(work.session).save(reviewed)
    record(work, slug, Subject.PLAN, None, plan_changes(now, reviewed), author(by))


def add_action(work: Work, action: Action, *, by: StaffMember) -> None:
    """Add an action.

    Raises:
        Refused: if `by` may not.
        NumberTaken: if the plan has one of that number.
    """
    require_lead(by)
    held(work, action.plan)
    actions = Actions(work.session)
    if actions.find(action.plan, action.number) is not None:
        raise NumberTaken(f"{action.plan} {action.number}")
    actions.add([action])
    record_added(work, Subject.ACTION, action, by=author(by))


def revise_action(work: Work, revised: Action, *, by: StaffMember) -> None:
    """Write an action as `by` revised it, seen at the version it carries.

    Raises:
        Refused: if she may not.
        Stale: if it changed meanwhile.
    """
    require_lead(by)
    held(work, revised.plan)
    now = find_action(work, revised.plan, revised.number)
    at_version(now, revised.version)
    save_action(work, now, revised, author(by))


def note_progress(
    work: Work, slug: str, number: int, progress: Progress, *, version: int, by: StaffMember
) -> None:
    """Write down how far an action is.

    Raises:
        Refused: if it is not of `by`'s office, and she does not lead.
        Stale: if it changed meanwhile.
    """
    held(work, slug)
    now = find_action(work, slug, number)
    if not may_update(now, by):
        raise Refused(f"{by.id} may not update {slug} {number}")
    at_version(now, version)
    after = replace(now.progressed(progress.status), review_on=progress.review_on)
    who = author(by)
    if progress.note:
        add_notes(work, slug, {number: progress.note}, who)
    # A note alone counts as well: whoever looked before it was written has not read it.
    if progress.note or after != now:
        Actions(work.session).save(after)
    changes = action_changes(now, after)
    if progress.note:
        changes.append(noted(progress.note))
    record(work, slug, Subject.ACTION, number, changes, who)


def add_corporate(work: Work, risk: CorporateRisk, *, by: StaffMember) -> CorporateRisk:
    """Add a corporate risk under the next number, and return it.

    Raises:
        Refused: if `by` may not.
    """
    require_lead(by)
    held(work, risk.plan)
    register = Register(work.session, risk.plan)
    numbered = replace(risk, number=register.next_corporate())
    register.add_corporate(numbered)
    record_added(work, Subject.CORPORATE_RISK, numbered, by=author(by))
    return numbered


def revise_corporate(work: Work, revised: CorporateRisk, *, by: StaffMember) -> None:
    """Write a corporate risk as `by` revised it, seen at the version it carries.

    Raises:
        Refused: if she may not.
        Stale: if it changed meanwhile.
    """
    require_lead(by)
    held(work, revised.plan)
    now = find_corporate(work, revised.plan, revised.number)
    at_version(now, revised.version)
    changes = corporate_changes(now, revised)
    if changes:
        Register(work.session, revised.plan).save_corporate(revised)
        record(work, revised.plan, Subject.CORPORATE_RISK, revised.number, changes, author(by))


def add_risk(work: Work, risk: Risk, *, by: StaffMember) -> Risk:
    """Add an integrity risk under the next number, and return it.

    Raises:
        Refused: if `by` may not.
    """
    require_lead(by)
    held(work, risk.plan)
    register = Register(work.session, risk.plan)
    numbered = replace(risk, number=register.next_risk())
    register.add(numbered)
    record_added(work, Subject.RISK, numbered, by=author(by))
    return numbered


def revise_risk(work: Work, revised: Risk, *, by: StaffMember) -> None:
    """Write an integrity risk as `by` revised it, seen at the version it carries.

    Raises:
        Refused: if she may not.
        Stale: if it changed meanwhile.
    """
    require_lead(by)
    held(work, revised.plan)
    now = find_risk(work, revised.plan, revised.number)
    at_version(now, revised.version)
    changes = risk_changes(now, revised)
    if changes:
        Register(work.session, revised.plan).save(revised)
        record(work, revised.plan, Subject.RISK, revised.number, changes, author(by))


def cite_document(
    work: Work, slug: str, number: int, document: Document, *, by: StaffMember
) -> None:
    """Add a document to what an action rests on.

    Raises:
        Refused: if `by` may not.
        Missing: if there is no such action.
    """
    evidence = Evidence(
        id=0,
        kind=document.kind,
        title=document.title,
        source=document.source,
        dated_on=document.dated_on,
        why=document.why,
        added_on=work.today,
        by=author(by),
    )
    _cite(work, slug, number, evidence, f"{document.title}, {document.source}", by)


def cite_cell(
    work: Work, slug: str, number: int, *, cell: str, told: str, why: str, by: StaffMember
) -> None:
    """Add a published figure to what an action rests on.

    Args:
        work: the transaction.
        slug: the plan.
        number: the action.
        cell: the id of a released cell.
        told: the figure in words, for the history.
        why: what it shows.
        by: who adds it.

    Raises:
        Refused: if `by` may not.
        Missing: if there is no such action.
        NumberTaken: if the action cites that figure already.
    """
    already = EvidenceStore(work.session, slug).of(number)
    if any(evidence.cell == cell for evidence in already):
        raise NumberTaken(f"{slug} {number} cites {cell}")
    evidence = Evidence(
        id=0,
        kind=EvidenceKind.RELEASE,
        cell=cell,
        why=why,
        added_on=work.today,
        by=author(by),
    )
    _cite(work, slug, number, evidence, told, by)


def drop_evidence(
    work: Work, slug: str, number: int, id: int, *, told: str, by: StaffMember
) -> None:
    """Take away a piece of evidence; the history keeps what it was.

    Raises:
        Refused: if `by` may not.
        Missing: if the action has none of that id.
    """
    require_lead(by)
    held(work, slug)
    evidence = EvidenceStore(work.session, slug)
    if all(one.id != id for one in evidence.of(number)):
        raise Missing("evidence")
    evidence.remove(id)
    change = Change(what="Evidence", before=told, after="")
    record(work, slug, Subject.ACTION, number, [change], author(by))


def _cite(
    work: Work, slug: str, number: int, evidence: Evidence, told: str, by: StaffMember
) -> None:
    require_lead(by)
    held(work, slug)
    find_action(work, slug, number)
    EvidenceStore(work.session, slug).add(number, evidence)
    change = Change(what="Evidence", before="", after=told)
    record(work, slug, Subject.ACTION, number, [change], author(by))
