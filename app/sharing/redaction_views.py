"""Redacted versions: made by the head of a desk, read by those on their own access lists."""

import re
from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.audit.service import entries_about
from app.casework import at_desk, drafts, service, writing_desk
from app.casework.dialogue import NobodyToAnswer
from app.casework.reading import addressee
from app.casework.story import naming
from app.casework.writing_desk import WritingDesk
from app.errors import Broken, Conflict, Missing
from app.identity.access import allows, signed_in, unlocked
from app.identity.domain import Permission
from app.keyring.service import KeyringFiles, signed
from app.sharing import redaction, telling
from app.sharing.forms import RedactForm
from app.sharing.redaction import Redacted, TooLong
from app.sharing.store import Redactions
from app.web.logs import log
from app.web.request_work import begin_work, look_work, settings
from app.work import Work

bp = Blueprint("redaction", __name__, url_prefix="/staff")

VERSION = re.compile(r"[0-9a-f]{32}", re.ASCII)
NOT_SEALED = (
    "Nothing was kept: nothing can be sealed just now, because the keyring is not valid. Copy what "
    "you wrote to a safe place, and tell whoever runs the system"
)
MOVED_ON = (
    "Nothing was kept: a colleague wrote on the case sheet, or declared a conflict, while you were "
    "choosing. Look at who may read it, and seal it again"
)
TOO_LONG = "The letters of this case are too long for one redacted version"


@bp.get("/cases/<string:ref>/redact")
@allows(Permission.SHARE_CASES)
def ask_redaction(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    with look_work() as work:
        offered = _offered(work, desk)
    fields = {"version": redaction.new_form().hex()}
    return _page(desk, RedactForm(offered, formdata=None, data=fields), offered)


@bp.post("/cases/<string:ref>/redact/preview")
@allows(Permission.SHARE_CASES)
def preview(ref: str) -> ResponseReturnValue:
    return _answer(ref, keep=False)


@bp.post("/cases/<string:ref>/redact")
@allows(Permission.SHARE_CASES)
def redact(ref: str) -> ResponseReturnValue:
    return _answer(ref, keep=True)


def _answer(ref: str, *, keep: bool) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    with look_work() as work:
        offered = _offered(work, desk)
        case = telling.told(
            work,
            desk,
            about=at_desk.subjects(),
            identity=unlocked().identity,
            entries=entries_about(work, ref),
            named=naming(desk.keyring),
            by=signed_in(),
        )
        today = work.today
    form = RedactForm(offered)
    if not form.validate_on_submit():
        if form.version.errors:
            abort(400)
        return _page(desk, form, offered), 422
    version = redaction.redact(
        case,
        form.taken_out(),
        form=bytes.fromhex(str(form.version.data)),
        readers=form.access(),
        by=signed_in().id,
        on=today,
    )
    if not keep:
        return _page(desk, form, offered, shown=version)
    return _kept(desk, form, offered, version)


def _kept(
    desk: WritingDesk, form: RedactForm, offered: dict[str, str], version: Redacted
) -> ResponseReturnValue:
    """Seal a version and keep it; or return the page that says why not, with what was typed."""
    ref = desk.case.ref
    try:
        with begin_work() as work:
            redaction.keep(
                work,
                ref,
                version,
                readers=form.access(),
                sheet_version=desk.sheet.version,
                keyring=writing_desk.sealing_for(work, desk).keyring,
                by=signed_in(),
                key=unlocked(),
            )
    except TooLong:
        form.phrases.errors = [TOO_LONG]
        return _page(desk, form, offered), 422
    except Conflict:
        return _moved_on(ref, form)
    except Broken as error:
        # What she chose is worth more than an error page.
        log().error("broken", what=type(error).__name__, endpoint="redaction.redact")
        form.phrases.errors = [NOT_SEALED]
        return _page(desk, form, offered), 503
    flash(ref, "redacted")
    return redirect(url_for("redaction.ask_redaction", ref=ref), code=303)


def _moved_on(ref: str, form: RedactForm) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    with look_work() as work:
        offered = _offered(work, desk)
    form.readers.errors = [MOVED_ON]
    return _page(desk, form, offered), 409


@bp.get("/cases/<string:ref>/redacted/<string:version>/withdraw")
@allows(Permission.SHARE_CASES)
def ask_withdrawal(ref: str, version: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    with look_work() as work:
        made = Redactions(work.session).of_case(ref)
    readers = made.get(_id_of(version))
    if readers is None:
        raise Missing("redacted version")
    return render_template(
        "sharing/withdraw.html",
        case=desk.case,
        version=version,
        readers=_names(desk, readers),
        form=FlaskForm(),
    )


@bp.post("/cases/<string:ref>/redacted/<string:version>/withdraw")
@allows(Permission.SHARE_CASES)
def withdraw(ref: str, version: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, Response):
        return desk
    with begin_work() as work:
        redaction.withdraw(work, ref, _id_of(version), by=signed_in())
    flash(ref, "withdrawn")
    return redirect(url_for("redaction.ask_redaction", ref=ref), code=303)


@bp.get("/redacted")
@allows(Permission.READ_CASES)
def list_redacted() -> ResponseReturnValue:
    with look_work() as work:
        found = Redactions(work.session).listed(signed_in().id)
    return render_template("sharing/redacted_list.html", ids=[one.hex() for one in found])


@bp.get("/redacted/<string:version>")
@allows(Permission.READ_CASES)
def show_redacted(version: str) -> ResponseReturnValue:
    with begin_work() as work:
        found = redaction.find(work, _id_of(version), by=signed_in())
        keyring = signed(work, KeyringFiles.of(settings()))
    opened = redaction.open_version(found, unlocked().identity, keyring)
    return render_template("sharing/redacted.html", version=opened)


def _id_of(version: str) -> bytes:
    if not VERSION.fullmatch(version):
        raise Missing("redacted version")
    return bytes.fromhex(version)


def _names(desk: WritingDesk, ids: Sequence[str]) -> list[str]:
    names = {member.id: member.name for member in desk.keyring.members}
    return [names.get(one, one) for one in ids]


def _offered(work: Work, desk: WritingDesk) -> dict[str, str]:
    """Return who can be put on the access list, by id.

    Not who was left out, who declared a conflict, on whichever desk, and nobody of a desk that the
    case was taken from because of one.
    """
    to = addressee(desk.thread)
    if to is None:
        raise NobodyToAnswer(f"case {desk.case.ref} has no concern that verifies")
    kept = {
        *to.left_out,
        *desk.sheet.left_out,
        *service.withdrawn(work, desk.case.ref),
        *(
            member
            for other in desk.keyring.desks
            if other.id in desk.sheet.left_desks
            for member in other.members
        ),
        *drafts.kept_from(work, desk.case, desk.thread, desk.sheet, desk.keyring),
    }
    ids = redaction.may_read(desk.keyring, kept)
    return {id: desk.keyring.member(id).name for id in ids}


def _page(
    desk: WritingDesk, form: RedactForm, offered: dict[str, str], *, shown: Redacted | None = None
) -> str:
    with look_work() as work:
        made = Redactions(work.session).of_case(desk.case.ref)
    return render_template(
        "sharing/redact.html",
        case=desk.case,
        form=form,
        offered=offered,
        chosen=form.readers.data or [],
        shown=shown,
        made=[(id.hex(), _names(desk, readers)) for id, readers in made.items()],
    )
