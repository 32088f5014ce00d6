"""Somebody declares a conflict: the case is wrapped past her, or passed on if she is the last.

She need not have opened it, and sees nothing of it here. Her key is used once more, to take
herself off every envelope: nobody else's is there.
"""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.casework import at_desk, decisions, passing, reading, service, sheet_keeping, sheet_people
from app.casework.dialogue import NobodyToAnswer
from app.casework.domain import Declaration
from app.casework.guards import Asked
from app.casework.passing import Opened
from app.casework.reading import addressee
from app.casework.sheet import CaseSheet
from app.casework.sheet_keeping import Pen, SheetBroken
from app.casework.sheet_parts import HEADINGS
from app.casework.sheet_people import Lying
from app.casework.stepping import CONFLICT, StepRefused, Wish
from app.envelope.keyring import Keyring
from app.errors import Broken, Conflict
from app.identity.access import signed_in, unlocked
from app.keyring.service import KeyringFiles, usable
from app.web.request_work import begin_work, look_work, settings

WHY = "The last who could read it on this desk declared a conflict of interest."
WISH = Wish(
    step=CONFLICT,
    asked=Asked(code="other"),
    reasons={HEADINGS[0]: WHY, HEADINGS[-1]: "It goes to a desk where somebody can read it."},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A case as she passes by it."""

    opened: Opened
    keyring: Keyring

    @property
    def others(self) -> list[str]:
        """Who would read it without her."""
        return sorted(self.opened.situation.facts.readers - {signed_in().id})


def stand_aside(ref: str) -> ResponseReturnValue:
    """Record that she has a conflict, and let the case go on without her.

    Raises:
        Missing: if she may not read it, or there is none.
    """
    found = _take(ref)
    if found is None or found.others:
        _record(ref, found)
        return _gone(ref)
    desk = request.form.get("desk", "")
    if desk not in found.opened.situation.destinations:
        return _ask_for_desk(found, wrong=bool(desk)), 409 if not desk else 422
    try:
        _pass_on(found, desk)
    except (StepRefused, Conflict):
        # Something happened in it meanwhile: as it is now, she may not be the last.
        return _ask_for_desk(found, wrong=False), 409
    return _gone(ref)


def _take(ref: str) -> _Case | None:
    """Return the case; None where its envelopes are not such that anything could be wrapped."""
    by, keys = signed_in(), unlocked()
    with look_work() as work:
        folder = reading.take_out(work, ref, by=by)
        versions = tuple(sheet_keeping.stored(work, ref))
        notes = passing.notes_to_pass(work, ref)
    try:
        with look_work() as work:
            keyring = usable(work, KeyringFiles.of(settings()))
        thread = reading.open_folder(folder, keys.identity, keyring, at_desk.objects())
        blank = CaseSheet.blank(ref, author=by.id, on=folder.case.received_on)
        sheet = sheet_keeping.open_latest(
            list(versions), blank, keys.identity, keyring.verification_keys()
        )
        with look_work() as work:
            situation = decisions.situation(work, folder.case, thread, sheet.sheet, keyring)
    except (NobodyToAnswer, SheetBroken, Broken):
        return None
    opened = Opened(
        folder=folder,
        thread=thread,
        versions=versions,
        notes=notes,
        sheet=sheet,
        situation=situation,
    )
    return _Case(opened=opened, keyring=keyring)


def _record(ref: str, found: _Case | None) -> None:
    """Write her declaration, and take her off every envelope where that can be done."""
    to = None if found is None else addressee(found.opened.thread)
    if found is None or to is None:
        with begin_work() as work:
            service.declare(work, ref, Declaration.CONFLICT, by=signed_in())
        return
    keyring, folder = found.keyring, found.opened.folder
    readers = tuple(keyring.member(one) for one in found.others)
    lying = Lying(folder=folder, versions=found.opened.versions, reporter=to.recipient)
    try:
        with begin_work() as work:
            service.declare(work, ref, Declaration.CONFLICT, by=signed_in())
            sheet_people.follow(
                work,
                folder.case,
                lying,
                readers,
                everybody=keyring.desk(folder.case.desk).members,
                pen=Pen(by=signed_in(), key=unlocked(), keyring=keyring, readers=readers),
            )
    except Conflict:
        # A letter came in this moment. Her word counts at once; the next sealing is past her.
        with begin_work() as work:
            service.declare(work, ref, Declaration.CONFLICT, by=signed_in())


def _pass_on(found: _Case, desk: str) -> None:
    objects, by, key = at_desk.objects(), signed_in(), unlocked()
    prepared = passing.prepare(
        found.opened,
        WISH,
        desk,
        by=by,
        key=key,
        keyring=found.keyring,
        objects=objects,
        spool=settings().spool,
    )
    case = found.opened.folder.case
    try:
        with begin_work() as work:
            passing.carry_out(
                work,
                prepared,
                version=case.version,
                by=by,
                key=key,
                keyring=found.keyring,
                objects=objects,
            )
            service.note_conflict(work, case.ref, by=by)
    except BaseException:
        prepared.drop(objects)
        raise
    prepared.finish(objects)


def _gone(ref: str) -> ResponseReturnValue:
    flash(ref, "withdrawn")
    return redirect(url_for("casework.show_inbox"), code=303)


def _ask_for_desk(found: _Case, *, wrong: bool) -> str:
    could = found.opened.situation.destinations
    return render_template(
        "casework/last_reader.html",
        case=found.opened.folder.case,
        desks=[desk for desk in found.keyring.desks if desk.id in could],
        wrong="Choose the desk that it goes to" if wrong else "",
    )
