"""A cleaned copy of what came with a letter: what is taken out of it is said, then it is given."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.casework import attachments, cleaning, wording
from app.casework.attachment_views import checked_file
from app.casework.attachments import Checked
from app.casework.cleaning import CannotClean, Cleaned, Obstacle
from app.identity.access import allows
from app.identity.domain import Permission
from app.web.headers import attachment

bp = Blueprint(
    "cleaning",
    __name__,
    url_prefix="/staff/cases/<string:ref>/attachments/<string:entry>/<int:number>/cleaned",
)


@bp.get("")
@allows(Permission.READ_CASES)
def show_cleaned(ref: str, entry: str, number: int) -> ResponseReturnValue:
    checked = checked_file(ref, entry, number, verb="file.opened")
    if not isinstance(checked, Checked):
        return checked
    try:
        return _page(ref, entry, checked, copy=_cleaned(checked))
    except CannotClean as error:
        return _page(ref, entry, checked, obstacle=error.obstacle)


@bp.get("/file")
@allows(Permission.READ_CASES)
def download_cleaned(ref: str, entry: str, number: int) -> ResponseReturnValue:
    checked = checked_file(ref, entry, number, verb="file.cleaned")
    if not isinstance(checked, Checked):
        return checked
    try:
        copy = _cleaned(checked)
    except CannotClean as error:
        return _page(ref, entry, checked, obstacle=error.obstacle), 409
    name = f"attachment-{number}-cleaned.{copy.kind.ending}"
    return attachment(copy.content, copy.kind.media_type, name)


def _cleaned(checked: Checked) -> Cleaned:
    # What cannot be cleaned is not decrypted once more to find that out.
    obstacle = cleaning.obstacle_to(checked.kind, checked.named.size)
    if obstacle is not None:
        raise CannotClean(obstacle)
    return cleaning.clean(attachments.read(checked), checked.kind)


def _page(
    ref: str,
    entry: str,
    checked: Checked,
    *,
    copy: Cleaned | None = None,
    obstacle: Obstacle | None = None,
) -> str:
    return render_template(
        "casework/cleaned.html",
        ref=ref,
        entry=entry,
        number=checked.number,
        label=checked.named.label,
        kind=checked.kind,
        size=wording.size(checked.named.size),
        copy=copy,
        copy_size=wording.size(len(copy.content)) if copy else "",
        obstacle=obstacle,
    )
