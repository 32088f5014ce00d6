"""The story of a case: its timeline, and a summary on one page to print."""

from collections.abc import Sequence

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.casework import decisions, due_days, sheet_keeping
from app.casework.course import course_on
from app.casework.link_views import WORDS as LINKED
from app.casework.link_views import known_links
from app.casework.sheet_parts import Step
from app.casework.sheet_showing import outcomes, said, with_names
from app.casework.sheet_views import SheetAtDesk, take
from app.casework.story import Happened, naming, story, with_reasons
from app.identity.access import allows, unlocked
from app.identity.domain import Permission
from app.web.request_work import look_work

bp = Blueprint("stories", __name__, url_prefix="/staff/cases/<string:ref>")


# What of a sheet stands in a summary elsewhere.
ELSEWHERE = frozenset({"Triage ended", "Closed", "Last step"})
# A summary is one page of paper. What happened before these stands in the timeline.
ON_PAPER = 14


@bp.get("/timeline")
@allows(Permission.READ_CASES)
def show_timeline(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    return render_template("casework/timeline.html", case=found.case, story=_story(found))


@bp.get("/summary")
@allows(Permission.READ_CASES)
def show_summary(ref: str) -> ResponseReturnValue:
    found = take(ref)
    if isinstance(found, Response):
        return found
    sheet, course = found.sheet.sheet, course_on(found.today)
    letters = decisions.letter_days(found.thread)
    with look_work() as work:
        readings = due_days.readings(work, found.case, sheet, letters)
        links = [(link.ref, LINKED[link.kind]) for link in known_links(work, sheet)]
    return render_template(
        "casework/summary.html",
        case=found.case,
        today=found.today,
        state=course.fine_state(found.case.state, sheet.last_state),
        said=_said(found),
        outcomes=outcomes(sheet, course),
        running=[one for one in readings if one.runs],
        missed=[one for one in readings if one.was_missed or one.was_early],
        links=links,
        story=(told := _story(found))[-ON_PAPER:],
        before=max(0, len(told) - ON_PAPER),
    )


def _said(found: SheetAtDesk) -> dict[str, str]:
    """Return what the sheet says for a summary: people by their names."""
    words = with_names(said(found.sheet.sheet, found.reference), naming(found.keyring))
    return {what: text for what, text in words.items() if text and what not in ELSEWHERE}


def _story(found: SheetAtDesk) -> list[Happened]:
    return story(
        found.case,
        found.thread,
        found.sheet.sheet,
        _steps(found),
        named=naming(found.keyring),
        on=found.today,
    )


def _steps(found: SheetAtDesk) -> Sequence[Step]:
    steps = found.sheet.sheet.steps
    if all(step.reasons for step in steps):
        return steps
    with look_work() as work:
        versions = sheet_keeping.stored(work, found.case.ref)
    keys, identity = found.keyring.verification_keys(), unlocked().identity
    return with_reasons(steps, sheet_keeping.open_all(versions, found.case.ref, identity, keys))
