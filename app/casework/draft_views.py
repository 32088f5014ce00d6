"""What waits for a second reader: read, approved as it stands, returned, taken back."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.casework import at_desk, dialogue, drafts, notes, writing_desk
from app.casework.domain import Refusal
from app.casework.draft_forms import AnswerForm, ReturnForm
from app.casework.drafts import Draft, DraftBroken, DraftOutrun, OwnWords
from app.casework.showing import files_shown, shown
from app.casework.writing_desk import WritingDesk
from app.errors import Broken, Conflict
from app.identity.access import allows, signed_in, unlocked
from app.identity.domain import Permission
from app.web.logs import log
from app.web.request_work import begin_work, look_work

bp = Blueprint("drafts", __name__, url_prefix="/staff")

OUTRUN = (
    "Nothing was sent. Since this was written, something else was sent to the reporter, or "
    "somebody began or ceased to read the case: it would not be the next letter. Return it, so "
    "that it is written again"
)
MOVED_ON = (
    "Nothing was sent, because a colleague or the reporter did something in this case while you "
    "were reading. Read the case as it is now, and decide again"
)
OWN = (
    "Nothing was sent, because you wrote this text yourself. Somebody else reads it before it goes"
)
UNLOOKED = "Look at the file to its end, and say that you did"
FILE_BROKEN = (
    "Nothing was sent, because the file is damaged, or is not the one that was chosen. Return the "
    "text, so that the file is chosen again"
)
RETURNED = (
    "Nothing was done, because this text came back to its author already. Why stands in the "
    "internal notes"
)
NOT_SEALED = (
    "Nothing can be sealed just now, because the keyring is not valid. Nothing was sent. Tell "
    "whoever runs the system"
)


@bp.get("/second-reader")
@allows(Permission.WRITE_TO_REPORTERS)
def list_waiting() -> ResponseReturnValue:
    with look_work() as work:
        refs = drafts.waiting(work, by=signed_in())
    return render_template("casework/second_reader.html", refs=refs)


@bp.get("/cases/<string:ref>/draft")
@allows(Permission.WRITE_TO_REPORTERS)
def show_draft(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    return _none(desk) if desk.draft is None else _page(desk, desk.draft)


@bp.post("/cases/<string:ref>/draft/approve")
@allows(Permission.WRITE_TO_REPORTERS)
def approve(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    form, draft = AnswerForm(), desk.draft
    if draft is None:
        return _none(desk)
    if not form.validate_on_submit():
        # Nobody types into this form: these are not the fields that our page sent.
        abort(400)
    if draft.letter.attachments and not form.looked.data:
        return _page(desk, draft, answer=form), 422
    try:
        _send(desk, draft, form)
    except OwnWords:
        at_desk.refuse_step(ref, Refusal.OWN_TEXT)
        return _page(desk, draft, trouble=OWN), 409
    except (Conflict, Broken) as error:
        return _not_sent(desk, draft, error)
    flash(ref, "sent")
    return redirect(url_for("casework.show_case", ref=ref), code=303)


def _not_sent(desk: WritingDesk, draft: Draft, error: Conflict | Broken) -> ResponseReturnValue:
    match error:
        case DraftOutrun():
            return _page(desk, draft, trouble=OUTRUN), 409
        case Conflict():
            return _again(desk.case.ref)
    log().error("broken", what=type(error).__name__, endpoint="drafts.approve")
    is_file = isinstance(error, DraftBroken)
    return _page(desk, draft, trouble=FILE_BROKEN if is_file else NOT_SEALED), 503


def _send(desk: WritingDesk, draft: Draft, form: AnswerForm) -> None:
    if not form.is_about(draft) or draft.stored.returned:
        raise Conflict("another draft was on the screen")
    with look_work() as work:
        sealing = writing_desk.sealing_for(work, desk)
        payload = drafts.payload_of(work, draft)
    letter = drafts.release(
        desk.found.folder,
        desk.thread,
        draft,
        payload,
        by=signed_in(),
        keyring=sealing.keyring,
        kept=sealing.kept,
    )
    with begin_work() as work:
        drafts.note_release(work, draft, by=signed_in())
        dialogue.send_reply(
            work,
            desk.found.folder,
            letter,
            entry=draft.stored.id,
            version=form.seen_version(),
            by=signed_in(),
            objects=at_desk.objects(),
            sheet=desk.sheet,
        )


@bp.post("/cases/<string:ref>/draft/return")
@allows(Permission.WRITE_TO_REPORTERS)
def give_back(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    form, draft = ReturnForm(), desk.draft
    if draft is None:
        return _none(desk, form)
    if not form.validate_on_submit():
        if form.draft.errors or form.digest.errors or form.version.errors:
            abort(400)
        return _page(desk, draft, returning=form), 422
    try:
        _give_back(desk, draft, form)
    except OwnWords:
        at_desk.refuse_step(ref, Refusal.OWN_TEXT)
        return _page(desk, draft, trouble=OWN, returning=form), 409
    except Conflict:
        return _again(ref, form)
    except Broken as error:
        log().error("broken", what=type(error).__name__, endpoint="drafts.give_back")
        return _page(desk, draft, trouble=NOT_SEALED, returning=form), 503
    flash(ref, "returned")
    return redirect(url_for("casework.show_case", ref=ref), code=303)


def _give_back(desk: WritingDesk, draft: Draft, form: ReturnForm) -> None:
    if not form.is_about(draft):
        raise Conflict("another draft was on the screen")
    with begin_work() as work:
        writing_desk.sealing_for(work, desk)
        readers = tuple(desk.readers(work))
        case = drafts.give_back(work, draft, by=signed_in())
        # The remark is a note: of another type, in another table, never sealed to a reporter.
        notes.write_note(work, case, form.why(), by=signed_in(), key=unlocked(), readers=readers)


@bp.post("/cases/<string:ref>/draft/withdraw")
@allows(Permission.WRITE_TO_REPORTERS)
def withdraw(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    form, draft = AnswerForm(), desk.draft
    if draft is None:
        return _none(desk)
    if not form.validate_on_submit() or not form.is_about(draft):
        abort(400)
    with begin_work() as work:
        drafts.withdraw(work, draft, by=signed_in())
    flash(ref, "taken-back")
    return redirect(url_for("casework.show_case", ref=ref), code=303)


def _none(desk: WritingDesk, returning: ReturnForm | None = None) -> ResponseReturnValue:
    """Return the page that says where a text may be that does not wait any more.

    What its reader wrote about it stands there too, and nowhere else.
    """
    remark = "" if returning is None else returning.remark.data or ""
    return render_template("casework/no_text.html", case=desk.case, remark=remark), 409


def _again(ref: str, returning: ReturnForm | None = None) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    if desk.draft is None:
        return _none(desk, returning)
    trouble = RETURNED if desk.draft.stored.returned else MOVED_ON
    return _page(desk, desk.draft, trouble=trouble, returning=returning), 409


def _page(
    desk: WritingDesk,
    draft: Draft,
    *,
    trouble: str = "",
    returning: ReturnForm | None = None,
    answer: AnswerForm | None = None,
) -> str:
    names = {member.id: member.name for member in desk.keyring.members}
    with look_work() as work:
        reading = desk.readers(work)
    version = desk.case.version
    if returning is not None:
        returning.follow(draft, version)
    return render_template(
        "casework/draft.html",
        case=desk.case,
        draft=draft,
        author=names.get(draft.author, draft.author),
        files=files_shown(draft.letter),
        entry=draft.stored.id.hex(),
        mine=draft.author == signed_in().id,
        others=[member.name for member in reading if member.id != draft.author],
        answer=AnswerForm.of(draft, version),
        returning=returning or ReturnForm.of(draft, version),
        unlooked="" if answer is None else UNLOOKED,
        trouble=trouble,
        items=shown(desk.thread, desk.keyring, me=signed_in().id, about=at_desk.subjects()),
    )
