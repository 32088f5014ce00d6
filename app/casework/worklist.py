"""What somebody on a desk has to do: her cases, nobody's, what is a head's to decide. Pure.

Who is assigned to what is sealed in the case sheets. A work list is made from what she opened with
her own key, in the memory of one process; no column of the database could tell it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from app.casework import clocks
from app.casework.clocks import Clocks, Pressing, Reading, Told
from app.casework.course import Course, Part
from app.casework.domain import Case
from app.casework.sheet import CaseSheet
from app.casework.stepping import CONFLICT
from app.casework.timing import is_alert, read_case, to_do

RETALIATION = "retaliation"
# What a case that was passed on waits in until somebody takes it over.
PASSED_ON = frozenset({"conflict-transfer", "intelligence"})
# Open in almost every state, to a head: it says nothing of whose turn it is.
_ALWAYS_OPEN = frozenset({CONFLICT, "refer-iopc"})


class Turn(Enum):
    """Whose the next step of a case is, as one member sees it."""

    HERS = "hers"
    INVESTIGATOR = "investigator"
    DESK_HEAD = "desk-head"


@dataclass(frozen=True, slots=True)
class Due:
    """What a clock or an action asks for, its last day, and whether a head hears of a breach."""

    what: str
    on: date
    head_is_told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """What a work list keeps of a case sheet: whose it is, where it stands, what runs."""

    state: str
    assignee: str = ""
    investigator: str = ""
    # A reporter was treated badly for speaking up, and this is about that.
    is_alert: bool = False
    # The desk it came from, while nobody here has taken it over.
    came_from: str = ""
    due: tuple[Due, ...] = ()
    # Its sheet is there, and is not what a member of the desk sealed.
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A case on a work list."""

    case: Case
    gist: Gist

    @property
    def next_thing(self) -> str:
        """What is due on the day that stands in clear; empty if nothing is, or a letter alone."""
        return next((due.what for due in self.gist.due if due.on == self.case.due_on), "")

    @property
    def comes_first(self) -> bool:
        """Whether nothing of the same kind goes before it."""
        return self.case.is_urgent or self.gist.is_alert


@dataclass(frozen=True, slots=True)
class Late:
    """A clock that ran out in a case, and whose case it is."""

    item: Item
    due: Due


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkList:
    """Cases by what is to be done about them, each in the order of its days."""

    passed_here: tuple[Item, ...]
    for_head: tuple[Item, ...]
    hers: tuple[Item, ...]
    broken: tuple[Item, ...]
    nobodys: tuple[Item, ...]
    late: tuple[Late, ...]


def gist_of(
    case: Case,
    sheet: CaseSheet,
    *,
    letters: Iterable[date],
    opened_on: date | None,
    course: Course,
    known: Clocks,
) -> Gist:
    """Return what a work list keeps of a case. Arguments as `timing.read_case`."""
    readings = read_case(
        case, sheet, letters=letters, opened_on=opened_on, course=course, known=known
    )
    state = course.fine_state(case.state, sheet.last_state).id
    came_from = sheet.steps[-1].desk if sheet.steps and state in PASSED_ON else ""
    return Gist(
        state=state,
        assignee=sheet.assignee,
        investigator=sheet.investigator,
        is_alert=sheet.category == RETALIATION or is_alert(sheet),
        came_from=came_from if came_from != case.desk else "",
        due=(*_clocks_due(readings), *_actions_due(sheet)),
    )


def _clocks_due(readings: Iterable[Reading]) -> Iterator[Due]:
    for one in readings:
        if one.runs and one.due is not None:
            yield Due(one.clock.label, one.due, one.clock.breach is Told.DESK_HEAD)


def _actions_due(sheet: CaseSheet) -> Iterator[Due]:
    for action in to_do(sheet):
        yield Due(f"To do: {action.text}", action.due, head_is_told=False)


def turn(course: Course, state: str, parts: frozenset[Part]) -> Turn:
    """Return whose turn it is in a fine state, as somebody with these parts sees it."""
    onward = _onward(course, state)
    if onward & parts:
        return Turn.HERS
    return Turn.INVESTIGATOR if Part.INVESTIGATOR in onward else Turn.DESK_HEAD


def pressing(cases: Iterable[Case], today: date) -> dict[Pressing, int]:
    """Return how many of some open cases press how much; what there is none of is left out."""
    found = Counter(clocks.pressing(case.due_on, today) for case in cases)
    return {how: found[how] for how in Pressing if how is not Pressing.LATER and found[how]}


def sees_whole_desk(parts: frozenset[Part]) -> bool:
    """Say whether what nobody did in time, and what only a head decides, is this member's too."""
    return bool(parts & {Part.DESK_HEAD, Part.INDEPENDENT})


def sorted_out(
    cases: Iterable[Case],
    gists: Mapping[str, Gist],
    *,
    me: str,
    parts: frozenset[Part],
    course: Course,
    today: date,
) -> WorkList:
    """Return the work list of one member.

    Args:
        cases: those she has opened, of her desk, in any order.
        gists: what is known of them; a case without one is on no list.
        me: her id.
        parts: what she is on this desk, by `Course.parts_of`.
        course: in force today.
        today: the day.
    """
    found = [Item(case, gists[case.ref]) for case in cases if case.ref in gists]
    found.sort(key=lambda item: (not item.comes_first, item.case.due_on, item.case.ref))
    broken = tuple(item for item in found if item.gist.is_broken)
    found = [item for item in found if not item.gist.is_broken]
    whole = sees_whole_desk(parts)
    plain = parts - {Part.DESK_HEAD}
    late = [Late(item, due) for item in found for due in item.gist.due if due.on < today]
    return WorkList(
        passed_here=tuple(item for item in found if item.gist.came_from),
        for_head=tuple(
            item
            for item in found
            if Part.DESK_HEAD in parts
            and turn(course, item.gist.state, plain) is Turn.DESK_HEAD
            and not item.gist.came_from
        ),
        hers=tuple(item for item in found if me in (item.gist.assignee, item.gist.investigator)),
        broken=broken,
        nobodys=tuple(item for item in found if not item.gist.assignee and not item.gist.came_from),
        late=tuple(sorted(late, key=lambda one: one.due.on)) if whole else (),
    )


def _onward(course: Course, state: str) -> frozenset[Part]:
    return frozenset(
        part
        for step in course.leaving(state)
        if not step.moves and step.id not in _ALWAYS_OPEN
        for part in step.who
    )
