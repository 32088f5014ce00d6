"""What has to be so before a step is taken, and what to do where it is not. Pure.

The course names these rules beside each step; here stands what each one asks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.casework.course import Course, State, Transition
from app.casework.sheet import CaseSheet
from app.casework.sheet_parts import LinkKind
from app.routing.domain import kind_of

CCU = "ccu"  # the kind of desk, by the routing table
OFFICERS = frozenset({"officer", "special"})
STAFF = frozenset({"staff", "pcso", "volunteer", "contractor"})
FORMAL_FROM = frozenset({"determination", "proceedings"})
REST = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a case when somebody wants to take a step."""

    sheet: CaseSheet
    state: State
    today: date
    # The days on which the desk wrote to the reporter.
    letters: tuple[date, ...]
    # Those who may read it today, and whether the head of their desk is among them.
    readers: frozenset[str]
    head_reads: bool = True
    # The desks it could go to, with somebody there to read it.
    other_desks: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody chose for a step."""

    code: str = ""
    outcomes: tuple[str, ...] = ()


Guard = Callable[[Facts, Asked], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A guard, and what to do where it does not hold."""

    holds: Guard
    help: str


def unmet(step: Transition, facts: Facts, asked: Asked) -> list[str]:
    """Return by name the guards of a step that do not hold."""
    return [name for name in step.guards if not RULES[name].holds(facts, asked)]


def entered(sheet: CaseSheet, state: str) -> date | None:
    """Return the day on which a case last came to a fine state."""
    return next((step.on for step in reversed(sheet.arrivals) if step.to == state), None)


def severity_of(sheet: CaseSheet) -> str:
    """Return the newest severity assessment."""
    found = (step.code for step in reversed(sheet.arrivals) if step.to == "severity-assessed")
    return next(found, "")


def _referral_not_owed(facts: Facts, _asked: Asked) -> bool:
    since = facts.sheet.criterion_on
    referred = entered(facts.sheet, "iopc-referred")
    if since is None and facts.sheet.referral != "mandatory":
        return True
    if referred is not None and (since is None or referred >= since):
        return True
    return any(since is None or day >= since for day in facts.sheet.not_referred_on)


def _severity(*wanted: str) -> Guard:
    return lambda facts, _asked: severity_of(facts.sheet) in wanted or facts.state.id in FORMAL_FROM


def _told_since_outcome(facts: Facts, _asked: Asked) -> bool:
    recorded = entered(facts.sheet, "outcome-recorded")
    return recorded is not None and any(day >= recorded for day in facts.letters)


def _rested(facts: Facts, _asked: Asked) -> bool:
    told = entered(facts.sheet, "feedback-given")
    if told is None:
        return False
    agreed = facts.sheet.milestone("reporter-agreed")
    return facts.today >= told + REST or (agreed is not None and agreed >= told)


def _is_joined(sheet: CaseSheet) -> bool:
    return any(link.kind is LinkKind.DUPLICATE_OF for link in sheet.links)


def _has_since(what: str, state: str) -> Guard:
    def holds(facts: Facts, _asked: Asked) -> bool:
        since, on = entered(facts.sheet, state), facts.sheet.milestone(what)
        return on is not None and (since is None or on >= since)

    return holds


RULES: Mapping[str, Rule] = {
    "placed": Rule(
        lambda facts, _: facts.sheet.is_placed,
        "Say on the case sheet which force and directorate the concern is about, and what it is "
        "about. “Not known” and “not sure” are answers too.",
    ),
    "no-referral-owed": Rule(
        _referral_not_owed,
        "The case sheet says that a criterion for a mandatory referral to the IOPC applies. Refer "
        "it first; or, if that is not to be, a head of the desk decides so with reasons.",
    ),
    "referral-decided": Rule(
        lambda facts, asked: (
            bool(asked.code) and (asked.code != "mandatory" or bool(facts.sheet.criterion))
        ),
        "A mandatory referral names its criterion, and the day on which it first became clear: "
        "write both on the case sheet.",
    ),
    "referral-answered": Rule(
        _has_since("iopc-answered", "iopc-referred"),
        "Write on the case sheet when the IOPC decided how this is to be handled.",
    ),
    "graded": Rule(
        lambda facts, _: bool(facts.sheet.grade),
        "Grade the intelligence on the case sheet: source, information, handling.",
    ),
    "corruption-named": Rule(
        lambda facts, _: bool(facts.sheet.corruption),
        "Choose the category of corruption on the case sheet.",
    ),
    "investigator-assigned": Rule(
        lambda facts, _: facts.sheet.investigator in facts.readers,
        "Assign an investigator who may read this case.",
    ),
    "subject-is-officer": Rule(
        lambda facts, _: facts.sheet.subject in OFFICERS,
        "A severity assessment is for police officers and specials. Say on the case sheet whom "
        "the concern is about.",
    ),
    "subject-is-staff": Rule(
        lambda facts, _: facts.sheet.subject in STAFF,
        "Staff discipline is for police staff, community support officers, volunteers and "
        "contractors. Say on the case sheet whom the concern is about.",
    ),
    "severity-is-misconduct": Rule(
        _severity("misconduct", "gross-misconduct"),
        "An investigation follows an assessment as misconduct or gross misconduct.",
    ),
    "practice-or-determined": Rule(
        _severity("practice"),
        "A reflective practice review follows an assessment as practice requiring improvement.",
    ),
    "performance-or-determined": Rule(
        _severity("performance"), "This follows an assessment as performance or attendance."
    ),
    "vetting-or-determined": Rule(
        _severity("vetting"), "This follows an assessment as a vetting matter."
    ),
    "severity-is-none": Rule(
        _severity("none"), "No further action follows an assessment that says so."
    ),
    "reporter-told": Rule(
        lambda facts, _: bool(facts.letters),
        "Write to the reporter first. Nothing of a concern goes to anybody outside this desk "
        "before its reporter knows.",
    ),
    "asked-if-too-little": Rule(
        lambda facts, asked: "too-little" not in asked.outcomes or bool(facts.letters),
        "Ask the reporter at least once before saying that there is not enough to act on.",
    ),
    "joined-if-duplicate": Rule(
        lambda facts, asked: "duplicate" not in asked.outcomes or _is_joined(facts.sheet),
        "Say first to which case this one is joined: under “Linked cases” on the case sheet, link "
        "it as one that is dealt with as part of that one.",
    ),
    "review-report-received": Rule(
        _has_since("review-report", "rprp"),
        "Write on the case sheet when the reflective review development report was received.",
    ),
    "outcome-told": Rule(
        _told_since_outcome,
        "Write to the reporter what came of it first: no letter was sent since the outcome was "
        "recorded.",
    ),
    "learning-said": Rule(
        lambda facts, _: bool(facts.sheet.learning.strip()),
        "Write on the case sheet what is to be learnt from this, or why there is nothing.",
    ),
    "rested": Rule(
        _rested,
        "A case rests for 28 days after its reporter was told, so that she can come back. If she "
        "agreed that it may be closed, write that on the case sheet.",
    ),
    "another-desk": Rule(
        lambda facts, _: bool(facts.other_desks),
        "There is no other desk with somebody who may read this. Ask the people who keep the "
        "keyring to fill a desk.",
    ),
    "ccu-not-concerned": Rule(
        lambda facts, _: any(kind_of(desk, {CCU}) == CCU for desk in facts.other_desks),
        "The Counter-Corruption Unit cannot take this: there is nobody there who may read it, it "
        "was taken from there because of a conflict, or its reporter was promised that it does "
        "not go there.",
    ),
}


# What a step may miss besides its own guards.
MORE_HELP = {
    "somebody-else": "A second person has to confirm this, and nobody else may read this case. "
    "Open it to a colleague, or pass it to another desk.",
}


def help_for(name: str) -> str:
    """Return what to do where a guard does not hold."""
    return RULES[name].help if name in RULES else MORE_HELP[name]


def check_guards(course: Course) -> set[str]:
    """Return the guards that a course names and nobody wrote."""
    return {name for step in course.transitions.values() for name in step.guards} - RULES.keys()
