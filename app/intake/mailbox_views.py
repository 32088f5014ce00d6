"""A reporter comes back with her receipt. Looking writes nothing; an answer is a letter."""

import secrets
from dataclasses import replace

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from app.envelope.errors import EnvelopeError, KeyringError, ReceiptError
from app.envelope.keyring import Keyring
from app.envelope.padding import ENCLOSING, sealed_payload_length
from app.envelope.receipts import Receipt
from app.errors import Missing
from app.intake import enclosures, pages, reading, sending, service
from app.intake.enclosures import Asked, Enclosed
from app.intake.forms import MessageForm
from app.intake.sealing import LetterTooLong, Readers, readers_of
from app.intake.waiting import LostFile
from app.intake.writing import Problems, file_problems, text_problems
from app.mailbox.objects import Objects
from app.web.doors import open_to_reporters
from app.web.headers import attachment
from app.web.padded import padded_gzip
from app.web.request_work import look_work, settings

bp = Blueprint("intake_mailbox", __name__, url_prefix="/mailbox")

ANY = "application/octet-stream"  # of every file: its kind would have a length of its own
# Bytes in which every file is given: as many as its sealed payload has.
GIVEN = sealed_payload_length(ENCLOSING)

NO_MAILBOX = (
    "There is no mailbox with these words. Check each of them and their order. "
    "A mailbox that was closed long ago is no longer kept"
)
FILE_REFUSED = (
    "The file was refused and is not given to you, because it is damaged or is not what the team "
    "sealed. Tell the team in a message, or somebody you trust outside this portal"
)
NO_FILE = "The file is not there any more. Tell the team in a message"
NOBODY = "Nobody who may read your concern is on the team any more, so nothing can be sealed"
UNREADABLE = {
    "too_long": "That is too long to be a receipt. A receipt is twelve words",
    "not_twelve": "A receipt is twelve words. Count them again",
    "checksum": "These words do not fit together. One may be wrong, or two have changed places",
}


@bp.get("")
@open_to_reporters
def ask_receipt() -> ResponseReturnValue:
    pages.keyring()
    return pages.enter()


@bp.post("")
@open_to_reporters
def look() -> ResponseReturnValue:
    form = MessageForm.read(request.form)
    pages.ticket_of(form.ticket)
    if form.receipt is None:
        typed = request.form.get("receipt", "")
        try:
            form = replace(form, receipt=Receipt.parse(typed))
        except ReceiptError as error:
            return pages.enter({"receipt": _unreadable(error)}, typed=typed)
    form = replace(form, files=sending.remove_file(form.files, request.form))
    return _thread(form, everything=request.form.get("everything") == "yes")


@bp.post("/file")
@open_to_reporters
def save_file() -> ResponseReturnValue:
    form = MessageForm.read(request.form)
    pages.ticket_of(form.ticket)
    asked = Asked.read(request.form.get("enclosure", ""))
    if form.receipt is None or asked is None:
        raise BadRequest
    objects = Objects(settings().objects)
    try:
        with look_work() as work:
            ring = pages.keyring_in(work)
            envelope = enclosures.envelope_of(work, form.receipt.tag, asked.entry, objects)
        file = enclosures.open_enclosed(envelope, form.receipt, ring, asked.digest)
    except EnvelopeError:
        return _thread(form, {"": FILE_REFUSED}, status=409)
    except Missing:
        return _thread(form, {"": NO_FILE}, status=404)
    return _given(file)


def _given(file: Enclosed) -> Response:
    """Return a file to be saved: as many bytes whatever it is, as with scripts."""
    if not request.accept_encodings["gzip"]:
        return attachment(file.content, ANY, file.name)
    answer = attachment(padded_gzip(file.content, GIVEN), ANY, file.name)
    answer.headers["Content-Encoding"] = "gzip"
    return answer


@bp.post("/check")
@open_to_reporters
def check() -> ResponseReturnValue:
    fields, problems, status = sending.receive_files(request)
    form = MessageForm.read(fields)
    pages.ticket_of(form.ticket)
    try:
        if status != 200:
            return _thread(form, problems, status=status)
        adding = bool(fields.get("more"))
        problems = (file_problems(form.files.waiting) if adding else _problems(form)) | problems
        if problems or adding:
            return _thread(form, problems)
    except pages.IntakeClosed:
        # The body was read as it came; Flask has none of its fields.
        return pages.closed(fields)
    # From here on, however often it is sent, it is one message.
    return pages.check_message(replace(form, entry=secrets.token_bytes(16)))


@bp.post("/send")
@open_to_reporters
def send() -> ResponseReturnValue:
    form = MessageForm.read(request.form)
    ticket = pages.ticket_of(form.ticket)
    if form.receipt is None or not form.entry or not form.follows:
        raise BadRequest
    with look_work() as work:
        stored = service.stored_already(work, form.receipt.tag, form.entry)
        ring = None if stored else pages.keyring_in(work)
    if ring is None:
        return pages.sent("message")
    if problems := _problems(form):
        return _thread(form, problems)
    readers = _readers(form, ring)
    if readers is None:
        return pages.check_message(form, {"": NOBODY}, status=409)
    try:
        sending.send_message(form, form.receipt, readers, ticket)
    except (*sending.FAULTS, Missing) as fault:
        return _after(fault, form)
    return pages.sent("message")


def _thread(
    form: MessageForm,
    problems: Problems | None = None,
    *,
    status: int = 422,
    everything: bool = False,
) -> ResponseReturnValue:
    if form.receipt is None:
        raise BadRequest
    try:
        with look_work() as work:
            visit = reading.visit(
                work,
                form.receipt,
                pages.keyring_in(work),
                Objects(settings().objects),
                everything=everything,
            )
    except reading.NoMailbox:
        typed = request.form.get("receipt", "")
        return pages.enter({"receipt": NO_MAILBOX}, typed=typed, status=404)
    except reading.Replaced:
        return pages.replaced()
    return pages.thread(visit, _following(form, visit), problems, status=status)


def _following(form: MessageForm, visit: reading.Visit) -> MessageForm:
    """Return `form` as it follows the thread: whom to seal to, and its place in the chain."""
    if visit.last is None:
        return form
    own = visit.last.content.letter
    return replace(
        form,
        desk=visit.desk,
        left_out=own.left_out,
        place=visit.last.place + 1,
        previous=visit.last.digest,
    )


def _problems(form: MessageForm) -> Problems:
    waiting = form.files.waiting
    return text_problems(form.text, waiting) | file_problems(waiting)


def _readers(form: MessageForm, ring: Keyring) -> Readers | None:
    try:
        return readers_of(ring, form.desk, form.left_out)
    except KeyringError:
        return None


def _after(fault: Exception, form: MessageForm) -> ResponseReturnValue:
    """Answer what could not be stored with the page it came from, nothing on it lost."""
    if isinstance(fault, LetterTooLong):
        return _thread(form, {"text": pages.TOO_LONG})
    if isinstance(fault, LostFile):
        left = sending.files_left(form.files)
        return _thread(replace(form, files=left), {"file_1": pages.LOST_FILES})
    if isinstance(fault, Missing):
        return pages.enter({"receipt": NO_MAILBOX}, status=404)
    problems, status = sending.said_of(fault)
    return pages.check_message(form, problems, status=status)


def _unreadable(error: ReceiptError) -> str:
    if error.reason == "unknown_word":
        return f"Word {error.place} is not a word that receipts use. Check its spelling"
    return UNREADABLE[error.reason]
