"""The versions of the publication plan, and which of them a quarter is counted by."""

from dataclasses import dataclass
from functools import cache

from app.trends.domain import Period, Table
from app.trends.publication import PublicationPlan, UnfitPlan, publication_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """Versions of one plan, the oldest first, and the tables that are published at all."""

    versions: tuple[PublicationPlan, ...]
    tables: frozenset[Table] = frozenset(Table)

    @property
    def newest(self) -> PublicationPlan:
        """The last version."""
        return self.versions[-1]

    def of(self, quarter: Period) -> PublicationPlan:
        """Return the version that was in force when a quarter began; the oldest before all."""
        begun = [plan for plan in self.versions if plan.effective_from <= quarter.first_day]
        return begun[-1] if begun else self.versions[0]

    def version(self, number: int) -> PublicationPlan:
        """Return a version by its number, or raise UnfitPlan."""
        for plan in self.versions:
            if plan.version == number:
                return plan
        raise UnfitPlan(f"there is no version {number} of the publication plan")


@cache
def shipped() -> Plans:
    """Return the versions that the product ships with."""
    newest = publication_plan().version
    return Plans(versions=tuple(publication_plan(number) for number in range(1, newest + 1)))
