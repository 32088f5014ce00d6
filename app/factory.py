"""The one place where parts meet: settings, databases, rooms, pages."""

from flask import Blueprint, Flask, request
from flask_wtf.csrf import CSRFProtect

from app.database import open_database
from app.web import error_pages, headers, logs, request_work, templates
from app.web.uploads import CandourRequest
from app.work import Clock, system_clock
from config import ROOT, Settings, Surface


class Portal(Flask):
    """Flask, with requests that never write an upload to a disk in clear."""

    request_class = CandourRequest
    jinja_environment = templates.PlainGlobals


def build(settings: Settings, *, clock: Clock = system_clock) -> Flask:
    """Return an application with the surfaces that `settings` asks for."""
    logs.configure()
    flask_app = Portal("app", root_path=str(ROOT / "app"), template_folder=str(ROOT / "templates"))
    flask_app.config.from_mapping(_for_flask(settings))
    templates.install(flask_app, settings)
    headers.install(flask_app, over_tls=settings.secure_cookies)
    error_pages.install(flask_app)
    of_staff = settings.surfaces is not Surface.REPORTER
    request_work.install(
        flask_app,
        open_database(settings.database_url),
        clock,
        settings,
        statistics=open_database(settings.statistics_url) if of_staff else None,
    )
    if settings.surfaces is not Surface.STAFF:
        _add_reporter_pages(flask_app)
    if of_staff:
        _add_staff_pages(flask_app)
    return flask_app


def _for_flask(settings: Settings) -> dict[str, object]:
    # Flask's own session holds nothing but the token of staff forms; reporters get no cookie.
    return {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": "__Host-candour-form" if settings.secure_cookies else "candour-form",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_CHECK_DEFAULT": False,
        "SEND_FILE_MAX_AGE_DEFAULT": 0,
    }


# Imported late: a reporter's process loads no code that handles a case or a private key,
# and a staff process none that takes a concern.
def _add_reporter_pages(flask_app: Flask) -> None:
    from app.intake import views as intake

    for blueprint in intake.blueprints():
        flask_app.register_blueprint(blueprint)


def _add_staff_pages(flask_app: Flask) -> None:
    from app.casework import views as casework
    from app.freeze import views as freeze
    from app.identity import access
    from app.identity import views as identity
    from app.plan import views as plan
    from app.sharing import views as sharing
    from app.trends import views as trends

    access.install(flask_app)
    pages: list[Blueprint] = [
        *identity.blueprints(),
        *casework.blueprints(),
        *sharing.blueprints(),
        *freeze.blueprints(),
        *plan.blueprints(),
        *trends.blueprints(),
    ]
    if flask_app.jinja_env.globals["demonstration"]:
        from app.collection import views as collection

        pages += collection.blueprints()
    _protect_forms(flask_app, without_tickets={blueprint.name for blueprint in pages})
    for blueprint in pages:
        flask_app.register_blueprint(blueprint)


def _protect_forms(flask_app: Flask, *, without_tickets: set[str]) -> None:
    # Reporters have no cookie to hang a token on: their forms carry one-use tickets instead.
    protect = CSRFProtect(flask_app)

    def check_token() -> None:
        view = flask_app.view_functions.get(request.endpoint or "")
        if getattr(view, "reads_its_own_body", False):
            return
        if request.blueprint in without_tickets:
            protect.protect()

    flask_app.before_request(check_token)
