"""Writing to a reporter: the form, and the sealing of what was written."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.casework import at_desk, dialogue
from app.casework.at_desk import AtDesk
from app.casework.dialogue import TooLong
from app.casework.forms import LONGEST_REPLY, ReplyForm
from app.casework.reading import Thread
from app.casework.showing import shown
from app.envelope.keyring import Keyring
from app.errors import Broken, Conflict
from app.identity.access import allows, signed_in, unlocked
from app.identity.domain import Permission
from app.identity.service import check_members
from app.keyring.service import KeyringFiles, usable
from app.web.logs import log
from app.web.request_work import begin_work, look_work, settings
from app.work import Work

bp = Blueprint("replies", __name__, url_prefix="/staff")

MOVED_ON = (
    "Your letter was not sent, because a colleague or the reporter did something in this case "
    "while you were writing. Read the case as it is now, change your letter if you need to, and "
    "send it"
)
NOT_SEALED = (
    "Nothing can be sealed just now, because the keyring is not valid. Your letter was not sent. "
    "Copy it to a safe place, and tell whoever runs the system"
)


@bp.get("/cases/<string:ref>/reply")
@allows(Permission.WRITE_TO_REPORTERS)
def ask_reply(ref: str) -> ResponseReturnValue:
    found = at_desk.take(ref)
    if not isinstance(found, AtDesk):
        return found
    form = ReplyForm.fresh(found.folder.case.version)
    return _page(found, found.open(), form)


@bp.post("/cases/<string:ref>/reply")
@allows(Permission.WRITE_TO_REPORTERS)
def reply(ref: str) -> ResponseReturnValue:
    found = at_desk.take(ref)
    if not isinstance(found, AtDesk):
        return found
    form, thread = ReplyForm(), found.open()
    if not form.validate_on_submit():
        return _page(found, thread, form), 422
    try:
        _send(found, thread, form)
    except Conflict:
        return _refused(ref, form)
    except TooLong:
        form.refuse("The letter is too long. Send part of it in a second one")
        return _page(found, thread, form), 422
    except Broken as error:
        # What she wrote is worth more than an error page: it is nowhere else.
        log().error("broken", what=type(error).__name__, endpoint="replies.reply")
        form.refuse(NOT_SEALED)
        return _page(found, thread, form), 503
    flash(ref, "sent")
    return redirect(url_for("casework.show_case", ref=ref), code=303)


def _send(found: AtDesk, thread: Thread, form: ReplyForm) -> None:
    ref, member = found.folder.case.ref, signed_in()
    with look_work() as work:
        if dialogue.was_sent(work, ref, form.entry_id(), by=member):
            return
        keyring = _fit_to_seal_to(work)
    letter = dialogue.write_reply(
        found.folder, thread, form.words(), by=member, key=unlocked(), keyring=keyring
    )
    with begin_work() as work:
        dialogue.send_reply(
            work,
            found.folder,
            letter,
            entry=form.entry_id(),
            version=form.seen_version(),
            by=member,
            objects=at_desk.objects(),
        )


def _fit_to_seal_to(work: Work) -> Keyring:
    keyring = usable(work, KeyringFiles.of(settings()))
    check_members(work, keyring)
    return keyring


def _refused(ref: str, form: ReplyForm) -> ResponseReturnValue:
    # The case as it is now, with her words in the form: reading comes before sending again.
    found = at_desk.take(ref)
    if not isinstance(found, AtDesk):
        return found
    form.refuse(MOVED_ON)
    form.follow(found.folder.case.version)
    return _page(found, found.open(), form), 409


def _page(found: AtDesk, thread: Thread, form: ReplyForm) -> str:
    case = found.folder.case
    return render_template(
        "casework/reply.html",
        case=case,
        form=form,
        longest=LONGEST_REPLY,
        reading=[member.name for member in dialogue.readers_of(case, thread, found.keyring)],
        items=shown(thread, found.keyring, me=signed_in().id, about=at_desk.subjects()),
    )
