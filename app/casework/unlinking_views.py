"""Two cases that were linked by mistake: the link goes from both sheets, and the reason is kept.

So does, from one sheet, what a concern says of itself by beginning with the words of an alert.
"""

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
from app.casework.sheet_parts import Link, LinkKind
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
NO_ALERT = "It was removed from the case sheet that this is an alert of retaliation: it is none."
CONFIRMED = "The other case says on its own sheet that this alert was sent, so the link stays."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two cases that are linked, both open before her; or one that says of itself that it is."""

    one: SheetAtDesk
    other_ref: str
    # None of an alert that names a case which is not hers, or says nothing of it.
    other: SheetAtDesk | None

    @property
    def refs(self) -> tuple[str, str]:
        """Their references."""
        return self.one.case.ref, self.other_ref

    @property
    def after(self) -> list[tuple[SheetAtDesk, CaseSheet]]:
        """What their sheets say without the link, in one order for everybody.

        Two who part two cases at once do not wait for each other.
        """
        found = [(self.one, self.one.sheet.sheet.unlinked(self.other_ref))]
        if self.other is not None:
            found.append((self.other, self.other.sheet.sheet.unlinked(self.one.case.ref)))
        return sorted(found, key=lambda each: each[0].case.ref)

    @property
    def counts_again(self) -> bool:
        """Whether one of them becomes a matter of its own."""
        return any(after.same_as != at.sheet.sheet.same_as for at, after in self.after)


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
    flash(ref, "unlinked" if pair.other is not None else "no-alert")
    return redirect(url_for("links.show_links", ref=ref), code=303)


def _part(pair: Pair, form: UnlinkForm) -> None:
    if form.seen_version() != pair.one.sheet.sheet.version:
        raise Conflict(f"the sheet of {pair.one.case.ref} moved on")
    with begin_work() as work:
        for at, after in pair.after:
            save(work, at, after)
            _note(work, pair, at, after, form.said())


def _note(work: Work, pair: Pair, at: SheetAtDesk, after: CaseSheet, reason: str) -> None:
    """Keep the reason for those who may read both cases: to others it tells of a second one."""
    pen = pen_for(work, at)
    case = service.find_case(work, at.case.ref, by=pen.by, hold=True)
    readers = tuple(sheet_keeping.readers_by(after, pen.readers))
    # Of what calls itself an alert, everybody who reads it has read which case it names.
    beside = "" if pair.other is None else next(ref for ref in pair.refs if ref != at.case.ref)
    text = ForDesk(f"{NOTED if beside else NO_ALERT}\n{reason}")
    notes.write_note(work, case, text, by=pen.by, key=pen.key, readers=readers, beside=beside)


def _take(ref: str, other: str) -> Pair | Response:
    """Return two linked cases, both of which she has read; or one that calls itself an alert.

    Raises:
        Missing: if one is not for her, or they are not linked in a way that can be undone.
    """
    found = take(ref)
    if isinstance(found, Response):
        return found
    links = found.sheet.sheet.links
    if found.sheet.sheet.unlinked(other) == found.sheet.sheet:
        raise Missing("link")
    theirs, kinds = take_other(other), {one.kind for one in links if one.ref == other}
    alone = kinds == {LinkKind.RETALIATION_FOR}
    if theirs is None and not alone:
        raise Missing("link")
    if LinkKind.RETALIATION_FOR in kinds and theirs is not None and _alerted(theirs, ref):
        page = render_template(
            "casework/step_refused.html", case=found.case, why=CONFIRMED, help=[]
        )
        return Response(page, 409)
    return Pair(one=found, other_ref=other, other=None if alone else theirs)


def _alerted(at: SheetAtDesk, ref: str) -> bool:
    return Link(LinkKind.RETALIATION, ref) in at.sheet.sheet.links


def _form(pair: Pair, *, fresh: bool = False) -> UnlinkForm:
    if not fresh:
        return UnlinkForm(pair.refs)
    return UnlinkForm(pair.refs, formdata=None, data={"version": pair.one.sheet.sheet.version})


def _page(pair: Pair, form: UnlinkForm, *, trouble: str = "") -> str:
    return render_template(
        "casework/unlink.html",
        case=pair.one.case,
        other=pair.other_ref,
        alone=pair.other is None,
        counts_again=pair.counts_again,
        form=form,
        trouble=trouble,
    )
