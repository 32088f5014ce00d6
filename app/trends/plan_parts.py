"""What a publication plan is made of; it checks itself when it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from app.trends.domain import ALL, Cadence, Period, Table


class UnfitPlan(ValueError):
    """A publication plan that contradicts itself or spends more than its cap."""


class UnknownLabel(ValueError):
    """A force, category or label that the publication plan does not name."""


@dataclass(frozen=True, slots=True)
class Label:
    """A cell's stable id and the words it is shown with."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Theme(Label):
    """A published theme, the categories folded into it and the strategy's themes it speaks to."""

    group: str
    categories: tuple[str, ...]
    strategy: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome(Label):
    """A published outcome and the classes of outcome folded into it."""

    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Band(Label):
    """A band of the time a matter took; the last has no end."""

    up_to_days: int | None


@dataclass(frozen=True, slots=True)
class Force(Label):
    """A force whose matters are counted, and from when."""

    first_period: Period
    first_cadence: Cadence
    directorates: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Alliance(Label):
    """Forces whose published figures are also shown as their sum."""

    forces: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationPlan:
    """One version of the plan; checks on making that it spends no more than its cap."""

    version: int
    effective_from: date
    cap: Fraction
    sigma2: Mapping[Table, int]
    threshold: int
    themes: tuple[Theme, ...]
    groups: tuple[Label, ...]
    strategy_themes: tuple[Label, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    bands: tuple[Band, ...] = ()
    forces: tuple[Force, ...] = ()
    alliances: tuple[Alliance, ...] = ()
    _forces: Mapping[str, Force] = field(init=False, repr=False, compare=False)
    _groups: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_forces", {force.id: force for force in self.forces})
        object.__setattr__(self, "_groups", {theme.id: theme.group for theme in self.themes})
        if set(self.sigma2) != set(Table) or min(self.sigma2.values()) < 1:
            raise UnfitPlan("every table needs a variance of at least 1")
        if sum(Fraction(1, 2 * square) for square in self.sigma2.values()) > self.cap:
            raise UnfitPlan("the tables together spend more than the cap")
        if self.threshold < 2:
            raise UnfitPlan("the threshold is at least 2")
        self._check_labels()

    def _check_labels(self) -> None:
        lists: list[Sequence[Label]] = [
            self.themes, self.groups, self.strategy_themes, self.outcomes, self.bands,
            self.forces, self.alliances, *(force.directorates for force in self.forces),
        ]  # fmt: skip
        for labels in lists:
            ids = [label.id for label in labels]
            if len(set(ids)) != len(ids) or not all(ids) or ALL in ids:
                raise UnfitPlan("an id stands twice in a list, is empty, or is kept for totals")
        if {theme.group for theme in self.themes} != {group.id for group in self.groups}:
            raise UnfitPlan("themes and groups do not go together")
        if not {name for a in self.alliances for name in a.forces} <= set(self._forces):
            raise UnfitPlan("an alliance names a force that the plan does not")

    def force(self, force: str) -> Force:
        """Return the force with this id, or raise UnknownLabel."""
        try:
            return self._forces[force]
        except KeyError:
            raise UnknownLabel(f"the publication plan has no force {force!r}") from None

    def theme_of(self, category: str) -> str:
        """Return the theme a category is counted in; one that no handler named is not-yet."""
        for theme in self.themes:
            if category in theme.categories:
                return theme.id
        raise UnknownLabel(f"the publication plan has no category {category!r}")

    def group_of(self, theme: str) -> str:
        """Return the group of a theme."""
        try:
            return self._groups[theme]
        except KeyError:
            raise UnknownLabel(f"the publication plan has no theme {theme!r}") from None

    def outcome_of(self, outcome_class: str) -> str:
        """Return the published outcome that a class of outcome is counted in."""
        for outcome in self.outcomes:
            if outcome_class in outcome.classes:
                return outcome.id
        raise UnknownLabel(f"the publication plan has no class of outcome {outcome_class!r}")

    def band_of(self, days: int) -> str:
        """Return the band of a matter that took `days` days."""
        for band in self.bands:
            if band.up_to_days is None or days <= band.up_to_days:
                return band.id
        raise UnknownLabel("the last band of time has an end")

    def name_of(self, label: str) -> str:
        """Return the words for a cell's id, whatever table it is of."""
        return _names(self).get(label, label)


def _names(plan: PublicationPlan) -> dict[str, str]:
    lists: list[Sequence[Label]] = [
        plan.themes, plan.groups, plan.outcomes, plan.bands, plan.forces, plan.alliances,
        plan.strategy_themes, *(force.directorates for force in plan.forces),
    ]  # fmt: skip
    return {ALL: "All"} | {label.id: label.name for labels in lists for label in labels}
