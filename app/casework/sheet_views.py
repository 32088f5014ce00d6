"""The case sheet at the desk: read, changed, and all its versions."""

from dataclasses import dataclass, replace
from datetime import date

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.casework import at_desk, decisions, reading, service, sheet_keeping
from app.casework.at_desk import AtDesk, not_now
from app.casework.dialogue import NobodyToAnswer
from app.casework.domain import Case, CaseState
from app.casework.forms import SheetForm
from app.casework.reading import Thread
from app.casework.reference import Reference, reference_on
from app.casework.sheet import CaseSheet
from app.casework.sheet_keeping import OpenSheet, Pen, SheetMovedOn
from app.casework.sheet_showing import changes, said
from app.envelope.keyring import Former, Keyring, Member
from app.errors import Broken, Missing
from app.identity.access import allows, signed_in, unlocked
from app.identity.domain import Permission
from app.identity.service import check_members
from app.keyring.service import KeyringFiles, usable
from app.web.logs import log
from app.web.request_work import begin_work, look_work, settings
from app.work import Work

bp = Blueprint("sheets", __name__, url_prefix="/staff/cases/<string:ref>")

NOT_HERS = (
    "Nothing was saved, because no concern was found here whose signature holds and that was "
    "sealed to you: nobody can say who may read the sheet"
)
NOT_SEALED = (
    "Nothing can be sealed just now, because the keyring is not valid. Nothing was saved. Copy "
    "what you wrote to a safe place, and tell whoever runs the system"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetAtDesk:
    """A case on a member's desk with its thread and its sheet open."""

    case: Case
    thread: Thread
    sheet: OpenSheet
    keyring: Keyring
    reference: Reference
    today: date

    @property
    def choices(self) -> Reference:
        """What may be chosen today: a force that has gone only where the sheet names it."""
        forces = self.reference.offered(self.today, also=self.sheet.sheet.force)
        return replace(self.reference, forces=forces)


@bp.get("/sheet")
@allows(Permission.READ_CASES)
def show_sheet(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    return _page(found, SheetForm.of(found.sheet.sheet, found.choices))


@bp.post("/sheet")
@allows(Permission.READ_CASES)
def save_sheet(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    form = SheetForm(found.choices, ref)
    if not form.validate_on_submit():
        if form.version.errors:
            abort(400)
        return _page(found, form), 422
    if not _may_name(found, form):
        form.refuse_other_case()
        return _page(found, form), 422
    return _save(found, form)


def _may_name(found: SheetAtDesk, form: SheetForm) -> bool:
    other = form.other_case()
    if not other or other == found.sheet.sheet.same_as:
        return True
    try:
        with look_work() as work:
            service.find_case(work, other, by=signed_in())
    except Missing:
        at_desk.refuse(other)
        return False
    return True


def _save(found: SheetAtDesk, form: SheetForm) -> ResponseReturnValue:
    if form.seen_version() != found.sheet.sheet.version:
        return _both(found, form), 409
    after = form.applied_to(found.sheet.sheet)
    try:
        with begin_work() as work:
            pen = pen_for(work, found)
            decisions.edit(work, found.case.ref, found.sheet, after, pen=pen)
    except SheetMovedOn:
        again = take(found.case.ref)
        return again if isinstance(again, Response) else (_both(again, form), 409)
    except NobodyToAnswer:
        return _page(found, form, trouble=NOT_HERS), 409
    except Broken as error:
        # What she wrote is worth more than an error page: it is nowhere else.
        log().error("broken", what=type(error).__name__, endpoint="sheets.save_sheet")
        return _page(found, form, trouble=NOT_SEALED), 503
    flash(found.case.ref, "saved")
    return redirect(url_for("sheets.show_sheet", ref=found.case.ref), code=303)


@bp.get("/sheet/versions")
@allows(Permission.READ_CASES)
def show_versions(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    with look_work() as work:
        versions = sheet_keeping.stored(work, ref)
    keys = found.keyring.verification_keys()
    blank = _blank(found.case)
    sheets = sheet_keeping.open_all(versions, ref, unlocked().identity, keys)
    steps = zip([blank, *sheets], sheets, strict=False)
    return render_template(
        "casework/sheet_versions.html",
        case=found.case,
        versions=[(after, changes(before, after, found.reference)) for before, after in steps][
            ::-1
        ],
        names=_names(found.keyring),
    )


def take(ref: str) -> SheetAtDesk | Response:
    """Return a case with its sheet, opened and recorded; or the page that has to come before.

    Raises:
        Missing: if she may not read it, or there is none: the same page, after the same work.
        SheetBroken: if its sheet is not what a member of the desk sealed.
    """
    found = at_desk.take(ref)
    if not isinstance(found, AtDesk):
        return found
    case = found.folder.case
    if case.state is CaseState.SEALED:
        # To be read first, on the case's own page: what is not recorded was not read.
        return not_now(case, _blank(case))
    thread, keys = found.open(), found.keyring.verification_keys()
    with look_work() as work:
        versions = sheet_keeping.stored(work, ref)
        reference, today = reference_on(work.today), work.today
    blank = reading.blank_sheet(case, thread, author=signed_in().id)
    sheet = sheet_keeping.open_latest(versions, blank, found.finder, keys)
    with begin_work() as work:
        sheet_keeping.note_reading(work, ref, sheet.sheet.version, by=signed_in())
        found.keep_places(work)
    return SheetAtDesk(
        case=case,
        thread=thread,
        sheet=sheet,
        keyring=found.keyring,
        reference=reference,
        today=today,
    )


def pen_for(work: Work, found: SheetAtDesk) -> Pen:
    """Return what writing this sheet takes, with a keyring that is fit to seal to today.

    Raises:
        Broken: if the keyring is not, or an account does not agree with it.
        NobodyToAnswer: if no verified concern says who may read.
    """
    keyring = usable(work, KeyringFiles.of(settings()))
    check_members(work, keyring)
    readers = sheet_keeping.readers_of(work, found.case, found.thread, keyring)
    if signed_in().id not in {reader.id for reader in readers}:
        raise NobodyToAnswer(f"case {found.case.ref} was not sealed to {signed_in().id}")
    return Pen(by=signed_in(), key=unlocked(), keyring=keyring, readers=readers)


def _page(found: SheetAtDesk, form: SheetForm, *, trouble: str = "") -> str:
    return render_template(
        "casework/sheet.html",
        case=found.case,
        sheet=found.sheet.sheet,
        form=form,
        reference=found.choices,
        trouble=trouble,
        names=_names(found.keyring),
    )


def _both(found: SheetAtDesk, form: SheetForm) -> str:
    """Return the page that shows what a colleague saved beside what she typed."""
    theirs = found.sheet.sheet
    mine = form.applied_to(theirs)
    form.follow(theirs.version)
    return render_template(
        "casework/sheet_both.html",
        case=found.case,
        sheet=theirs,
        form=form,
        reference=found.choices,
        trouble="",
        changes=changes(theirs, mine, found.reference),
        theirs=said(theirs, found.reference),
        names=_names(found.keyring),
    )


def _blank(case: Case) -> CaseSheet:
    return CaseSheet.blank(case.ref, author=signed_in().id, on=case.received_on)


def _names(keyring: Keyring) -> dict[str, str]:
    people: tuple[Member | Former, ...] = (*keyring.members, *keyring.former)
    return {person.id: person.name for person in people} | {signed_in().id: "You"}
