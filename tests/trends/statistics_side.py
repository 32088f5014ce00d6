"""A small plan and a statistics database that a test can freeze on."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from app.trends.domain import Cadence, Closure, Entry, Period, Table
from app.trends.drawing import Opened
from app.trends.plans import Plans
from app.trends.publication import Force, Label, freeze_day, publication_plan
from app.trends.slips import ReceivedSlip, SlipKind
from app.work import begin, look

DIRECTORATES = (Label("operations", "Operations"), Label("unknown", "Not known"))
NORTH, SOUTH = "north", "south"
QUARTERS = [part for year in ("2025", "2026", "2027") for part in Period.parse(year).quarters]


def plans(cadence=Cadence.HALF, first="2025Q1", forces=(NORTH, SOUTH), **changes) -> Plans:
    plan = replace(
        publication_plan(),
        version=1,
        effective_from=date(2025, 1, 1),
        forces=tuple(
            Force(
                id=force,
                name=force.title(),
                first_period=Period.parse(first),
                first_cadence=cadence,
                directorates=DIRECTORATES,
            )
            for force in forces
        ),
        alliances=(),
        **changes,
    )
    return Plans(versions=(plan,))


def quarter(text: str) -> Period:
    return Period.parse(text)


def noiseless(_table: Table) -> int:
    return 0


def opened(count=30, *, closures=12, plan=None) -> Opened:
    """Slips of every quarter of three years, the first theme taking most."""
    plan = plan or publication_plan()
    themes = [theme.id for theme in plan.themes]
    entries = [Entry(themes[0 if n % 3 else n % len(themes)], "operations") for n in range(count)]
    ended = [Closure(plan.outcomes[0].id, plan.bands[0].id) for _ in range(closures)]
    return Opened(entries=dict.fromkeys(QUARTERS, entries), closures=ended)


def slip(number=1, *, force=NORTH, period="2025Q1", kind=SlipKind.ENTRY, payload=b"sealed"):
    return ReceivedSlip(
        id=number.to_bytes(16), force=force, period=Period.parse(period), kind=kind,
        header=b"header", payload=payload,
    )  # fmt: skip


def day_of(text: str, using: Plans) -> datetime:
    """Noon of the day on which a quarter is frozen."""
    found = Period.parse(text)
    return datetime.combine(freeze_day(using.of(found), Table.QT, found), time(12), UTC)


class Side:
    """A statistics database with a clock."""

    def __init__(self, database, clock, using: Plans | None = None) -> None:
        self.database, self.clock, self.plans = database, clock, using or plans()

    def writing(self):
        return begin(self.database, self.clock)

    def reading(self):
        return look(self.database, self.clock)

    def freeze(self, text: str, *, force=NORTH, slips: Opened | None = None, draw=noiseless):
        from app.trends.freezing import freeze

        self.clock.now = max(self.clock.now, day_of(text, self.plans))
        with self.writing() as work:
            return freeze(
                work, force, Period.parse(text), slips or opened(), draw, plans=self.plans
            )
