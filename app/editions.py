"""Reference data in versions: forces merge, limits change, and each version has its first day."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar


class Edition(Protocol):
    """One version of some reference data."""

    @property
    def effective_from(self) -> date: ...


E = TypeVar("E", bound=Edition)


def in_force(editions: Iterable[E], day: date) -> E:
    """Return the version in force on `day`, or the first before there was one."""
    known = sorted(editions, key=lambda edition: edition.effective_from)
    begun = [edition for edition in known if edition.effective_from <= day]
    return begun[-1] if begun else known[0]
