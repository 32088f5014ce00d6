"""The pages that show plans: all of them, one, its actions, its history, the board's view."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.identity.access import allows, signed_in
from app.identity.domain import Permission
from app.plan import (
    action_views,
    evidence_views,
    figures,
    file_views,
    plan_views,
    risk_views,
    service,
)
from app.plan.choices import SCALE, PartKind, PlanKind, Status, Theme
from app.plan.pages import (
    LATEST_YEAR,
    asked_filter,
    asked_page,
    bp,
    in_address,
    may_edit,
    may_export,
)
from app.web.request_work import look_statistics

# Their pages are of the same blueprint.
MODULES = (action_views, evidence_views, file_views, plan_views, risk_views)


def blueprints() -> list[Blueprint]:
    """Return the blueprints of this room."""
    return [bp]


@bp.get("")
@allows(Permission.SEE_PLAN)
def show_front() -> ResponseReturnValue:
    with look_statistics() as work:
        found = service.summaries(work)
        today = work.today
    office = signed_in().office
    mine = url_for("plan.show_actions", owner=office) if office else ""
    return render_template(
        "plan/front.html",
        plans=[one for one in found if one.plan.kind is PlanKind.PLAN],
        strategies=[one for one in found if one.plan.kind is PlanKind.STRATEGY],
        statuses=Status,
        mine=mine,
        may_edit=may_edit(),
        today=today,
    )


@bp.get("/<string:slug>")
@allows(Permission.SEE_PLAN)
def show_plan(slug: str) -> ResponseReturnValue:
    with look_statistics() as work:
        found = service.summary(work, slug)
        today = work.today
    return render_template(
        "plan/plan.html",
        plan=found.plan,
        found=found,
        statuses=Status,
        part_kinds=PartKind,
        today=today,
        may_edit=may_edit(),
        may_export=may_export(),
    )


@bp.get("/actions")
@allows(Permission.SEE_PLAN)
def show_actions() -> ResponseReturnValue:
    chosen = asked_filter()
    with look_statistics() as work:
        found = service.list_actions(work, chosen, page=asked_page())
        today = work.today
    return render_template(
        "plan/actions.html",
        found=found,
        chosen=chosen,
        query=in_address(chosen),
        themes=Theme,
        statuses=Status,
        may_edit=may_edit(),
        may_export=may_export(),
        today=today,
    )


@bp.get("/<string:slug>/actions/<int(max=9999):number>")
@allows(Permission.SEE_PLAN)
def show_action(slug: str, number: int) -> ResponseReturnValue:
    with look_statistics() as work:
        found = service.action_file(work, slug, number)
        cited = figures.described(work, [one.cell for one in found.evidence if one.cell])
        today = work.today
    return render_template(
        "plan/action.html",
        found=found,
        action=found.action,
        plan=found.plan,
        cited=cited,
        may_update=service.may_update(found.action, signed_in()),
        may_edit=may_edit(),
        today=today,
    )


@bp.get("/<string:slug>/risks")
@allows(Permission.SEE_PLAN)
def show_register(slug: str) -> ResponseReturnValue:
    with look_statistics() as work:
        register = service.risk_register(work, slug)
    return render_template(
        "plan/risks.html",
        register=register,
        plan=register.plan,
        scale=SCALE,
        may_edit=may_edit(),
    )


@bp.get("/<string:slug>/risks/<int(max=9999):number>")
@allows(Permission.SEE_PLAN)
def show_risk(slug: str, number: int) -> ResponseReturnValue:
    with look_statistics() as work:
        risk, actions, history = service.risk_file(work, slug, number)
        plan = service.find_plan(work, slug)
        corporate = service.find_corporate(work, slug, risk.corporate)
        today = work.today
    return render_template(
        "plan/risk.html",
        risk=risk,
        corporate=corporate,
        actions=actions,
        history=history,
        plan=plan,
        may_edit=may_edit(),
        today=today,
    )


@bp.get("/<string:slug>/board")
@allows(Permission.SEE_PLAN)
def show_board(slug: str) -> ResponseReturnValue:
    with look_statistics() as work:
        view = service.board_view(work, slug)
        cells = [cell for cited in view.cited.values() for cell in cited]
        cited = figures.described(work, cells)
        today = work.today
    return render_template(
        "plan/board.html",
        view=view,
        plan=view.summary.plan,
        cited=cited,
        themes=[*Theme, None],
        statuses=Status,
        today=today,
    )


@bp.get("/<string:slug>/statement")
@allows(Permission.SEE_PLAN)
def show_statement(slug: str) -> ResponseReturnValue:
    with look_statistics() as work:
        today = work.today
        found = service.statement(work, slug, _asked_year(today.year))
        cells = service.cited_cells(work, slug)
        cited = figures.described(work, [cell for _, cell in cells])
    return render_template(
        "plan/statement.html",
        found=found,
        plan=found.summary.plan,
        evidence=[(number, cited[cell]) for number, cell in cells if cell in cited],
        statuses=Status,
        today=today,
    )


def _asked_year(now: int) -> int:
    said = request.args.get("year", "")
    whole = said.isascii() and said.isdigit() and len(said) == 4
    return int(said) if whole and 2000 <= int(said) <= LATEST_YEAR else now


@bp.get("/<string:slug>/history")
@allows(Permission.SEE_PLAN)
def show_history(slug: str) -> ResponseReturnValue:
    with look_statistics() as work:
        plan = service.find_plan(work, slug)
        changes, page, pages = service.history(work, slug, page=asked_page())
    return render_template("plan/history.html", plan=plan, changes=changes, page=page, pages=pages)
