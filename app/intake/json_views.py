"""What a browser with scripts asks and sends: two public files, a mailbox, sealed envelopes.

The server learns a desk, a padded size, a tag, a mailbox id and ciphertext.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from app.envelope.thread import Side
from app.errors import Broken, Busy, Full, Missing
from app.intake import pages, reading, sending, service
from app.intake.domain import LARGEST_ENVELOPE, MIB
from app.intake.flood import Passage
from app.intake.forms import read_hex
from app.intake.service import NotAnEnvelope, WrongLength
from app.intake.spool import Spool, TooLarge
from app.intake.tickets import StaleTicket, Ticket
from app.keyring.service import file_bytes
from app.mailbox.objects import Objects
from app.routing.service import table_bytes
from app.web.doors import open_to_reporters
from app.web.request_work import begin_work, clock, look_work, settings
from app.work import Work

bp = Blueprint("intake_json", __name__)

P = ParamSpec("P")

TAG = 32  # bytes
MOST_FIELDS = 4 * 1024  # bytes of all text fields
LARGEST_BODY = LARGEST_ENVELOPE + 1 * MIB
JSON = "application/json"

REFUSALS: Mapping[type[Exception], tuple[int, str, str]] = {
    NotAnEnvelope: (400, "not_an_envelope", "This is not an envelope that the portal takes."),
    WrongLength: (400, "wrong_length", "The envelope has a length that no letter has."),
    BadRequest: (400, "malformed", "The portal could not read what was sent."),
    Missing: (404, "no_mailbox", "There is no mailbox for this receipt."),
    StaleTicket: (409, "stale_ticket", "This page has been open for too long. Send it again."),
    TooLarge: (413, "too_large", "The envelope is too large."),
    RequestEntityTooLarge: (413, "too_large", "The envelope is too large."),
    pages.IntakeClosed: (503, "closed", "The portal cannot seal anything just now."),
    Busy: (503, "busy", "Too much is going on just now. Send it again in a moment."),
    Full: (507, "full", "There is no room to store this just now."),
}


class UnknownDesk(Exception):
    """The keyring has no such desk."""


def in_json(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Answer what goes wrong in `view` as the protocol says."""

    @wraps(view)
    def answered(*args: P.args, **named: P.kwargs) -> ResponseReturnValue:
        try:
            return view(*args, **named)
        except UnknownDesk:
            return refusal(400, "unknown_desk", "There is no such desk.")
        except tuple(REFUSALS) as error:
            return refusal(*_words_for(error))

    return answered


def refusal(status: int, code: str, message: str) -> Response:
    """Return a refusal, with a fresh ticket where trying again may help."""
    ticket = pages.fresh_ticket() if status in {409, 503, 507} else None
    answer = jsonify({"error": code, "message": message, "ticket": ticket})
    answer.status_code = status
    if status == 503:
        answer.headers["Retry-After"] = pages.RETRY_AFTER
    return answer


@bp.get("/report/keyring.json")
@open_to_reporters
@in_json
def keyring() -> ResponseReturnValue:
    with look_work() as work:
        try:
            content = file_bytes(work, pages.keyring_files())
        except Broken:
            raise pages.IntakeClosed from None
    return Response(content, mimetype=JSON)


@bp.get("/report/routing.json")
@open_to_reporters
def routing() -> ResponseReturnValue:
    return Response(table_bytes(), mimetype=JSON)


@bp.post("/report/envelope")
@open_to_reporters
@in_json
def take_concern() -> ResponseReturnValue:
    with Passage(request.content_length) as passage:
        arriving = _Arriving(passage)
        try:
            fields = arriving.receive()
            ticket = pages.ticket_of(fields.get("ticket", ""))
            concern = _concern(fields)
            return _stored(
                arriving,
                lambda work, arrived: service.deposit_concern(
                    work, concern, arrived, ticket, letterbox_mib=settings().letterbox_mib
                ),
            )
        finally:
            arriving.close()


@bp.post("/mailbox/envelope")
@open_to_reporters
@in_json
def take_message() -> ResponseReturnValue:
    with Passage(request.content_length) as passage:
        arriving = _Arriving(passage)
        try:
            fields = arriving.receive()
            ticket = pages.ticket_of(fields.get("ticket", ""))
            message = service.Message(tag=_hex(fields, "tag", TAG), entry=_hex(fields, "entry", 16))
            return _stored(
                arriving,
                lambda work, arrived: service.deposit_message(
                    work, message, arrived, ticket, letterbox_mib=settings().letterbox_mib
                ),
            )
        finally:
            arriving.close()


@bp.post("/mailbox/open")
@open_to_reporters
@in_json
def open_mailbox() -> ResponseReturnValue:
    tag = _hex(request.form, "tag", TAG)
    with look_work() as work:
        box = reading.look_into(work, tag, Objects(settings().objects))
        entries = [_entry(envelope) for envelope in box.envelopes]
    return jsonify(
        {
            "mailbox": box.mailbox.hex(),
            "desk": box.desk,
            "status": box.status,
            "look_again": box.look_again_on.isoformat() if box.look_again_on else None,
            "ticket": pages.fresh_ticket(),
            "entries": entries,
        }
    )
