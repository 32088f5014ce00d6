"""The words of these pages for what the domain knows by name."""

from app.freeze.domain import Fault
from app.trends.domain import Cadence, Period, Table
from app.trends.wording import months_of

TABLES = {
    Table.QT: "How many concerns, in all",
    Table.TH: "Themes",
    Table.DY: "Directorates",
    Table.OY: "Outcomes",
    Table.CY: "Time to close",
}
CADENCES = {
    Cadence.QUARTER: "themes every quarter",
    Cadence.HALF: "themes every half-year",
    Cadence.YEAR: "themes once a year",
    Cadence.GROUPS: "groups of themes once a year",
}
FAULTS = {
    Fault.NOT_OURS: "sealed to somebody else, or altered",
    Fault.ALTERED: "altered after it was sealed",
    Fault.ELSEWHERE: "moved here from another force or period, or a copy of another",
    Fault.UNKNOWN_LABEL: "counted under something that the publication plan does not name",
}


def in_months(period: Period | str) -> str:
    """Return a period, or the text of one, as a page says it: July to September 2025."""
    return months_of(Period.parse(period) if isinstance(period, str) else period)
