"""The course of a case: its fine states, the steps between them, and who may take which. Pure.

The project's own data, in versions. The fine state is sealed in the case sheet; in clear stands
the coarse state it belongs to, and all fine states of one coarse state are told to a reporter in
the same words, or those words would tell the fine one.

Source: docs/adr/0014-the-fine-state-is-sealed.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

from app.casework.domain import CaseState
from app.casework.sheet_parts import NO_REFERRAL
from app.editions import in_force
from app.envelope.strict_json import (
    Json,
    UnfitJson,
    integer_in,
    names_of,
    object_in,
    objects_in,
    read_object,
    text_in,
    texts_in,
)
from app.identity.domain import Role
from app.routing.domain import kind_of

FOLDER = Path(__file__).with_name("data")
FORMAT = "candour-course/1"
START = "sealed"
END = "closed"
_NAMES = (
    "format", "version", "effective_from", "desks", "states", "transitions", "retired", "lists",
    "outcomes",
)  # fmt: skip


class Phase(StrEnum):
    """The phases of handling a concern (ISO 37002:2021, clauses 8.2 to 8.5)."""

    RECEIVE = "receive"
    ASSESS = "assess"
    ADDRESS = "address"
    CONCLUDE = "conclude"


class Part(StrEnum):
    """What somebody is to one case: by her role and desk, or because she investigates it."""

    HANDLER = "handler"
    DESK_HEAD = "desk-head"
    # On the desk for counter-corruption.
    COVERT = "ccu"
    # On a desk apart from the force's own departments: everybody there takes every step.
    INDEPENDENT = "independent"
    INVESTIGATOR = "investigator"


class Reasons(StrEnum):
    """How much a step asks for: nothing, one reason, or one under every heading."""

    NONE = "none"
    SHORT = "short"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class State:
    """A fine state."""

    id: str
    label: str
    phase: Phase
    coarse: CaseState
    # What a reporter is told, whatever the desk.
    public: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One code of a list that a step asks for."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class OutcomeKind:
    """What a case may come to, and the class that it is counted and told by."""

    id: str
    label: str
    outcome_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A step from any of some states to one, or one that is decided and leads nowhere."""

    id: str
    origins: tuple[str, ...]
    # Empty for a step after which the case is where it was.
    to: str
    label: str
    who: frozenset[Part]
    guards: tuple[str, ...]
    reasons: Reasons
    # Whether a second person has to confirm it.
    second: bool
    # The list whose code it asks for, if any.
    asks: str
    # The kind of desk it takes the case to: "ccu", "any" that is not this one, or nothing.
    moves: str
    # The outcomes that it may record; one at least, where there are any.
    outcomes: tuple[str, ...]

    def moves_to(self, desk: str) -> bool:
        """Say whether it takes a case to a desk like this one, a force's own included."""
        return bool(self.moves) and self.moves in {"any", kind_of(desk, {self.moves})}

    def leads_to(self, state: str) -> str:
        """Return the fine state that a case in `state` is in after this step."""
        return self.to or state


Thing = TypeVar("Thing", State, Transition, OutcomeKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One version of all of it."""

    version: int
    effective_from: date
    desks: Mapping[str, str]
    states: Mapping[str, State]
    transitions: Mapping[str, Transition]
    # Steps that stand on older sheets, and that nobody takes any more.
    retired: tuple[Choice, ...]
    lists: Mapping[str, tuple[Choice, ...]]
    outcomes: Mapping[str, OutcomeKind]

    def leaving(self, state: str) -> list[Transition]:
        """Return the steps that leave a fine state, whoever may take them."""
        return [one for one in self.transitions.values() if state in one.origins]

    def step_between(self, state: str, id: str) -> Transition | None:
        """Return the step `id`, if it is one of the table and leaves `state`."""
        found = self.transitions.get(id)
        return found if found is not None and state in found.origins else None

    def parts_of(self, role: Role, desk: str, *, investigates: bool = False) -> frozenset[Part]:
        """Return what somebody with this role on this desk is to a case there."""
        if role not in {Role.HANDLER, Role.DESK_HEAD}:
            return frozenset()
        parts = {Part.INVESTIGATOR} if investigates else set[Part]()
        kind = self.desks.get(kind_of(desk, self.desks))
        if kind is None:
            return frozenset(parts | {Part.INDEPENDENT})
        parts.add(Part.COVERT if kind == "covert" else Part.HANDLER)
        if role is Role.DESK_HEAD:
            parts.add(Part.DESK_HEAD)
        return frozenset(parts)

    def default_state(self, coarse: CaseState) -> str:
        """Return the fine state of a case whose sheet says nothing finer."""
        return {
            CaseState.SEALED: "sealed",
            CaseState.OPENED: "opened",
            CaseState.TRIAGE: "triage",
            CaseState.UNDER_WAY: "under-way",
            CaseState.CLOSED: "closed",
        }[coarse]

    def fine_state(self, coarse: CaseState, last: str) -> State:
        """Return where a case is: what its last step led to, if that agrees with what is in clear.

        A case goes from one coarse state to another without a sheet only by being opened, by the
        start of its triage, and before this format of the sheet.
        """
        found = self.states.get(last)
        if found is not None and found.coarse is coarse:
            return found
        return self.states[self.default_state(coarse)]

    def label_of_step(self, id: str) -> str:
        """Return the words for a step, of the table or once of it; its id if it never was."""
        if id in self.transitions:
            return self.transitions[id].label
        return next((one.label for one in self.retired if one.id == id), id)

    def label_of(self, list_name: str, code: str) -> str:
        """Return the words for a code of a list; the code itself if the list has none."""
        known = self.lists.get(list_name, ())
        return next((choice.label for choice in known if choice.id == code), code)


def ends_triage(course: Course, state: str, to: str) -> bool:
    """Say whether a step from `state` to `to` ends a triage: it leaves assessment for more."""
    before, after = course.states[state].phase, course.states[to].phase
    return before is Phase.ASSESS and after in {Phase.ADDRESS, Phase.CONCLUDE}


def course_on(day: date) -> Course:
    """Return the version in force on `day`, or the first before there was one."""
    return in_force(_versions(), day)


@cache
def _versions() -> tuple[Course, ...]:
    return tuple(read_course(file.read_bytes()) for file in sorted(FOLDER.glob("course-*.json")))


def read_course(content: bytes) -> Course:
    """Return the course in a file.

    Raises:
        UnfitJson: if it is malformed in any particular, has a state that no way leads to or
            from, or names what it does not have.
    """
    found = read_object(content)
    names_of(found, _NAMES)
    if text_in(found, "format") != FORMAT:
        raise UnfitJson("the course is of another format")
    desks, lists = object_in(found, "desks"), object_in(found, "lists")
    course = Course(
        version=integer_in(found, "version", least=1),
        effective_from=_day(text_in(found, "effective_from")),
        desks={desk: text_in(desks, desk) for desk in desks},
        states=_by_id(map(_state, objects_in(found, "states"))),
        transitions=_by_id(map(_transition, objects_in(found, "transitions"))),
        retired=tuple(map(_choice, objects_in(found, "retired"))),
        lists={name: tuple(map(_choice, objects_in(lists, name))) for name in lists},
        outcomes=_by_id(map(_outcome, objects_in(found, "outcomes"))),
    )
    _refuse_unfit(course)
    return course


def _by_id(things: Iterable[Thing]) -> dict[str, Thing]:
    found = list(things)
    by_id = {thing.id: thing for thing in found}
    if not found or len(by_id) != len(found):
        raise UnfitJson("an id stands twice, or there is none")
    return by_id


def _state(found: dict[str, Json]) -> State:
    names_of(found, ("id", "label", "phase", "coarse", "public"))
    try:
        return State(
            text_in(found, "id"),
            text_in(found, "label"),
            Phase(text_in(found, "phase")),
            CaseState(text_in(found, "coarse")),
            text_in(found, "public"),
        )
    except ValueError:
        raise UnfitJson("a state has a phase or a coarse state that is none") from None


def _transition(found: dict[str, Json]) -> Transition:
    names_of(
        found,
        ("id", "from", "to", "label", "who", "guards", "reasons", "second", "asks", "moves",
         "outcomes"),
    )  # fmt: skip
    if not isinstance(found["second"], bool):
        raise UnfitJson("a step needs a second person, or it does not")
    try:
        return Transition(
            id=text_in(found, "id"),
            origins=texts_in(found, "from"),
            to=text_in(found, "to"),
            label=text_in(found, "label"),
            who=frozenset(map(Part, texts_in(found, "who"))),
            guards=texts_in(found, "guards"),
            reasons=Reasons(text_in(found, "reasons")),
            second=found["second"],
            asks=text_in(found, "asks"),
            moves=text_in(found, "moves"),
            outcomes=texts_in(found, "outcomes"),
        )
    except ValueError:
        raise UnfitJson("a step names a role or reasons that there are none of") from None


def _choice(found: dict[str, Json]) -> Choice:
    names_of(found, ("id", "label"))
    return Choice(text_in(found, "id"), text_in(found, "label"))


def _outcome(found: dict[str, Json]) -> OutcomeKind:
    names_of(found, ("id", "label", "class"))
    return OutcomeKind(text_in(found, "id"), text_in(found, "label"), text_in(found, "class"))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnfitJson("a date is not one") from None


def _refuse_unfit(course: Course) -> None:
    for step in course.transitions.values():
        _refuse_unfit_step(course, step)
    if any(one.id in course.transitions for one in course.retired):
        raise UnfitJson("a step is retired and in the table")
    told: dict[CaseState, str] = {}
    for state in course.states.values():
        if told.setdefault(state.coarse, state.public) != state.public:
            raise UnfitJson("two states of one coarse state are told in different words")
    if lost := _lost(course):
        raise UnfitJson(f"no way leads to, or none from, {', '.join(sorted(lost))}")


def _refuse_unfit_step(course: Course, step: Transition) -> None:
    for holds, fault in (
        (bool(step.origins), "begins nowhere"),
        (set(step.origins) <= course.states.keys(), "leads from nowhere"),
        (not step.to or step.to in course.states, "leads to nowhere"),
        # A sheet has to know which of its steps were no arrival anywhere.
        ((step.id == NO_REFERRAL) == (not step.to), "stays where it is, or ought to"),
        (bool(step.who), "is nobody's"),
        (step.moves in {"", "any", "ccu"}, "moves to no desk"),
        (not step.asks or step.asks in course.lists, "asks for a list that is not there"),
        (set(step.outcomes) <= course.outcomes.keys(), "records an outcome that is none"),
    ):
        if not holds:
            raise UnfitJson(f"the step {step.id} {fault}")


def _lost(course: Course) -> set[str]:
    """Return the states that cannot be reached from the start, or from which no way closes."""
    needed = {START, END, *(course.default_state(one) for one in CaseState)}
    if missing := needed - course.states.keys():
        return missing
    steps = [
        (origin, one.leads_to(origin))
        for one in course.transitions.values()
        for origin in one.origins
    ]
    forwards = _closure({START}, steps)
    backwards = _closure({END}, [(to, origin) for origin, to in steps])
    leaves = {origin for origin, _ in steps}
    return {id for id in course.states if not (id in forwards and id in backwards and id in leaves)}


def _closure(begun: set[str], steps: list[tuple[str, str]]) -> set[str]:
    reached = set(begun)
    while more := {to for origin, to in steps if origin in reached} - reached:
        reached |= more
    return reached
