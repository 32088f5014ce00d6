"""Plain words about limits, data and access."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.web.doors import open_to_reporters

bp = Blueprint("intake_help", __name__, url_prefix="/help")


@bp.get("/anonymity")
@open_to_reporters
def anonymity() -> ResponseReturnValue:
    return render_template("intake/help_anonymity.html")


@bp.get("/privacy")
@open_to_reporters
def privacy() -> ResponseReturnValue:
    return render_template("intake/help_privacy.html")


@bp.get("/accessibility")
@open_to_reporters
def accessibility() -> ResponseReturnValue:
    return render_template("intake/help_accessibility.html")
