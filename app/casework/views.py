"""The desk's pages: the inbox, a case, the declaration before it, the steps it takes."""

from contextlib import suppress
from time import monotonic, sleep

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.casework import (
    assessment_views,
    at_desk,
    attachment_views,
    cleaning_views,
    decision_views,
    dialogue,
    draft_views,
    due_rows,
    inbox_wording,
    link_views,
    listing,
    note_views,
    people_views,
    readers,
    reading,
    renewing,
    reply_views,
    search_views,
    service,
    sheet_views,
    standing_aside,
    step_views,
    story_views,
    unlinking_views,
    wording,
    worklist_views,
)
from app.casework.domain import Case, Declaration
from app.casework.forms import DeclareForm, StepForm
from app.casework.inbox import COUNTED, address_of, asked_by
from app.casework.reading import Thread, addressee
from app.casework.renewing import Behind
from app.casework.showing import shown
from app.envelope.keyring import Keyring
from app.errors import Broken, Conflict, Missing
from app.identity.access import allows, signed_in, unlocked
from app.identity.domain import Permission, Role, StaffMember
from app.keyring.service import KeyringFiles, signed, usable
from app.web.request_work import begin_work, look_work, settings
from app.work import Work

bp = Blueprint("casework", __name__, url_prefix="/staff")

# An inbox is answered at a multiple of this. Trying a key on a new case takes time whether or
# not it opens: without a beat, a slow page with nothing new on it would say that there is a
# case she may not read.
BEAT = 0.25  # seconds
TRYING = 0.12  # seconds of a beat, at most, for keys


def blueprints() -> list[Blueprint]:
    """Return the blueprints of this room."""
    return [
        bp,
        reply_views.bp,
        attachment_views.bp,
        cleaning_views.bp,
        sheet_views.bp,
        decision_views.bp,
        step_views.bp,
        assessment_views.bp,
        people_views.bp,
        link_views.bp,
        unlinking_views.bp,
        story_views.bp,
        search_views.bp,
        draft_views.bp,
        note_views.bp,
        worklist_views.bp,
    ]


@bp.get("/")
@allows(Permission.READ_CASES)
def show_inbox() -> ResponseReturnValue:
    begun, member = monotonic(), signed_in()
    _catch_up(member, begun)
    with look_work() as work:
        inbox = listing.inbox(work, asked_by(request.args), by=member)
        desk = signed(work, KeyringFiles.of(settings())).desk(member.desk or "")
        today, pressing = work.today, due_rows.count(work, by=member)
        missed = due_rows.missed_among(work, inbox.cases)
        is_head = member.role is Role.DESK_HEAD
        broken = due_rows.missed_on_desk(work, by=member) if is_head else None
    answer = render_template(
        "casework/inbox.html",
        inbox=inbox,
        pressing=pressing,
        missed=missed,
        broken=broken,
        enough=due_rows.ENOUGH,
        counted=COUNTED,
        address=address_of(inbox.asked),
        desk=desk,
        drawers=wording.DRAWERS,
        rows=inbox_wording.rows(inbox, today, missed),
        choices=inbox_wording.CHOICES,
        collect_at=settings().collect_at,
    )
    sleep(-(monotonic() - begun) % BEAT)
    return answer


def _catch_up(member: StaffMember, begun: float) -> None:
    """Try her key on what is new, and open what she can read for those who joined her desk."""
    with look_work() as work:
        new = readers.untried(work, by=member)
        keyring, behind = _behind(work, member)
    if new:
        found = readers.try_key(
            new, unlocked().identity, enough=lambda: monotonic() - begun > TRYING
        )
        with begin_work() as work:
            readers.note(work, found, by=member)
        with look_work() as work:
            keyring, behind = _behind(work, member)
    if keyring is not None and behind:
        _follow(keyring, behind, member, begun)


def _behind(work: Work, member: StaffMember) -> tuple[Keyring | None, list[Behind]]:
    try:
        keyring = usable(work, KeyringFiles.of(settings()))
    except Broken:
        # Nothing is sealed to a keyring that has expired; reading goes on.
        return None, []
    return keyring, renewing.behind(work, keyring, by=member)


def _follow(keyring: Keyring, cases: list[Behind], member: StaffMember, begun: float) -> None:
    identity, enough = unlocked().identity, lambda: monotonic() - begun > TRYING
    for renewed in renewing.renew(
        cases, identity, keyring, at_desk.objects(), by=member, enough=enough
    ):
        with suppress(Conflict, Missing), begin_work() as work:
            renewing.write(work, renewed, keyring, by=member)


@bp.get("/cases/<string:ref>")
@allows(Permission.READ_CASES)
def show_case(ref: str) -> ResponseReturnValue:
    found = at_desk.take(ref)
    if not isinstance(found, at_desk.AtDesk):
        return found
    thread = found.open()
    with begin_work() as work:
        case = reading.note_reading(work, ref, thread, by=signed_in())
        found.keep_places(work)
        withdrew = service.somebody_withdrew(work, ref)
        today, owed = work.today, due_rows.missed_among(work, [case])
    if found.folder.case.unread:
        people_views.keep_to_readers(found, thread, case)
    return render_template(
        "casework/case.html",
        case=case,
        today=today,
        owed_since=owed.get(ref),
        items=shown(thread, found.keyring, me=signed_in().id, about=at_desk.subjects()),
        sound=thread.sound,
        alert_for=reading.alert_for(thread),
        can_answer=dialogue.may_answer(case, thread, found.keyring, by=signed_in()),
        step=StepForm(formdata=None, data=_step(case)),
        step_label=_step_label(case),
        # The head of a desk is to know that somebody stands aside, and neither who nor why.
        withdrew=withdrew and signed_in().role is Role.DESK_HEAD,
        may_share=signed_in().may(Permission.SHARE_CASES),
        states=wording.STATES,
        told=wording.TOLD,
        due=wording.due,
        **_readers(case, thread, found.keyring),
    )


def _readers(case: Case, thread: Thread, keyring: Keyring) -> dict[str, list[str]]:
    to = addressee(thread)
    if to is None:
        return {"reading": [], "left_out": []}
    names = {member.id: member.name for member in keyring.members}
    return {
        "reading": [member.name for member in dialogue.readers_of(case, thread, keyring)],
        "left_out": [names.get(member, member) for member in sorted(to.left_out)],
    }


def _step(case: Case) -> dict[str, object]:
    return {"to": case.next_step.value if case.next_step else "", "version": case.version}


def _step_label(case: Case) -> str:
    return wording.STEPS[case.state, case.next_step] if case.next_step else ""


@bp.get("/cases/<string:ref>/declare")
@allows(Permission.READ_CASES)
def ask_declaration(ref: str) -> ResponseReturnValue:
    return _declaration_page(ref, DeclareForm(formdata=None))


@bp.post("/cases/<string:ref>/declare")
@allows(Permission.READ_CASES)
def declare(ref: str) -> ResponseReturnValue:
    form = DeclareForm()
    if not form.validate_on_submit():
        return _declaration_page(ref, form), 422
    try:
        if form.declaration() is Declaration.CONFLICT:
            return standing_aside.stand_aside(ref)
        with begin_work() as work:
            service.declare(work, ref, Declaration.NO_CONFLICT, by=signed_in())
    except Missing:
        at_desk.refuse(ref)
        raise
    return redirect(url_for("casework.show_case", ref=ref), code=303)


def _declaration_page(ref: str, form: DeclareForm) -> str:
    try:
        with look_work() as work:
            case = service.find_case(work, ref, by=signed_in())
            declared = service.declared(work, ref, by=signed_in())
            today = work.today
    except Missing:
        at_desk.refuse(ref)
        raise
    return render_template(
        "casework/declare.html",
        case=case,
        declared=declared,
        form=form,
        due=wording.due(case.days_left(today)),
    )


@bp.post("/cases/<string:ref>/state")
@allows(Permission.READ_CASES)
def take_step(ref: str) -> ResponseReturnValue:
    found = at_desk.take(ref)
    if not isinstance(found, at_desk.AtDesk):
        return found
    form = StepForm()
    if not form.validate_on_submit():
        # Nobody types into this form: these are not the fields that our page sent.
        abort(400)
    try:
        with begin_work() as work:
            case = service.take_step(
                work, ref, to=form.state(), version=form.seen_version(), by=signed_in()
            )
    except Conflict:
        with look_work() as work:
            return at_desk.not_now(service.find_case(work, ref, by=signed_in()))
    flash(case.state.value, "step")
    return redirect(url_for("casework.show_case", ref=ref), code=303)
