"""Three invented years of three forces, published by the steps of a freeze: made once, copied."""

import shutil
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path

from app.cli.demo_matters import Dice
from app.cli.demo_releases import invented
from app.database import open_database
from app.trends import service
from app.trends.calendar import NothingDue
from app.trends.domain import Period, Table
from app.trends.drawing import noise_of
from app.trends.freezing import freeze
from app.trends.publication import freeze_day, publication_plan
from app.trends.published import PublishedRelease
from app.work import begin, look
from tests.migrating import migrate_statistics

PLAN = publication_plan()
LAST = Period.parse("2025Q4")


def quarters_until(last: Period) -> list[Period]:
    found = [PLAN.forces[0].first_period]
    while found[-1] < last:
        found.append(found[-1].next())
    return found


@cache
def published(folder: Path) -> Path:
    """Return a statistics database with every release up to the end of 2025."""
    path = folder / "invented.sqlite"
    migrate_statistics(f"sqlite:///{path}")
    database = open_database(f"sqlite:///{path}")
    for quarter in quarters_until(LAST):
        day = datetime.combine(freeze_day(PLAN, Table.QT, quarter), time(12), UTC)
        for force in PLAN.forces:
            dice = Dice("test", force.id, str(quarter))
            opened = invented(PLAN, force.id, quarter)
            try:
                with begin(database, lambda day=day: day) as work:
                    freeze(work, force.id, quarter, opened, noise_of(PLAN, dice.below))
            except NothingDue:
                continue
    with database.engine.connect() as connection:
        connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.engine.dispose()
    return path


def copy_to(source: Path, target: Path) -> str:
    target.parent.mkdir(exist_ok=True)
    return f"sqlite:///{shutil.copy(source, target)}"


def all_releases(database) -> dict[str, list[PublishedRelease]]:
    with look(database) as work:
        return {force.id: service.releases(work, force.id) for force in PLAN.forces}


def tables_of(releases):
    return {
        force: [table for found in some if found.stands for table in found.tables]
        for force, some in releases.items()
    }
