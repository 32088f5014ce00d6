"""The board's pages: what many said, force by force, from published figures alone."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from app.identity.access import allows, signed_in
from app.identity.domain import Permission
from app.trends import charts, exports, reading, service, wording
from app.trends.board import Board, board_of
from app.trends.disclosure import margin
from app.trends.domain import Table
from app.trends.published import PublishedRelease
from app.trends.reading import Shown, plan_shown
from app.trends.trend_words import TrendWord
from app.trends.workbook import NAMES, write_workbook
from app.trends.xmr import LOCKED_AT
from app.web import paper
from app.web.request_work import look_statistics

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Writer = Callable[[PublishedRelease], bytes]

bp = Blueprint("trends", __name__, url_prefix="/staff/trends")


@bp.app_template_filter("months")
def _months(period: object) -> str:
    return wording.months_of(period)  # type: ignore[arg-type]  # templates carry no types


def blueprints() -> list[Blueprint]:
    """Return the blueprints of this room."""
    return [bp]


@bp.get("")
@allows(Permission.SEE_TRENDS)
def show_front() -> ResponseReturnValue:
    plan = plan_shown()
    with look_statistics() as work:
        forces = [
            (reading.shown_force(work, force.id), reading.coming(work, force.id, ahead=1))
            for force in plan.forces
        ]
        alliances = [reading.shown_alliance(work, alliance.id) for alliance in plan.alliances]
        today = work.today
    return render_template("trends/front.html", forces=forces, alliances=alliances, today=today)


@bp.get("/what-the-numbers-are")
@allows(Permission.SEE_TRENDS)
def show_meaning() -> ResponseReturnValue:
    plan = plan_shown()
    return render_template(
        "trends/meaning.html",
        plan=plan,
        tables=Table,
        names=NAMES,
        margins={table: margin(plan, table) for table in Table},
    )


@bp.get("/calendar")
@allows(Permission.SEE_TRENDS)
def show_calendar() -> ResponseReturnValue:
    plan = plan_shown()
    with look_statistics() as work:
        forces = [(force, reading.coming(work, force.id)) for force in plan.forces]
    return render_template("trends/calendar.html", forces=forces, names=NAMES)


@bp.get("/forces/<string:force>")
@allows(Permission.SEE_TRENDS)
def show_force(force: str) -> ResponseReturnValue:
    return _board_page("trends/board.html", _force(force))


@bp.get("/alliances/<string:alliance>")
@allows(Permission.SEE_TRENDS)
def show_alliance(alliance: str) -> ResponseReturnValue:
    return _board_page("trends/board.html", _alliance(alliance))


@bp.get("/forces/<string:force>/pack")
@allows(Permission.SEE_TRENDS)
def show_force_pack(force: str) -> ResponseReturnValue:
    return _board_page("trends/pack.html", _force(force), can_print=paper.can_print())


@bp.get("/alliances/<string:alliance>/pack")
@allows(Permission.SEE_TRENDS)
def show_alliance_pack(alliance: str) -> ResponseReturnValue:
    return _board_page("trends/pack.html", _alliance(alliance), can_print=paper.can_print())


@bp.get("/forces/<string:force>/pack.pdf")
@allows(Permission.EXPORT)
def export_force_pack(force: str) -> ResponseReturnValue:
    return _on_paper(_force(force))


@bp.get("/alliances/<string:alliance>/pack.pdf")
@allows(Permission.EXPORT)
def export_alliance_pack(alliance: str) -> ResponseReturnValue:
    return _on_paper(_alliance(alliance))


@bp.get("/forces/<string:force>/releases")
@allows(Permission.SEE_TRENDS)
def show_releases(force: str) -> ResponseReturnValue:
    return render_template("trends/releases.html", shown=_force(force), names=NAMES)


@bp.get("/forces/<string:force>/releases/<int(max=9999):number>")
@allows(Permission.SEE_TRENDS)
def show_release(force: str, number: int) -> ResponseReturnValue:
    with look_statistics() as work:
        found = service.release(work, force, number)
    return render_template(
        "trends/release.html",
        found=found,
        plan=plan_shown(),
        names=NAMES,
        digest=exports.digest(found),
        file_name=exports.file_name(found, "json"),
        about=wording.About,
        may_export=signed_in().may(Permission.EXPORT),
    )


@bp.get("/forces/<string:force>/releases/<int(max=9999):number>.csv")
@allows(Permission.EXPORT)
def export_csv(force: str, number: int) -> ResponseReturnValue:
    return _file(force, number, "csv", "text/csv; charset=utf-8", exports.csv_of)


@bp.get("/forces/<string:force>/releases/<int(max=9999):number>.xlsx")
@allows(Permission.EXPORT)
def export_xlsx(force: str, number: int) -> ResponseReturnValue:
    return _file(force, number, "xlsx", XLSX, lambda found: write_workbook(plan_shown(), found))


@bp.get("/forces/<string:force>/releases/<int(max=9999):number>.json")
@allows(Permission.EXPORT)
def export_json(force: str, number: int) -> ResponseReturnValue:
    return _file(force, number, "json", "application/json", exports.canonical_json)


@bp.get("/forces/<string:force>/releases/<int(max=9999):number>.txt")
@allows(Permission.EXPORT)
def export_note(force: str, number: int) -> ResponseReturnValue:
    return _file(
        force, number, "txt", "text/plain; charset=utf-8", lambda found: found.note.encode()
    )


def _force(force: str) -> Shown:
    with look_statistics() as work:
        return reading.shown_force(work, force)


def _alliance(alliance: str) -> Shown:
    with look_statistics() as work:
        return reading.shown_alliance(work, alliance)


def _board_page(template: str, shown: Shown, *, style: str = "", **more: object) -> str:
    plan = plan_shown()
    board: Board = board_of(plan, shown.tables)
    first = None
    if board.line is None and not shown.is_alliance:
        with look_statistics() as work:
            first = reading.coming(work, shown.id, ahead=1)[0]
    return render_template(
        template,
        shown=shown,
        board=board,
        names={force.id: force.name for force in plan.forces},
        first=first,
        words=TrendWord,
        locked_at=LOCKED_AT,
        line_chart=partial(charts.line_chart, style=style),
        bar_chart=partial(charts.bar_chart, style=style),
        short=wording.short_period,
        may_export=signed_in().may(Permission.EXPORT),
        **more,
    )


def _on_paper(shown: Shown) -> ResponseReturnValue:
    if not paper.can_print():
        return _board_page("trends/pack.html", shown, can_print=False)
    made = paper.write_pdf(_board_page("trends/paper.html", shown, style=paper.drawing_style()))
    newest = shown.newest
    last = "none" if newest is None else str(newest.period)
    return _attachment(made, "application/pdf", f"candour-{shown.id}-board-pack-{last}.pdf")


def _file(force: str, number: int, ending: str, kind: str, write: Writer) -> Response:
    with look_statistics() as work:
        found = service.release(work, force, number)
    return _attachment(write(found), kind, exports.file_name(found, ending))


def _attachment(content: bytes, kind: str, name: str) -> Response:
    answer = Response(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
