"""What tests of a case's course share: a course, the people of some desks, a blank sheet."""

from datetime import date

from app.casework.course import course_on
from app.casework.guards import Asked
from app.casework.sheet import CaseSheet
from app.casework.stepping import Wish, needed
from app.identity.domain import Role

DAY = date(2026, 11, 21)
COURSE = course_on(DAY)
SHEET = CaseSheet.blank("BCDF-2345", author="amara", on=DAY)
DESKS = {
    "psd": {"amara": Role.HANDLER, "tom": Role.HANDLER, "helen": Role.DESK_HEAD},
    "ccu": {"cass": Role.HANDLER, "cory": Role.DESK_HEAD},
    "independent": {"ruth": Role.DESK_HEAD, "dev": Role.HANDLER},
    "alternate": {"alma": Role.HANDLER},
}
# The same people in an alliance of forces, where each has desks to itself.
IN_ALLIANCE = {
    "psd-c": DESKS["psd"],
    "ccu-a": DESKS["ccu"],
    "independent-b": DESKS["independent"],
    "psdx": DESKS["alternate"],
}


def everybody(desks):
    return {id: (role, desk) for desk, members in desks.items() for id, role in members.items()}


EVERYBODY = everybody(DESKS)


def wish(step, code="", outcomes=(), reasons=None):
    asks = needed(COURSE.transitions[step].reasons) if step in COURSE.transitions else ()
    words = dict.fromkeys(asks, "Because") if reasons is None else reasons
    return Wish(step=step, asked=Asked(code=code, outcomes=outcomes), reasons=words)
