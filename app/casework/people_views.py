"""Whose case it is and who may read it: assignment, an access list, and who is left out."""

from collections.abc import Mapping
from contextlib import suppress

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.casework import reading, service, sheet_keeping, sheet_people
from app.casework.assessment_forms import PeopleForm
from app.casework.assessment_views import MOVED_ON
from app.casework.at_desk import AtDesk
from app.casework.dialogue import NobodyToAnswer
from app.casework.domain import Case
from app.casework.need_to_know import NobodyLeft, with_access, without
from app.casework.reading import Thread, addressee
from app.casework.sheet import CaseSheet
from app.casework.sheet_keeping import Pen
from app.casework.sheet_people import Lying
from app.casework.sheet_views import NOT_HERS, NOT_SEALED, SheetAtDesk, pen_for, take
from app.errors import Broken, Conflict, Missing
from app.identity.access import allows, signed_in, unlocked
from app.identity.domain import Permission
from app.keyring.service import KeyringFiles, usable
from app.web.logs import log
from app.web.request_work import begin_work, look_work, settings

bp = Blueprint("people", __name__, url_prefix="/staff/cases/<string:ref>/people")

LAST = (
    "Nobody would be left who can read this case. Pass it to another desk instead, or leave "
    "somebody on it"
)
NOT_HERSELF = (
    "You cannot take yourself off a case here. Say on the page of the case that you have a "
    "conflict of interest, or ask a colleague"
)


@bp.get("")
@allows(Permission.READ_CASES)
def show_people(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    return _page(found, PeopleForm.of(found.sheet.sheet, _offered(found)))


@bp.post("")
@allows(Permission.READ_CASES)
def save_people(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    form = PeopleForm(_offered(found))
    if not form.validate_on_submit():
        if form.version.errors:
            abort(400)
        return _page(found, form), 422
    try:
        return _save(found, form)
    except NobodyLeft:
        form.access.errors = [LAST]
        return _page(found, form), 422
    except NobodyToAnswer:
        return _page(found, form, trouble=NOT_HERS), 409
    except Conflict:
        return _moved_on(ref, form)
    except Broken as error:
        # What she chose is worth more than an error page.
        log().error("broken", what=type(error).__name__, endpoint="people")
        return _page(found, form, trouble=NOT_SEALED), 503


def _save(found: SheetAtDesk, form: PeopleForm) -> ResponseReturnValue:
    me, ref, before = signed_in().id, found.case.ref, found.sheet
    if form.seen_version() != before.sheet.version:
        raise Conflict(f"the sheet of {ref} moved on")
    access = form.chosen_access()
    if me in form.chosen_left_out() or (access and me not in access):
        form.access.errors = [NOT_HERSELF]
        return _page(found, form), 422
    to = addressee(found.thread)
    with look_work() as work:
        folder = reading.take_out(work, ref, by=signed_in())
        versions = tuple(sheet_keeping.stored(work, ref))
    if to is None:
        raise NobodyToAnswer(f"case {ref} has no concern that verifies")
    lying = Lying(folder=folder, versions=versions, reporter=to.recipient)
    with begin_work() as work:
        pen = pen_for(work, found)
        after = _applied(form, before.sheet, pen)
        sheet_people.save(work, lying, before, after, version=folder.case.version, pen=pen)
    flash(ref, "saved")
    return redirect(url_for("people.show_people", ref=ref), code=303)


def keep_to_readers(found: AtDesk, thread: Thread, case: Case) -> None:
    """Wrap letters that came since for those who read this case now, where not everybody does.

    A reporter seals to the whole desk: what she is served never shows whom a case is kept from.
    So the first who reads a new letter takes the others off it.
    """
    ref, me, keyring = case.ref, signed_in(), found.keyring
    with look_work() as work:
        if not service.somebody_is_kept(work, ref):
            return
        versions = tuple(sheet_keeping.stored(work, ref))
    blank = CaseSheet.blank(ref, author=me.id, on=case.received_on)
    keys, to = keyring.verification_keys(), addressee(thread)
    sheet = sheet_keeping.open_latest(list(versions), blank, unlocked().identity, keys).sheet
    if to is None:
        return
    lying = Lying(folder=found.folder, versions=versions, reporter=to.recipient)
    with suppress(Conflict, Missing, Broken), begin_work() as work:
        sealing = usable(work, KeyringFiles.of(settings()))
        members = sheet_keeping.readers_of(work, case, thread, sealing)
        pen = Pen(by=me, key=unlocked(), keyring=sealing, readers=members)
        readers = sheet_keeping.readers_by(sheet, members)
        service.find_case(work, ref, by=me, hold=True).at(case.version)
        on_desk = sealing.desk(case.desk).members
        sheet_people.follow(work, case, lying, readers, everybody=on_desk, pen=pen)


def _applied(form: PeopleForm, sheet: CaseSheet, pen: Pen) -> CaseSheet:
    """Return a sheet with the people that were chosen.

    Raises:
        NobodyLeft: if nobody would read the case.
    """
    open_sheet = with_access(sheet, (), [reader.id for reader in pen.readers])
    may = {reader.id for reader in sheet_keeping.readers_by(open_sheet, pen.readers)}
    after = with_access(open_sheet, form.chosen_access(), may)
    for member in sorted(form.chosen_left_out()):
        after = without(after, member, may)
        may -= {member}
    return after.with_people(**form.roles())


def _moved_on(ref: str, form: PeopleForm) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    form.follow(found.sheet.sheet.version)
    return _page(found, form, trouble=MOVED_ON), 409


def _offered(found: SheetAtDesk) -> Mapping[str, str]:
    """Return by id the names of those on the desk whom nothing keeps from the case."""
    try:
        with look_work() as work:
            readers = sheet_keeping.readers_of(work, found.case, found.thread, found.keyring)
    except NobodyToAnswer:
        return {}
    out = found.sheet.sheet.left_out
    return {reader.id: reader.name for reader in readers if reader.id not in out}


def _page(found: SheetAtDesk, form: PeopleForm, *, trouble: str = "") -> str:
    sheet = found.sheet.sheet
    names = {member.id: member.name for member in found.keyring.members}
    return render_template(
        "casework/people.html",
        case=found.case,
        sheet=sheet,
        form=form,
        offered=_offered(found),
        me=signed_in().id,
        out=[names.get(member, member) for member in sheet.left_out],
        trouble=trouble,
    )
