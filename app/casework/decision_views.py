"""The decision that triage ends: it asks where a concern belongs, and says what is counted."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.casework import at_desk, decisions
from app.casework.decisions import NotNow, Situation
from app.casework.dialogue import NobodyToAnswer
from app.casework.domain import CaseState, Refusal
from app.casework.forms import DecisionForm
from app.casework.sheet_showing import said
from app.casework.sheet_views import NOT_HERS, NOT_SEALED, SheetAtDesk, pen_for, take
from app.casework.stepping import StepRefused
from app.errors import Broken, Conflict
from app.identity.access import allows
from app.identity.domain import Permission
from app.web.logs import log
from app.web.request_work import begin_work
from app.work import Work

bp = Blueprint("decisions", __name__, url_prefix="/staff/cases/<string:ref>")

MOVED_ON = (
    "Nothing was decided, because a colleague or the reporter did something in this case while "
    "you were writing. Look at the case and at its sheet as they are now, and decide again"
)


@bp.get("/triage-ends")
@allows(Permission.READ_CASES)
def ask_triage_ends(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    try:
        decisions.check_triage_may_end(found.case, found.sheet.sheet)
    except NotNow:
        return _not_now(found)
    return _triage_page(found, DecisionForm(formdata=None, data=_versions(found)))


@bp.post("/triage-ends")
@allows(Permission.READ_CASES)
def end_triage(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    form = DecisionForm()
    if not form.validate_on_submit():
        return _unfit(form, _triage_page(found, form))
    try:
        _check_seen(found, form)
        with begin_work() as work:
            decisions.end_triage(
                work,
                _situation(work, found),
                found.sheet,
                form.why(),
                version=form.seen_version(),
                pen=pen_for(work, found),
            )
    except (Conflict, Broken) as error:
        return _refused(ref, form, error)
    flash(CaseState.UNDER_WAY.value, "step")
    return redirect(url_for("casework.show_case", ref=ref), code=303)


def _situation(work: Work, found: SheetAtDesk) -> Situation:
    sheet = found.sheet.sheet
    return decisions.situation(work, found.case, found.thread, sheet, found.keyring)


def _versions(found: SheetAtDesk) -> dict[str, int]:
    return {"version": found.case.version, "sheet_version": found.sheet.sheet.version}


def _check_seen(found: SheetAtDesk, form: DecisionForm) -> None:
    if form.seen_sheet() != found.sheet.sheet.version:
        raise Conflict(f"the sheet of {found.case.ref} moved on")


def _unfit(form: DecisionForm, page: str) -> ResponseReturnValue:
    if form.version.errors or form.sheet_version.errors:
        # Nobody types into these: they are not the fields that our page sent.
        abort(400)
    return page, 422


def _refused(ref: str, form: DecisionForm, error: Conflict | Broken) -> ResponseReturnValue:
    # The case as it is now, with her words in the form: reading comes before deciding again.
    found = take(ref)
    if isinstance(found, Response):
        return found
    if isinstance(error, StepRefused) or not _may_be_decided(found):
        return _not_now(found)
    if isinstance(error, Broken):
        log().error("broken", what=type(error).__name__, endpoint="decisions")
    form.refuse(_words(error))
    form.follow(found.case.version, found.sheet.sheet.version)
    return _triage_page(found, form), 503 if isinstance(error, Broken) else 409


def _not_now(found: SheetAtDesk) -> ResponseReturnValue:
    at_desk.refuse_step(found.case.ref, Refusal.TRIAGE_END)
    return at_desk.not_now(found.case, found.sheet.sheet)


def _may_be_decided(found: SheetAtDesk) -> bool:
    try:
        decisions.check_triage_may_end(found.case, found.sheet.sheet)
    except NotNow:
        return False
    return True


def _words(error: Conflict | Broken) -> str:
    if isinstance(error, NobodyToAnswer):
        return NOT_HERS
    return NOT_SEALED if isinstance(error, Broken) else MOVED_ON


def _triage_page(found: SheetAtDesk, form: DecisionForm) -> str:
    return render_template(
        "casework/triage_ends.html",
        case=found.case,
        sheet=found.sheet.sheet,
        form=form,
        said=said(found.sheet.sheet, found.reference),
        keeps_statistics=found.keyring.statistics is not None,
    )
