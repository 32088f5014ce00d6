"""What came with a letter: to look at without opening it, to download after a warning."""

import re

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.casework import at_desk, attachments, cleaning, drafts, wording
from app.casework.at_desk import AtDesk
from app.casework.attachments import Checked, ForgedAttachment
from app.casework.drafts import DraftBroken, DraftOutrun
from app.casework.enclosures import MOST_TEXT
from app.casework.file_kinds import Preview
from app.casework.pictures import LARGEST, MOST_PAGES, Picture, page_drawn, pages_of, redrawn
from app.errors import Missing
from app.identity.access import allows, signed_in, unlocked
from app.identity.domain import Permission
from app.web.headers import in_sandbox
from app.web.request_work import begin_work, look_work

bp = Blueprint("attachments", __name__, url_prefix="/staff")

ENTRY = re.compile(r"[0-9a-f]{32}", re.ASCII)


@bp.get("/cases/<string:ref>/attachments/<string:entry>/<int:number>")
@allows(Permission.READ_CASES)
def download(ref: str, entry: str, number: int) -> ResponseReturnValue:
    checked = checked_file(ref, entry, number, verb="file.downloaded")
    if not isinstance(checked, Checked):
        return checked
    answer = Response(attachments.stream(checked), content_type=checked.kind.media_type)
    answer.content_length = checked.named.size
    answer.headers["Content-Disposition"] = f'attachment; filename="{checked.file_name}"'
    return in_sandbox(answer)


@bp.get("/cases/<string:ref>/attachments/<string:entry>/<int:number>/preview")
@allows(Permission.READ_CASES)
def preview(ref: str, entry: str, number: int) -> ResponseReturnValue:
    checked = checked_file(ref, entry, number, verb="file.opened")
    if not isinstance(checked, Checked):
        return checked
    kind, fits = checked.kind, checked.named.size <= LARGEST
    is_text = kind.preview is Preview.TEXT
    pages = _pages(checked) if kind.preview is Preview.PAGES and fits else 0
    return render_template(
        "casework/preview.html",
        ref=ref,
        entry=entry,
        number=number,
        label=checked.named.label,
        of_desk=checked.of_desk,
        size=wording.size(checked.named.size),
        kind=kind,
        is_picture=kind.preview is Preview.PICTURE and fits,
        text=_text(checked) if is_text else None,
        cut=is_text and checked.named.size > MOST_TEXT,
        pages=pages,
        shown_pages=min(pages, MOST_PAGES),
        page=_page_asked(min(pages, MOST_PAGES)),
        obstacle=cleaning.obstacle_to(kind, checked.named.size),
    )


@bp.get("/cases/<string:ref>/attachments/<string:entry>/<int:number>/picture")
@allows(Permission.READ_CASES)
def picture(ref: str, entry: str, number: int) -> ResponseReturnValue:
    checked = checked_file(ref, entry, number, verb="file.opened")
    if not isinstance(checked, Checked):
        return checked
    if checked.kind.preview is not Preview.PICTURE or checked.named.size > LARGEST:
        raise Missing("picture")
    return _drawn(redrawn(attachments.read(checked)))


@bp.get("/cases/<string:ref>/attachments/<string:entry>/<int:number>/pages/<int:page>")
@allows(Permission.READ_CASES)
def page_picture(ref: str, entry: str, number: int, page: int) -> ResponseReturnValue:
    checked = checked_file(ref, entry, number, verb="file.opened")
    if not isinstance(checked, Checked):
        return checked
    if checked.kind.preview is not Preview.PAGES or checked.named.size > LARGEST:
        raise Missing("page")
    return _drawn(page_drawn(attachments.read(checked), page))


def checked_file(ref: str, entry: str, number: int, *, verb: str) -> Checked | ResponseReturnValue:
    """Return a checked attachment and record that it is taken out; or the page to answer with.

    Args:
        ref: of the case.
        entry: the id of a letter in it, or of the text that waits for a second reader.
        number: of the file, counted from 1.
        verb: what is recorded.

    Raises:
        Missing: if she may not read the case, or it has no such attachment.
    """
    found = at_desk.take(ref)
    if not isinstance(found, AtDesk):
        return found
    if not ENTRY.fullmatch(entry):
        raise Missing("entry")
    try:
        checked = _waiting(found, bytes.fromhex(entry), number) or attachments.check(
            found.folder,
            bytes.fromhex(entry),
            number,
            identity=unlocked().identity,
            keyring=found.keyring,
            objects=at_desk.objects(),
        )
    except (ForgedAttachment, DraftBroken):
        return _forged(ref, entry)
    with begin_work() as work:
        attachments.note_opening(work, ref, checked, verb, by=signed_in())
    return checked


def _waiting(found: AtDesk, id: bytes, number: int) -> Checked | None:
    """Return the file of the text that waits in a case, if `id` is that text's."""
    case, keys = found.folder.case, found.keyring.verification_keys()
    with look_work() as work:
        stored = drafts.stored(work, case.ref)
    if stored is None or stored.id != id:
        return None
    # Opened between two transactions: it takes milliseconds, and neither need wait for it.
    draft = drafts.open_draft(stored, case, unlocked().identity, keys)
    if draft is None:
        return None
    try:
        with look_work() as work:
            payload = drafts.payload_of(work, draft)
    except DraftOutrun:
        return None
    return attachments.check_brought(draft.bringing(payload), number)


def _forged(ref: str, entry: str) -> ResponseReturnValue:
    with begin_work() as work:
        attachments.note_forgery(work, ref, bytes.fromhex(entry), by=signed_in())
    return render_template("casework/forged.html", ref=ref), 409


def _drawn(drawn: Picture | None) -> Response:
    if drawn is None:
        raise Missing("picture")
    return in_sandbox(Response(drawn.content, content_type=drawn.media_type))


def _pages(checked: Checked) -> int:
    return pages_of(attachments.read(checked))


def _page_asked(pages: int) -> int:
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1
    return number if 1 <= number <= pages else 1


def _text(checked: Checked) -> str:
    head = attachments.read_head(checked, MOST_TEXT)
    return head.decode("utf-8", "replace")
