"""The custodians' pages: the calendar, a freeze by two, and the release it gave."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.approval import service as approval
from app.errors import PortalError
from app.freeze import publishing, service, showing, withdrawal_views
from app.freeze.domain import FREEZE, SlipsSetAside, WitnessAbsent, WitnessedAlready
from app.freeze.forms import ApproveForm, DecisionForm
from app.freeze.pages import bp, proposal_id, quarter_named, stores
from app.freeze.service import NoCustodian
from app.freeze.wording import CADENCES, FAULTS, TABLES
from app.identity.access import allows, signed_in, unlocked
from app.identity.domain import Permission
from app.trends import freezing
from app.trends import service as trends
from app.trends.calendar import AlreadyFrozen, OutOfTurn, TooEarly
from app.web.request_work import begin_work, look_statistics, look_work

# Their pages are of the same blueprint.
MODULES = (withdrawal_views,)
# What a custodian is told when a freeze is refused, and nothing went wrong with the portal.
REFUSALS: dict[type[PortalError], str] = {
    WitnessAbsent: "The witness is not there. Nothing can be frozen without it. Once it is back, "
    "carry on here: what was begun is finished with the noise it drew, or with none.",
    WitnessedAlready: "The witness knows this freeze already. An older copy of the statistics "
    "database was put back: ask whoever runs the system to bring the release back from the "
    "witness. It is never drawn again.",
    AlreadyFrozen: "This quarter was frozen. It is never frozen again.",
    TooEarly: "The day of this freeze has not come. It is announced beforehand and never moved.",
    OutOfTurn: "An earlier quarter of this force is to be frozen first.",
    NoCustodian: "Your key does not open the statistics. The keyring or the copies of the "
    "identity have changed since you became a custodian.",
}


def blueprints() -> list[Blueprint]:
    """Return the blueprints of this room."""
    return [bp]


@bp.get("")
@allows(Permission.SEE_FREEZES)
def show_front() -> ResponseReturnValue:
    member = signed_in()
    return render_template(
        "freeze/front.html",
        front=showing.front(stores()),
        names=_names(),
        people=showing.people(stores()),
        form=DecisionForm(),
        may_propose=member.may(Permission.PROPOSE_FREEZE),
        may_approve=member.may(Permission.APPROVE_FREEZE),
    )


@bp.post("/finish")
@allows(Permission.APPROVE_FREEZE)
def finish() -> ResponseReturnValue:
    flash(str(publishing.catch_up(stores())), "finished")
    return redirect(url_for("freeze.show_front"), code=303)


@bp.get("/<string:force>/<string:quarter>/propose")
@allows(Permission.PROPOSE_FREEZE)
def ask_to_propose(force: str, quarter: str) -> ResponseReturnValue:
    period = quarter_named(quarter)
    found = stores()
    stores().check_force(force)
    try:
        with look_statistics() as work:
            freezing.check_may_begin(work, force, period, plans=found.plans)
            prospect = freezing.prospect(work, force, period, plans=found.plans)
    except (AlreadyFrozen, TooEarly, OutOfTurn) as error:
        return _refusal(error)
    return render_template(
        "freeze/propose.html",
        prospect=prospect,
        form=DecisionForm(),
        days=FREEZE.lasts.days,
        names=_names(),
        **_words(),
    )


@bp.post("/<string:force>/<string:quarter>/propose")
@allows(Permission.PROPOSE_FREEZE)
def propose(force: str, quarter: str) -> ResponseReturnValue:
    period = quarter_named(quarter)
    stores().check_force(force)
    try:
        proposal = service.propose(stores(), force, period, by=signed_in(), key=unlocked())
    except tuple(REFUSALS) as error:
        return _refusal(error)
    return redirect(url_for("freeze.show_proposal", id=proposal.id.hex()), code=303)


@bp.get("/proposals/<string:id>")
@allows(Permission.SEE_FREEZES)
def show_proposal(id: str) -> ResponseReturnValue:
    return _proposal_page(id)


@bp.post("/proposals/<string:id>")
@allows(Permission.APPROVE_FREEZE)
def approve(id: str) -> ResponseReturnValue:
    form = ApproveForm()
    known = form.set_aside() if form.validate_on_submit() else 0
    try:
        done = service.carry_out(
            stores(), proposal_id(id), by=signed_in(), key=unlocked(), set_aside=known
        )
    except SlipsSetAside as error:
        return _proposal_page(id, unfit=error), 422
    except tuple(REFUSALS) as error:
        return _refusal(error)
    flash("frozen", "frozen")
    return redirect(url_for("freeze.show_release", force=done.force, number=done.number), code=303)


@bp.post("/proposals/<string:id>/withdraw")
@allows(Permission.APPROVE_FREEZE)
def withdraw_proposal(id: str) -> ResponseReturnValue:
    with begin_work() as work:
        approval.withdraw(work, FREEZE, proposal_id(id), by=signed_in())
    flash("withdrawn", "proposal")
    return redirect(url_for("freeze.show_front"), code=303)


def _proposal_page(id: str, *, unfit: SlipsSetAside | None = None) -> str:
    found = service.waiting(stores(), proposal_id(id))
    member = signed_in()
    with look_work() as work:
        today = work.today
    return render_template(
        "freeze/proposal.html",
        proposal=found.proposal,
        prospect=found.prospect,
        unfit=unfit,
        form=ApproveForm(formdata=None),
        hers=found.proposal.proposed_by == member.id,
        expired=found.proposal.has_expired(today),
        carries_on=showing.may_carry_on(found.proposal, member.id, today),
        may_approve=member.may(Permission.APPROVE_FREEZE),
        faults=FAULTS,
        names=_names(),
        people=showing.people(stores()),
        **_words(),
    )


@bp.get("/<string:force>/<int:number>")
@allows(Permission.SEE_FREEZES)
def show_release(force: str, number: int) -> ResponseReturnValue:
    with look_statistics() as work:
        release = trends.release(work, force, number)
        set_aside = freezing.set_aside_of(work, force, number)
    return render_template(
        "freeze/release.html",
        release=release,
        set_aside=set_aside,
        plan=stores().plans.version(release.release.plan_version),
        names=_names(),
        may_withdraw=release.stands and signed_in().may(Permission.PROPOSE_WITHDRAWAL),
        **_words(),
    )


def _refusal(error: PortalError) -> ResponseReturnValue:
    words = next(words for kind, words in REFUSALS.items() if isinstance(error, kind))
    return render_template("freeze/refused.html", words=words), 409


def _names() -> dict[str, str]:
    return {force.id: force.name for force in stores().plans.newest.forces}


def _words() -> dict[str, object]:
    return {"tables": TABLES, "cadences": CADENCES}
