"""Whatever goes wrong is a page in plain words: never a traceback, never a quotation."""

import errno

import pytest
from sqlalchemy.exc import OperationalError

from app.errors import Broken, Busy, Conflict, Full, Missing, PortalError, Refused
from app.web.doors import open_to_reporters

ON_SQLITE_UNLESS_PROVING = True

CANARY = "the words of a reporter"
RAISED = [
    (Refused(CANARY), 403),
    (Missing(CANARY), 404),
    (Conflict(CANARY), 409),
    (Busy(CANARY), 503),
    (Full(CANARY), 507),
    (Broken(CANARY), 500),
    (OSError(errno.ENOSPC, CANARY), 507),
    (OperationalError("INSERT", {"words": CANARY}, Exception("database or disk is full")), 507),
    (OperationalError("INSERT", {"words": CANARY}, Exception("database is locked")), 503),
    (OperationalError("INSERT", {"words": CANARY}, Exception(CANARY)), 500),
    (ValueError(CANARY), 500),
]


@pytest.mark.parametrize(("error", "status"), RAISED, ids=lambda value: str(value)[:40])
def test_an_error_is_a_page(portal, capfd, error, status):
    @open_to_reporters
    def fails():
        raise error

    portal.add_url_rule("/fails", "fails", fails)
    portal.testing = False
    answer = portal.test_client().get("/fails")
    assert answer.status_code == status
    assert answer.text.count("<h1") == 1
    written = capfd.readouterr()
    assert CANARY not in answer.text + written.err + written.out
    assert "Traceback" not in answer.text + written.err + written.out
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_tree_is_mapped_whole():
    from app.web.error_pages import STATUS

    assert set(PortalError.__subclasses__()) == set(STATUS)
