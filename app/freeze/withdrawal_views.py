"""Withdrawing a release, by two people: asked for with a reason, approved by another."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.approval import service as approval
from app.errors import Conflict
from app.freeze import withdrawing
from app.freeze.domain import LONGEST_WHY, WITHDRAWAL
from app.freeze.forms import DecisionForm, WithdrawForm
from app.freeze.pages import bp, proposal_id, stores
from app.freeze.showing import may_carry_on, people
from app.identity.access import allows, signed_in
from app.identity.domain import Permission
from app.trends import service as trends
from app.web.request_work import begin_work, look_statistics, look_work


@bp.get("/<string:force>/<int:number>/withdraw")
@allows(Permission.PROPOSE_WITHDRAWAL)
def ask_to_withdraw(force: str, number: int) -> ResponseReturnValue:
    return _withdraw_page(force, number, WithdrawForm(formdata=None))


@bp.post("/<string:force>/<int:number>/withdraw")
@allows(Permission.PROPOSE_WITHDRAWAL)
def propose_withdrawal(force: str, number: int) -> ResponseReturnValue:
    form = WithdrawForm()
    if not form.validate_on_submit():
        return _withdraw_page(force, number, form), 422
    proposal = withdrawing.propose(stores(), force, number, why=form.reason(), by=signed_in())
    return redirect(url_for("freeze.show_withdrawal", id=proposal.id.hex()), code=303)


def _withdraw_page(force: str, number: int, form: WithdrawForm) -> str:
    with look_statistics() as work:
        release = trends.release(work, force, number)
    if not release.stands:
        raise Conflict(f"release {number} of {force} is withdrawn")
    return render_template(
        "freeze/withdraw.html",
        release=release,
        form=form,
        longest=LONGEST_WHY,
        days=WITHDRAWAL.lasts.days,
        name=stores().plans.newest.force(force).name,
    )


@bp.get("/withdrawals/<string:id>")
@allows(Permission.SEE_FREEZES)
def show_withdrawal(id: str) -> ResponseReturnValue:
    found = withdrawing.considered(stores(), proposal_id(id))
    member = signed_in()
    with look_work() as work:
        today = work.today
    return render_template(
        "freeze/withdrawal.html",
        found=found,
        people=people(stores()),
        form=DecisionForm(),
        hers=found.proposal.proposed_by == member.id,
        expired=found.proposal.has_expired(today),
        carries_on=may_carry_on(found.proposal, member.id, today),
        may_approve=member.may(Permission.APPROVE_WITHDRAWAL),
        name=stores().plans.newest.force(found.release.force).name,
    )


@bp.post("/withdrawals/<string:id>")
@allows(Permission.APPROVE_WITHDRAWAL)
def approve_withdrawal(id: str) -> ResponseReturnValue:
    done = withdrawing.carry_out(stores(), proposal_id(id), by=signed_in())
    flash("withdrawn", "withdrawn")
    return redirect(url_for("freeze.show_release", force=done.force, number=done.number), code=303)


@bp.post("/withdrawals/<string:id>/decline")
@allows(Permission.APPROVE_WITHDRAWAL)
def decline_withdrawal(id: str) -> ResponseReturnValue:
    with begin_work() as work:
        approval.withdraw(work, WITHDRAWAL, proposal_id(id), by=signed_in())
    flash("withdrawn", "proposal")
    return redirect(url_for("freeze.show_front"), code=303)
