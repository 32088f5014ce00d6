"""The demonstration's own page: what it is, who can sign in, and a collection at a press.

Registered in a demonstration alone. Elsewhere no page makes a collection: who chooses its
moment chooses how many letters hide one another.
"""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.collection.service import collect
from app.mailbox.objects import Objects
from app.web.doors import open_to_all
from app.web.request_work import clock, database, settings

bp = Blueprint("collection", __name__, url_prefix="/demo")


def blueprints() -> list[Blueprint]:
    """Return the blueprints of this room."""
    return [bp]


@bp.get("")
@open_to_all
def show_demonstration() -> ResponseReturnValue:
    return render_template("collection/demonstration.html")


@bp.post("/collect")
@open_to_all
def collect_now() -> ResponseReturnValue:
    letters = collect(database(), clock(), Objects(settings().objects))
    flash(str(letters), "collected")
    return redirect(url_for("collection.show_demonstration"), code=303)
