"""The rows of plans and of their actions."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.plan.choices import PartKind, Status, Theme
from app.plan.domain import Action, Filter, Part, Plan, Stale, office_id
from app.plan.tables import ActionOwnerRow, ActionRow, PartRow, PlanRow

FEW = 100  # numbers that a statement names one by one


class Plans:
    """The plans and strategies."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[Plan]:
        """Return every plan with its lists, by title."""
        rows = self._session.scalars(select(PlanRow).order_by(PlanRow.title, PlanRow.slug)).all()
        parts: dict[str, list[Part]] = {row.slug: [] for row in rows}
        for part in self._session.scalars(select(PartRow)):
            parts[part.plan].append(_part(part))
        return [_plan(row, parts[row.slug]) for row in rows]

    def find(self, slug: str, *, hold: bool = False) -> Plan | None:
        """Return one plan with its lists; `hold` lets nobody else write to it meanwhile."""
        chosen = select(PlanRow).where(PlanRow.slug == slug)
        row = self._session.scalar(chosen.with_for_update() if hold else chosen)
        if row is None:
            return None
        parts = select(PartRow).where(PartRow.plan == slug)
        return _plan(row, [_part(part) for part in self._session.scalars(parts)])

    def titles(self) -> dict[str, str]:
        """Return the title of every plan by its short name, in the order of titles."""
        chosen = select(PlanRow.slug, PlanRow.title).order_by(PlanRow.title, PlanRow.slug)
        return dict(self._session.execute(chosen).all())

    def add(self, plan: Plan) -> None:
        """Add a plan with its lists."""
        self._session.execute(insert(PlanRow), {"slug": plan.slug, "version": 1} | _facts(plan))
        self._add_parts(plan)

    def save(self, plan: Plan) -> None:
        """Write back a plan and its lists.

        Raises:
            Stale: if it changed since it was read.
        """
        write = (
            update(PlanRow)
            .where(PlanRow.slug == plan.slug, PlanRow.version == plan.version)
            .values(**_facts(plan), version=plan.version + 1)
            .returning(PlanRow.slug)
        )
        if self._session.scalar(write) is None:
            raise Stale(f"{plan.slug} is no longer at version {plan.version}")
        self._session.execute(delete(PartRow).where(PartRow.plan == plan.slug))
        self._add_parts(plan)

    def _add_parts(self, plan: Plan) -> None:
        rows = [
            {
                "plan": plan.slug,
                "kind": part.kind,
                "position": part.position,
                "name": part.name,
                "note": part.note,
            }
            for part in plan.parts
        ]
        if rows:
            self._session.execute(insert(PartRow), rows)


class Actions:
    """The actions of all plans."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, plan: str, number: int) -> Action | None:
        """Return one action."""
        found = self._read(select(ActionRow).where(*_is(plan, number)))
        return found[0] if found else None

    def of(self, plan: str) -> list[Action]:
        """Return every action of a plan, by number."""
        return self._read(select(ActionRow).where(ActionRow.plan == plan).order_by(*_BY_NUMBER))

    def matching(self, chosen: Filter, today: date, *, start: int, most: int) -> list[Action]:
        """Return a page of the actions that a filter leaves, by plan and number."""
        page = select(ActionRow).where(*_left_by(chosen, today)).order_by(*_BY_NUMBER)
        return self._read(page.offset(start).limit(most))

    def count(self, chosen: Filter, today: date) -> int:
        """Return how many actions a filter leaves."""
        counted = select(func.count()).select_from(ActionRow).where(*_left_by(chosen, today))
        return self._session.scalar(counted) or 0

    def under_risk(self, plan: str, risk: int) -> list[Action]:
        """Return the actions against one integrity risk."""
        chosen = select(ActionRow).where(ActionRow.plan == plan, ActionRow.risk == risk)
        return self._read(chosen.order_by(*_BY_NUMBER))

    def highest_number(self, plan: str) -> int:
        """Return the highest number taken in a plan; 0 in an empty one."""
        highest = select(func.max(ActionRow.number)).where(ActionRow.plan == plan)
        return self._session.scalar(highest) or 0

    def highest_objective(self, plan: str) -> int:
        """Return the highest number of an objective that an action names; 0 if none does."""
        highest = select(func.max(ActionRow.objective)).where(ActionRow.plan == plan)
        return self._session.scalar(highest) or 0

    def owners(self, plan: str | None = None) -> list[tuple[str, str]]:
        """Return id and name of every office that owns an action, by name."""
        chosen = select(ActionOwnerRow.office, func.min(ActionOwnerRow.name)).group_by(
            ActionOwnerRow.office
        )
        if plan is not None:
            chosen = chosen.where(ActionOwnerRow.plan == plan)
        offices = [(office, name) for office, name in self._session.execute(chosen)]
        return sorted(offices, key=lambda office: office[1].casefold())

    def tally(self) -> dict[str, dict[Status, int]]:
        """Return how many actions every plan has at each status."""
        counted = select(ActionRow.plan, ActionRow.status, func.count())
        found: dict[str, dict[Status, int]] = {}
        for plan, status, count in self._session.execute(
            counted.group_by(ActionRow.plan, ActionRow.status)
        ):
            found.setdefault(plan, {})[status] = count
        return found

    def tally_overdue(self, today: date) -> dict[str, int]:
        """Return how many actions of every plan are overdue."""
        counted = select(ActionRow.plan, func.count()).where(_overdue(today))
        return dict(self._session.execute(counted.group_by(ActionRow.plan)).all())

    def tally_themes(self, plan: str) -> dict[Theme | None, dict[Status, int]]:
        """Return how many actions of a plan each theme has at each status."""
        counted = select(ActionRow.theme, ActionRow.status, func.count())
        grouped = counted.where(ActionRow.plan == plan).group_by(ActionRow.theme, ActionRow.status)
        found: dict[Theme | None, dict[Status, int]] = {}
        for theme, status, count in self._session.execute(grouped):
            found.setdefault(theme, {})[status] = count
        return found

    def tally_owners(self, plan: str, today: date) -> list[tuple[str, str, int, int, int]]:
        """Return id, name, actions, actions done and actions overdue of every office of a plan."""
        done = func.count().filter(ActionRow.status == Status.DONE)
        late = func.count().filter(_overdue(today))
        owned = and_(
            ActionRow.plan == ActionOwnerRow.plan, ActionRow.number == ActionOwnerRow.number
        )
        counted = (
            select(ActionOwnerRow.office, func.min(ActionOwnerRow.name), func.count(), done, late)
            .join(ActionRow, owned)
            .where(ActionOwnerRow.plan == plan)
            .group_by(ActionOwnerRow.office)
        )
        found = self._session.execute(counted).all()
        return sorted(found, key=lambda office: office[1].casefold())

    def add(self, actions: Sequence[Action]) -> None:
        """Add actions with their owners."""
        if not actions:
            return
        self._session.execute(
            insert(ActionRow),
            [
                {"plan": action.plan, "number": action.number, "version": 1} | _action_facts(action)
                for action in actions
            ],
        )
        self._add_owners(actions)

    def save(self, action: Action) -> None:
        """Write back an action and its owners.

        Raises:
            Stale: if it changed since it was read.
        """
        # The version read is the version written: to load the row again here would adopt
        # somebody else's change and then undo it.
        write = (
            update(ActionRow)
            .where(*_is(action.plan, action.number), ActionRow.version == action.version)
            .values(**_action_facts(action), version=action.version + 1)
            .returning(ActionRow.number)
        )
        if self._session.scalar(write) is None:
            raise Stale(f"{action.plan} {action.number} is no longer at version {action.version}")
        self._session.execute(
            delete(ActionOwnerRow).where(
                ActionOwnerRow.plan == action.plan, ActionOwnerRow.number == action.number
            )
        )
        self._add_owners([action])

    def _add_owners(self, actions: Sequence[Action]) -> None:
        rows = [
            {
                "plan": action.plan,
                "number": action.number,
                "office": office_id(name),
                "position": position,
                "name": name,
            }
            for action in actions
            for position, name in enumerate(action.owners)
        ]
        if rows:
            self._session.execute(insert(ActionOwnerRow), rows)

    def _read(self, chosen: Select[ActionRow]) -> list[Action]:
        rows = self._session.scalars(chosen).all()
        owners = self._owners_of(rows)
        return [_action(row, owners.get((row.plan, row.number), ())) for row in rows]

    def _owners_of(self, rows: Sequence[ActionRow]) -> dict[tuple[str, int], tuple[str, ...]]:
        # One query a plan: a page names its numbers, and a whole plan the span of them.
        found: dict[tuple[str, int], tuple[str, ...]] = {}
        for plan in sorted({row.plan for row in rows}):
            numbers = [row.number for row in rows if row.plan == plan]
            of_page = ActionOwnerRow.number.in_(numbers)
            of_span = ActionOwnerRow.number.between(min(numbers), max(numbers))
            chosen = (
                select(ActionOwnerRow.number, ActionOwnerRow.name)
                .where(ActionOwnerRow.plan == plan)
                .where(of_page if len(numbers) <= FEW else of_span)
                .order_by(ActionOwnerRow.number, ActionOwnerRow.position)
            )
            for number, name in self._session.execute(chosen):
                found[plan, number] = (*found.get((plan, number), ()), name)
        return found


_KINDS = {kind: place for place, kind in enumerate(PartKind)}
_BY_NUMBER = (ActionRow.plan, ActionRow.number)


def _is(plan: str, number: int) -> tuple[ColumnElement[bool], ...]:
    return ActionRow.plan == plan, ActionRow.number == number


def _overdue(today: date) -> ColumnElement[bool]:
    return and_(ActionRow.review_on < today, ActionRow.status != Status.DONE)


def _left_by(chosen: Filter, today: date) -> Iterable[ColumnElement[bool]]:
    if chosen.plan is not None:
        yield ActionRow.plan == chosen.plan
    if chosen.owner is not None:
        owns = select(ActionOwnerRow.number).where(
            ActionOwnerRow.office == chosen.owner,
            ActionOwnerRow.plan == ActionRow.plan,
            ActionOwnerRow.number == ActionRow.number,
        )
        yield owns.exists()
    if chosen.theme is not None:
        yield ActionRow.theme == chosen.theme
    if chosen.status is not None:
        yield ActionRow.status == chosen.status
    if chosen.overdue:
        yield _overdue(today)


def _facts(plan: Plan) -> dict[str, object]:
    return {
        "title": plan.title,
        "kind": plan.kind,
        "about": plan.about,
        "source": plan.source,
        "review_months": plan.review_months,
        "review_is_stated": plan.review_is_stated,
        "begun_on": plan.begun_on,
        "reviewed_on": plan.reviewed_on,
    }


def _plan(row: PlanRow, parts: Sequence[Part]) -> Plan:
    return Plan(
        slug=row.slug,
        title=row.title,
        kind=row.kind,
        about=row.about,
        source=row.source,
        review_months=row.review_months,
        review_is_stated=row.review_is_stated,
        begun_on=row.begun_on,
        reviewed_on=row.reviewed_on,
        parts=tuple(sorted(parts, key=lambda part: (_KINDS[part.kind], part.position))),
        version=row.version,
    )


def _part(row: PartRow) -> Part:
    return Part(kind=row.kind, position=row.position, name=row.name, note=row.note)


def _action_facts(action: Action) -> dict[str, object]:
    return {
        "title": action.title,
        "section": action.section,
        "details": action.details,
        "kind": action.kind,
        "theme": action.theme,
        "priority": action.priority,
        "status": action.status,
        "read_from": action.read_from,
        "review_on": action.review_on,
        "objective": action.objective,
        "risk": action.risk,
    }


def _action(row: ActionRow, owners: tuple[str, ...]) -> Action:
    return Action(
        plan=row.plan,
        number=row.number,
        title=row.title,
        section=row.section,
        details=row.details,
        kind=row.kind,
        owners=owners,
        theme=row.theme,
        priority=row.priority,
        status=row.status,
        read_from=row.read_from,
        review_on=row.review_on,
        objective=row.objective,
        risk=row.risk,
        version=row.version,
    )
