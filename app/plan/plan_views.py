"""The pages that change a plan itself: a new one, its lists, its review."""

from dataclasses import replace

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.identity.access import allows, signed_in
from app.identity.domain import Permission
from app.plan import editing, service
from app.plan.changes import plan_changes
from app.plan.choices import PartKind, PlanKind, Theme
from app.plan.domain import Plan, Stale
from app.plan.entries import Problem, as_line
from app.plan.pages import Sheet, bp, given, seen_version
from app.plan.readers import plan_of
from app.plan.recording import NumberTaken
from app.web.request_work import begin_statistics, look_statistics

# The lists in the order of the form, and what each is.
HINTS = {
    PartKind.FORCE: "Whose plan it is. With more than one an alliance has it.",
    PartKind.OWNER: "Who answers for the whole of it. Several own it jointly.",
    PartKind.SECTION: "The headings its actions stand under.",
    PartKind.PRINCIPLE: "What it holds to.",
    PartKind.OBJECTIVE: "What it is to achieve. An action may name one by its number here.",
    PartKind.CONSIDERATION: "What it takes into account.",
    PartKind.THEME: "Which of the eleven themes it names, each as it is written.",
    PartKind.BODY: "Who oversees, decides or delivers.",
}


@bp.get("/new")
@allows(Permission.EDIT_PLAN)
def ask_new_plan() -> ResponseReturnValue:
    return _form_page(Sheet({"kind": PlanKind.PLAN.value, "review_is_stated": "no"}))


@bp.post("/new")
@allows(Permission.EDIT_PLAN)
def add_plan() -> ResponseReturnValue:
    typed = given()
    slug = as_line(typed.get("slug", ""))
    try:
        with begin_statistics() as work:
            read = plan_of(slug, typed, begun_on=work.today)
            if read.problems:
                return _form_page(Sheet(typed, read.problems)), 422
            editing.add_plan(work, read.thing, by=signed_in())
    except NumberTaken:
        taken = Problem("slug", "There is a plan of that short name already")
        return _form_page(Sheet(typed, [taken])), 422
    flash("added", "plan")
    return redirect(url_for("plan.show_plan", slug=slug), code=303)


@bp.get("/<string:slug>/edit")
@allows(Permission.EDIT_PLAN)
def ask_plan_revision(slug: str) -> ResponseReturnValue:
    with look_statistics() as work:
        plan = service.find_plan(work, slug)
    return _form_page(_filled(plan), plan)


@bp.post("/<string:slug>/edit")
@allows(Permission.EDIT_PLAN)
def revise_plan(slug: str) -> ResponseReturnValue:
    typed = given()
    version = seen_version(typed)
    with look_statistics() as work:
        plan = service.find_plan(work, slug)
        read = plan_of(slug, typed, begun_on=plan.begun_on, version=version)
        problems = [*read.problems, *service.still_named(work, read.thing)]
    if problems:
        return _form_page(Sheet(typed, problems, version), plan), 422
    try:
        with begin_statistics() as work:
            editing.revise_plan(work, read.thing, by=signed_in())
    except Stale:
        with look_statistics() as work:
            now = service.find_plan(work, slug)
        mine = replace(read.thing, reviewed_on=now.reviewed_on)
        sheet = Sheet(typed, (), now.version, stale=True, differences=plan_changes(now, mine))
        return _form_page(sheet, now), 409
    flash("saved", "plan")
    return redirect(url_for("plan.show_plan", slug=slug), code=303)


@bp.get("/<string:slug>/review")
@allows(Permission.EDIT_PLAN)
def ask_review(slug: str) -> ResponseReturnValue:
    with look_statistics() as work:
        plan = service.find_plan(work, slug)
        today = work.today
    return render_template("plan/review.html", plan=plan, today=today)


@bp.post("/<string:slug>/review")
@allows(Permission.EDIT_PLAN)
def record_review(slug: str) -> ResponseReturnValue:
    version = seen_version(given())
    with begin_statistics() as work:
        editing.record_review(work, slug, version=version, by=signed_in())
    flash("reviewed", "plan")
    return redirect(url_for("plan.show_plan", slug=slug), code=303)


def _filled(plan: Plan) -> Sheet:
    values = {
        "title": plan.title,
        "kind": plan.kind.value,
        "about": plan.about,
        "source": plan.source,
        "review_months": str(plan.review_months or ""),
        "review_is_stated": "yes" if plan.review_is_stated else "no",
    }
    for kind in PartKind:
        values[kind.value] = "\n".join(
            f"{part.name} | {part.note}" if part.note else part.name for part in plan.listed(kind)
        )
    return Sheet(values, version=plan.version)


def _form_page(sheet: Sheet, plan: Plan | None = None) -> str:
    return render_template(
        "plan/plan_form.html",
        plan=plan,
        form=sheet,
        errors=sheet.problems,
        kinds=PlanKind,
        lists=HINTS,
        themes=Theme,
    )
