"""Releases: what a freeze published, in the one spelling that is hashed, chained and signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from hashlib import sha256

from app.errors import Broken
from app.trends.disclosure import JOIN, Figure
from app.trends.domain import Period, Table
from app.trends.exact_json import (
    Json,
    UnfitJson,
    canonical,
    fraction_in,
    names_of,
    number_in,
    object_in,
    objects_in,
    read_object,
    text_in,
    texts_in,
)

FORMAT = "candour-release/1"
FIRST = bytes(32)  # what the first release of a chain names as the one before


class UnfitRelease(Broken):
    """The bytes are not a release as this portal writes it."""


class BrokenChain(Broken):
    """A release is missing, altered or out of its place."""


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    """The figures of one table for one period of one force."""

    table: Table
    period: Period
    force: str
    figures: tuple[Figure, ...]

    @property
    def total(self) -> int:
        """The sum of its figures: published, as they are."""
        return sum(figure.value for figure in self.figures)


@dataclass(frozen=True, slots=True)
class Release:
    """Everything a freeze published of one force; never changed, at most withdrawn whole."""

    number: int  # its place in the chain of its force, from 1
    plan_version: int
    force: str
    period: Period  # the quarter it ends with
    frozen_on: date
    tables: tuple[ReleasedTable, ...]
    budgets: Mapping[Table, Fraction]
    previous: bytes

    def canonical_json(self) -> bytes:
        """Return the bytes that are hashed and signed."""
        return canonical(
            {
                "format": FORMAT,
                "number": self.number,
                "plan": self.plan_version,
                "force": self.force,
                "period": str(self.period),
                "frozen_on": self.frozen_on.isoformat(),
                "previous": self.previous.hex(),
                "budgets": {table.value: str(rho) for table, rho in self.budgets.items()},
                "tables": [_table_json(table) for table in self.tables],
            }
        )

    def digest(self) -> bytes:
        """Return SHA-256 of the canonical bytes: what the next release names."""
        return sha256(self.canonical_json()).digest()


def _table_json(table: ReleasedTable) -> Json:
    return {
        "table": table.table.value,
        "period": str(table.period),
        "force": table.force,
        "figures": [
            {
                "members": list(figure.members),
                "value": figure.value,
                "lower": figure.lower,
                "upper": figure.upper,
            }
            for figure in table.figures
        ],
    }


def parse_release(content: bytes) -> Release:
    """Return the release in `content`, which must be spelt exactly as it was written.

    Raises:
        UnfitRelease: if it is not.
    """
    try:
        release = _release(read_object(content))
        fits = release.canonical_json() == content
    except UnfitRelease:
        raise
    except (UnfitJson, ValueError) as error:
        raise UnfitRelease(f"not a release: {error}") from None
    if not fits:
        raise UnfitRelease("not a release in its one spelling")
    return release


def _release(value: dict[str, Json]) -> Release:
    names_of(
        value, "format", "number", "plan", "force", "period", "frozen_on", "previous", "budgets",
        "tables",
    )  # fmt: skip
    if text_in(value, "format") != FORMAT:
        raise UnfitRelease(f"not {FORMAT}")
    previous = bytes.fromhex(text_in(value, "previous"))
    if len(previous) != len(FIRST) or number_in(value, "number") < 1:
        raise UnfitRelease("not a place in a chain")
    budgets = object_in(value, "budgets")
    return Release(
        number=number_in(value, "number"),
        plan_version=number_in(value, "plan"),
        force=text_in(value, "force"),
        period=Period.parse(text_in(value, "period")),
        frozen_on=date.fromisoformat(text_in(value, "frozen_on")),
        tables=tuple(_table(item) for item in objects_in(value, "tables")),
        budgets={Table(name): fraction_in(budgets, name) for name in budgets},
        previous=previous,
    )


def _table(value: dict[str, Json]) -> ReleasedTable:
    names_of(value, "table", "period", "force", "figures")
    return ReleasedTable(
        table=Table(text_in(value, "table")),
        period=Period.parse(text_in(value, "period")),
        force=text_in(value, "force"),
        figures=tuple(_figure(item) for item in objects_in(value, "figures")),
    )


def _figure(value: dict[str, Json]) -> Figure:
    names_of(value, "members", "value", "lower", "upper")
    figure = Figure(
        members=texts_in(value, "members"),
        value=number_in(value, "value"),
        lower=number_in(value, "lower"),
        upper=number_in(value, "upper"),
    )
    if not figure.members or not figure.lower <= figure.value <= figure.upper:
        raise UnfitRelease("a figure without members, or outside its own margins")
    if any(JOIN in member for member in figure.members):
        raise UnfitRelease("a member's id holds the sign that joins them")
    return figure


def verify_chain(releases: Sequence[Release], *, head: bytes | None = None) -> None:
    """Check that these are all the releases of one force, in their order and unaltered.

    Args:
        releases: from the first on.
        head: the digest of the last as somebody else keeps it; without it an altered last
            release does not show here.

    Raises:
        BrokenChain: if one is missing, altered, of another force or out of its place.
    """
    before = FIRST
    for place, release in enumerate(releases, start=1):
        if release.number != place or release.force != releases[0].force:
            raise BrokenChain(f"release {release.number} does not stand at place {place}")
        if release.previous != before:
            raise BrokenChain(f"release {release.number} does not follow the one before it")
        before = release.digest()
    if head is not None and before != head:
        raise BrokenChain("the last release is not the one that was kept elsewhere")
