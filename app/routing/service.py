"""The routing table of a day, for the server and for the reporter's browser.

The project's own data, in versions: forces merge and policing bodies change.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from app.editions import in_force
from app.envelope.strict_json import Json, write_object
from app.routing.domain import FORCE, QUESTIONS, RoutingTable, When
from app.routing.parsing import read_table

FOLDER = Path(__file__).with_name("data")
SERVED_FORMAT = "candour-routes/2"


def table_on(day: date) -> RoutingTable:
    """Return the version in force on `day`, or the first before there was one."""
    return in_force(versions(), day)


@cache
def versions() -> tuple[RoutingTable, ...]:
    """Return every version, the earliest first."""
    found = [read_table(file.read_bytes()) for file in FOLDER.glob("routing-*.json")]
    return tuple(sorted(found, key=lambda table: table.effective_from))


def labels() -> Mapping[str, Mapping[str, str]]:
    """Return by question the words of every answer there ever was: a letter keeps its codes."""
    return {question: _labels_of(question) for question in QUESTIONS}


@cache
def table_bytes(version: int) -> bytes:
    """Return what a browser needs of a version to choose a desk: the same bytes for everybody.

    What the answers are called stands on the page already.
    """
    table = next(found for found in versions() if found.version == version)
    return write_object(_as_served(table))


@cache
def _labels_of(question: str) -> Mapping[str, str]:
    said = {
        choice.code: choice.label for table in versions() for choice in table.questions[question]
    }
    if question != FORCE:
        return said
    return {force.code: force.label for table in versions() for force in table.forces} | said


def _as_served(table: RoutingTable) -> dict[str, Json]:
    return {
        "format": SERVED_FORMAT,
        "version": table.version,
        "fewest_readers": table.fewest_readers,
        "bars": [{"when": _when(bar.when), "desks": [*sorted(bar.desks)]} for bar in table.bars],
        "rules": [
            {
                "when": _when(rule.when),
                "to": rule.to,
                "falls_to": None if rule.falls_to is None else list(rule.falls_to),
                "signposts": None if rule.signposts is None else list(rule.signposts),
            }
            for rule in table.rules
        ],
        "fall_through": {desk: list(falls) for desk, falls in table.fall_through.items()},
        "usual_signposts": list(table.usual_signposts),
    }


def _when(when: When) -> dict[str, Json]:
    return {question: [*sorted(codes)] for question, codes in when}
