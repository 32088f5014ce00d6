"""The next step of a case at the desk: what may be done now, the form of it, the second person."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.approval.domain import SamePerson
from app.casework import at_desk, decisions, passing, reading, second_person, service, sheet_keeping
from app.casework.course import Transition
from app.casework.decisions import PLAIN_END, Situation
from app.casework.dialogue import NobodyToAnswer
from app.casework.domain import Refusal
from app.casework.guards import Asked, help_for, unmet
from app.casework.second_person import Waiting
from app.casework.sheet_parts import HEADINGS
from app.casework.sheet_views import NOT_HERS, NOT_SEALED, SheetAtDesk, pen_for, take
from app.casework.step_forms import QUESTIONS, AnswerForm, CourseStepForm
from app.casework.stepping import StepRefused, headings_of, needed, needs_second
from app.errors import Broken, Conflict
from app.identity.access import allows, signed_in, unlocked
from app.identity.domain import Permission
from app.keyring.service import KeyringFiles, usable
from app.web.logs import log
from app.web.request_work import begin_work, look_work, settings

bp = Blueprint("steps", __name__, url_prefix="/staff/cases/<string:ref>")

# It has a page of its own.
PAGES = {PLAIN_END: "decisions.ask_triage_ends"}
# Taken by reading it, and by a button on its page.
NOT_HERE = frozenset({"open", "start-triage"})
MOVED_ON = (
    "Nothing was decided, because a colleague or the reporter did something in this case while "
    "you were writing. Look at the case and at its sheet as they are now, and decide again"
)

ENDED = (
    "Nothing was changed. What you saw does not wait any more: it was confirmed, declined or taken "
    "back, or its time ran out. What can be done now stands below"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtStep:
    """A case with its sheet open, what a step is judged by, and what waits for a second person."""

    found: SheetAtDesk
    situation: Situation
    waiting: Waiting | None

    @property
    def ref(self) -> str:
        """The case's reference."""
        return self.found.case.ref


@bp.get("/next")
@allows(Permission.READ_CASES)
def show_steps(ref: str) -> ResponseReturnValue:
    at = _take(ref)
    return at if isinstance(at, Response) else _list_page(at)


@bp.get("/next/<string:step>")
@allows(Permission.READ_CASES)
def ask_step(ref: str, step: str) -> ResponseReturnValue:
    at = _take(ref)
    if isinstance(at, Response):
        return at
    if step in PAGES:
        return redirect(url_for(PAGES[step], ref=ref), code=303)
    chosen = _open_step(at, step)
    if chosen is None:
        return _refused(at)
    missing = _missing(at, chosen)
    if missing:
        return _refused(at, missing)
    return _form_page(at, chosen, _fresh(at, chosen))


@bp.post("/next/<string:step>")
@allows(Permission.READ_CASES)
def take_step(ref: str, step: str) -> ResponseReturnValue:
    at = _take(ref)
    if isinstance(at, Response):
        return at
    chosen = None if step in PAGES else _open_step(at, step)
    if chosen is None:
        return _refused(at)
    form = CourseStepForm(at.situation.course, chosen, at.situation.destinations)
    if not form.validate_on_submit():
        if form.version.errors or form.sheet_version.errors:
            # Nobody types into these: they are not the fields that our page sent.
            abort(400)
        return _form_page(at, chosen, form), 422
    try:
        return _carry_out(at, chosen, form)
    except StepRefused as error:
        return _refused(at, error.unmet)
    except (Conflict, Broken) as error:
        return _not_taken(ref, chosen, form, error)


@bp.post("/second/confirm")
@allows(Permission.READ_CASES)
def confirm(ref: str) -> ResponseReturnValue:
    at, form = _take(ref), AnswerForm()
    if isinstance(at, Response):
        return at
    if not form.validate_on_submit():
        abort(400)
    if at.waiting is None or at.waiting.proposal.id.hex() != form.seen_proposal():
        return _list_page(at, trouble=MOVED_ON), 409
    try:
        with begin_work() as work:
            second_person.confirm(
                work,
                at.situation,
                at.found.sheet,
                at.waiting,
                version=form.seen_version(),
                pen=pen_for(work, at.found),
            )
    except SamePerson:
        at_desk.refuse_step(ref, Refusal.OWN_STEP)
        return _list_page(at, trouble="Somebody else has to confirm what you proposed"), 409
    except StepRefused as error:
        return _refused(at, error.unmet)
    except (Conflict, Broken) as error:
        return _list_page(at, trouble=_words(error)), 409 if isinstance(error, Conflict) else 503
    flash(ref, "stepped")
    return redirect(url_for("steps.show_steps", ref=ref), code=303)


@bp.post("/second/end")
@allows(Permission.READ_CASES)
def end_proposal(ref: str) -> ResponseReturnValue:
    at, form = _take(ref), AnswerForm()
    if isinstance(at, Response):
        return at
    if not form.validate_on_submit():
        abort(400)
    if at.waiting is None or at.waiting.proposal.id.hex() != form.seen_proposal():
        return _list_page(at, trouble=ENDED), 409
    try:
        with begin_work() as work:
            service.find_case(work, ref, by=signed_in())
            second_person.end(work, ref, by=signed_in())
    except Conflict:
        return _list_page(at, trouble=ENDED), 409
    flash(ref, "ended")
    return redirect(url_for("steps.show_steps", ref=ref), code=303)


def _take(ref: str) -> AtStep | Response:
    found = take(ref)
    if isinstance(found, Response):
        return found
    try:
        with look_work() as work:
            situation = decisions.situation(
                work, found.case, found.thread, found.sheet.sheet, found.keyring
            )
            waiting = second_person.waiting(work, ref, unlocked().identity, found.keyring)
    except NobodyToAnswer:
        page = render_template("casework/step_refused.html", case=found.case, why=NOT_HERS, help=[])
        return Response(page, 409)
    return AtStep(found=found, situation=situation, waiting=waiting)


def _open_step(at: AtStep, step: str) -> Transition | None:
    open_to = {one.id: one for one in at.situation.open_to(signed_in())}
    return None if step in NOT_HERE else open_to.get(step)


def _missing(at: AtStep, step: Transition) -> list[str]:
    """Return what a step misses before anything was chosen for it."""
    # A guard that asks what was chosen is for the form's answer.
    code = at.situation.course.lists[step.asks][-1].id if step.asks else ""
    return unmet(step, at.situation.facts, Asked(code=code, outcomes=()))


def _carry_out(at: AtStep, step: Transition, form: CourseStepForm) -> ResponseReturnValue:
    if form.seen_sheet() != at.found.sheet.sheet.version:
        raise Conflict(f"the sheet of {at.ref} moved on")
    if step.moves:
        return _pass_on(at, form)
    wish, version = form.wish(), form.seen_version()
    with begin_work() as work:
        pen = pen_for(work, at.found)
        if second_person.asks_for_another(at.situation, wish, signed_in()):
            second_person.propose(
                work, at.situation, at.found.sheet, wish, version=version, pen=pen
            )
            said = "proposed"
        else:
            decisions.take_step(work, at.situation, at.found.sheet, wish, version=version, pen=pen)
            said = "stepped"
    flash(at.ref, said)
    return redirect(url_for("steps.show_steps", ref=at.ref), code=303)


def _pass_on(at: AtStep, form: CourseStepForm) -> ResponseReturnValue:
    objects, by, key = at_desk.objects(), signed_in(), unlocked()
    with look_work() as work:
        folder = reading.take_out(work, at.ref, by=by)
        versions = tuple(sheet_keeping.stored(work, at.ref))
        notes = passing.notes_to_pass(work, at.ref)
        keyring = usable(work, KeyringFiles.of(settings()))
    opened = passing.Opened(
        folder=folder,
        thread=at.found.thread,
        versions=versions,
        notes=notes,
        sheet=at.found.sheet,
        situation=at.situation,
    )
    prepared = passing.prepare(
        opened,
        form.wish(),
        form.chosen_desk(),
        by=by,
        key=key,
        keyring=keyring,
        objects=objects,
        spool=settings().spool,
    )
    try:
        with begin_work() as work:
            passing.carry_out(
                work,
                prepared,
                version=form.seen_version(),
                by=by,
                key=key,
                keyring=keyring,
                objects=objects,
            )
    except BaseException:
        prepared.drop(objects)
        raise
    prepared.finish(objects)
    flash(at.ref, "passed")
    return redirect(url_for("casework.show_inbox"), code=303)


def _not_taken(
    ref: str, step: Transition, form: CourseStepForm, error: Conflict | Broken
) -> ResponseReturnValue:
    # The case as it is now, with her words in the form: reading comes before deciding again.
    at = _take(ref)
    if isinstance(at, Response):
        return at
    if isinstance(error, Broken):
        log().error("broken", what=type(error).__name__, endpoint="steps")
    if _open_step(at, step.id) is None:
        return _refused(at)
    form.follow(at.found.case.version, at.found.sheet.sheet.version)
    page = _form_page(at, step, form, trouble=_words(error))
    return page, 503 if isinstance(error, Broken) else 409


def _words(error: Conflict | Broken) -> str:
    if isinstance(error, NobodyToAnswer):
        return NOT_HERS
    return NOT_SEALED if isinstance(error, Broken) else MOVED_ON


def _refused(at: AtStep, missing: Sequence[str] = ()) -> ResponseReturnValue:
    at_desk.refuse_step(at.ref, Refusal.STEP)
    why = (
        "Something has to be done first."
        if missing
        else f"In this case that is not open to you now. Where it is: {at.situation.state.label}."
    )
    page = render_template(
        "casework/step_refused.html",
        case=at.found.case,
        why=why,
        help=[help_for(name) for name in missing],
    )
    return page, 409


def _fresh(at: AtStep, step: Transition) -> CourseStepForm:
    return CourseStepForm.fresh(
        at.situation.course,
        step,
        at.situation.destinations,
        version=at.found.case.version,
        sheet_version=at.found.sheet.sheet.version,
    )


def _list_page(at: AtStep, *, trouble: str = "") -> str:
    steps = [one for one in at.situation.open_to(signed_in()) if one.id not in NOT_HERE]
    hand = at.situation.hand(signed_in())
    waits = at.waiting
    return render_template(
        "casework/steps.html",
        case=at.found.case,
        state=at.situation.state,
        steps=[
            {
                "step": one,
                "missing": [help_for(name) for name in _missing(at, one)],
                "second": needs_second(one, hand),
            }
            for one in steps
        ],
        waiting=waits,
        waits_for=None if waits is None else at.situation.course.transitions.get(waits.wish.step),
        course=at.situation.course,
        is_mine=waits is not None and waits.proposal.proposed_by == signed_in().id,
        answer=AnswerForm(
            formdata=None,
            data={
                "version": at.found.case.version,
                "proposal": waits.proposal.id.hex() if waits is not None else "",
            },
        ),
        names=_names(at),
        questions=QUESTIONS,
        trouble=trouble,
    )


def _form_page(at: AtStep, step: Transition, form: CourseStepForm, *, trouble: str = "") -> str:
    course, keyring = at.situation.course, at.found.keyring
    return render_template(
        "casework/step.html",
        case=at.found.case,
        state=at.situation.state,
        step=step,
        to=course.states[step.leads_to(at.situation.state.id)],
        form=form,
        choices=course.lists.get(step.asks, ()),
        outcomes=[course.outcomes[id] for id in step.outcomes],
        desks=[
            desk
            for desk in keyring.desks
            if desk.id in at.situation.destinations and step.moves_to(desk.id)
        ],
        headings=[name for name in HEADINGS if name in headings_of(step.reasons)],
        needed=needed(step.reasons),
        questions=QUESTIONS,
        second=needs_second(step, at.situation.hand(signed_in())),
        trouble=trouble,
    )


def _names(at: AtStep) -> dict[str, str]:
    return {member.id: member.name for member in at.found.keyring.members} | {signed_in().id: "You"}
