"""The pages of signing in and out, of one's own account, and of the state of the system."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.audit import checkpoints
from app.audit.service import measure
from app.envelope.keyring import Keyring
from app.errors import Broken
from app.identity import memory, passwords, service, signing_in
from app.identity.access import allows, cookie_name, current_visit, signed_in, way_back
from app.identity.domain import Permission, Role, StaffMember
from app.identity.forms import ChangePasswordForm, SignInForm
from app.identity.navigation import front_page
from app.identity.signing_in import Attempt, SignedIn
from app.keyring.service import KeyringBroken, KeyringFiles, signed, usable
from app.web.doors import open_to_all
from app.web.request_work import begin_work, look_work, settings
from app.work import Work

bp = Blueprint("identity", __name__, url_prefix="/staff")


def blueprints() -> list[Blueprint]:
    """Return the blueprints of this room."""
    return [bp]


@bp.get("/sign-in")
@open_to_all
def ask_to_sign_in() -> ResponseReturnValue:
    form = SignInForm(formdata=None, data={"next": way_back(request.args.get("next", ""))})
    return render_template("identity/sign_in.html", form=form)


@bp.post("/sign-in")
@open_to_all
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("identity/sign_in.html", form=form), 422
    outcome = _attempt(*form.typed())
    if isinstance(outcome, Broken):
        raise outcome
    if not isinstance(outcome, SignedIn):
        form.refuse()
        return render_template("identity/sign_in.html", form=form), 422
    # Nothing that was in the browser before goes on: not the old session, not the old token.
    session.clear()
    asked = way_back(form.way_back())
    # Who only asked for the staff side has not said which part; not everybody has an inbox.
    asked_for_a_page = asked.strip("/") not in {"", "staff"}
    answer = redirect(asked if asked_for_a_page else front_page(outcome.member), code=303)
    _set_cookie(answer, outcome.token)
    return answer


def _attempt(name: str, password: str, code: str) -> SignedIn | signing_in.Refusal | Broken:
    with look_work() as work:
        salt = signing_in.salt_for(work, name)
    # Between two transactions: a third of a second in which others would wait.
    attempt = Attempt(name=name, stretched=passwords.stretch(password, salt), code=code)
    with begin_work() as work:
        keyring = _keyring(work)
        outcome = signing_in.sign_in(work, attempt, keyring, secret_key=settings().secret_key)
        if isinstance(outcome, SignedIn):
            signing_in.forget(work, request.cookies.get(cookie_name(), ""))
        return outcome


def _keyring(work: Work) -> Keyring | KeyringBroken:
    # Whoever runs the system must get in to see what is wrong with the keyring.
    try:
        return signed(work, KeyringFiles.of(settings()))
    except KeyringBroken as error:
        return error


def _set_cookie(answer: Response, token: str) -> None:
    answer.set_cookie(
        cookie_name(),
        token,
        # Without an age it goes with the browser; the server ends the session in any case.
        max_age=None if token else 0,
        secure=settings().secure_cookies,
        httponly=True,
        samesite="Strict",
        path="/",
    )


@bp.post("/sign-out")
@open_to_all
def sign_out() -> ResponseReturnValue:
    # Without the door: whose session ended meanwhile, or whose account is in dispute, must
    # be able to leave all the same.
    with begin_work() as work:
        found = signing_in.resume(work, request.cookies.get(cookie_name(), ""))
        if found is not None:
            signing_in.sign_out(work, found)
            memory.sessions.forget(found.id)
    session.clear()
    answer = redirect(url_for("identity.ask_to_sign_in"), code=303)
    _set_cookie(answer, "")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.get("/account")
@allows(Permission.SEE_OWN_ACCOUNT)
def show_account() -> ResponseReturnValue:
    with look_work() as work:
        sessions = service.sessions(work, signed_in().id)
        desk = _desk_label(work, signed_in())
    visit = current_visit()
    return render_template(
        "identity/account.html",
        member=signed_in(),
        desk=desk,
        sessions=sessions,
        this=None if visit is None else visit.session.id,
    )


def _desk_label(work: Work, member: StaffMember) -> str:
    if member.desk is None:
        return ""
    return signed(work, KeyringFiles.of(settings())).desk(member.desk).label


@bp.post("/account/end-sessions")
@allows(Permission.SEE_OWN_ACCOUNT)
def end_other_sessions() -> ResponseReturnValue:
    visit = current_visit()
    with begin_work() as work:
        service.end_sessions(
            work,
            signed_in().id,
            by=signed_in().id,
            but=None if visit is None else visit.session.id,
        )
    return redirect(url_for("identity.show_account"), code=303)


@bp.get("/account/password")
@allows(Permission.SEE_OWN_ACCOUNT)
def ask_password() -> ResponseReturnValue:
    return _password_page(ChangePasswordForm(formdata=None))


@bp.post("/account/password")
@allows(Permission.SEE_OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return _password_page(form), 422
    old, new = form.typed()
    if not _change(signed_in(), old, new):
        form.refuse()
        return _password_page(form), 422
    return redirect(url_for("identity.ask_to_sign_in"), code=303)


def _password_page(form: ChangePasswordForm) -> str:
    return render_template("identity/password.html", form=form, shortest=passwords.SHORTEST)


def _change(member: StaffMember, old: str, new: str) -> bool:
    with look_work() as work:
        salt = signing_in.salt_for(work, member.id)
    typed, chosen = passwords.stretch(old, salt), service.NewPassword.of(new)
    with begin_work() as work:
        return service.change_password(work, member.id, old=typed, new=chosen)


@bp.get("/system")
@allows(Permission.SEE_SYSTEM)
def show_system() -> ResponseReturnValue:
    with look_work() as work:
        counts = service.count_accounts(work)
        return render_template(
            "identity/system.html",
            accounts=[(role, counts[role]) for role in Role],
            log=measure(work),
            checkpoint=checkpoints.newest(settings().data),
            **_keyring_state(work),
        )


def _keyring_state(work: Work) -> dict[str, object]:
    try:
        keyring = usable(work, KeyringFiles.of(settings()))
    except KeyringBroken as error:
        return {"keyring": None, "fault": error.fault.value, "days_left": 0}
    days_left = (keyring.expires_on - work.today).days
    return {"keyring": keyring, "fault": "", "days_left": days_left}
