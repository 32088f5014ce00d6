"""Writing to a reporter: an approved text at once, or words of one's own for a second reader."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.casework import at_desk, attachments, dialogue, drafts, enclosures, writing_desk
from app.casework.attachments import ForgedAttachment
from app.casework.course import course_on
from app.casework.dialogue import TooLong
from app.casework.draft_forms import ApprovedForm
from app.casework.drafts import DraftWaits
from app.casework.enclosures import CannotEnclose
from app.casework.messages import LONGEST_REPLY, Enclosure, ForReporter
from app.casework.reply_forms import NO_FILE, ChosenFile, ReplyForm
from app.casework.reporter_texts import Group, texts_on
from app.casework.showing import shown
from app.casework.writing_desk import WritingDesk
from app.errors import Broken, Busy, Conflict
from app.identity.access import allows, signed_in
from app.identity.domain import Permission
from app.web.logs import log
from app.web.request_work import begin_work, look_work
from app.web.uploads import reads_its_own_body, receive

bp = Blueprint("replies", __name__, url_prefix="/staff/cases/<string:ref>")

MOVED_ON = (
    "Your letter was not sent, because a colleague or the reporter did something in this case "
    "while you were writing. Read the case as it is now, change your letter if you need to, and "
    "send it"
)
NOT_SEALED = (
    "Nothing can be sealed just now, because the keyring is not valid. Your letter was not sent. "
    "Copy it to a safe place, and tell whoever runs the system"
)
ONE_WAITS = (
    "Your letter was not sent, because a text of this case waits for its second reader. Copy yours "
    "to a safe place, and write it once that one is answered"
)
TOO_LONG = "The letter is too long. Send part of it in a second one"
FILE_GONE = "The file of the text that came back is damaged. Choose it again"
FILE_OTHER = "Another text came back meanwhile, with another file. Choose the file that is to go"
FILES_BUSY = (
    "Too many files are being cleaned just now. Wait some seconds, choose the file again, and "
    "send the letter"
)
LARGEST_BODY = 256 * 1024 * 1024  # bytes: what is too large is read and dropped, words are kept
MOST_TEXT = 512 * 1024  # bytes of the fields beside the file, as for any form


@bp.get("/reply")
@allows(Permission.WRITE_TO_REPORTERS)
def ask_reply(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    form = ReplyForm.fresh(desk.case.version)
    if desk.draft is not None:
        if not desk.draft.stored.returned:
            return redirect(url_for("drafts.show_draft", ref=ref), code=303)
        form.text.data = desk.draft.letter.text
        form.keep.data = bool(desk.draft.letter.attachments)
    return _page(desk, form)


# The body may hold a file: it is read here, and with it the form's token.
@bp.post("/reply")
@reads_its_own_body
@allows(Permission.WRITE_TO_REPORTERS)
def reply(ref: str) -> ResponseReturnValue:
    chosen = ChosenFile()
    fields = _received(chosen)
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    form = ReplyForm(formdata=fields)
    if not form.accepts(chosen):
        if form.csrf_token.errors:
            abort(400)
        return _page(desk, form), 422
    try:
        _let_wait(desk, form, chosen)
    except (CannotEnclose, Busy) as error:
        form.file_problem = FILES_BUSY if isinstance(error, Busy) else str(error)
        return _page(desk, form), 503 if isinstance(error, Busy) else 422
    except (TooLong, Conflict, Broken) as error:
        return _refused(desk, form, chosen, error)
    flash(ref, "waits")
    return redirect(url_for("casework.show_case", ref=ref), code=303)


def _refused(
    desk: WritingDesk, form: ReplyForm, chosen: ChosenFile, error: TooLong | Conflict | Broken
) -> ResponseReturnValue:
    """Answer a letter that was not taken. What she wrote is nowhere else: it stays on the page."""
    match error:
        case TooLong():
            why, status = TOO_LONG, 422
        case DraftWaits():
            why, status = ONE_WAITS, 409
        case Conflict():
            return _moved_on(desk.case.ref, form, chosen)
        case _:
            log().error("broken", what=type(error).__name__, endpoint="replies.reply")
            why, status = NOT_SEALED, 503
    form.refuse(why, chosen=chosen)
    return _page(desk, form), status


def _received(chosen: ChosenFile) -> MultiDict[str, str]:
    if request.mimetype != "multipart/form-data":
        return request.form
    return receive(request, chosen.open, largest=LARGEST_BODY, most_text=MOST_TEXT)


def _enclosed(desk: WritingDesk, form: ReplyForm, chosen: ChosenFile) -> Enclosure | None:
    """Return the file that goes with the letter, if one does: a new one before the one kept.

    Raises:
        CannotEnclose: if it cannot go to a reporter.
        Busy: if too many files are being cleaned.
    """
    if chosen.is_too_large:
        raise CannotEnclose(enclosures.TOO_LARGE)
    if chosen.came:
        return enclosures.enclose(chosen.content, form.file_name())
    return _kept(desk, form) if form.keep.data else None


def _kept(desk: WritingDesk, form: ReplyForm) -> Enclosure:
    """Return the file of the text that came back, which lies there until another is written."""
    draft = desk.draft
    if draft is None or not draft.letter.attachments:
        raise CannotEnclose(NO_FILE)
    if draft.digest != form.kept.data:
        form.keep.data = False
        raise CannotEnclose(FILE_OTHER)
    with look_work() as work:
        payload = drafts.payload_of(work, draft)
    try:
        file = attachments.check_brought(draft.bringing(payload), 1)
    except ForgedAttachment as error:
        raise CannotEnclose(FILE_GONE) from error
    name = form.file_name()
    label = enclosures.labelled(name, file.kind) if name else file.named.label
    return Enclosure(label=label, content=attachments.read(file))


def _let_wait(desk: WritingDesk, form: ReplyForm, chosen: ChosenFile) -> None:
    ref = desk.case.ref
    with look_work() as work:
        if dialogue.was_sent(work, ref, form.entry_id(), by=signed_in()):
            return
        sealing = writing_desk.sealing_for(work, desk)
    text = ForReporter(form.words(), enclosed=_enclosed(desk, form, chosen))
    draft = writing_desk.letter(desk, text, sealing)
    with begin_work() as work:
        drafts.put(
            work, ref, draft, id=form.entry_id(), version=form.seen_version(), by=signed_in()
        )


def _moved_on(ref: str, form: ReplyForm, chosen: ChosenFile) -> ResponseReturnValue:
    # The case as it is now, with her words in the form: reading comes before sending again.
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    form.refuse(MOVED_ON, chosen=chosen)
    form.follow(desk.case.version)
    return _page(desk, form), 409


def _page(desk: WritingDesk, form: ReplyForm) -> str:
    with look_work() as work:
        reading = desk.readers(work)
    # The file that this page names, whatever the one before it did.
    form.kept.data = "" if desk.draft is None else desk.draft.digest
    return render_template(
        "casework/reply.html",
        case=desk.case,
        form=form,
        longest=LONGEST_REPLY,
        reading=[member.name for member in reading],
        second=[member.name for member in reading if member.id != signed_in().id],
        returned=desk.draft is not None and desk.draft.stored.returned,
        kept=[] if desk.draft is None else desk.draft.letter.attachments,
        items=shown(desk.thread, desk.keyring, me=signed_in().id, about=at_desk.subjects()),
    )


@bp.get("/approved")
@allows(Permission.WRITE_TO_REPORTERS)
def ask_approved(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    groups = _groups(desk)
    return _approved_page(desk, groups, ApprovedForm.fresh(groups, desk.case.version))


@bp.post("/approved")
@allows(Permission.WRITE_TO_REPORTERS)
def send_approved(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    groups = _groups(desk)
    form = ApprovedForm(groups)
    if not form.validate_on_submit():
        return _approved_page(desk, groups, form), 422
    try:
        _send(desk, form)
    except Conflict:
        again = writing_desk.take(ref)
        if isinstance(again, Response):
            return again
        form.refuse(MOVED_ON)
        form.follow(again.case.version)
        return _approved_page(again, _groups(again), form), 409
    except Broken as error:
        log().error("broken", what=type(error).__name__, endpoint="replies.send_approved")
        form.refuse(NOT_SEALED)
        return _approved_page(desk, groups, form), 503
    flash(ref, "sent")
    return redirect(url_for("casework.show_case", ref=ref), code=303)


def _send(desk: WritingDesk, form: ApprovedForm) -> None:
    with look_work() as work:
        if dialogue.was_sent(work, desk.case.ref, form.entry_id(), by=signed_in()):
            return
        sealing = writing_desk.sealing_for(work, desk)
    letter = writing_desk.letter(desk, form.to_send(), sealing)
    with begin_work() as work:
        dialogue.send_reply(
            work,
            desk.found.folder,
            letter,
            entry=form.entry_id(),
            version=form.seen_version(),
            by=signed_in(),
            objects=at_desk.objects(),
            sheet=desk.sheet,
        )


def _groups(desk: WritingDesk) -> Sequence[Group]:
    """Return what can be sent now: what says how something ended, only once it is recorded."""
    with look_work() as work:
        today = work.today
    # The texts go by the class of an outcome, and so does a closing; a step names the kind.
    kinds = course_on(today).outcomes
    recorded = {kinds[id].outcome_class for id in desk.sheet.outcomes if id in kinds}
    recorded |= {closing.outcome for closing in desk.sheet.closures[-1:]}
    return texts_on(today).for_outcomes(
        frozenset(recorded), decided_before=desk.sheet.may_have_decided(signed_in().id)
    )


def _approved_page(desk: WritingDesk, groups: Sequence[Group], form: ApprovedForm) -> str:
    return render_template(
        "casework/approved.html",
        case=desk.case,
        form=form,
        groups=groups,
        waits=desk.draft is not None and not desk.draft.stored.returned,
        items=shown(desk.thread, desk.keyring, me=signed_in().id, about=at_desk.subjects()),
    )
