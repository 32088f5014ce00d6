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
EVERYBODY = {id: (role, desk) for desk, members in DESKS.items() for id, role in members.items()}


def wish(step, code="", outcomes=(), reasons=None):
    asks = needed(COURSE.transitions[step].reasons) if step in COURSE.transitions else ()
    words = dict.fromkeys(asks, "Because") if reasons is None else reasons
    return Wish(step=step, asked=Asked(code=code, outcomes=outcomes), reasons=words)
