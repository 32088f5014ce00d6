"""Runs synthetic matters through every freeze of their calendar, in an empty store for each run."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from fractions import Fraction
from math import isqrt, sqrt
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from app.cli.matters import Matters
from app.cli.setting_up import migrate_statistics
from app.database import Database, open_database
from app.trends import freezing
from app.trends.calendar import NothingDue
from app.trends.disclosure import JOIN
from app.trends.domain import ALL, Cadence, Period, PeriodKind, Table
from app.trends.drawing import Opened, noise_of
from app.trends.plan_parts import Force, Label, PublicationPlan, Theme
from app.trends.plans import Plans
from app.trends.publication import freeze_day, publication_plan, rho
from app.trends.releases import Release, ReleasedTable
from app.work import begin

TABLES = frozenset({Table.TH, Table.QT, Table.DY})
COLUMNS = ("release", "table", "period", "force", "theme", "directorate", "value", "lower", "upper")
MOST_GROUPS = 5


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Matters and the plan they are published by; the plan is made of the whole file's labels."""

    matters: Matters
    plan: PublicationPlan
    groups: Mapping[str, str]  # a group's id to its themes, as a roll-up is written

    @classmethod
    def of(cls, matters: Matters) -> "Rehearsal":
        """Return the rehearsal of `matters`: variances, cap and threshold are the product's."""
        groups = _groups(matters.themes)
        group_of = {theme: group for group, themes in groups.items() for theme in themes}
        plan = replace(
            publication_plan(),
            themes=tuple(
                Theme(name, name, group=group_of[name], categories=(), strategy=())
                for name in matters.themes
            ),
            groups=tuple(Label(group, JOIN.join(themes)) for group, themes in groups.items()),
            forces=tuple(
                Force(
                    force,
                    force,
                    first_period=matters.quarters[0],
                    first_cadence=Cadence.HALF,
                    directorates=tuple(Label(name, name) for name in matters.directorates),
                )
                for force in matters.forces
            ),
            alliances=(),
        )
        return cls(matters, plan, {group: JOIN.join(names) for group, names in groups.items()})


def _groups(themes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return themes in at most five groups of about one size, in the order of their names."""
    count = min(MOST_GROUPS, len(themes))
    mark = "group"
    while any(theme.startswith(mark) for theme in themes):
        mark += "'"
    bounds = [len(themes) * at // count for at in range(count + 1)]
    return {f"{mark} {at + 1}": tuple(themes[bounds[at] : bounds[at + 1]]) for at in range(count)}


def rehearse(rehearsal: Rehearsal, folder: Path, *, runs: int) -> None:
    """Write `runs` independent runs into `folder`, each in a folder named by its number.

    Raises:
        FileExistsError: if one of them is there already.
    """
    with TemporaryDirectory(prefix="candour-rehearsal-") as kept:
        empty = Path(kept) / "empty.sqlite"
        migrate_statistics(f"sqlite:///{empty}")
        for run in range(runs):
            store = Path(kept) / f"{run}.sqlite"
            copyfile(empty, store)
            published = list(one_run(rehearsal, store))
            _write_run(rehearsal, folder / f"{run:03}", published)
            store.unlink()


def one_run(rehearsal: Rehearsal, store: Path) -> Iterator[tuple[str, list[Release]]]:
    """Freeze every quarter of the calendar in the empty store.

    Yields the name of each day's release, and what was published of each force that day.
    """
    database = open_database(f"sqlite:///{store}")
    try:
        for quarter in rehearsal.matters.quarters:
            releases = [
                release
                for force in rehearsal.matters.forces
                if (release := _freeze(database, rehearsal, force, quarter)) is not None
            ]
            if releases:
                yield f"R{_place(rehearsal, quarter):03}", releases
    finally:
        database.engine.dispose()


def _freeze(
    database: Database, rehearsal: Rehearsal, force: str, quarter: Period
) -> Release | None:
    plan, entries = rehearsal.plan, rehearsal.matters.entries
    day = freeze_day(plan, Table.QT, quarter)
    year = quarter.widened(PeriodKind.YEAR)
    opened = Opened(entries={part: entries.get((force, part), ()) for part in year.quarters})
    try:
        with begin(database, lambda: datetime.combine(day, time(12), UTC)) as work:
            plans = Plans(versions=(plan,), tables=TABLES)
            return freezing.freeze(work, force, quarter, opened, noise_of(plan), plans=plans)
    except NothingDue:
        return None


def _place(rehearsal: Rehearsal, quarter: Period) -> int:
    return rehearsal.matters.quarters.index(quarter) + 1


def _write_run(
    rehearsal: Rehearsal, place: Path, published: Sequence[tuple[str, list[Release]]]
) -> None:
    (place / "releases").mkdir(parents=True)
    for name, releases in published:
        _write_release(rehearsal, place / "releases" / f"{name}.csv", name, releases)
    told = _meta(rehearsal, [release for _name, some in published for release in some])
    (place / "meta.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _write_release(
    rehearsal: Rehearsal, path: Path, name: str, releases: Sequence[Release]
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for release in releases:
            for table in release.tables:
                writer.writerows(_rows(rehearsal, name, table))


def _rows(rehearsal: Rehearsal, name: str, table: ReleasedTable) -> Iterator[list[object]]:
    for figure in table.figures:
        key = JOIN.join(rehearsal.groups.get(member, member) for member in figure.members)
        yield [
            name, table.table.value, table.period, table.force,
            key if table.table is Table.TH else ALL,
            key if table.table is Table.DY else ALL,
            figure.value, figure.lower, figure.upper,
        ]  # fmt: skip


def _meta(rehearsal: Rehearsal, releases: Sequence[Release]) -> dict[str, object]:
    """Return what everybody may know of a run: how much noise, and by which plan."""
    plan = rehearsal.plan
    spent = sum((rho(plan, table) for table in TABLES), Fraction(0))
    days: dict[str, date] = {str(release.period): release.frozen_on for release in releases}
    return {
        "markers": {},
        "error": {
            "type": "gauss",
            "sigma": {table.value: isqrt(plan.sigma2[table]) for table in Table if table in TABLES},
        },
        "mu": sqrt(2 * spent),
        "vintages": 0,
        "rho": str(spent),
        "cap": str(plan.cap),
        "threshold": plan.threshold,
        "plan": plan.version,
        "forces": list(rehearsal.matters.forces),
        "themes": list(rehearsal.matters.themes),
        "directorates": list(rehearsal.matters.directorates),
        "frozen_on": {period: day.isoformat() for period, day in sorted(days.items())},
        "last_digests": {release.force: release.digest().hex() for release in releases},
    }
