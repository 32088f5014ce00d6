"""Every error becomes a page in plain words, and none says more than it should."""

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from app.errors import Broken, Busy, Conflict, Full, Missing, PortalError, Refused
from app.web.logs import log

STATUS: dict[type[PortalError], int] = {
    Refused: 403,
    Missing: 404,
    Conflict: 409,
    Busy: 503,
    Full: 507,
    Broken: 500,
}
RETRY_AFTER = "5"  # seconds


def install(flask_app: Flask) -> None:
    """Answer our own errors and the framework's with the same pages."""
    flask_app.register_error_handler(PortalError, _portal_error)
    flask_app.register_error_handler(HTTPException, _http_error)
    flask_app.register_error_handler(DBAPIError, _database_error)
    flask_app.register_error_handler(Exception, _unexpected)


def _portal_error(error: PortalError) -> ResponseReturnValue:
    status = next(code for family, code in STATUS.items() if isinstance(error, family))
    if status == 500:
        log().error("broken", what=type(error).__name__, endpoint=request.endpoint)
    return page(status)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    return page(error.code or 500)


def _database_error(error: DBAPIError) -> ResponseReturnValue:
    # The message of a driver may quote the row it could not write: it goes nowhere.
    text = str(error.orig).lower()
    if "disk is full" in text or "disk i/o" in text or "no space" in text:
        return page(507)
    if "locked" in text or "busy" in text or "lock timeout" in text:
        return page(503)
    log().error("database", what=type(error.orig).__name__, endpoint=request.endpoint)
    return page(500)


def _unexpected(error: Exception) -> ResponseReturnValue:
    # The type and the place, never the text: it might quote what a reporter wrote.
    log().error("unexpected", what=type(error).__name__, where=_place(error))
    if isinstance(error, OSError) and error.errno in {28, 122}:
        return page(507)
    return page(500)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"


def page(status: int) -> ResponseReturnValue:
    """Return the page for `status`: one template for all, so that none can be missing."""
    headers = {"Retry-After": RETRY_AFTER} if status == 503 else {}
    return render_template("shared/error.html", status=status), status, headers
