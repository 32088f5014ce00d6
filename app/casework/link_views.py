"""Cases that belong together: linked, dealt with as one, and an alert of retaliation."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.casework import at_desk, decisions, retaliation, service
from app.casework.assessment_forms import AlertForm, LinkForm, OverSheet
from app.casework.assessment_views import MOVED_ON
from app.casework.dialogue import NobodyToAnswer
from app.casework.retaliation import NoDesk
from app.casework.sheet import MOST_LINKS, CaseSheet
from app.casework.sheet_parts import LASTING, OTHER_SIDE, Link, LinkKind
from app.casework.sheet_views import NOT_HERS, NOT_SEALED, SheetAtDesk, pen_for, take
from app.envelope.errors import LetterError
from app.errors import Broken, Conflict, Missing
from app.identity.access import allows, signed_in
from app.identity.domain import Permission
from app.web.logs import log
from app.web.request_work import begin_work, look_work
from app.work import Work

bp = Blueprint("links", __name__, url_prefix="/staff/cases/<string:ref>/links")

WORDS = {
    LinkKind.LINKED: "About the same people or the same incident",
    LinkKind.DUPLICATE_OF: "This case is dealt with as part of that one",
    LinkKind.DUPLICATE: "That case is dealt with as part of this one",
    LinkKind.RETALIATION_FOR: "This case says of itself that it is an alert of retaliation for "
    "that one",
    LinkKind.RETALIATION: "An alert of retaliation for this case",
}
PART_OF_ANOTHER = (
    "That case is dealt with as part of another one itself. Name the one it belongs to"
)


@bp.get("")
@allows(Permission.READ_CASES)
def show_links(ref: str) -> ResponseReturnValue:
    found = take(ref)
    return found if isinstance(found, Response) else _page(found)


@bp.post("")
@allows(Permission.READ_CASES)
def add_link(ref: str) -> ResponseReturnValue:
    found, form = take(ref), LinkForm(ref)
    if isinstance(found, Response):
        return found
    if not form.validate_on_submit():
        return _unfit(form, _page(found, form))
    other = take_other(form.other_case())
    if other is None:
        form.refuse_other_case()
        return _page(found, form), 422
    if form.chosen() is LinkKind.DUPLICATE_OF and other.sheet.sheet.same_as:
        form.other.errors = [PART_OF_ANOTHER]
        return _page(found, form), 422
    try:
        _join(found, other, form)
    except (Conflict, Broken) as error:
        return _not_done(ref, form, error)
    flash(ref, "linked")
    return redirect(url_for("links.show_links", ref=ref), code=303)


@bp.post("/alert")
@allows(Permission.READ_CASES)
def alert(ref: str) -> ResponseReturnValue:
    found, form = take(ref), AlertForm()
    if isinstance(found, Response):
        return found
    if not form.validate_on_submit():
        return _unfit(form, _page(found, form))
    try:
        _alert(found, form)
    except NoDesk:
        form.words.errors = ["There is no independent desk with somebody who may read this"]
        return _page(found, form), 409
    except LetterError:
        form.words.errors = ["That is too long for one letter"]
        return _page(found, form), 422
    except (Conflict, Broken) as error:
        return _not_done(ref, form, error)
    flash(ref, "alerted")
    return redirect(url_for("links.show_links", ref=ref), code=303)


def take_other(ref: str) -> SheetAtDesk | None:
    """Return the other case if she has read it; not hers and not there are the same."""
    try:
        found = take(ref)
    except Missing:
        return None
    return None if isinstance(found, Response) else found


def _join(found: SheetAtDesk, other: SheetAtDesk, form: LinkForm) -> None:
    ref, other_ref, kind = found.case.ref, other.case.ref, form.chosen()
    if form.seen_version() != found.sheet.sheet.version:
        raise Conflict(f"the sheet of {ref} moved on")
    with begin_work() as work:
        # In one order for everybody: two who link two cases at once do not wait for each other.
        for at, after in sorted(
            (
                (found, _linked(found.sheet.sheet, kind, other_ref)),
                (other, _linked(other.sheet.sheet, OTHER_SIDE[kind], ref)),
            ),
            key=lambda pair: pair[0].case.ref,
        ):
            save(work, at, after)


def _linked(sheet: CaseSheet, kind: LinkKind, other: str) -> CaseSheet:
    linked = sheet.with_link(kind, other)
    return linked.same_matter_as(other) if kind is LinkKind.DUPLICATE_OF else linked


def save(work: Work, at: SheetAtDesk, after: CaseSheet) -> None:
    """Save the sheet of one of the cases, if it says anything else than before."""
    if after != at.sheet.sheet:
        pen = pen_for(work, at)
        decisions.edit(work, at.case.ref, at.sheet, after, pen=pen)


def _alert(found: SheetAtDesk, form: AlertForm) -> None:
    if form.seen_version() != found.sheet.sheet.version:
        raise Conflict(f"the sheet of {found.case.ref} moved on")
    with look_work() as work:
        situation = decisions.situation(
            work, found.case, found.thread, found.sheet.sheet, found.keyring
        )
        keyring = pen_for(work, found).keyring
    sealed = retaliation.seal(situation, form.said(), keyring, found.thread)
    with begin_work() as work:
        service.find_case(work, found.case.ref, by=signed_in(), hold=True)
        other = retaliation.place(
            work, sealed, found.case.ref, by=signed_in(), objects=at_desk.objects()
        )
        save(work, found, found.sheet.sheet.with_link(LinkKind.RETALIATION, other))


def _not_done(ref: str, form: OverSheet, error: Conflict | Broken) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    if isinstance(error, Broken):
        log().error("broken", what=type(error).__name__, endpoint="links")
    form.follow(found.sheet.sheet.version)
    why = NOT_HERS if isinstance(error, NobodyToAnswer) else MOVED_ON
    if isinstance(error, Broken):
        return _page(found, form, trouble=NOT_SEALED), 503
    return _page(found, form, trouble=why), 409


def _unfit(form: OverSheet, page: str) -> ResponseReturnValue:
    if form.version.errors:
        abort(400)
    return page, 422


def known_links(work: Work, sheet: CaseSheet) -> list[Link]:
    """Return the links of a sheet to cases that she may read: of the others nothing shows."""
    by = signed_in()
    return [link for link in sheet.links if service.may_read(work, link.ref, by=by)]


def _page(found: SheetAtDesk, form: OverSheet | None = None, *, trouble: str = "") -> str:
    sheet = found.sheet.sheet
    with look_work() as work:
        links = known_links(work, sheet)
    over = {"version": sheet.version}
    ref = found.case.ref
    fresh = LinkForm(ref, formdata=None, data=over)
    return render_template(
        "casework/links.html",
        case=found.case,
        links=links,
        # Its letter names that case to whoever reads this one.
        said=[one for one in set(sheet.links) - set(links) if one.kind is LinkKind.RETALIATION_FOR],
        lasting=LASTING,
        full=len(sheet.links) == MOST_LINKS,
        alerted=any(link.kind is LinkKind.RETALIATION for link in sheet.links),
        words=WORDS,
        kinds=[(kind.value, WORDS[kind]) for kind in LinkForm.KINDS],
        form=form,
        link=form if isinstance(form, LinkForm) else fresh,
        alert=form if isinstance(form, AlertForm) else AlertForm(formdata=None, data=over),
        trouble=trouble,
    )
