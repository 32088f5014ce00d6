"""The decision table: which desk a concern goes to, and where it falls if nobody is left there.

`assets/report/routing.js` decides the same from the same table; `tests/routing` keeps the two
together over every combination of answers.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

EXTERNAL = "external"
ABOUT, FORCE, CATEGORY, WISH = "about", "force", "category", "wish"
QUESTIONS = (ABOUT, FORCE, CATEGORY, WISH)

When = tuple[tuple[str, frozenset[str]], ...]
Desks = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a reporter said before anything was sealed: several may be in `about`.

    An empty string is a question that was not answered. Whether somebody is in danger is not
    among them: it never changes who reads.
    """

    about: tuple[str, ...] = ()
    force: str = ""
    category: str = ""
    wish: str = ""

    @property
    def said(self) -> Mapping[str, tuple[str, ...]]:
        """The answers by question; one that is empty counts as an answer, but about whom."""
        return {
            ABOUT: self.about,
            FORCE: (self.force,),
            CATEGORY: (self.category,),
            WISH: (self.wish,),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Desks that must not read a concern with these answers, whatever rule decides."""

    id: str
    when: When
    desks: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Sends concerns with these answers to a desk, or outside.

    `falls_to` replaces the desk's usual fall-through; `signposts` are shown if it ends outside.
    """

    id: str
    when: When
    to: str
    falls_to: tuple[str, ...] | None = None
    signposts: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question."""

    code: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """A force of this portal's alliance, as long as there is one: forces merge."""

    code: str
    label: str
    valid_from: date
    valid_until: date | None

    def stands_on(self, day: date) -> bool:
        """Say whether there is such a force on `day`, its last included."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Signpost:
    """Somebody outside who can take what this portal should not."""

    id: str
    name: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingTable:
    """The rules in their order: the first that matches decides.

    They run from most to least independent, so a concern about two people goes where neither of
    them reads. What is barred is barred on top of every rule and of every fall-through.
    """

    version: int
    effective_from: date
    fewest_readers: int
    kinds: Mapping[str, str]
    forces: tuple[Force, ...]
    questions: Mapping[str, tuple[Choice, ...]]
    bars: tuple[Bar, ...]
    rules: tuple[Rule, ...]
    fall_through: Mapping[str, tuple[str, ...]]
    signposts: tuple[Signpost, ...]
    usual_signposts: tuple[str, ...]

    def choices(self, question: str, day: date) -> tuple[Choice, ...]:
        """Return the answers that a page offers on `day`."""
        if question != FORCE:
            return self.questions[question]
        forces = [Choice(one.code, one.label) for one in self.forces if one.stands_on(day)]
        return (*forces, *self.questions[FORCE])

    def signposts_of(self, ids: Collection[str]) -> tuple[Signpost, ...]:
        """Return these signposts, in the table's order."""
        return tuple(one for one in self.signposts if one.id in ids)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a concern goes: a desk of the keyring, or nowhere here and who outside can take it."""

    desk: str | None
    signposts: tuple[str, ...] = field(default=())


def choose_desk(
    table: RoutingTable,
    answers: Answers,
    *,
    left_out: Collection[str],
    desks: Desks,
    fall_through: Mapping[str, tuple[str, ...]] | None = None,
) -> Route:
    """Return the desk a concern goes to, or the signposts where nobody here should read it.

    A desk with fewer readers than the table's fewest, or that the keyring does not have, is passed
    over like one that is barred; none is ever tried twice.

    Args:
        table: the rules.
        answers: what the reporter said.
        left_out: ids of the members who are not to read it.
        desks: the members of each desk in the keyring, by the desk's id.
        fall_through: the keyring's own, by desk; it replaces the table's for the desks it names.
    """
    rule = next(rule for rule in table.rules if _matches(rule.when, answers.said))
    barred = _barred_kinds(table, answers)
    for kind in _in_order(table, rule, fall_through or {}):
        desk = _desk_of(kind, answers.force, desks)
        if kind in barred or desk is None:
            continue
        readers = [member for member in desks[desk] if member not in left_out]
        if len(readers) >= table.fewest_readers:
            return Route(desk)
    return Route(None, table.usual_signposts if rule.signposts is None else rule.signposts)


def barred_desks(table: RoutingTable, answers: Answers, desks: Collection[str]) -> frozenset[str]:
    """Return which of these desks must not read a concern with these answers, ever.

    Not even by being passed it later: a force's own desk of a kind no more than the one for all.
    """
    barred = _barred_kinds(table, answers)
    return frozenset(desk for desk in desks if kind_of(desk, table.kinds) in barred)


def kind_of(desk: str, kinds: Collection[str]) -> str:
    """Return which of these kinds a desk of a keyring is of; its own id if it is of none.

    A force's own desk is of the kind that its id begins with, whatever force it is: what a desk
    may do, and must not read, does not hang on there being such a force today.
    """
    found = (kind for kind in kinds if desk == kind or desk.startswith(_of_force(kind, "")))
    return max(found, key=len, default=desk)


def _barred_kinds(table: RoutingTable, answers: Answers) -> frozenset[str]:
    said = answers.said
    return frozenset(desk for bar in table.bars if _matches(bar.when, said) for desk in bar.desks)


def _matches(when: When, said: Mapping[str, tuple[str, ...]]) -> bool:
    return all(not codes.isdisjoint(said[question]) for question, codes in when)


def _in_order(
    table: RoutingTable, rule: Rule, signed: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    if rule.to == EXTERNAL:
        return
    yield rule.to
    if rule.falls_to is not None:
        yield from rule.falls_to
    else:
        yield from signed.get(rule.to, table.fall_through[rule.to])


def _desk_of(kind: str, force: str, desks: Desks) -> str | None:
    """Return the desk that is of this kind for a force: its own, or else the one for all."""
    own = _of_force(kind, force)
    if own in desks:
        return own
    return kind if kind in desks else None


def _of_force(kind: str, force: str) -> str:
    return f"{kind}-{force}"
