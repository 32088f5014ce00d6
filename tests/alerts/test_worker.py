"""An urgent concern is told to the people on call for its desk; nothing else is told to anybody."""

import pytest

from app.alerts import service
from app.alerts.domain import OnCall
from app.alerts.mail import MailRefused
from app.alerts.tables import AlertRow
from app.alerts.worker import AlertWorker
from app.work import begin, look

ON_CALL = OnCall({"psd": ("ann@example.org",), "ccu": ("bob@example.org", "cat@example.org")})


class Taken:
    """Stands for a mail server where only what it is handed matters."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        self.away = False

    def tell(self, addresses) -> None:
        if self.away:
            raise MailRefused("ConnectionRefusedError")
        self.told.append(tuple(addresses))


@pytest.fixture
def taken():
    return Taken()


@pytest.fixture
def worker(database, taken):
    return AlertWorker(database, taken, ON_CALL)


def noted(database, *desks):
    with begin(database) as work:
        service.note(work, desks)


def waiting(database):
    with look(database) as work:
        return service.waiting(work)


def test_each_desks_people_are_told_once(database, worker, taken):
    noted(database, "ccu", "psd", "psd")
    noted(database, "psd")
    assert waiting(database) == ["ccu", "psd"]
    worker.look_round()
    worker.look_round()
    assert taken.told == [("bob@example.org", "cat@example.org"), ("ann@example.org",)]
    assert waiting(database) == []


def test_a_server_that_is_away_is_tried_again(database, worker, taken):
    noted(database, "psd")
    taken.away = True
    worker.look_round()
    assert waiting(database) == ["psd"]
    taken.away = False
    worker.look_round()
    assert taken.told == [("ann@example.org",)]


def test_where_nobody_can_be_told_nothing_piles_up(database, taken):
    noted(database, "psd", "elsewhere")
    AlertWorker(database, None, OnCall({})).look_round()
    assert waiting(database) == []
    noted(database, "elsewhere")
    AlertWorker(database, taken, ON_CALL).look_round()
    assert waiting(database) == []
    assert taken.told == []


def test_a_row_tells_a_desk_and_no_moment():
    assert [column.name for column in AlertRow.__table__.columns] == ["desk"]


def test_nothing_that_fails_ends_the_worker(database, worker, monkeypatch, caplog):
    monkeypatch.setattr(service, "waiting", lambda _work: 1 / 0)
    worker.look_round()
