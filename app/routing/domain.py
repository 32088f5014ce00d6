"""The decision table: which desk a concern goes to, and where it falls if nobody is left there.

`assets/report/routing.js` decides the same from the same table; `tests/routing/cases.json`
keeps the two together.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

EXTERNAL = "external"
ANYBODY = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """Sends a concern about any of `about` to a desk; `("*",)` matches whatever was said."""

    id: str
    about: tuple[str, ...]
    to: str

    def matches(self, about: Collection[str]) -> bool:
        """Say whether this rule is for a concern about any of `about`."""
        return ANYBODY in self.about or any(code in self.about for code in about)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to "who is it about?"."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Signpost:
    """Somebody outside who can take what this portal should not."""

    name: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingTable:
    """The rules in their order: the first that matches any answer decides.

    They run from most to least independent, so a concern about two people goes where
    neither of them reads.
    """

    version: str
    fewest_readers: int
    about: tuple[Choice, ...]
    rules: tuple[Rule, ...]
    fall_through: Mapping[str, tuple[str, ...]]
    external: tuple[Signpost, ...]


def choose_desk(
    table: RoutingTable,
    *,
    about: Sequence[str],
    left_out: Collection[str],
    desks: Mapping[str, Sequence[str]],
) -> str | None:
    """Return the desk a concern goes to, or None where the portal must only point elsewhere.

    Args:
        table: the rules.
        about: codes of whom it is about; empty if the reporter would rather not say.
        left_out: ids of the members who are not to read it.
        desks: the members of each desk in the keyring, by the desk's id.
    """
    to = next(rule.to for rule in table.rules if rule.matches(about))
    if to == EXTERNAL:
        return None
    for desk in (to, *table.fall_through.get(to, ())):
        readers = [member for member in desks.get(desk, ()) if member not in left_out]
        if len(readers) >= table.fewest_readers:
            return desk
    return None
