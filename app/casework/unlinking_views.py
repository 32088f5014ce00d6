"""Two cases that were linked by mistake: the link goes from both sheets, and the reason is kept."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.casework import notes, service, sheet_keeping
from app.casework.assessment_forms import UnlinkForm
from app.casework.assessment_views import MOVED_ON
from app.casework.dialogue import NobodyToAnswer
from app.casework.link_views import save, take_other
from app.casework.messages import ForDesk
from app.casework.sheet import CaseSheet
from app.casework.sheet_views import NOT_HERS, NOT_SEALED, SheetAtDesk, pen_for, take
from app.errors import Broken, Conflict, Missing
from app.identity.access import allows
from app.identity.domain import Permission
from app.web.logs import log
from app.web.request_work import begin_work
from app.work import Work

bp = Blueprint(
    "unlinking", __name__, url_prefix="/staff/cases/<string:ref>/links/<string:other>/remove"
)

NOTED = "A link between this case and another was removed: they do not belong together."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two cases that are linked, both open before her."""

    one: SheetAtDesk
    other: SheetAtDesk

    @property
    def after(self) -> tuple[CaseSheet, CaseSheet]:
        """What the two sheets say without the link."""
        one, other = self.one.sheet.sheet, self.other.sheet.sheet
        return one.unlinked(other.ref), other.unlinked(one.ref)

    @property
    def refs(self) -> tuple[str, str]:
        """Their references."""
        return self.one.case.ref, self.other.case.ref

    @property
    def counts_again(self) -> bool:
        """Whether one of them becomes a matter of its own."""
        one, other = self.after
        return bool(
            one.same_as != self.one.sheet.sheet.same_as
            or other.same_as != self.other.sheet.sheet.same_as
        )


@bp.get("")
@allows(Permission.READ_CASES)
def ask_unlink(ref: str, other: str) -> ResponseReturnValue:
    pair = _take(ref, other)
    if isinstance(pair, Response):
        return pair
    return _page(pair, _form(pair, fresh=True))


@bp.post("")
@allows(Permission.READ_CASES)
def unlink(ref: str, other: str) -> ResponseReturnValue:
    pair = _take(ref, other)
    if isinstance(pair, Response):
        return pair
    form = _form(pair)
    if not form.validate_on_submit():
        if form.version.errors:
            abort(400)
        return _page(pair, form), 422
    try:
        _part(pair, form)
    except NobodyToAnswer:
        return _page(pair, form, trouble=NOT_HERS), 409
    except Conflict:
        form.follow(pair.one.sheet.sheet.version)
        return _page(pair, form, trouble=MOVED_ON), 409
    except Broken as error:
        log().error("broken", what=type(error).__name__, endpoint="unlinking")
        return _page(pair, form, trouble=NOT_SEALED), 503
    flash(ref, "unlinked")
    return redirect(url_for("links.show_links", ref=ref), code=303)


def _part(pair: Pair, form: UnlinkForm) -> None:
    if form.seen_version() != pair.one.sheet.sheet.version:
        raise Conflict(f"the sheet of {pair.one.case.ref} moved on")
    both = zip((pair.one, pair.other), pair.after, pair.refs[::-1], strict=True)
    with begin_work() as work:
        # In one order for everybody: two who part two cases at once do not wait for each other.
        for at, after, other in sorted(both, key=lambda each: each[0].case.ref):
            save(work, at, after)
            _note(work, at, after, form.said(), beside=other)


def _note(work: Work, at: SheetAtDesk, after: CaseSheet, reason: str, *, beside: str) -> None:
    """Keep the reason for those who may read both cases: to others it tells of a second one."""
    pen = pen_for(work, at)
    case = service.find_case(work, at.case.ref, by=pen.by, hold=True)
    readers = tuple(sheet_keeping.readers_by(after, pen.readers))
    text = ForDesk(f"{NOTED}\n{reason}")
    notes.write_note(work, case, text, by=pen.by, key=pen.key, readers=readers, beside=beside)


def _take(ref: str, other: str) -> Pair | Response:
    """Return two linked cases, both of which she has read.

    Raises:
        Missing: if one is not for her, or they are not linked in a way that can be undone.
    """
    found = take(ref)
    if isinstance(found, Response):
        return found
    if found.sheet.sheet.unlinked(other) == found.sheet.sheet:
        raise Missing("link")
    theirs = take_other(other)
    if theirs is None:
        raise Missing("link")
    return Pair(one=found, other=theirs)


def _form(pair: Pair, *, fresh: bool = False) -> UnlinkForm:
    if not fresh:
        return UnlinkForm(pair.refs)
    return UnlinkForm(pair.refs, formdata=None, data={"version": pair.one.sheet.sheet.version})


def _page(pair: Pair, form: UnlinkForm, *, trouble: str = "") -> str:
    return render_template(
        "casework/unlink.html",
        case=pair.one.case,
        other=pair.other.case.ref,
        counts_again=pair.counts_again,
        form=form,
        trouble=trouble,
    )
