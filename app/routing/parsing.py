"""The routing table as the project keeps it: versions in files, read strictly.

What a table may say wrongly is refused here, at the start, and not found out by a reporter.
"""

from collections.abc import Collection, Mapping
from datetime import date

from app.envelope.identifiers import is_identifier
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
from app.routing.domain import (
    EXTERNAL,
    FORCE,
    QUESTIONS,
    Bar,
    Choice,
    Force,
    RoutingTable,
    Rule,
    Signpost,
    When,
)

FORMAT = "candour-routing/2"
_NAMES = (
    "format", "version", "effective_from", "fewest_readers", "desks", "forces", "questions",
    "bars", "rules", "fall_through", "signposts", "usual_signposts",
)  # fmt: skip


class UnfitTable(ValueError):
    """A file is not a routing table; says what is wrong with it."""


def read_table(content: bytes) -> RoutingTable:
    """Return the routing table in a file.

    Raises:
        UnfitTable: if anything in it is missing, unknown, twice there or leads nowhere.
    """
    try:
        found = read_object(content)
        names_of(found, _NAMES)
        if text_in(found, "format") != FORMAT:
            raise UnfitTable("the routing table is of another format")
        _refuse_twice([text_in(desk, "id") for desk in objects_in(found, "desks")], "a desk")
        table = _table(found)
    except (UnfitJson, ValueError) as error:
        raise UnfitTable(str(error)) from error
    _refuse_unfit(table)
    return table


def _table(found: dict[str, Json]) -> RoutingTable:
    questions = object_in(found, "questions")
    names_of(questions, QUESTIONS)
    falls = object_in(found, "fall_through")
    return RoutingTable(
        version=integer_in(found, "version", least=1),
        effective_from=date.fromisoformat(text_in(found, "effective_from")),
        # Two, so that one who errs, is away or is leant upon is never alone with a concern.
        fewest_readers=integer_in(found, "fewest_readers", least=1),
        kinds=dict(map(_kind, objects_in(found, "desks"))),
        forces=tuple(map(_force, objects_in(found, "forces"))),
        questions={
            question: tuple(map(_choice, objects_in(questions, question))) for question in questions
        },
        bars=tuple(map(_bar, objects_in(found, "bars"))),
        rules=tuple(map(_rule, objects_in(found, "rules"))),
        fall_through={desk: texts_in(falls, desk) for desk in falls},
        signposts=tuple(map(_signpost, objects_in(found, "signposts"))),
        usual_signposts=texts_in(found, "usual_signposts"),
    )


def _kind(found: dict[str, Json]) -> tuple[str, str]:
    names_of(found, ("id", "what"))
    return text_in(found, "id"), text_in(found, "what")


def _force(found: dict[str, Json]) -> Force:
    names_of(found, ("code", "label", "valid_from", "valid_until"))
    until = None if found["valid_until"] is None else text_in(found, "valid_until")
    return Force(
        code=text_in(found, "code"),
        label=text_in(found, "label"),
        valid_from=date.fromisoformat(text_in(found, "valid_from")),
        valid_until=None if until is None else date.fromisoformat(until),
    )


def _choice(found: dict[str, Json]) -> Choice:
    names_of(found, ("code", "label"))
    return Choice(text_in(found, "code"), text_in(found, "label"))


def _bar(found: dict[str, Json]) -> Bar:
    names_of(found, ("id", "when", "desks"))
    desks = frozenset(texts_in(found, "desks"))
    return Bar(id=text_in(found, "id"), when=_when(found), desks=desks)


def _rule(found: dict[str, Json]) -> Rule:
    optional = tuple(name for name in ("falls_to", "signposts") if name in found)
    names_of(found, ("id", "when", "to", *optional))
    return Rule(
        id=text_in(found, "id"),
        when=_when(found),
        to=text_in(found, "to"),
        falls_to=texts_in(found, "falls_to") if "falls_to" in found else None,
        signposts=texts_in(found, "signposts") if "signposts" in found else None,
    )


def _when(found: dict[str, Json]) -> When:
    when = object_in(found, "when")
    return tuple((question, frozenset(texts_in(when, question))) for question in when)


def _signpost(found: dict[str, Json]) -> Signpost:
    names_of(found, ("id", "name", "what"))
    return Signpost(text_in(found, "id"), text_in(found, "name"), text_in(found, "what"))


def _refuse_unfit(table: RoutingTable) -> None:
    kinds = table.kinds.keys()
    _refuse_twice([*table.kinds, *(force.code for force in table.forces)], "an id")
    _refuse_twice([*(bar.id for bar in table.bars), *(rule.id for rule in table.rules)], "a rule")
    _refuse_twice([one.id for one in table.signposts], "a signpost")
    if not all(map(is_identifier, kinds)) or table.fall_through.keys() != kinds:
        raise UnfitTable("the fall-through is not of these desks")
    for bar in table.bars:
        _refuse_unknown(bar.desks, kinds, bar.id)
    for desk, falls in table.fall_through.items():
        _refuse_unfit_fall(desk, falls, kinds)
    for rule in table.rules:
        _refuse_unknown({rule.to}, {*kinds, EXTERNAL}, rule.id)
        _refuse_unfit_fall(rule.to, rule.falls_to or (), kinds)
    if not table.rules or table.rules[-1].when:
        raise UnfitTable("the last rule is not for everything else")
    _refuse_unfit_answers(table)
    _refuse_unfit_signposts(table)


def _refuse_unfit_answers(table: RoutingTable) -> None:
    codes = _codes(table)
    for question in QUESTIONS:
        _refuse_twice(list(codes[question]), f"an answer about {question}")
    for when in (*(bar.when for bar in table.bars), *(rule.when for rule in table.rules)):
        for question, said in when:
            _refuse_unknown({question}, QUESTIONS, "a rule")
            _refuse_unknown(said - {""}, codes[question], question)


def _codes(table: RoutingTable) -> Mapping[str, tuple[str, ...]]:
    codes = {
        question: tuple(one.code for one in choices)
        for question, choices in table.questions.items()
    }
    return codes | {FORCE: (*(force.code for force in table.forces), *codes[FORCE])}


def _refuse_unfit_signposts(table: RoutingTable) -> None:
    known = {one.id for one in table.signposts}
    for shown in (table.usual_signposts, *(rule.signposts for rule in table.rules)):
        # Whoever may write to nobody here must be told of somebody.
        if shown is not None and not shown:
            raise UnfitTable("there is nobody outside to point to")
        _refuse_unknown(shown or (), known, "a signpost")


def _refuse_unfit_fall(desk: str, falls: tuple[str, ...], kinds: Collection[str]) -> None:
    _refuse_twice([desk, *falls], f"in the fall-through of {desk}, a desk")
    _refuse_unknown(falls, kinds, desk)


def _refuse_unknown(said: Collection[str], known: Collection[str], where: str) -> None:
    if unknown := set(said) - set(known):
        raise UnfitTable(f"{where}: nothing is called {min(unknown)}")


def _refuse_twice(values: list[str], what: str) -> None:
    if len(set(values)) != len(values):
        raise UnfitTable(f"{what} stands twice in the routing table")
