"""What plans and strategies show: lists, pages, the register, the board's view, the statement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.errors import Missing
from app.identity.domain import Permission, StaffMember
from app.plan.choices import PartKind, Status, Subject, Theme
from app.plan.domain import (
    Action,
    CorporateRisk,
    Evidence,
    Filter,
    Note,
    Plan,
    Recorded,
    Risk,
)
from app.plan.entries import Problem
from app.plan.readers import Around
from app.plan.register import Register
from app.plan.spreadsheet import Line
from app.plan.store import Actions, Plans
from app.plan.trail import EvidenceStore, History, Notes
from app.work import Work

ON_A_PAGE = 50
MOST_OVERDUE = 20  # of the board's view; the list has the rest


@dataclass(frozen=True, slots=True)
class Summary:
    """A plan and how far it is."""

    plan: Plan
    counts: Mapping[Status, int]
    overdue: int

    @property
    def total(self) -> int:
        """How many actions it has."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionList:
    """A page of actions, what it was filtered by, and what it may be filtered by."""

    chosen: Filter
    actions: list[Action]
    total: int
    page: int
    pages: int
    owners: list[tuple[str, str]]
    plans: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFile:
    """An action with everything that belongs to it."""

    plan: Plan
    action: Action
    notes: list[Note]
    evidence: list[Evidence]
    history: list[Recorded]
    risk: Risk | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRegister:
    """The risks of a plan: corporate ones, the integrity risks under each, and what is done."""

    plan: Plan
    corporate: list[CorporateRisk]
    risks: list[Risk]

    def under(self, corporate: int) -> list[Risk]:
        """Return the integrity risks under a corporate one, the heaviest first."""
        return [risk for risk in self.risks if risk.corporate == corporate]

    def at(self, likelihood: int, impact: int) -> list[Risk]:
        """Return the integrity risks in one field of the matrix."""
        return [
            risk for risk in self.risks if (risk.likelihood, risk.impact) == (likelihood, impact)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeTally:
    """How many actions an office owns, and how many of them are done or overdue."""

    id: str
    name: str
    total: int
    done: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """A plan as a board looks at it."""

    summary: Summary
    themes: Mapping[Theme | None, Mapping[Status, int]]
    cited: Mapping[Theme | None, list[str]]
    offices: list[OfficeTally]
    overdue: list[Action]
    risks: list[Risk]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a plan contributes to an annual plan."""

    summary: Summary
    year: int
    actions: list[Action]
    latest: Mapping[int, Note]
    # Numbers of the actions that were done, or decided to be left, in that year, with the day.
    done: Mapping[int, date] = field(default_factory=dict)
    adopted: Mapping[int, date] = field(default_factory=dict)

    def sections(self) -> list[tuple[str, list[Action]]]:
        """Return the actions by section, in the order the sections first appear."""
        found: dict[str, list[Action]] = {}
        for action in self.actions:
            found.setdefault(action.section, []).append(action)
        return list(found.items())


def summaries(work: Work) -> list[Summary]:
    """Return every plan and strategy, by title."""
    actions = Actions(work.session)
    counts, overdue = actions.tally(), actions.tally_overdue(work.today)
    return [
        Summary(plan, counts.get(plan.slug, {}), overdue.get(plan.slug, 0))
        for plan in Plans(work.session).all()
    ]


def find_plan(work: Work, slug: str) -> Plan:
    """Return one plan.

    Raises:
        Missing: if there is none.
    """
    plan = Plans(work.session).find(slug)
    if plan is None:
        raise Missing("plan")
    return plan


def find_action(work: Work, slug: str, number: int) -> Action:
    """Return one action.

    Raises:
        Missing: if there is none.
    """
    action = Actions(work.session).find(slug, number)
    if action is None:
        raise Missing("action")
    return action


def list_actions(work: Work, chosen: Filter, *, page: int) -> ActionList:
    """Return a page of the actions that a filter leaves; beyond the last page, the last."""
    actions = Actions(work.session)
    total = actions.count(chosen, work.today)
    pages = max(1, -(-total // ON_A_PAGE))
    page = min(max(page, 1), pages)
    return ActionList(
        chosen=chosen,
        actions=actions.matching(chosen, work.today, start=(page - 1) * ON_A_PAGE, most=ON_A_PAGE),
        total=total,
        page=page,
        pages=pages,
        owners=actions.owners(chosen.plan),
        plans=Plans(work.session).titles(),
    )


def action_file(work: Work, slug: str, number: int) -> ActionFile:
    """Return an action with its notes, evidence and history.

    Raises:
        Missing: if there is none.
    """
    action = find_action(work, slug, number)
    risk = None if action.risk is None else Register(work.session, slug).find(action.risk)
    return ActionFile(
        plan=find_plan(work, slug),
        action=action,
        notes=Notes(work.session, slug).of(number),
        evidence=EvidenceStore(work.session, slug).of(number),
        history=History(work.session, slug).of(Subject.ACTION, number),
        risk=risk,
    )


def may_update(action: Action, by: StaffMember) -> bool:
    """Say whether `by` may say how far an action is: a lead any, an owner those of her office."""
    if by.may(Permission.EDIT_PLAN):
        return True
    return by.may(Permission.UPDATE_OWN_ACTIONS) and by.office in action.offices


def around(work: Work, plan: Plan) -> Around:
    """Return what actions and risks of a plan may refer to."""
    register = Register(work.session, plan.slug)
    return Around(
        objectives=frozenset(part.position for part in plan.objectives),
        risks=frozenset(risk.number for risk in register.risks()),
        corporate=frozenset(risk.number for risk in register.corporate()),
        forces=plan.forces,
    )


def next_number(work: Work, slug: str) -> int:
    """Return the number that the next action of a plan is offered."""
    return Actions(work.session).highest_number(slug) + 1


def risk_register(work: Work, slug: str) -> RiskRegister:
    """Return the risks of a plan.

    Raises:
        Missing: if there is no such plan.
    """
    register = Register(work.session, slug)
    return RiskRegister(
        plan=find_plan(work, slug), corporate=register.corporate(), risks=register.risks()
    )


def find_risk(work: Work, slug: str, number: int) -> Risk:
    """Return one integrity risk.

    Raises:
        Missing: if there is none.
    """
    risk = Register(work.session, slug).find(number)
    if risk is None:
        raise Missing("risk")
    return risk


def find_corporate(work: Work, slug: str, number: int) -> CorporateRisk:
    """Return one corporate risk.

    Raises:
        Missing: if there is none.
    """
    risk = Register(work.session, slug).find_corporate(number)
    if risk is None:
        raise Missing("corporate risk")
    return risk


def risk_file(work: Work, slug: str, number: int) -> tuple[Risk, list[Action], list[Recorded]]:
    """Return an integrity risk with the actions against it and its history.

    Raises:
        Missing: if there is none.
    """
    return (
        find_risk(work, slug, number),
        Actions(work.session).under_risk(slug, number),
        History(work.session, slug).of(Subject.RISK, number),
    )


def summary(work: Work, slug: str) -> Summary:
    """Return one plan and how far it is.

    Raises:
        Missing: if there is no such plan.
    """
    actions = Actions(work.session)
    counts = actions.tally().get(slug, {})
    return Summary(find_plan(work, slug), counts, actions.tally_overdue(work.today).get(slug, 0))


def board_view(work: Work, slug: str) -> BoardView:
    """Return a plan as a board looks at it.

    Raises:
        Missing: if there is no such plan.
    """
    actions = Actions(work.session)
    late = Filter(plan=slug, overdue=True)
    return BoardView(
        summary=summary(work, slug),
        themes=actions.tally_themes(slug),
        cited=EvidenceStore(work.session, slug).cells_by_theme(),
        offices=[
            OfficeTally(id=id, name=name, total=total, done=done, overdue=overdue)
            for id, name, total, done, overdue in actions.tally_owners(slug, work.today)
        ],
        overdue=actions.matching(late, work.today, start=0, most=MOST_OVERDUE),
        risks=Register(work.session, slug).risks(),
    )


def statement(work: Work, slug: str, year: int) -> Statement:
    """Return what a plan contributes to the annual plan of a year.

    Raises:
        Missing: if there is no such plan.
    """
    history = History(work.session, slug)
    span = {"since": date(year, 1, 1), "before": date(year + 1, 1, 1)}
    return Statement(
        summary=summary(work, slug),
        year=year,
        actions=Actions(work.session).of(slug),
        latest=Notes(work.session, slug).latest(),
        done=history.reached(Status.DONE, **span),
        adopted=history.reached(Status.ADOPTED_NO_CHANGE, **span),
    )


def history(work: Work, slug: str, *, page: int) -> tuple[list[Recorded], int, int]:
    """Return a page of everything that changed in a plan, which page it is, and of how many."""
    changes = History(work.session, slug)
    pages = max(1, -(-changes.count() // ON_A_PAGE))
    page = min(max(page, 1), pages)
    return changes.page(start=(page - 1) * ON_A_PAGE, most=ON_A_PAGE), page, pages


def lines(work: Work, slug: str) -> list[Line]:
    """Return the actions of a plan as a file has them."""
    latest = Notes(work.session, slug).latest()
    return [
        Line(action, latest[action.number].text if action.number in latest else "")
        for action in Actions(work.session).of(slug)
    ]


def notes_and_evidence(
    work: Work, slug: str
) -> tuple[list[tuple[int, Note]], list[tuple[int, Evidence]]]:
    """Return every note and all evidence of a plan, each with its action's number."""
    return Notes(work.session, slug).all(), EvidenceStore(work.session, slug).all()


def cited_cells(work: Work, slug: str) -> list[tuple[int, str]]:
    """Return the ids of the released cells that a plan cites, each with its action's number."""
    found = EvidenceStore(work.session, slug).all()
    return [(number, evidence.cell) for number, evidence in found if evidence.cell is not None]


def still_named(work: Work, revised: Plan) -> list[Problem]:
    """Return what is wrong with a plan whose lists no longer have what is referred to."""
    problems = []
    highest = Actions(work.session).highest_objective(revised.slug)
    if highest > len(revised.objectives):
        said = f"An action names objective {highest}: change that action first"
        problems.append(Problem(PartKind.OBJECTIVE.value, said))
    gone = {risk.force for risk in Register(work.session, revised.slug).risks()} - {
        None,
        *revised.forces,
    }
    if gone:
        said = "A risk names a force that is not in the list any more: change that risk first"
        problems.append(Problem(PartKind.FORCE.value, said))
    return problems
