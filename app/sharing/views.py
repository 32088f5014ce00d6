"""Pages of sharing: an export is asked for, recorded, and sealed while it is downloaded."""

from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from app.audit.service import entries_about
from app.casework import at_desk, writing_desk
from app.casework.attachments import ForgedAttachment
from app.casework.dialogue import NobodyToAnswer
from app.casework.story import naming
from app.casework.vocabulary import vocabulary_on
from app.casework.writing_desk import WritingDesk
from app.envelope.recipients import Recipient
from app.errors import Broken, Busy
from app.identity.access import allows, signed_in, unlocked
from app.identity.domain import Permission
from app.sharing import documents, enclosing, redaction_views, service, telling
from app.sharing.bundle import Document, sealed_bundle, sealed_document
from app.sharing.domain import KINDS, REASONS, CaseTold, ExportKind
from app.sharing.enclosing import Enclosed, TooMuch
from app.sharing.forms import ExportForm
from app.sharing.masking import longest_copied_run
from app.sharing.service import Export
from app.web import paper
from app.web.logs import log
from app.web.request_work import begin_work, look_work

bp = Blueprint("sharing", __name__, url_prefix="/staff/cases/<string:ref>/export")

AGE = "application/octet-stream"
UNGRADED = "Grade the intelligence on the case sheet first (3x5x2)"
NOT_SEALED = (
    "Nothing was exported: nothing can be sealed just now, because the keyring is not valid. Copy "
    "what you wrote to a safe place, and tell whoever runs the system"
)
NOT_HERS = "Nothing was exported: no concern was found here that was sealed to you"
ASK_FIRST = "ask the desk that issued this report before it is shared further"
TOO_MUCH = (
    "The cleaned copies are more than 64 MB together. Enclose the files as they were sent, or take "
    "cleaned copies one by one from the case"
)
BUSY = (
    "Nothing was exported: other files are being cleaned just now. Wait half a minute, and send "
    "this form again as it is"
)
FORGED = "Nothing was exported: a file of this case is not what its letter says"


def blueprints() -> list[Blueprint]:
    """Return the blueprints of this room."""
    return [bp, redaction_views.bp]


@bp.get("")
@allows(Permission.SHARE_CASES)
def ask_export(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, AnyResponse):
        return desk
    return _page(desk, ExportForm(formdata=None))


@bp.post("")
@allows(Permission.SHARE_CASES)
def export(ref: str) -> ResponseReturnValue:
    desk = writing_desk.take(ref)
    if isinstance(desk, AnyResponse):
        return desk
    form = ExportForm()
    if not form.validate_on_submit():
        return _page(desk, form), 422
    case = _told(desk, form)
    if _refuses(form, desk, case):
        return _page(desk, form), 422
    try:
        enclosed = _enclosed(desk, form)
    except ForgedAttachment:
        return _page(desk, form, trouble=FORGED), 409
    except Busy:
        return _page(desk, form, trouble=BUSY), 503
    except TooMuch:
        form.cleaned.errors = [TOO_MUCH]
        return _page(desk, form), 422
    asked = _asked(form)
    return _recorded(desk, form, asked) or _answer(form, asked, case, enclosed)


def _asked(form: ExportForm) -> Export:
    asked = form.export()
    if asked.kind is not ExportKind.INTELLIGENCE:
        return asked
    with look_work() as work:
        return replace(asked, reference=service.new_reference(work.today))


def _recorded(desk: WritingDesk, form: ExportForm, asked: Export) -> ResponseReturnValue | None:
    """Record what leaves; or return the page that says why it does not."""
    try:
        _record(desk, asked)
    except NobodyToAnswer:
        return _page(desk, form, trouble=NOT_HERS), 409
    except Broken as error:
        # Why it leaves, and to whom, is kept as a note: without one, nothing leaves.
        log().error("broken", what=type(error).__name__, endpoint="sharing.export")
        return _page(desk, form, trouble=NOT_SEALED), 503
    return None


def _told(desk: WritingDesk, form: ExportForm) -> CaseTold:
    named = naming(desk.keyring)
    if form.what() is ExportKind.SUBJECT_ACCESS:
        named = telling.unnamed
    with look_work() as work:
        return telling.told(
            work,
            desk,
            about=at_desk.subjects(),
            identity=unlocked().identity,
            entries=entries_about(work, desk.case.ref),
            named=named,
            by=signed_in(),
        )


def _refuses(form: ExportForm, desk: WritingDesk, case: CaseTold) -> bool:
    if form.what() is ExportKind.INTELLIGENCE and not desk.sheet.grade:
        form.kind.errors = [UNGRADED]
        return True
    if form.what() in {ExportKind.INTELLIGENCE, ExportKind.CENTURION}:
        run = longest_copied_run(str(form.words.data), case.from_reporter)
        if run:
            form.refuse_words(run)
            return True
    phrases = form.marked() if form.what() is ExportKind.SUBJECT_ACCESS else []
    if phrases and not documents.has_marks(case, phrases):
        form.refuse_phrases()
        return True
    return False


def _record(desk: WritingDesk, asked: Export) -> None:
    with begin_work() as work:
        writing_desk.sealing_for(work, desk)
        readers = tuple(desk.readers(work))
        if signed_in().id not in {reader.id for reader in readers}:
            raise NobodyToAnswer(f"case {desk.case.ref} was not sealed to {signed_in().id}")
        service.note_export(
            work,
            desk.case.ref,
            asked,
            readers=readers,
            by=signed_in(),
            key=unlocked(),
        )


def _answer(form: ExportForm, asked: Export, case: CaseTold, enclosed: Enclosed) -> Response:
    what, recipient = asked.kind, asked.recipient
    if what is ExportKind.BUNDLE:
        made = _bundle(case, recipient, documents.as_they_are, enclosed, what)
        return _file(made, f"{case.ref}-bundle.tar.age")
    if what is ExportKind.SUBJECT_ACCESS:
        words = documents.marking(form.marked())
        return _file(_bundle(case, recipient, words, enclosed, what), f"{case.ref}-access.tar.age")
    if what is ExportKind.CENTURION:
        row = documents.centurion_row(case, str(form.words.data))
        return _file([sealed_document(Document("row.csv", row), recipient)], "centurion.csv.age")
    report = _report(form, asked, case)
    return _file([sealed_document(Document("report.txt", report), recipient)], "report.txt.age")


def _bundle(
    case: CaseTold,
    recipient: Recipient,
    words: documents.Words,
    enclosed: Enclosed,
    what: ExportKind,
) -> Iterator[bytes]:
    letters = [
        Document(f"letters/{number}.txt", documents.letter_text(one, words).encode())
        for number, one in enumerate(case.letters, 1)
    ]
    page = render_template("sharing/paper.html", case=case, words=words, what=what)
    if paper.can_print():
        printed = Document("case.pdf", paper.write_pdf(page))
    else:
        printed = Document("case.html", page.encode())
    made = [Document("case.json", documents.case_json(case, words)), *letters, printed]
    if what is ExportKind.BUNDLE:
        made.append(Document("audit.json", documents.audit_json(case)))
    head = {"format": "candour-bundle/1", "kind": what.value, "ref": case.ref, **enclosed.said}
    return sealed_bundle(head, [*made, *enclosed.copies], enclosed.files, recipient)


def _report(form: ExportForm, asked: Export, case: CaseTold) -> bytes:
    grade = case.grade
    with look_work() as work:
        words, today = vocabulary_on(work.today), work.today
    return documents.intelligence_report(
        reference=asked.reference,
        written_on=today.isoformat(),
        source=words["source"].get(grade[0], grade[0]),
        information=words["information"].get(grade[1], grade[1]),
        handling=words["handling"].get(grade[2], grade[2]),
        conditions=ASK_FIRST if grade[2] == "C" else "",
        words=str(form.words.data),
    ).encode()


def _enclosed(desk: WritingDesk, form: ExportForm) -> Enclosed:
    if form.what() is not ExportKind.BUNDLE:
        return Enclosed()
    return enclosing.cleaned_copies(desk) if form.cleans() else enclosing.originals(desk)


def _file(content: Iterator[bytes] | list[bytes], name: str) -> Response:
    answer = Response(content, content_type=AGE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _page(desk: WritingDesk, form: ExportForm, *, trouble: str = "") -> str:
    return render_template(
        "sharing/export.html",
        case=desk.case,
        form=form,
        kinds=KINDS,
        reasons=REASONS,
        grade=desk.sheet.grade,
        can_print=paper.can_print(),
        trouble=trouble,
    )
