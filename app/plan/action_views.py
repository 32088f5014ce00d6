"""The pages that change an action: a new one, its facts, how far it is."""

from collections.abc import Mapping
from dataclasses import replace

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.errors import Refused
from app.identity.access import allows, signed_in
from app.identity.domain import Permission
from app.plan import editing, service
from app.plan.changes import ACTION_FIELDS, action_changes, in_words
from app.plan.choices import ActionKind, PartKind, Priority, Status, Theme
from app.plan.domain import Action, Change, Stale
from app.plan.entries import Problem
from app.plan.pages import Sheet, bp, day_parts, filled, given, may_edit, seen_version
from app.plan.readers import Progress, action_of, number_of, progress_of
from app.plan.recording import NumberTaken
from app.web.request_work import begin_statistics, look_statistics
from app.work import Work

DAYS = ("review_on",)


@bp.get("/<string:slug>/new-action")
@allows(Permission.EDIT_PLAN)
def ask_new_action(slug: str) -> ResponseReturnValue:
    with look_statistics() as work:
        return _form_page(work, slug, Sheet({"number": str(service.next_number(work, slug))}))


@bp.post("/<string:slug>/new-action")
@allows(Permission.EDIT_PLAN)
def add_action(slug: str) -> ResponseReturnValue:
    typed = given(DAYS)
    number = number_of(typed)
    with look_statistics() as work:
        plan = service.find_plan(work, slug)
        read = action_of(slug, number.thing, typed, service.around(work, plan))
        problems = [*number.problems, *read.problems]
        if problems:
            return _form_page(work, slug, Sheet(typed, problems)), 422
    try:
        with begin_statistics() as work:
            editing.add_action(work, read.thing, by=signed_in())
    except NumberTaken:
        taken = Problem("number", f"The plan has an action {number.thing} already")
        with look_statistics() as work:
            return _form_page(work, slug, Sheet(typed, [taken])), 422
    flash("added", "plan")
    return redirect(url_for("plan.show_action", slug=slug, number=number.thing), code=303)


@bp.get("/<string:slug>/actions/<int(max=9999):number>/edit")
@allows(Permission.EDIT_PLAN)
def ask_revision(slug: str, number: int) -> ResponseReturnValue:
    with look_statistics() as work:
        action = service.find_action(work, slug, number)
        sheet = filled(action, ACTION_FIELDS, version=action.version)
        return _form_page(work, slug, sheet, action)


@bp.post("/<string:slug>/actions/<int(max=9999):number>/edit")
@allows(Permission.EDIT_PLAN)
def revise_action(slug: str, number: int) -> ResponseReturnValue:
    typed = given(DAYS)
    version = seen_version(typed)
    with look_statistics() as work:
        plan, action = service.find_plan(work, slug), service.find_action(work, slug, number)
        read = action_of(slug, number, typed, service.around(work, plan), version=version)
        if read.problems:
            sheet = Sheet(typed, read.problems, version)
            return _form_page(work, slug, sheet, action), 422
    try:
        with begin_statistics() as work:
            editing.revise_action(work, read.thing, by=signed_in())
    except Stale:
        with look_statistics() as work:
            now = service.find_action(work, slug, number)
            differences = action_changes(now, read.thing)
            sheet = Sheet(typed, (), now.version, stale=True, differences=differences)
            return _form_page(work, slug, sheet, now), 409
    flash("saved", "plan")
    return redirect(url_for("plan.show_action", slug=slug, number=number), code=303)


def _form_page(work: Work, slug: str, sheet: Sheet, action: Action | None = None) -> str:
    plan = service.find_plan(work, slug)
    return render_template(
        "plan/action_form.html",
        plan=plan,
        action=action,
        form=sheet,
        errors=sheet.problems,
        kinds=ActionKind,
        priorities=Priority,
        statuses=Status,
        themes=Theme,
        sections=plan.listed(PartKind.SECTION),
        risks=service.risk_register(work, slug).risks,
    )


@bp.get("/<string:slug>/actions/<int(max=9999):number>/progress")
@allows(Permission.SEE_PLAN)
def ask_progress(slug: str, number: int) -> ResponseReturnValue:
    with look_statistics() as work:
        action = service.find_action(work, slug, number)
        day = in_words(action.review_on)
        values = {"status": action.status.value} | day_parts("review_on", day)
        return _progress_page(work, action, Sheet(values, version=action.version))


@bp.post("/<string:slug>/actions/<int(max=9999):number>/progress")
@allows(Permission.SEE_PLAN)
def note_progress(slug: str, number: int) -> ResponseReturnValue:
    typed = given(DAYS)
    version = seen_version(typed)
    with look_statistics() as work:
        action = service.find_action(work, slug, number)
        read = progress_of(typed, now=action.status)
        if read.problems:
            return _progress_page(work, action, Sheet(typed, read.problems, version)), 422
    try:
        with begin_statistics() as work:
            editing.note_progress(work, slug, number, read.thing, version=version, by=signed_in())
    except Stale:
        with look_statistics() as work:
            now = service.find_action(work, slug, number)
            return _progress_page(work, now, _beside(work, now, typed, read.thing)), 409
    flash("noted", "plan")
    return redirect(url_for("plan.show_action", slug=slug, number=number), code=303)


def _beside(work: Work, now: Action, typed: Mapping[str, str], progress: Progress) -> Sheet:
    mine = replace(now.progressed(progress.status), review_on=progress.review_on)
    differences = [one for one in action_changes(now, mine) if one.what != "Status read from"]
    newest = service.action_file(work, now.plan, now.number).notes[:1]
    if progress.note:
        theirs = newest[0].text if newest else ""
        differences.append(Change(what="Progress note", before=theirs, after=progress.note))
    return Sheet(typed, (), now.version, stale=True, differences=differences)


def _progress_page(work: Work, action: Action, sheet: Sheet) -> str:
    if not service.may_update(action, signed_in()):
        raise Refused(f"{signed_in().id} may not update {action.plan} {action.number}")
    return render_template(
        "plan/progress.html",
        plan=service.find_plan(work, action.plan),
        action=action,
        form=sheet,
        errors=sheet.problems,
        statuses=Status,
        may_edit=may_edit(),
    )
