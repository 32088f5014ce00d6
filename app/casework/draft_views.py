"""What waits for a second reader: read, approved as it stands, returned, taken back."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.casework import at_desk, dialogue, drafts, notes, writing_desk
from app.casework.draft_forms import AnswerForm, ReturnForm
from app.casework.drafts import Draft, DraftOutrun, OwnWords
from app.casework.showing import shown
from app.casework.writing_desk import WritingDesk
from app.errors import Broken, Conflict, Missing
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
    return _page(desk, _draft(desk))


@bp.post("/cases/<string:ref>/draft/approve")
@allows(Permission.WRITE_TO_REPORTERS)
def approve(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    form = AnswerForm()
    draft = _draft(desk)
    if not form.validate_on_submit():
        # Nobody types into this form: these are not the fields that our page sent.
        abort(400)
    try:
        _send(desk, draft, form)
    except (DraftOutrun, OwnWords):
        return _page(desk, draft, trouble=OUTRUN), 409
    except Conflict:
        return _again(ref)
    except Broken as error:
        log().error("broken", what=type(error).__name__, endpoint="drafts.approve")
        return _page(desk, draft, trouble=NOT_SEALED), 503
    flash(ref, "sent")
    return redirect(url_for("casework.show_case", ref=ref), code=303)


def _send(desk: WritingDesk, draft: Draft, form: AnswerForm) -> None:
    if form.seen_draft() != draft.stored.id or draft.stored.returned:
        raise DraftOutrun("another draft was on the screen")
    with look_work() as work:
        sealing = writing_desk.sealing_for(work, desk)
    letter = drafts.release(
        desk.found.folder,
        desk.thread,
        draft,
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
    form = ReturnForm()
    draft = _draft(desk)
    if not form.validate_on_submit():
        if form.draft.errors or form.version.errors:
            abort(400)
        return _page(desk, draft, returning=form), 422
    try:
        if form.seen_draft() != draft.stored.id:
            raise DraftOutrun("another draft was on the screen")
        with begin_work() as work:
            readers = tuple(desk.readers(work))
            case = drafts.give_back(work, draft, by=signed_in())
            # The remark is a note: of another type, in another table, never sealed to a reporter.
            notes.write_note(
                work, case, form.why(), by=signed_in(), key=unlocked(), readers=readers
            )
    except (Conflict, OwnWords):
        return _again(ref)
    flash(ref, "returned")
    return redirect(url_for("casework.show_case", ref=ref), code=303)


@bp.post("/cases/<string:ref>/draft/withdraw")
@allows(Permission.WRITE_TO_REPORTERS)
def withdraw(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    form = AnswerForm()
    draft = _draft(desk)
    if not form.validate_on_submit() or form.seen_draft() != draft.stored.id:
        abort(400)
    with begin_work() as work:
        drafts.withdraw(work, draft, by=signed_in())
    flash(ref, "taken-back")
    return redirect(url_for("casework.show_case", ref=ref), code=303)


def _draft(desk: WritingDesk) -> Draft:
    if desk.draft is None:
        raise Missing("draft")
    return desk.draft


def _again(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    return _page(desk, _draft(desk), trouble=MOVED_ON), 409


def _page(
    desk: WritingDesk, draft: Draft, *, trouble: str = "", returning: ReturnForm | None = None
) -> str:
    names = {member.id: member.name for member in desk.keyring.members}
    with look_work() as work:
        reading = desk.readers(work)
    answer = AnswerForm.of(draft.stored.id, desk.case.version)
    fields = {"draft": draft.stored.id.hex(), "version": desk.case.version}
    return render_template(
        "casework/draft.html",
        case=desk.case,
        draft=draft,
        author=names.get(draft.author, draft.author),
        mine=draft.author == signed_in().id,
        others=[member.name for member in reading if member.id != draft.author],
        answer=answer,
        returning=returning or ReturnForm(formdata=None, data=fields),
        trouble=trouble,
        items=shown(desk.thread, desk.keyring, me=signed_in().id, about=at_desk.subjects()),
    )
