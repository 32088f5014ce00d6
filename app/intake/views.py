"""A reporter's way from the first page to the receipt, without scripts and without a cookie."""

from dataclasses import replace

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from app.envelope.keyring import Keyring
from app.envelope.receipts import TELLING, WORDS, Receipt
from app.intake import help_views, json_views, mailbox_views, pages, sending, service
from app.intake.forms import ConcernForm, read_entropy
from app.intake.sealing import LetterTooLong, Outside, Readers, choose_readers
from app.intake.waiting import LostFile
from app.intake.writing import (
    Problems,
    answer_problems,
    file_problems,
    routing_problems,
)
from app.web.doors import open_to_reporters
from app.web.request_work import look_work

bp = Blueprint("intake", __name__)


def blueprints() -> list[Blueprint]:
    """Return every blueprint of this room."""
    return [bp, mailbox_views.bp, json_views.bp, help_views.bp]


@bp.app_template_filter("in_size")
def in_size(count: int) -> str:
    """Return a number of bytes as people say it."""
    if count >= 1024 * 1024:
        return f"{count / 1024 / 1024:.1f} MB"
    return f"{count / 1024:.1f} kB" if count >= 1024 else f"{count} bytes"


@bp.app_errorhandler(pages.IntakeClosed)
def closed(_error: pages.IntakeClosed) -> ResponseReturnValue:
    """Say that intake is closed, and give back what was written."""
    return pages.closed(request.form)


@bp.get("/")
@open_to_reporters
def advice() -> ResponseReturnValue:
    return render_template("intake/advice.html", signposts=pages.usual_signposts())


@bp.get("/report")
@open_to_reporters
def ask_routing() -> ResponseReturnValue:
    return pages.start(pages.keyring(), ConcernForm())


@bp.post("/report")
@open_to_reporters
def change_routing() -> ResponseReturnValue:
    form = ConcernForm.read(request.form)
    pages.ticket_of(form.ticket)
    return pages.route(pages.keyring(), form)


@bp.post("/report/write")
@open_to_reporters
def write() -> ResponseReturnValue:
    form = ConcernForm.read(request.form)
    pages.ticket_of(form.ticket)
    ring = pages.keyring()
    form = replace(form, files=sending.remove_file(form.files, request.form))
    if problems := routing_problems(form.draft, pages.offered()):
        return pages.route(ring, form, problems)
    readers = _choose(form, ring)
    if isinstance(readers, Outside):
        return pages.external(form, readers)
    return pages.write(form, readers)


@bp.post("/report/check")
@open_to_reporters
def check() -> ResponseReturnValue:
    fields, problems, status = sending.receive_files(request)
    form = ConcernForm.read(fields)
    pages.ticket_of(form.ticket)
    try:
        readers = _readers(form, pages.keyring())
    except pages.IntakeClosed:
        # The body was read as it came; Flask has none of its fields.
        return pages.closed(fields)
    if status != 200:
        return pages.write(form, readers, problems, status=status)
    if readers is None:
        return _route_again(form)
    # What is not written yet is not missed while files are being added.
    adding = bool(fields.get("more"))
    problems = (file_problems(form.files.waiting) if adding else _problems(form)) | problems
    if problems or adding:
        return pages.write(form, readers, problems)
    # Made here and carried by the page: however often it is sent, it is one concern.
    return pages.check(replace(form, receipt=form.receipt or Receipt.generate()), readers)


@bp.post("/report/send")
@open_to_reporters
def send() -> ResponseReturnValue:
    form = ConcernForm.read(request.form)
    ticket = pages.ticket_of(form.ticket)
    if form.receipt is None:
        raise BadRequest
    with look_work() as work:
        stored = service.stored_already(work, form.receipt.tag)
        ring = None if stored else pages.keyring_in(work)
    if ring is None:
        return pages.receipt(form.receipt, shown="words")
    readers = _readers(form, ring)
    if readers is None:
        return _route_again(form)
    if answer := _not_yet(form, readers):
        return answer
    try:
        sending.send_concern(form, form.receipt, readers, ticket)
    except sending.FAULTS as fault:
        return _after(fault, form, readers)
    return pages.receipt(form.receipt, shown="words")


@bp.post("/report/receipt")
@open_to_reporters
def prove_receipt() -> ResponseReturnValue:
    pages.ticket_of(request.form.get("ticket", ""))
    receipt = read_entropy(request.form)
    if receipt is None:
        raise BadRequest
    if request.form.get("show") in {"words", "ask"}:
        return pages.receipt(receipt, shown=request.form["show"])
    tried = _tried(receipt, request.form)
    if tried.problems:
        return pages.receipt(receipt, shown="ask", tried=tried)
    return pages.sent("concern")


@bp.get("/leave")
@open_to_reporters
def leave() -> ResponseReturnValue:
    answer = make_response(render_template("intake/leave.html"))
    answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return answer


@bp.get("/favicon.ico")
@open_to_reporters
def no_icon() -> ResponseReturnValue:
    # A browser asks for one on the page that says nothing: it has none, and that is no error.
    return "", 204


def _route_again(form: ConcernForm) -> ResponseReturnValue:
    """Answer a form whose first answers lead nowhere any more."""
    ring = pages.keyring()
    if problems := routing_problems(form.draft, pages.offered()):
        return pages.route(ring, form, problems)
    chosen = _choose(form, ring)
    if isinstance(chosen, Outside):
        return pages.external(form, chosen)
    return pages.write(form, chosen)


def _readers(form: ConcernForm, ring: Keyring) -> Readers | None:
    if routing_problems(form.draft, pages.offered()):
        return None
    chosen = _choose(form, ring)
    return None if isinstance(chosen, Outside) else chosen


def _choose(form: ConcernForm, ring: Keyring) -> Readers | Outside:
    draft = form.draft
    return choose_readers(pages.table(), ring, draft.routing, left_out=draft.left_out)


def _problems(form: ConcernForm) -> Problems:
    waiting = form.files.waiting
    return answer_problems(form.draft, waiting) | file_problems(waiting)


def _not_yet(form: ConcernForm, readers: Readers) -> ResponseReturnValue | None:
    if problems := _problems(form):
        return pages.write(form, readers, problems)
    if pages.shown(readers) != form.shown:
        return pages.check(form, readers, {"": pages.READERS_CHANGED}, status=409)
    return None


def _after(fault: Exception, form: ConcernForm, readers: Readers) -> ResponseReturnValue:
    """Answer what could not be stored with the page it came from, nothing on it lost."""
    if isinstance(fault, LetterTooLong):
        return pages.write(form, readers, {"what": pages.TOO_LONG})
    if isinstance(fault, LostFile):
        left = sending.files_left(form.files)
        return pages.write(replace(form, files=left), readers, {"file_1": pages.LOST_FILES})
    problems, status = sending.said_of(fault)
    return pages.check(form, readers, problems, status=status)


def _tried(receipt: Receipt, fields: MultiDict[str, str]) -> pages.Tried:
    places = _asked(fields)
    typed = (fields.get("word_1", "")[:20], fields.get("word_2", "")[:20])
    problems = {
        f"word_{number}": f"This is not word {place} of your receipt. Look again"
        for number, (place, word) in enumerate(zip(places, typed, strict=True), 1)
        if not _means(word.strip().lower(), receipt.words[place - 1])
    }
    return pages.Tried(places, typed, problems)


def _means(typed: str, word: str) -> bool:
    return word.startswith(typed) and len(typed) >= min(TELLING, len(word))


def _asked(fields: MultiDict[str, str]) -> tuple[int, int]:
    places = [int(text) for text in fields.get("asked", "").split() if text.isdecimal()]
    if len(places) != 2 or not all(1 <= place <= WORDS for place in places):
        raise BadRequest
    return places[0], places[1]
