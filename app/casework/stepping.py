"""Taking a step of the course, on paper: may it be taken, and what the sheet says after it. Pure.

Reading, sealing and storing are around this, in `steps.py`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from app.casework.course import Course, Part, Reasons, Transition, ends_triage
from app.casework.guards import Asked, Facts, unmet
from app.casework.need_to_know import passed_on
from app.casework.sheet import MOST_STEPS, CaseSheet
from app.casework.sheet_parts import HEADINGS, LONGEST_REASON, NO_REFERRAL, NOT_REFERRED, Step
from app.errors import Conflict

CONFLICT = "declare-conflict"
REOPENING, MISTAKE = "reopen", "mistake"


class StepRefused(Conflict):
    """The step cannot be taken by her, from here, or yet; `unmet` names what is missing."""

    def __init__(self, why: str, *, unmet: Collection[str] = ()) -> None:
        super().__init__(why)
        self.unmet = tuple(unmet)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A step that somebody wants to take: with which codes, and why."""

    step: str
    asked: Asked
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who takes a step, on which desk, and who confirms it."""

    author: str
    desk: str
    parts: frozenset[Part]
    second: str = ""


def headings_of(reasons: Reasons) -> tuple[str, ...]:
    """Return the headings under which a step asks for words."""
    return {Reasons.NONE: (), Reasons.SHORT: HEADINGS[-1:], Reasons.FULL: HEADINGS}[reasons]


def needed(reasons: Reasons) -> tuple[str, ...]:
    """Return the headings that may not stay empty: what is known, and what is decided."""
    if reasons is Reasons.FULL:
        return (HEADINGS[0], HEADINGS[-1])
    return headings_of(reasons)


def may_take(step: Transition, facts: Facts, hand: Hand) -> bool:
    """Say whether a step is for this hand: by its own part, or for want of a head.

    Where no head of the desk may read a case, what is a head's to decide is for any two of its
    readers together. Otherwise a case whose head is its subject could never come to an end.
    """
    return bool(step.who & hand.parts) or _stands_in(step, facts, hand)


def needs_second(step: Transition, hand: Hand) -> bool:
    """Say whether somebody else has to confirm a step that this hand takes."""
    return step.second or not step.who & hand.parts


def open_steps(course: Course, facts: Facts, hand: Hand) -> list[Transition]:
    """Return the steps that lead on from here and that this hand may take."""
    return [one for one in course.leaving(facts.state.id) if may_take(one, facts, hand)]


def check(course: Course, facts: Facts, wish: Wish, hand: Hand) -> Transition:
    """Return the step that a wish names, if it may be taken now.

    Raises:
        StepRefused: if it is not in the table, not from here, not hers, or something is missing.
    """
    step = course.step_between(facts.state.id, wish.step)
    if step is None:
        raise StepRefused(f"{wish.step} does not lead on from {facts.state.id}")
    if not may_take(step, facts, hand):
        raise StepRefused(f"{wish.step} is not for {hand.author} to take")
    if not _codes_fit(course, step, wish.asked):
        raise StepRefused(f"{wish.step} was given a code that it does not ask for")
    if not _reasons_fit(step, wish.reasons):
        raise StepRefused(f"{wish.step} was given no reasons, or not its own")
    if missing := unmet(step, facts, wish.asked):
        raise StepRefused(f"{wish.step} is missing {', '.join(missing)}", unmet=missing)
    if len(facts.sheet.steps) == MOST_STEPS:
        raise StepRefused(f"case {facts.sheet.ref} has come too far")
    return step


def taken(course: Course, facts: Facts, wish: Wish, hand: Hand) -> CaseSheet:
    """Return what the sheet says once the step was taken.

    Raises:
        StepRefused: as `check`, or if it needs a second person and there is none.
    """
    step = check(course, facts, wish, hand)
    if needs_second(step, hand) and hand.second in {"", hand.author}:
        raise StepRefused(f"{wish.step} is to be confirmed by a second person")
    to = step.leads_to(facts.state.id)
    stays = step.id == NO_REFERRAL
    sheet = facts.sheet.with_step(
        Step(
            id=step.id,
            to=to,
            on=facts.today,
            desk=hand.desk,
            author=hand.author,
            second=hand.second if needs_second(step, hand) else "",
            # Of a referral that is not made: the criterion that was considered.
            code=facts.sheet.criterion if stays else wish.asked.code,
            outcomes=wish.asked.outcomes,
            reasons={name: wish.reasons[name] for name in HEADINGS if wish.reasons.get(name)},
        )
    )
    reason = wish.reasons.get(HEADINGS[-1], "")
    if ends_triage(course, facts.state.id, to):
        sheet = sheet.with_triage_ended(facts.today, reason)
    if to == "closed" and sheet.outcomes:
        main = course.outcomes[sheet.outcomes[0]].outcome_class
        mended = _was_a_mistake(facts.sheet)
        sheet = sheet.with_closing(facts.today, main, reason, mended=mended)
    if stays or step.asks == "referral":
        sheet = replace(sheet, referral=NOT_REFERRED if stays else wish.asked.code)
    if step.moves:
        sheet = passed_on(sheet, left_desk=hand.desk, conflict=step.id == CONFLICT)
    return sheet


def _was_a_mistake(sheet: CaseSheet) -> bool:
    """Say whether the last closing was taken up because of a mistake in how it was decided.

    The next closing then takes its place, and the count follows: what a matter counts as can be
    put right, by the reasons of these steps and by two people.
    """
    found = (one for one in reversed(sheet.steps) if one.id == REOPENING or one.to == "closed")
    last = next(found, None)
    return last is not None and (last.id, last.code) == (REOPENING, MISTAKE)


def _stands_in(step: Transition, facts: Facts, hand: Hand) -> bool:
    of_desk = hand.parts & {Part.HANDLER, Part.COVERT}
    return Part.DESK_HEAD in step.who and bool(of_desk) and not facts.head_reads


def _codes_fit(course: Course, step: Transition, asked: Asked) -> bool:
    known = {choice.id for choice in course.lists.get(step.asks, ())}
    outcomes = asked.outcomes
    return (
        (asked.code in known if step.asks else not asked.code)
        and set(outcomes) <= set(step.outcomes)
        and len(set(outcomes)) == len(outcomes)
        and bool(outcomes) == bool(step.outcomes)
    )


def _reasons_fit(step: Transition, reasons: Mapping[str, str]) -> bool:
    given = {name: text for name, text in reasons.items() if text}
    return (
        set(needed(step.reasons)) <= given.keys() <= set(headings_of(step.reasons))
        and all(len(text) <= LONGEST_REASON for text in given.values())
        and all(given[name].strip() for name in needed(step.reasons))
    )
