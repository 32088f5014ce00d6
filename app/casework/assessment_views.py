"""Beside the case sheet: how the case is assessed, its dates and actions, and its clocks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.casework import decisions, due_days
from app.casework.assessment_forms import (
    ActionForm,
    AssessmentForm,
    DoneForm,
    MilestoneForm,
    OverSheet,
)
from app.casework.clocks import clocks_on
from app.casework.dialogue import NobodyToAnswer
from app.casework.sheet import MOST_ACTIONS, MOST_MILESTONES, CaseSheet
from app.casework.sheet_keeping import SheetMovedOn
from app.casework.sheet_parts import Action
from app.casework.sheet_showing import changes, milestones
from app.casework.sheet_views import NOT_HERS, NOT_SEALED, SheetAtDesk, pen_for, take
from app.casework.vocabulary import Vocabulary, vocabulary_on
from app.errors import Broken
from app.identity.access import allows
from app.identity.domain import Permission
from app.web.logs import log
from app.web.request_work import begin_work, look_work

bp = Blueprint("assessments", __name__, url_prefix="/staff/cases/<string:ref>")

MOVED_ON = (
    "Nothing of yours was saved, because a colleague changed the case sheet while you were "
    "writing. What it says now is in the table; the form holds what you wrote"
)
FULL = "There is no room for more of these on one case sheet"
Page = Callable[..., str]


@bp.get("/assessment")
@allows(Permission.READ_CASES)
def show_assessment(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    return _assessment_page(found, AssessmentForm.of(found.sheet.sheet, *_words(found)))


@bp.post("/assessment")
@allows(Permission.READ_CASES)
def save_assessment(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    form = AssessmentForm(*_words(found))
    if not form.validate_on_submit() or not form.keeps_criterion(found.sheet.sheet):
        return _unfit(form, _assessment_page(found, form))
    return save(found, form, form.applied_to, _assessment_page, "assessments.show_assessment")


@bp.get("/clocks")
@allows(Permission.READ_CASES)
def show_clocks(ref: str) -> ResponseReturnValue:
    found = take(ref)
    return found if isinstance(found, Response) else _clocks_page(found)


@bp.post("/clocks/milestone")
@allows(Permission.READ_CASES)
def add_milestone(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    form = MilestoneForm(_milestones(found).keys(), found.today)
    if not form.validate_on_submit():
        return _unfit(form, _clocks_page(found, form))
    if len(found.sheet.sheet.milestones) == MOST_MILESTONES:
        form.what.errors = [FULL]
        return _clocks_page(found, form), 422
    return save(found, form, form.applied_to, _clocks_page, "assessments.show_clocks")


@bp.post("/clocks/action")
@allows(Permission.READ_CASES)
def add_action(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    form = ActionForm()
    if not form.validate_on_submit():
        return _unfit(form, _clocks_page(found, form))
    if len(found.sheet.sheet.actions) == MOST_ACTIONS:
        form.text.errors = [FULL]
        return _clocks_page(found, form), 422
    action = Action(*form.said())

    def applied(sheet: CaseSheet) -> CaseSheet:
        return replace(sheet, actions=(*sheet.actions, action))

    return save(found, form, applied, _clocks_page, "assessments.show_clocks")


@bp.post("/clocks/done")
@allows(Permission.READ_CASES)
def end_action(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    form = DoneForm()
    if not form.validate_on_submit() or form.chosen() >= len(found.sheet.sheet.actions):
        abort(400)

    def applied(sheet: CaseSheet) -> CaseSheet:
        actions = list(sheet.actions)
        actions[form.chosen()] = replace(actions[form.chosen()], done_on=found.today)
        return replace(sheet, actions=tuple(actions))

    return save(found, form, applied, _clocks_page, "assessments.show_clocks")


def save(
    found: SheetAtDesk,
    form: OverSheet,
    applied: Callable[[CaseSheet], CaseSheet],
    page: Page,
    endpoint: str,
) -> ResponseReturnValue:
    """Save what a form changes on a sheet, or show it beside what a colleague saved meanwhile."""
    ref = found.case.ref
    if form.seen_version() != found.sheet.sheet.version:
        return _beside(found, form, applied, page)
    try:
        with begin_work() as work:
            decisions.edit(
                work,
                ref,
                found.sheet,
                applied(found.sheet.sheet),
                pen=pen_for(work, found),
            )
    except SheetMovedOn:
        again = take(ref)
        return again if isinstance(again, Response) else _beside(again, form, applied, page)
    except NobodyToAnswer:
        return page(found, form, trouble=NOT_HERS), 409
    except Broken as error:
        # What she wrote is worth more than an error page: it is nowhere else.
        log().error("broken", what=type(error).__name__, endpoint=endpoint)
        return page(found, form, trouble=NOT_SEALED), 503
    flash(ref, "saved")
    return redirect(url_for(endpoint, ref=ref), code=303)


def _beside(
    found: SheetAtDesk,
    form: OverSheet,
    applied: Callable[[CaseSheet], CaseSheet],
    page: Page,
) -> ResponseReturnValue:
    theirs = found.sheet.sheet
    form.follow(theirs.version)
    differences = changes(theirs, applied(theirs), found.reference)
    return page(found, form, trouble=MOVED_ON, differences=differences), 409


def _unfit(form: OverSheet, page: str) -> ResponseReturnValue:
    if form.version.errors:
        # Nobody types into it: it is not the field that our page sent.
        abort(400)
    return page, 422


def _words(found: SheetAtDesk) -> tuple[Vocabulary, date]:
    return vocabulary_on(found.today), found.today


def _assessment_page(found: SheetAtDesk, form: OverSheet, **said: object) -> str:
    return render_template(
        "casework/assessment.html",
        case=found.case,
        sheet=found.sheet.sheet,
        form=form,
        words=vocabulary_on(found.today),
        **{"trouble": "", "differences": [], **said},
    )


def _milestones(found: SheetAtDesk) -> dict[str, str]:
    return milestones(clocks_on(found.today))


def _clocks_page(found: SheetAtDesk, form: OverSheet | None = None, **said: object) -> str:
    sheet, letters = found.sheet.sheet, decisions.letter_days(found.thread)
    with look_work() as work:
        readings = due_days.readings(work, found.case, sheet, letters)
        missed = due_days.missed_limits(work, found.case, sheet, letters)
    over = {"version": sheet.version}
    kinds = _milestones(found)
    fresh = MilestoneForm(kinds.keys(), found.today, formdata=None, data=over)
    return render_template(
        "casework/clocks.html",
        case=found.case,
        sheet=sheet,
        readings=readings,
        today=found.today,
        kinds=kinds,
        missed=missed,
        form=form,
        milestone=form if isinstance(form, MilestoneForm) else fresh,
        action=form if isinstance(form, ActionForm) else ActionForm(formdata=None, data=over),
        done=DoneForm(formdata=None, data=over),
        labels=kinds,
        **{"trouble": "", "differences": [], **said},
    )
