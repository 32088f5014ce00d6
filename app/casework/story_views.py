"""The story of a case: its timeline, and a summary on one page to print."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.casework import breaches, decisions, due_days, sheet_keeping
from app.casework.clocks import clocks_on
from app.casework.course import course_on
from app.casework.domain import CaseState
from app.casework.link_views import WORDS as LINKED
from app.casework.link_views import known_links
from app.casework.sheet import CaseSheet
from app.casework.sheet_parts import NO_REFERRAL, Step
from app.casework.sheet_showing import said
from app.casework.sheet_views import SheetAtDesk, take
from app.casework.step_forms import QUESTIONS
from app.casework.vocabulary import vocabulary_on
from app.envelope import thread as threads
from app.envelope.keyring import Former, Member
from app.identity.access import allows, unlocked
from app.identity.domain import Permission
from app.web.request_work import look_work

bp = Blueprint("stories", __name__, url_prefix="/staff/cases/<string:ref>")


CHOSEN = ("Chosen", "Outcome")
# What of a sheet stands in a summary elsewhere, and who is named on it by an id.
ELSEWHERE = frozenset({"Triage ended", "Closed", "Last step"})
PEOPLE = frozenset({"Whose case it is", "Investigator", "Read by these alone", "Left out"})
# A summary is one page of paper. What happened before these stands in the timeline.
ON_PAPER = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something that happened in a case, on a day."""

    on: date
    what: str
    who: str = ""
    reasons: tuple[tuple[str, str], ...] = ()

    @property
    def chosen(self) -> list[str]:
        """What was chosen and recorded, without the reasons: they are for the timeline."""
        return [text for heading, text in self.reasons if heading in CHOSEN]


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
        outcomes=[course.outcomes[one].label for one in sheet.outcomes if one in course.outcomes],
        running=[one for one in readings if one.runs],
        missed=[one for one in readings if one.was_missed or one.was_early],
        links=links,
        story=(story := _story(found))[-ON_PAPER:],
        before=max(0, len(story) - ON_PAPER),
    )


def _said(found: SheetAtDesk) -> dict[str, str]:
    """Return what the sheet says for a summary: people by their names."""
    names = _names(found)
    words = said(found.sheet.sheet, found.reference)
    return {
        what: ", ".join(names.get(one, one) for one in text.split(", ")) if what in PEOPLE else text
        for what, text in words.items()
        if text and what not in ELSEWHERE
    }


def _names(found: SheetAtDesk) -> dict[str, str]:
    people: tuple[Member | Former, ...] = (*found.keyring.members, *found.keyring.former)
    return {person.id: person.name for person in people}


def _story(found: SheetAtDesk) -> list[Happened]:
    """Return what happened, by day: of one day as a case comes to it, and letters first."""
    names = _names(found)
    sheet = found.sheet.sheet
    known = clocks_on(found.today)
    marks = {one.id: one.label for one in known.milestones} | breaches.labels(known)
    story = [Happened(on=found.case.received_on, what="The concern was received")]
    for entry in found.thread.entries:
        letter = entry.content.letter
        if entry.side is threads.Side.DESKS:
            who = names.get(letter.author, letter.author)
            story.append(
                Happened(on=entry.postmark, what="The desk wrote to the reporter", who=who)
            )
        elif letter.place:
            asks = letter.asks_for_review
            what = "The reporter asked for a review" if asks else "The reporter wrote again"
            story.append(Happened(on=entry.postmark, what=what))
    story += [_of_step(step, names) for step in _steps(found)]
    story += [Happened(on=one.on, what=marks.get(one.what, one.what)) for one in sheet.milestones]
    story += [
        Happened(on=one.done_on, what=f"Done: {one.text}") for one in sheet.actions if one.done_on
    ]
    if not sheet.steps:
        # Written before a sheet knew steps.
        story += [
            Happened(on=one.on, what="Triage ended", reasons=(("Why", one.reason),))
            for one in sheet.triages
        ]
        story += [
            Happened(on=one.on, what="Closed", reasons=(("Why", one.reason),))
            for one in sheet.closures
        ]
    return sorted(story, key=lambda one: one.on)


def _of_step(step: Step, names: dict[str, str]) -> Happened:
    course = course_on(step.on)
    known = course.transitions.get(step.id)
    who = names.get(step.author, step.author)
    chosen = course.label_of(known.asks, step.code) if known and step.code else step.code
    if step.id == NO_REFERRAL:
        chosen = vocabulary_on(step.on)["criterion"].get(step.code, step.code)
    outcomes = [course.outcomes[one].label for one in step.outcomes if one in course.outcomes]
    more = [("Chosen", chosen)] if chosen else []
    more += [("Outcome", label) for label in outcomes]
    more += [(QUESTIONS.get(name, name), text) for name, text in step.reasons.items()]
    return Happened(
        on=step.on,
        what=course.label_of_step(step.id),
        who=f"{who}, confirmed by {names.get(step.second, step.second)}" if step.second else who,
        reasons=tuple(more),
    )


def _steps(found: SheetAtDesk) -> list[Step]:
    """Return the steps with all their reasons: older ones stand in the versions that took them."""
    steps = list(found.sheet.sheet.steps)
    if found.case.state is CaseState.SEALED or all(step.reasons for step in steps):
        return steps
    for sheet in _older(found):
        for at, step in enumerate(sheet.steps[: len(steps)]):
            if step.reasons and not steps[at].reasons:
                steps[at] = step
    return steps


def _older(found: SheetAtDesk) -> list[CaseSheet]:
    with look_work() as work:
        versions = sheet_keeping.stored(work, found.case.ref)
    keys, identity = found.keyring.verification_keys(), unlocked().identity
    return [
        sheet_keeping.open_version(one, found.case.ref, identity, keys).sheet for one in versions
    ]
