"""The routing table as the project ships it, for the server and for the reporter's browser."""

import json
from functools import cache
from pathlib import Path

from app.routing.domain import Choice, RoutingTable, Rule, Signpost

TABLE = Path(__file__).with_name("table.json")
FORMAT = "candour-routing/1"


@cache
def table_bytes() -> bytes:
    """Return the table as it is served: the same bytes for everybody."""
    return TABLE.read_bytes()


@cache
def table() -> RoutingTable:
    """Return the table as the server uses it."""
    data = json.loads(table_bytes())
    if data["format"] != FORMAT:
        raise ValueError(f"{TABLE.name} is not {FORMAT}")
    return RoutingTable(
        version=data["version"],
        fewest_readers=data["fewest_readers"],
        about=tuple(Choice(**choice) for choice in data["about"]),
        rules=tuple(_rule(rule) for rule in data["rules"]),
        fall_through={desk: tuple(to) for desk, to in data["fall_through"].items()},
        external=tuple(Signpost(**signpost) for signpost in data["external"]),
    )


def _rule(data: dict[str, str | list[str]]) -> Rule:
    about = data["about"]
    codes = (about,) if isinstance(about, str) else tuple(about)
    return Rule(id=str(data["id"]), about=codes, to=str(data["to"]))
