"""The pages of internal notes. They lead to no page on which anything is sent."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.casework import note_reading, notes, service, writing_desk
from app.casework.dialogue import NobodyToAnswer
from app.casework.draft_forms import NoteForm
from app.casework.notes import InternalNote, NoteBroken
from app.casework.sheet_views import NOT_SEALED
from app.casework.writing_desk import WritingDesk
from app.envelope.errors import NoMatch
from app.envelope.keyring import Former, Member
from app.errors import Broken, Conflict
from app.identity.access import allows, signed_in, unlocked
from app.identity.domain import Permission
from app.web.logs import log
from app.web.request_work import begin_work, look_work

bp = Blueprint("notes", __name__, url_prefix="/staff/cases/<string:ref>/notes")

NOT_HERS = (
    "Nothing was saved, because no concern was found here whose signature holds and that was "
    "sealed to you: nobody can say who may read the note"
)
MOVED_ON = "A colleague wrote a note meanwhile. It stands below. Yours is still in the form"


@bp.get("/")
@allows(Permission.READ_CASES)
def show_notes(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    return _page(desk, None)


@bp.post("/")
@allows(Permission.READ_CASES)
def add_note(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    form = NoteForm()
    if not form.validate_on_submit():
        if form.seen.errors:
            abort(400)
        return _page(desk, form), 422
    try:
        _write(desk, form)
    except NobodyToAnswer:
        form.note.errors = [NOT_HERS]
        return _page(desk, form), 409
    except Conflict:
        form.note.errors = [MOVED_ON]
        form.seen.raw_data = None
        return _page(desk, form), 409
    except Broken as error:
        # What she wrote is worth more than an error page: it is nowhere else.
        log().error("broken", what=type(error).__name__, endpoint="notes.add_note")
        form.note.errors = [NOT_SEALED]
        return _page(desk, form), 503
    flash(ref, "noted")
    return redirect(url_for("notes.show_notes", ref=ref), code=303)


def _write(desk: WritingDesk, form: NoteForm) -> None:
    with begin_work() as work:
        writing_desk.sealing_for(work, desk)
        readers = tuple(desk.readers(work))
        if signed_in().id not in {reader.id for reader in readers}:
            raise NobodyToAnswer(f"case {desk.case.ref} was not sealed to {signed_in().id}")
        case = service.find_case(work, desk.case.ref, by=signed_in(), hold=True)
        if len(notes.stored(work, case.ref)) != form.seen.data:
            raise Conflict(f"the notes of {case.ref} moved on")
        notes.write_note(work, case, form.text(), by=signed_in(), key=unlocked(), readers=readers)


def _page(desk: WritingDesk, form: NoteForm | None) -> str:
    ref, keys = desk.case.ref, desk.keyring.verification_keys()
    opened: list[InternalNote] = []
    with look_work() as work:
        sealed = notes.stored(work, ref)
    for number, one in enumerate(sealed, 1):
        try:
            opened.append(notes.open_note(one, number, ref, unlocked().identity, keys))
        except NoteBroken as error:
            if not isinstance(error.__cause__, NoMatch):
                raise
    with look_work() as work:
        found = note_reading.shown(work, opened, by=signed_in())
    if form is None:
        form = NoteForm(formdata=None, data={"seen": len(sealed)})
    form.seen.data = len(sealed)
    people: tuple[Member | Former, ...] = (*desk.keyring.members, *desk.keyring.former)
    names = {person.id: person.name for person in people}
    return render_template(
        "casework/notes.html",
        case=desk.case,
        form=form,
        notes=found[::-1],
        hidden=len(sealed) - len(found),
        names=names | {signed_in().id: "You"},
    )
