"""From named texts to risks, actions, notes and evidence: what each must have and may have."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, TypeVar

from app.plan.choices import (
    SCALE,
    ActionKind,
    EvidenceKind,
    PartKind,
    PlanKind,
    Priority,
    Status,
    Theme,
)
from app.plan.domain import (
    HIGHEST_NUMBER,
    LONGEST_TITLE,
    MONTHS_OF_REVIEW,
    RESERVED,
    SLUG,
    Action,
    CorporateRisk,
    Part,
    Plan,
    Risk,
)
from app.plan.entries import Entry, Problem, as_line, as_text

Thing = TypeVar("Thing")

NUMBERS = range(1, HIGHEST_NUMBER + 1)
MOST_PARTS = 60  # lines of one list
NEEDS_NOTE = "Say what was decided and why: “adopted, no change” is a decision"


@dataclass(frozen=True, slots=True)
class Read(Generic[Thing]):
    """What was read, and what is wrong with it. Only without problems is it fit to be stored."""

    thing: Thing
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class Around:
    """What an action or a risk may refer to: the numbers and forces of its plan."""

    objectives: frozenset[int] = frozenset()
    risks: frozenset[int] = frozenset()
    corporate: frozenset[int] = frozenset()
    forces: tuple[str, ...] = ()


def number_of(given: Mapping[str, str]) -> Read[int]:
    """Read an action's number."""
    entry = Entry(given)
    number = entry.whole("number", "The number", NUMBERS)
    if number is None:
        entry.refuse("number", "The number must be filled in")
    return Read(number or 0, entry.problems)


def action_of(
    plan: str, number: int, given: Mapping[str, str], around: Around, *, version: int = 1
) -> Read[Action]:
    """Read an action. What is left empty is not stated, and stays so."""
    entry = Entry(given)
    action = Action(
        plan=plan,
        number=number,
        title=entry.line("title", "The action", required=True, longest=LONGEST_TITLE),
        section=entry.line("section", "The section"),
        details=entry.text("details", "The details"),
        kind=entry.choice("kind", "The kind", ActionKind) or ActionKind.OTHER,
        owners=entry.offices("owners", "Owners"),
        theme=entry.choice("theme", "The theme", Theme),
        priority=entry.choice("priority", "The priority", Priority) or Priority.NOT_STATED,
        status=entry.choice("status", "The status", Status) or Status.NOT_STARTED,
        read_from=entry.text("read_from", "What the status was read from"),
        review_on=entry.day("review_on", "The review date"),
        objective=entry.whole("objective", "The objective", NUMBERS),
        risk=entry.whole("risk", "The risk", NUMBERS),
        version=version,
    )
    if action.objective is not None and action.objective not in around.objectives:
        entry.refuse("objective", f"The plan has no objective {action.objective}")
    if action.risk is not None and action.risk not in around.risks:
        entry.refuse("risk", f"The plan has no integrity risk {action.risk}")
    return Read(action, entry.problems)


def risk_of(
    plan: str, number: int, given: Mapping[str, str], around: Around, *, version: int = 1
) -> Read[Risk]:
    """Read an integrity risk."""
    entry = Entry(given)
    title = entry.line("title", "The risk", required=True)
    details = entry.text("details", "The details")
    corporate = entry.whole("corporate", "The corporate risk", NUMBERS)
    if corporate not in around.corporate:
        entry.refuse("corporate", "Choose the corporate risk that it stands under")
    likelihood = entry.whole("likelihood", "The likelihood", SCALE)
    impact = entry.whole("impact", "The impact", SCALE)
    theme = entry.choice("theme", "The theme", Theme)
    for field, value, label in (
        ("likelihood", likelihood, "how likely it is"),
        ("impact", impact, "how much it would do"),
        ("theme", theme, "its theme"),
    ):
        if value is None:
            entry.refuse(field, f"Choose {label}")
    force = entry.line("force", "The scope")
    if force and force not in around.forces:
        entry.refuse("force", "The scope must be one of the plan's forces, or all of them")
    risk = Risk(
        plan=plan,
        number=number,
        title=title,
        details=details,
        corporate=corporate or 0,
        likelihood=likelihood or 1,
        impact=impact or 1,
        theme=theme or Theme.ETHICS_AND_TRANSPARENCY,
        force=force or None,
        version=version,
    )
    return Read(risk, entry.problems)


def corporate_of(
    plan: str, number: int, given: Mapping[str, str], *, version: int = 1
) -> Read[CorporateRisk]:
    """Read a corporate risk."""
    entry = Entry(given)
    risk = CorporateRisk(
        plan=plan,
        number=number,
        title=entry.line("title", "The corporate risk", required=True),
        details=entry.text("details", "The details"),
        version=version,
    )
    return Read(risk, entry.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an action is now, and a note on it."""

    status: Status
    note: str
    review_on: date | None


def progress_of(given: Mapping[str, str], *, now: Status) -> Read[Progress]:
    """Read an update of an action that is at `now`."""
    entry = Entry(given)
    status = entry.choice("status", "The status", Status)
    if status is None:
        entry.refuse("status", "Choose how far the action is")
    note = entry.text("note", "The progress note")
    changes = status not in {None, now}
    if not note and status is Status.ADOPTED_NO_CHANGE and changes:
        entry.refuse("note", NEEDS_NOTE)
    review_on = entry.day("review_on", "The review date")
    return Read(Progress(status=status or now, note=note, review_on=review_on), entry.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that an action rests on."""

    kind: EvidenceKind
    title: str
    source: str
    dated_on: date | None
    why: str


def document_of(given: Mapping[str, str]) -> Read[Document]:
    """Read a document given as evidence."""
    entry = Entry(given)
    kind = entry.choice("kind", "The kind", EvidenceKind)
    if kind in {None, EvidenceKind.RELEASE}:
        entry.refuse("kind", "Choose what kind of evidence it is")
    document = Document(
        kind=kind or EvidenceKind.DOCUMENT,
        title=entry.line("title", "The title", required=True),
        source=entry.line("source", "The source", required=True),
        dated_on=entry.day("dated_on", "The date"),
        why=entry.text("why", "What it shows"),
    )
    return Read(document, entry.problems)


def plan_of(slug: str, given: Mapping[str, str], *, begun_on: date, version: int = 1) -> Read[Plan]:
    """Read a plan or a strategy; its lists are texts with one line each, `name | note`."""
    entry = Entry(given)
    if not SLUG.fullmatch(slug) or slug in RESERVED:
        entry.refuse(
            "slug",
            "The short name has 3 to 48 small letters, digits and hyphens, and begins with a "
            "letter",
        )
    stated = as_line(given.get("review_is_stated", "")).casefold()
    plan = Plan(
        slug=slug,
        title=entry.line("title", "The title", required=True),
        kind=entry.choice("kind", "The kind", PlanKind) or PlanKind.PLAN,
        about=entry.text("about", "What it is about"),
        source=entry.text("source", "Where it comes from"),
        review_months=entry.whole("review_months", "The review interval", MONTHS_OF_REVIEW),
        review_is_stated=stated == "yes",
        begun_on=begun_on,
        version=version,
    )
    parts = tuple(part for kind in PartKind for part in _parts_of(kind, given, entry))
    if not any(part.kind is PartKind.FORCE for part in parts):
        entry.refuse("force", "Name at least one force")
    return Read(replace(plan, parts=parts), entry.problems)


def _parts_of(kind: PartKind, given: Mapping[str, str], entry: Entry) -> list[Part]:
    lines = [line for line in as_text(given.get(kind.value, "")).split("\n") if line.strip()]
    if len(lines) > MOST_PARTS:
        entry.refuse(kind.value, f"There may be {MOST_PARTS} lines at most")
    parts = []
    for position, line in enumerate(lines[:MOST_PARTS], start=1):
        name, _, note = line.partition("|")
        row = Entry({"name": name, "note": note})
        parts.append(
            Part(
                kind=kind,
                position=position,
                name=row.line("name", f"Line {position}", required=True),
                note=row.line("note", f"The note of line {position}", longest=1_000),
            )
        )
        for problem in row.problems:
            entry.refuse(kind.value, problem.text)
        if kind is PartKind.THEME and parts[-1].name not in {theme.label for theme in Theme}:
            entry.refuse(kind.value, f"Line {position} is none of the eleven themes")
    return parts
