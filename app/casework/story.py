"""What happened in a case, day by day, in the words of a page: its steps with their reasons.

Letters are told with their day and who wrote them, never with their words.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.casework.clocks import clocks_on
from app.casework.course import course_on
from app.casework.domain import Case
from app.casework.reading import Thread
from app.casework.sheet import CaseSheet
from app.casework.sheet_parts import NO_REFERRAL, Step
from app.casework.sheet_showing import milestones
from app.casework.step_forms import QUESTIONS
from app.casework.vocabulary import vocabulary_on
from app.envelope import thread as threads
from app.envelope.keyring import Former, Keyring, Member

CHOSEN = ("Chosen", "Outcome")

# What a member is called, by her id.
Named = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something that happened in a case, on a day."""

    on: date
    what: str
    who: str = ""
    reasons: tuple[tuple[str, str], ...] = ()
    # The step that it was, if it was one.
    step: Step | None = None

    @property
    def chosen(self) -> list[str]:
        """What was chosen and recorded, without the reasons: they are for the timeline."""
        return [text for heading, text in self.reasons if heading in CHOSEN]


def naming(keyring: Keyring) -> Named:
    """Return what names members, those of before among them."""
    people: tuple[Member | Former, ...] = (*keyring.members, *keyring.former)
    names = {person.id: person.name for person in people}
    return lambda id: names.get(id, id)


def with_reasons(steps: Sequence[Step], older: Sequence[CaseSheet]) -> list[Step]:
    """Return steps with all their reasons: older ones stand in the versions that took them."""
    found = list(steps)
    for sheet in older:
        for at, step in enumerate(sheet.steps[: len(found)]):
            if step.reasons and not found[at].reasons:
                found[at] = step
    return found


def story(
    case: Case, thread: Thread, sheet: CaseSheet, steps: Sequence[Step], *, named: Named, on: date
) -> list[Happened]:
    """Return what happened, by day: of one day as a case comes to it, and letters first.

    Args:
        case: the case.
        thread: its letters.
        sheet: the newest version of its sheet.
        steps: those of the sheet, with their reasons.
        named: what its members are called.
        on: today.
    """
    marks = milestones(clocks_on(on))
    told = [Happened(on=case.received_on, what="The concern was received")]
    told += _letters(thread, named)
    told += [_of_step(step, named) for step in steps]
    told += [Happened(on=one.on, what=marks.get(one.what, one.what)) for one in sheet.milestones]
    told += [
        Happened(on=one.done_on, what=f"Done: {one.text}") for one in sheet.actions if one.done_on
    ]
    told += _before_steps(sheet)
    return sorted(told, key=lambda one: one.on)


def _letters(thread: Thread, named: Named) -> Iterator[Happened]:
    for entry in thread.entries:
        letter = entry.content.letter
        if entry.side is threads.Side.DESKS:
            what, who = "The desk wrote to the reporter", named(letter.author)
            yield Happened(on=entry.postmark, what=what, who=who)
        elif letter.place:
            asks = letter.asks_for_review
            what = "The reporter asked for a review" if asks else "The reporter wrote again"
            yield Happened(on=entry.postmark, what=what)


def _before_steps(sheet: CaseSheet) -> Iterator[Happened]:
    """Yield what the sheet said of triage and closing before it knew steps."""
    said = [(one.on, "Triage ended", one.reason) for one in sheet.triages]
    said += [(one.on, "Closed", one.reason) for one in sheet.closures]
    for on, what, reason in said:
        if not sheet.steps or on < sheet.steps[0].on:
            yield Happened(on=on, what=what, reasons=(("Why", reason),))


def _of_step(step: Step, named: Named) -> Happened:
    course = course_on(step.on)
    known = course.transitions.get(step.id)
    who = named(step.author)
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
        who=f"{who}, confirmed by {named(step.second)}" if step.second else who,
        reasons=tuple(more),
        step=step,
    )
