"""The pages that change the risk register."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.identity.access import allows, signed_in
from app.identity.domain import Permission
from app.plan import editing, service
from app.plan.changes import CORPORATE_FIELDS, RISK_FIELDS, corporate_changes, risk_changes
from app.plan.choices import IMPACTS, LIKELIHOODS, Theme
from app.plan.domain import CorporateRisk, Risk, Stale
from app.plan.pages import Sheet, bp, filled, given, seen_version
from app.plan.readers import corporate_of, risk_of
from app.web.request_work import begin_statistics, look_statistics
from app.work import Work


@bp.get("/<string:slug>/new-risk")
@allows(Permission.EDIT_PLAN)
def ask_new_risk(slug: str) -> ResponseReturnValue:
    with look_statistics() as work:
        return _risk_page(work, slug, Sheet())


@bp.post("/<string:slug>/new-risk")
@allows(Permission.EDIT_PLAN)
def add_risk(slug: str) -> ResponseReturnValue:
    typed = given()
    with look_statistics() as work:
        around = service.around(work, service.find_plan(work, slug))
        read = risk_of(slug, 0, typed, around)
        if read.problems:
            return _risk_page(work, slug, Sheet(typed, read.problems)), 422
    with begin_statistics() as work:
        added = editing.add_risk(work, read.thing, by=signed_in())
    flash("added", "plan")
    return redirect(url_for("plan.show_risk", slug=slug, number=added.number), code=303)


@bp.get("/<string:slug>/risks/<int(max=9999):number>/edit")
@allows(Permission.EDIT_PLAN)
def ask_risk_revision(slug: str, number: int) -> ResponseReturnValue:
    with look_statistics() as work:
        risk = service.find_risk(work, slug, number)
        sheet = filled(risk, RISK_FIELDS, version=risk.version)
        return _risk_page(work, slug, sheet, risk)


@bp.post("/<string:slug>/risks/<int(max=9999):number>/edit")
@allows(Permission.EDIT_PLAN)
def revise_risk(slug: str, number: int) -> ResponseReturnValue:
    typed = given()
    version = seen_version(typed)
    with look_statistics() as work:
        risk = service.find_risk(work, slug, number)
        around = service.around(work, service.find_plan(work, slug))
        read = risk_of(slug, number, typed, around, version=version)
        if read.problems:
            return _risk_page(work, slug, Sheet(typed, read.problems, version), risk), 422
    try:
        with begin_statistics() as work:
            editing.revise_risk(work, read.thing, by=signed_in())
    except Stale:
        with look_statistics() as work:
            now = service.find_risk(work, slug, number)
            sheet = Sheet(
                typed, (), now.version, stale=True, differences=risk_changes(now, read.thing)
            )
            return _risk_page(work, slug, sheet, now), 409
    flash("saved", "plan")
    return redirect(url_for("plan.show_risk", slug=slug, number=number), code=303)


def _risk_page(work: Work, slug: str, sheet: Sheet, risk: Risk | None = None) -> str:
    register = service.risk_register(work, slug)
    return render_template(
        "plan/risk_form.html",
        plan=register.plan,
        risk=risk,
        form=sheet,
        errors=sheet.problems,
        corporate=register.corporate,
        themes=Theme,
        likelihoods=LIKELIHOODS,
        impacts=IMPACTS,
    )


@bp.get("/<string:slug>/new-corporate-risk")
@allows(Permission.EDIT_PLAN)
def ask_new_corporate(slug: str) -> ResponseReturnValue:
    with look_statistics() as work:
        return _corporate_page(work, slug, Sheet())


@bp.post("/<string:slug>/new-corporate-risk")
@allows(Permission.EDIT_PLAN)
def add_corporate(slug: str) -> ResponseReturnValue:
    typed = given()
    read = corporate_of(slug, 0, typed)
    if read.problems:
        with look_statistics() as work:
            return _corporate_page(work, slug, Sheet(typed, read.problems)), 422
    with begin_statistics() as work:
        editing.add_corporate(work, read.thing, by=signed_in())
    flash("added", "plan")
    return redirect(url_for("plan.show_register", slug=slug), code=303)


@bp.get("/<string:slug>/corporate-risks/<int(max=9999):number>/edit")
@allows(Permission.EDIT_PLAN)
def ask_corporate_revision(slug: str, number: int) -> ResponseReturnValue:
    with look_statistics() as work:
        risk = service.find_corporate(work, slug, number)
        sheet = filled(risk, CORPORATE_FIELDS, version=risk.version)
        return _corporate_page(work, slug, sheet, risk)


@bp.post("/<string:slug>/corporate-risks/<int(max=9999):number>/edit")
@allows(Permission.EDIT_PLAN)
def revise_corporate(slug: str, number: int) -> ResponseReturnValue:
    typed = given()
    version = seen_version(typed)
    read = corporate_of(slug, number, typed, version=version)
    if read.problems:
        with look_statistics() as work:
            risk = service.find_corporate(work, slug, number)
            sheet = Sheet(typed, read.problems, version)
            return _corporate_page(work, slug, sheet, risk), 422
    try:
        with begin_statistics() as work:
            editing.revise_corporate(work, read.thing, by=signed_in())
    except Stale:
        with look_statistics() as work:
            now = service.find_corporate(work, slug, number)
            sheet = Sheet(
                typed, (), now.version, stale=True, differences=corporate_changes(now, read.thing)
            )
            return _corporate_page(work, slug, sheet, now), 409
    flash("saved", "plan")
    return redirect(url_for("plan.show_register", slug=slug), code=303)


def _corporate_page(work: Work, slug: str, sheet: Sheet, risk: CorporateRisk | None = None) -> str:
    return render_template(
        "plan/corporate_form.html",
        plan=service.find_plan(work, slug),
        risk=risk,
        form=sheet,
        errors=sheet.problems,
    )
