"""The door of the staff side: who is signed in, what she may do, her key for this request.

The only importer of flask_login.
"""

import re
from collections.abc import Callable, Collection
from functools import wraps
from typing import ParamSpec, cast

from flask import Flask, Request, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user  # noqa: TID251 -- here alone

from app.envelope.member_keys import MemberKey
from app.errors import Refused
from app.identity import memory
from app.identity.domain import (
    IDLE_LOCK,
    LONGEST_SESSION,
    ROLE_NAMES,
    Permission,
    StaffMember,
    StaffSession,
)
from app.identity.memory import Sized
from app.identity.navigation import front_page, links
from app.identity.service import check_post
from app.identity.signing_in import open_key, resume, still_open, touch
from app.keyring.service import KeyringFiles, signed
from app.web.error_pages import page
from app.web.request_work import begin_work, look_work, settings

P = ParamSpec("P")

COOKIE_OVER_TLS = "__Host-candour"
COOKIE = "candour"
# A way back is a plain path of ours: no other site, no query, no dots.
WAY_BACK = re.compile(r"/staff(?:/[A-Za-z0-9_-]+)*/?", re.ASCII)


class Visit:
    """A request that carries the cookie of a session that has not ended."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, session: StaffSession, token: str) -> None:
        self.session = session
        self.token = token

    def get_id(self) -> str:
        """Return the account's id, as flask_login asks for it."""
        return str(self.session.member.id)


def install(flask_app: Flask) -> None:
    """Teach the application to know a member of staff by our cookie."""
    manager = LoginManager()
    # By itself it would put a hash of address and user agent in a cookie.
    manager.session_protection = None
    flask_app.config["SESSION_PROTECTION"] = None
    # It would take a cookie called remember_token for a reason not to look at ours; this name
    # can be given by nobody but this host, which never does.
    flask_app.config["REMEMBER_COOKIE_NAME"] = "__Host-candour-remembers-nobody"
    manager.request_loader(_visit_of)
    # Not init_app: it would read Flask's session, and so vary on cookies, on reporters' pages too.
    flask_app.login_manager = manager  # type: ignore[attr-defined]  # where flask_login looks
    flask_app.teardown_request(_drop_key)
    flask_app.jinja_env.globals.update(
        who_is_signed_in=_who_is_signed_in,
        front_page=front_page,
        parts_for=links,
        role_names=ROLE_NAMES,
        idle_minutes=int(IDLE_LOCK.total_seconds()) // 60,
        longest_hours=int(LONGEST_SESSION.total_seconds()) // 3600,
    )


def cookie_name() -> str:
    """Return the name of the session's cookie."""
    return COOKIE_OVER_TLS if settings().secure_cookies else COOKIE


def allows(
    permission: Permission,
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Let a view be used by those alone whose role has `permission`.

    Who is not signed in is sent to do so, and comes back; a form that comes too late gets a page
    that says so. Who may not gets 403.
    """

    def with_door(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def behind_door(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            visit = current_visit()
            if visit is None:
                return _ask_to_sign_in()
            if not visit.session.member.may(permission):
                raise Refused(f"{visit.session.member.id} may not {permission.value}")
            g.candour_visitor = visit.session.member
            return view(*args, **kwargs)

        behind_door.door = permission  # type: ignore[attr-defined]  # read by tests/house
        return behind_door

    return with_door


def signed_in() -> StaffMember:
    """Return who is asking.

    Raises:
        Refused: if nobody is signed in; no view behind a door sees that.
    """
    return _visit().session.member


def unlocked() -> MemberKey:
    """Return the member key of this session, for this request only.

    Raises:
        Refused: if nobody is signed in, or somebody whose role holds none.
        Broken: if the session's row was altered.
    """
    visit = _visit()
    if not visit.session.member.holds_key:
        raise Refused(f"{visit.session.member.id} holds no key")
    if "candour_key" not in g:
        g.candour_key = open_key(visit.session, visit.token)
    return cast(MemberKey, g.candour_key)


def remember(thing: Sized, name: str = "search") -> None:
    """Keep something in this process's memory for this session alone, until it ends.

    Args:
        thing: in place of what was remembered by the same name.
        name: what `remembered` is asked for.

    Raises:
        Refused: if nobody is signed in.
        ValueError: if it is too large to be kept.
    """
    visit = _visit()
    flask_app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]

    def is_open(sessions: Collection[bytes]) -> Collection[bytes]:
        with flask_app.app_context(), look_work() as work:
            return still_open(work, sessions)

    session = visit.session
    memory.sessions.keep(session.id, session.member.id, thing, is_open=is_open, name=name)


def remembered(name: str = "search") -> Sized | None:
    """Return what this process remembers by this name for this session, if it does."""
    visit = _visit()
    return memory.sessions.kept(visit.session.id, visit.session.member.id, name)


def current_visit() -> Visit | None:
    """Return the visit of whoever is signed in, or None."""
    user = current_user._get_current_object()
    return user if isinstance(user, Visit) else None


def way_back(asked: str) -> str:
    """Return `asked` if it is a page of the staff side, and nothing otherwise."""
    return asked if WAY_BACK.fullmatch(asked) else ""


def _who_is_signed_in() -> StaffMember | None:
    # Only what the door found: a page without a door, an error page above all, must not look
    # anybody up while it is rendered.
    return cast("StaffMember | None", g.get("candour_visitor"))


def _visit() -> Visit:
    visit = current_visit()
    if visit is None:
        raise Refused("nobody is signed in")
    return visit


def _visit_of(asking: Request) -> Visit | None:
    token = asking.cookies.get(cookie_name(), "")
    if not token:
        return None
    with look_work() as work:
        session = resume(work, token)
        if session is None:
            return None
        if session.member.holds_key:
            # A desk or a role that was planted in the database is not the keyring's.
            check_post(session.member, signed(work, KeyringFiles.of(settings())))
    if session.wants_touch(work.now):
        with begin_work() as work:
            touch(work, session)
    return Visit(session, token)


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.method not in {"GET", "HEAD"}:
        return page(401)
    asked = way_back(request.path)
    return redirect(url_for("identity.ask_to_sign_in", next=asked or None), code=303)


def _drop_key(_error: BaseException | None) -> None:
    g.pop("candour_key", None)
