"""The pages that say what an action rests on: a published figure, or a document."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.errors import Missing
from app.identity.access import allows, signed_in
from app.identity.domain import Permission
from app.plan import editing, figures, service
from app.plan.choices import EvidenceKind
from app.plan.domain import Evidence
from app.plan.entries import Entry
from app.plan.pages import Sheet, asked_page, bp, given
from app.plan.readers import document_of
from app.plan.recording import NumberTaken
from app.web.request_work import begin_statistics, look_statistics
from app.work import Work


@bp.get("/<string:slug>/actions/<int(max=9999):number>/figure")
@allows(Permission.EDIT_PLAN)
def ask_figure(slug: str, number: int) -> ResponseReturnValue:
    with look_statistics() as work:
        return _figure_page(work, slug, number, Sheet())


@bp.post("/<string:slug>/actions/<int(max=9999):number>/figure")
@allows(Permission.EDIT_PLAN)
def cite_figure(slug: str, number: int) -> ResponseReturnValue:
    typed = given()
    entry = Entry(typed)
    why = entry.text("why", "What it shows")
    cell = entry.line("cell", "The figure")
    if not cell:
        entry.refuse("cell", "Choose a figure")
    with begin_statistics() as work:
        if not entry.problems:
            try:
                figure = figures.standing(work, cell)
                editing.cite_cell(
                    work, slug, number, cell=cell, told=figure.told, why=why, by=signed_in()
                )
            except NumberTaken:
                entry.refuse("cell", "The action cites this figure already")
            except Missing:
                # Also for an action that is not there: the page below says so.
                entry.refuse("cell", "This figure is not among those published")
        if entry.problems:
            return _figure_page(work, slug, number, Sheet(typed, entry.problems)), 422
    flash("cited", "plan")
    return redirect(url_for("plan.show_action", slug=slug, number=number), code=303)


def _figure_page(work: Work, slug: str, number: int, sheet: Sheet) -> str:
    action = service.find_action(work, slug, number)
    on_theme = request.args.get("about", "theme" if action.theme else "all") == "theme"
    offer = figures.offered(
        work,
        force=request.args.get("force", ""),
        theme=action.theme if on_theme else None,
        page=asked_page(),
    )
    return render_template(
        "plan/figure.html",
        plan=service.find_plan(work, slug),
        action=action,
        offer=offer,
        form=sheet,
        errors=sheet.problems,
    )


@bp.get("/<string:slug>/actions/<int(max=9999):number>/document")
@allows(Permission.EDIT_PLAN)
def ask_document(slug: str, number: int) -> ResponseReturnValue:
    with look_statistics() as work:
        return _document_page(work, slug, number, Sheet())


@bp.post("/<string:slug>/actions/<int(max=9999):number>/document")
@allows(Permission.EDIT_PLAN)
def cite_document(slug: str, number: int) -> ResponseReturnValue:
    typed = given(["dated_on"])
    read = document_of(typed)
    if read.problems:
        with look_statistics() as work:
            return _document_page(work, slug, number, Sheet(typed, read.problems)), 422
    with begin_statistics() as work:
        editing.cite_document(work, slug, number, read.thing, by=signed_in())
    flash("cited", "plan")
    return redirect(url_for("plan.show_action", slug=slug, number=number), code=303)


def _document_page(work: Work, slug: str, number: int, sheet: Sheet) -> str:
    return render_template(
        "plan/document.html",
        plan=service.find_plan(work, slug),
        action=service.find_action(work, slug, number),
        form=sheet,
        errors=sheet.problems,
        kinds=[kind for kind in EvidenceKind if kind is not EvidenceKind.RELEASE],
    )


@bp.get("/<string:slug>/actions/<int(max=9999):number>/evidence/<int(max=2000000000):id>/remove")
@allows(Permission.EDIT_PLAN)
def ask_removal(slug: str, number: int, id: int) -> ResponseReturnValue:
    with look_statistics() as work:
        plan = service.find_plan(work, slug)
        action = service.find_action(work, slug, number)
        told = _told(work, _one(work, slug, number, id))
    return render_template("plan/remove.html", plan=plan, action=action, id=id, told=told)


@bp.post("/<string:slug>/actions/<int(max=9999):number>/evidence/<int(max=2000000000):id>/remove")
@allows(Permission.EDIT_PLAN)
def remove_evidence(slug: str, number: int, id: int) -> ResponseReturnValue:
    with begin_statistics() as work:
        told = _told(work, _one(work, slug, number, id))
        editing.drop_evidence(work, slug, number, id, told=told, by=signed_in())
    flash("removed", "plan")
    return redirect(url_for("plan.show_action", slug=slug, number=number), code=303)


def _one(work: Work, slug: str, number: int, id: int) -> Evidence:
    for evidence in service.action_file(work, slug, number).evidence:
        if evidence.id == id:
            return evidence
    raise Missing("evidence")


def _told(work: Work, evidence: Evidence) -> str:
    if evidence.cell is None:
        return f"{evidence.title}, {evidence.source}"
    return figures.described(work, [evidence.cell])[evidence.cell].told
