"""The calendar as the statistics database stands: whose turn it is, and from which day on."""

from datetime import date

from app.errors import Missing, Refused
from app.trends.domain import Cadence, Period, PeriodKind, Table
from app.trends.plans import Plans, shipped
from app.trends.publication import cadence, due, freeze_day
from app.trends.service import published_volume
from app.trends.store import Freezes, Releases
from app.work import Work


class TooEarly(Refused):
    """The pre-announced day of this freeze has not come."""


class OutOfTurn(Refused):
    """An earlier quarter of this force is not frozen yet."""


class AlreadyFrozen(Refused):
    """The quarter was frozen; it never is again."""


class NothingDue(Missing):
    """The plan publishes nothing of this force that ends with this quarter."""


def cadence_of(work: Work, force: str, year: int, *, plans: Plans | None = None) -> Cadence:
    """Return how often the themes of `force` are published in `year`.

    The first freeze of the year decides it, from what was published of the year before.
    """
    decided = Freezes(work.session).cadence(force, year)
    if decided is not None:
        return decided
    plan = (plans or shipped()).of(Period(year, PeriodKind.QUARTER))
    first = plan.force(force).first_period
    return cadence(plan, force, year, published_volume(work, force, year - 1, first=first))


def check_turn(work: Work, force: str, quarter: Period, *, plans: Plans | None = None) -> None:
    """Check that `quarter` of `force` is what is to be frozen next, and that its day has come.

    Raises:
        AlreadyFrozen: if it was.
        TooEarly: if the pre-announced day is still to come.
        OutOfTurn: if an earlier quarter is to be frozen, or its release to be shown, first.
    """
    plans = plans or shipped()
    if Releases(work.session).of_quarter(force, quarter) is not None:
        raise AlreadyFrozen(f"{quarter} of {force} was frozen")
    day = freeze_day(plans.of(quarter), Table.QT, quarter)
    if work.today < day:
        raise TooEarly(f"{quarter} of {force} is frozen on {day}")
    following = next_quarter(work, force, plans=plans)
    if quarter < following:
        raise NothingDue(f"{quarter} of {force}")
    if quarter > following:
        raise OutOfTurn(f"{following} of {force} is to be frozen first")
    last = Releases(work.session).last(force)
    if last is not None and not last.confirmed:
        # What this freeze adds up to is read from what is shown.
        raise OutOfTurn(f"release {last.number} of {force} is to be shown first")


def next_quarter(work: Work, force: str, *, plans: Plans | None = None) -> Period:
    """Return the quarter of `force` that is to be frozen next, whether or not its day has come."""
    plans = plans or shipped()
    last = Releases(work.session).last(force)
    first = plans.newest.force(force).first_period
    quarter = first if last is None else Period.parse(last.period).next()
    return _due_from(work, force, quarter, plans)


def _due_from(work: Work, force: str, quarter: Period, plans: Plans) -> Period:
    while not due(quarter, cadence_of(work, force, quarter.year, plans=plans)):
        quarter = quarter.next()
    return quarter


def calendar_of(
    work: Work, force: str, *, ahead: int, plans: Plans | None = None
) -> list[tuple[Period, date]]:
    """Return the next `ahead` quarters of `force` to be frozen, with their pre-announced days."""
    plans = plans or shipped()
    found: list[tuple[Period, date]] = []
    quarter = next_quarter(work, force, plans=plans)
    while len(found) < ahead:
        found.append((quarter, freeze_day(plans.of(quarter), Table.QT, quarter)))
        quarter = _due_from(work, force, quarter.next(), plans)
    return found
