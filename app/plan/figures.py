"""Published figures as a plan cites them: in words, and only what stands in a release.

Nothing here counts. A figure is a released cell; its trend word is computed from released cells.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.errors import Missing
from app.plan.choices import Theme
from app.trends.domain import Table
from app.trends.publication import PublicationPlan, publication_plan
from app.trends.published import PublishedCell
from app.trends.releases import ReleasedTable
from app.trends.service import published_cells, releases
from app.trends.trend_words import TrendWord, compare, series
from app.trends.wording import About, short_period
from app.work import Work

ON_A_PAGE = 40
WHAT = {
    Table.TH: "Theme",
    Table.QT: "All concerns",
    Table.DY: "Directorate",
    Table.OY: "Outcome",
    Table.CY: "Time to close",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedFigure:
    """A released cell in words."""

    id: str
    force: str
    what: str
    names: tuple[str, ...]
    period: str
    value: int
    lower: int
    upper: int
    release: int
    trend: str
    withdrawn: bool

    @property
    def label(self) -> str:
        """What was counted: one name, or how many were counted together."""
        if len(self.names) > 1:
            return f"{self.what}: {len(self.names)} others combined"
        return self.what if self.names == ("All",) else f"{self.what}: {self.names[0]}"

    @property
    def about(self) -> str:
        """The figure, with what the added noise leaves open."""
        return str(About(self.value, self.lower, self.upper))

    @property
    def told(self) -> str:
        """All of it in one line, as the history keeps it."""
        said = f"{self.label}, {self.force}, {self.period}: {self.about}, release {self.release}"
        return f"{said}, {self.trend}" if self.trend else said


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A page of figures that may be cited."""

    figures: list[CitedFigure]
    forces: dict[str, str]
    force: str
    on_theme: bool
    page: int
    pages: int


def described(work: Work, ids: Iterable[str]) -> dict[str, CitedFigure]:
    """Return released cells in words, by id; withdrawn ones say so."""
    asked = set(ids)
    if not asked:
        return {}
    cells = [cell for cell in published_cells(work) if cell.id in asked]
    return {figure.id: figure for figure in _in_words(work, cells)}


def standing(work: Work, id: str) -> CitedFigure:
    """Return one released cell that was not withdrawn.

    Raises:
        Missing: if there is none of this id.
    """
    found = described(work, [id]).get(id)
    if found is None or found.withdrawn:
        raise Missing("a published cell")
    return found


def offered(work: Work, *, force: str, theme: Theme | None, page: int) -> Offer:
    """Return figures that may be cited, the newest first: published, and not withdrawn.

    Args:
        work: may be one that only reads.
        force: the id of one force, or empty for all.
        theme: leaves only published themes that speak to this one, and totals.
        page: counted from 1; beyond the last one the last is shown.
    """
    plan = publication_plan()
    cells = [
        cell
        for cell in published_cells(work)
        if not cell.withdrawn
        and (not force or cell.force == force)
        and (theme is None or speaks_to(plan, cell, theme))
    ]
    cells.sort(key=lambda cell: (cell.period.last_day, cell.force), reverse=True)
    pages = max(1, -(-len(cells) // ON_A_PAGE))
    page = min(max(page, 1), pages)
    shown = cells[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    return Offer(
        figures=_in_words(work, shown),
        forces={found.id: found.name for found in plan.forces},
        force=force,
        on_theme=theme is not None,
        page=page,
        pages=pages,
    )


def speaks_to(plan: PublicationPlan, cell: PublishedCell, theme: Theme) -> bool:
    """Say whether a published figure is about one of the eleven themes."""
    if cell.table is not Table.TH:
        return False
    wanted = {label.id for label in plan.strategy_themes if label.name == theme.label}
    themes = {found.id: set(found.strategy) for found in plan.themes}
    groups: dict[str, set[str]] = {}
    for found in plan.themes:
        groups.setdefault(found.group, set()).update(found.strategy)
    return any((themes | groups).get(member, set()) & wanted for member in cell.members)


def _in_words(work: Work, cells: Sequence[PublishedCell]) -> list[CitedFigure]:
    plan = publication_plan()
    tables = {
        force: [table for found in releases(work, force) if found.stands for table in found.tables]
        for force in sorted({cell.force for cell in cells})
    }
    return [
        CitedFigure(
            id=cell.id,
            force=plan.name_of(cell.force),
            what=WHAT[cell.table],
            names=tuple(plan.name_of(member) for member in cell.members),
            period=short_period(cell.period),
            value=cell.value,
            lower=cell.lower,
            upper=cell.upper,
            release=cell.number,
            trend=_trend(plan, tables[cell.force], cell),
            withdrawn=cell.withdrawn,
        )
        for cell in cells
    ]


def _trend(plan: PublicationPlan, tables: Sequence[ReleasedTable], cell: PublishedCell) -> str:
    # What was combined has no series of its own, and what was withdrawn is said nothing of.
    if len(cell.members) > 1 or cell.withdrawn:
        return ""
    same = [
        table
        for table in tables
        if table.table is cell.table and table.period.last_day <= cell.period.last_day
    ]
    word = compare(series(plan, same, cell.members[0])).word
    return "" if word is TrendWord.NOT_ENOUGH else word.value
