"""The plans of the demonstration: two public documents retold, and an invented alliance at work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from app.cli.demo_people import STAFF
from app.database import Database, open_database
from app.identity.domain import StaffId, StaffMember
from app.plan import editing, figures, loading, service
from app.plan.choices import EvidenceKind, Status
from app.plan.readers import Document, Progress
from app.plan.starting import STARTING, starting_plan
from app.trends.publication import publication_plan
from app.work import Work, begin, system_clock
from config import Settings

LOADED_BEFORE = timedelta(days=45)
ALLIANCE = "alliance"
# Actions that cite what many said, and the published theme whose newest figures they cite.
CITING = {1: "information-media", 2: "information-media", 4: "speaking-up"}


def sow(settings: Settings) -> None:
    """Load the plans and let some weeks of work go by. Releases, if any, are there before."""
    database = open_database(settings.statistics_url)
    with _days_ago(database, LOADED_BEFORE.days) as work:
        for name in STARTING:
            loading.load(work, starting_plan(name, work.today))
    with _days_ago(database, 20) as work:
        editing.cite_document(work, ALLIANCE, 2, _inspection(work.today), by=_person("iris"))
    with _days_ago(database, 12) as work:
        _progress(
            work, 5, "Eastmere has finished; Southdown begins in January.", Status.IN_PROGRESS
        )
        _progress(work, 6, "Panels of the next round are being filled.", Status.IN_PROGRESS)
    with _days_ago(database, 3) as work:
        _cite_figures(work)
    database.engine.dispose()


def _progress(work: Work, number: int, note: str, status: Status) -> None:
    action = service.find_action(work, ALLIANCE, number)
    progress = Progress(status=status, note=note, review_on=action.review_on)
    editing.note_progress(
        work, ALLIANCE, number, progress, version=action.version, by=_person("hugo")
    )


def _inspection(today: date) -> Document:
    return Document(
        kind=EvidenceKind.INSPECTION,
        title="Searches without a policing purpose: findings of a joint audit",
        source="Alliance audit team",
        dated_on=today - timedelta(days=60),
        why="Three systems log who searched and not why.",
    )


def _cite_figures(work: Work) -> None:
    for number, theme in CITING.items():
        name = publication_plan().name_of(theme)
        about = service.find_action(work, ALLIANCE, number).theme
        offer = figures.offered(work, force="", theme=about, page=1)
        for figure in [figure for figure in offer.figures if figure.names == (name,)][:1]:
            editing.cite_cell(
                work, ALLIANCE, number, cell=figure.id, told=figure.told, why="", by=_person("iris")
            )


@contextmanager
def _days_ago(database: Database, days: int) -> Iterator[Work]:
    with begin(database, lambda: system_clock() - timedelta(days=days)) as work:
        yield work


def _person(id: str) -> StaffMember:
    [found] = [person for person in STAFF if person.id == id]
    return StaffMember(
        id=StaffId(found.id), name=found.name, role=found.role, desk=found.desk, office=found.office
    )
