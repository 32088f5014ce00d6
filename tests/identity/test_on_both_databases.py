"""What a database decides: who is first, how late it is, and what is gone."""

import threading
from datetime import timedelta

import pytest

from app.identity import passwords, service
from app.identity.signing_in import Attempt, Refusal, SignedIn, resume, salt_for, sign_in
from app.work import begin, look
from tests.identity.conftest import PASSWORD


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request, database_url) -> str:
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    return database_url


def attempt(staff, people, code):
    with look(staff.database) as work:
        salt = salt_for(work, "amara")
    typed = Attempt(name="amara", stretched=passwords.stretch(PASSWORD, salt), code=code)
    with begin(staff.database, staff.clock) as work:
        return sign_in(work, typed, people.keyring, secret_key=staff.secret_key)


def together(count, act):
    start, outcomes = threading.Barrier(count), []

    def run():
        start.wait()
        outcomes.append(act())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_two_at_once_one_uses_the_code(staff, people):
    code = staff.code("amara")
    outcomes = together(2, lambda: attempt(staff, people, code))
    assert sorted(isinstance(outcome, SignedIn) for outcome in outcomes) == [False, True]
    assert Refusal.CODE in outcomes


def test_failures_at_once_are_all_counted(staff, people):
    assert together(5, lambda: attempt(staff, people, "000000")) == [Refusal.CODE] * 5
    assert attempt(staff, people, staff.code("amara")) is Refusal.LOCKED
    staff.clock.now += timedelta(minutes=15)
    assert isinstance(attempt(staff, people, staff.code("amara")), SignedIn)


def test_a_session_ends_by_the_clock(staff, people):
    signed_in = attempt(staff, people, staff.code("amara"))
    for later, there in ((0, True), (15, True), (15.1, False)):
        with look(staff.database, lambda later=later: staff.clock() + later * MINUTE) as work:
            assert (resume(work, signed_in.token) is not None) == there


MINUTE = timedelta(minutes=1)


def test_a_page_as_a_whole(window, staff, clock):
    assert window.signs_in().status == 303
    clock.now += 2 * MINUTE
    assert window.opens("/staff/account").status == 200
    assert window.sends("/staff/sign-out", {}, page="/staff/account").status == 303
    assert window.signs_in("sam").status == 303
    assert window.opens("/staff/system").status == 200
    with look(staff.database) as work:
        assert service.count_accounts(work)[service.Role.HANDLER] == 1
