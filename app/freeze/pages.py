"""The blueprint of the custodians' pages, and what each of its modules needs."""

from flask import Blueprint

from app.errors import Missing
from app.freeze.stores import Stores
from app.freeze.wording import in_months
from app.trends.domain import Period, PeriodKind, UnfitPeriod
from app.web.request_work import clock, database, settings, statistics

bp = Blueprint("freeze", __name__, url_prefix="/staff/releases")
bp.add_app_template_filter(in_months)

LONGEST_WAY = 4  # quarters from a quarter to whatever is reckoned from it


def stores() -> Stores:
    """Return what a freeze of this portal reads and writes."""
    return Stores.of(settings(), database(), statistics(), clock())


def quarter_named(text: str) -> Period:
    """Return the quarter in an address, or answer that there is none."""
    try:
        found = Period.parse(text)
        found.moved(LONGEST_WAY)
    except UnfitPeriod:
        raise Missing("a quarter") from None
    if found.kind is not PeriodKind.QUARTER:
        raise Missing("a quarter")
    return found


def proposal_id(text: str) -> bytes:
    """Return the id in an address, or answer that there is none."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Missing("a proposal") from None
