"""What a browser with scripts asks and sends: two public files, a mailbox, sealed envelopes.

The server learns a desk, a padded size, a tag, a mailbox id and ciphertext.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from app.envelope.errors import KeyringError
from app.envelope.thread import Side
from app.errors import Broken, Busy, Full, Missing
from app.intake import enclosures, pages, reading, service
from app.intake.domain import LARGEST_ENVELOPE, MIB
from app.intake.flood import Passage
from app.intake.forms import read_hex
from app.intake.service import NotAnEnvelope, WrongLength
from app.intake.spool import Spool, TooLarge, check_room
from app.intake.tickets import StaleTicket
from app.keyring.service import file_bytes
from app.mailbox.objects import Objects
from app.routing.service import table_bytes, table_on
from app.web.doors import open_to_reporters
from app.web.request_work import begin_work, clock, look_work, settings
from app.web.uploads import receive
from app.work import Work

bp = Blueprint("intake_json", __name__)

P = ParamSpec("P")

TAG = 32  # bytes
MOST_FIELDS = 4 * 1024  # bytes of all text fields
LARGEST_BODY = LARGEST_ENVELOPE + 1 * MIB
JSON = "application/json"
BYTES = "application/octet-stream"

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
    today = table_on(clock()().date())
    return Response(table_bytes(today.version), mimetype=JSON)


@bp.post("/report/envelope")
@open_to_reporters
@in_json
def take_concern() -> ResponseReturnValue:
    return _take(_concern)


@bp.post("/mailbox/envelope")
@open_to_reporters
@in_json
def take_message() -> ResponseReturnValue:
    return _take(_message)


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
            "promised": box.promised.isoformat() if box.promised else None,
            "closed": box.closed,
            "ticket": pages.fresh_ticket(),
            "entries": entries,
        }
    )


@bp.post("/mailbox/enclosure")
@open_to_reporters
@in_json
def give_enclosure() -> ResponseReturnValue:
    tag, entry = _hex(request.form, "tag", TAG), _hex(request.form, "entry", 16)
    with look_work() as work:
        envelope = enclosures.envelope_of(work, tag, entry, Objects(settings().objects))
    with envelope.payload() as payload:
        return Response(payload.read(), mimetype=BYTES)


class _Arriving:
    """The one file of a body, on its way into the spool."""

    def __init__(self, passage: Passage) -> None:
        self.spool: Spool | None = None
        self._passage = passage

    def open(self, name: str, fields: MultiDict[str, str]) -> "_Arriving":
        if name != "envelope" or self.spool is not None:
            raise BadRequest
        pages.ticket_of(fields.get("ticket", ""))
        self._passage.enter()
        if self._passage.large:
            check_room(settings().spool)
        self.spool = Spool(settings().spool, LARGEST_ENVELOPE)
        return self

    def write(self, piece: bytes, /) -> None:
        if self.spool is not None:
            self._passage.let_through(len(piece))
            self.spool.write(piece)

    def finish(self) -> None:
        """Nothing to do: an envelope's end is judged by its length."""

    def close(self) -> None:
        if self.spool is not None:
            self.spool.close()


def _take(read: Callable[[Work, MultiDict[str, str]], service.Deposit]) -> ResponseReturnValue:
    with (
        Passage(request.content_length) as passage,
        closing(_Arriving(passage)) as arriving,
    ):
        fields = receive(request, arriving.open, largest=LARGEST_BODY, most_text=MOST_FIELDS)
        ticket = pages.ticket_of(fields.get("ticket", ""))
        if arriving.spool is None:
            raise BadRequest
        arrived = service.examine(arriving.spool)
        with service.storage_errors_named(), begin_work() as work:
            letter = read(work, fields)
            new = service.deposit(work, letter, arrived, ticket, settings().letterbox_mib)
    return jsonify(_dates()), 201 if new else 200


def _concern(work: Work, fields: MultiDict[str, str]) -> service.Concern:
    try:
        desk = pages.keyring_in(work).desk(fields.get("desk", ""))
    except KeyringError:
        raise UnknownDesk from None
    return service.Concern(
        tag=_hex(fields, "tag", TAG),
        mailbox=_hex(fields, "mailbox", 32),
        desk=desk.id,
        urgent=fields.get("urgent") == "yes",
    )


def _message(_work: Work, fields: MultiDict[str, str]) -> service.Message:
    return service.Message(tag=_hex(fields, "tag", TAG), entry=_hex(fields, "entry", 16))


def _hex(fields: MultiDict[str, str], name: str, length: int) -> bytes:
    found = read_hex(fields, name, length)
    if found is None:
        raise BadRequest
    return found


def _dates() -> dict[str, str]:
    today = clock()().date()
    return {
        "look_again": service.look_again_on(today).isoformat(),
        "collected_after": today.isoformat(),
    }


def _entry(envelope: reading.Envelope) -> dict[str, str | None]:
    return {
        "id": envelope.id.hex(),
        "side": "reporter" if envelope.side is Side.REPORTER else "desk",
        "postmark": envelope.postmark.isoformat() if envelope.postmark else None,
        "header": b64encode(envelope.header).decode(),
        "head": b64encode(envelope.head()).decode(),
    }


def _words_for(error: Exception) -> tuple[int, str, str]:
    return next(words for kind, words in REFUSALS.items() if isinstance(error, kind))
