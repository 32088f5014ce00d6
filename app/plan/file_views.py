"""The pages of files: a plan's actions as CSV and XLSX, and a CSV file taken in."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from app.identity.access import allows, signed_in
from app.identity.domain import Permission
from app.plan import figures, loading, service
from app.plan.forms import token_holds
from app.plan.pages import bp
from app.plan.spreadsheet import (
    COLUMNS,
    LARGEST_FILE,
    MOST_ROWS,
    CellProblem,
    Line,
    UnfitFile,
    read_csv,
    write_csv,
)
from app.plan.workbook import write_xlsx
from app.web.request_work import begin_statistics, look_statistics
from app.web.uploads import reads_its_own_body, receive

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_TEXT = 4 * 1024  # bytes of the fields beside the file
NO_FILE = "Choose a CSV file"
ADD, REVISE = "add", "revise"


class _Sink:
    """A file's bytes, in memory: it is read whole or not at all, and it is no secret."""

    def __init__(self) -> None:
        self.content = bytearray()

    def write(self, piece: bytes, /) -> None:
        """Take the next piece."""
        self.content += piece

    def finish(self) -> None:
        """Nothing is left to do."""


@bp.get("/<string:slug>/actions.csv")
@allows(Permission.EXPORT)
def export_csv(slug: str) -> ResponseReturnValue:
    with look_statistics() as work:
        service.find_plan(work, slug)
        content = write_csv(service.lines(work, slug))
    return _file(content, "text/csv; charset=utf-8", f"{slug}-actions.csv")


@bp.get("/<string:slug>/actions.xlsx")
@allows(Permission.EXPORT)
def export_xlsx(slug: str) -> ResponseReturnValue:
    with look_statistics() as work:
        plan = service.find_plan(work, slug)
        notes, evidence = service.notes_and_evidence(work, slug)
        cited = figures.described(work, [one.cell for _, one in evidence if one.cell])
        lines = service.lines(work, slug)
        content = write_xlsx(plan, lines, notes, evidence, cited, made_on=work.today)
    return _file(content, XLSX, f"{slug}.xlsx")


def _file(content: bytes, kind: str, name: str) -> Response:
    answer = Response(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.get("/<string:slug>/import")
@allows(Permission.EDIT_PLAN)
def ask_import(slug: str) -> ResponseReturnValue:
    return _page(slug)


# The body holds a file: it is read here, and with it the form's token.
@bp.post("/<string:slug>/import")
@reads_its_own_body
@allows(Permission.EDIT_PLAN)
def import_actions(slug: str) -> ResponseReturnValue:
    sink = _Sink()
    try:
        fields = receive(
            request, lambda *_: sink, largest=LARGEST_FILE + MOST_TEXT, most_text=MOST_TEXT
        )
    except RequestEntityTooLarge:
        mib = LARGEST_FILE // (1024 * 1024)
        return _page(slug, refused=f"The file is larger than {mib} MiB"), 422
    if not token_holds(fields.get("csrf_token", "")):
        abort(400)
    mode = REVISE if fields.get("mode") == REVISE else ADD
    if not sink.content:
        return _page(slug, mode=mode, refused=NO_FILE), 422
    try:
        # Read before anything is locked: a large file takes a while, and others go on writing.
        with look_statistics() as work:
            around = service.around(work, service.find_plan(work, slug))
        lines = read_csv(bytes(sink.content), slug, around)
        with begin_statistics() as work:
            if mode == ADD:
                _refuse_known(lines, {line.action.number for line in service.lines(work, slug)})
            done = loading.import_actions(work, slug, lines, by=signed_in())
    except UnfitFile as unfit:
        return _page(slug, mode=mode, unfit=unfit), 422
    flash(f"{done.new} added, {done.changed} changed, {done.same} as they were", "imported")
    return redirect(url_for("plan.show_actions", plan=slug), code=303)


def _refuse_known(lines: list[Line], known: set[int]) -> None:
    problems = [
        CellProblem(line.row, "Number", f"The plan has an action {line.action.number} already")
        for line in lines
        if line.action.number in known
    ]
    if problems:
        raise UnfitFile(problems)


def _page(slug: str, *, mode: str = ADD, refused: str = "", unfit: UnfitFile | None = None) -> str:
    with look_statistics() as work:
        plan = service.find_plan(work, slug)
    return render_template(
        "plan/import.html",
        plan=plan,
        mode=mode,
        refused=refused,
        unfit=unfit,
        errors=bool(refused or unfit),
        columns=list(COLUMNS),
        most_rows=MOST_ROWS,
        largest_mib=LARGEST_FILE // (1024 * 1024),
    )
