"""Accounts are opened once and as they should be, and passwords are worth their cost."""

import threading
from dataclasses import replace

import pytest

from app.envelope.member_keys import MemberKey
from app.errors import Broken, Busy, Conflict, Missing
from app.identity import passwords, service
from app.identity.domain import Role
from app.identity.passwords import UnfitPassword
from app.identity.service import NewPassword, open_slot
from app.work import begin, look
from tests.identity.conftest import PASSWORD

OTHER = "another one that fits"


def enrolled(staff, **changes):
    said = {
        "id": "ruth",
        "name": "Ruth",
        "role": Role.DESK_HEAD,
        "desk": "independent",
        "password": PASSWORD,
        "key": MemberKey.generate(),
    } | changes
    with begin(staff.database) as work:
        return service.enrol(work, secret_key=staff.secret_key, **said)


def test_an_account_is_opened_once(staff):
    assert len(enrolled(staff)) == 32
    with pytest.raises(Conflict):
        enrolled(staff)
    [*_others, entry] = staff.entries("account.enrolled")
    assert (entry.subject, entry.details) == ("ruth", {"role": "desk-head"})


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "Ruth"},
        {"id": "r"},
        {"id": "r" * 32},
        {"name": ""},
        {"name": "x" * 81},
        {"desk": None},
        {"key": None},
        {"role": Role.ADMINISTRATOR},
        {"role": Role.ADMINISTRATOR, "desk": None},
        {"password": "x" * 14},
        {"password": "x" * 201},
    ],
)
def test_an_account_that_does_not_fit_is_not_opened(staff, changes):
    with pytest.raises(ValueError, match=r".*"):
        enrolled(staff, **changes)
    assert staff.asked("SELECT id FROM identity_account WHERE id LIKE 'r%'") == []


def test_nobody_is_missing_from_what_is_asked_of_nobody(staff):
    with begin(staff.database) as work:
        for ask in (
            lambda: service.account(work, "nobody"),
            lambda: service.remove(work, "nobody"),
            lambda: service.renew_second_factor(work, "nobody", secret_key=staff.secret_key),
            lambda: service.change_password(work, "nobody", old=None, new=NewPassword.of(PASSWORD)),
        ):
            with pytest.raises(Missing):
                ask()


def test_nobody_becomes_an_administrator_by_moving(staff):
    with begin(staff.database) as work:
        member = service.account(work, "amara").member
        with pytest.raises(ValueError, match="another account"):
            service.move(work, replace(member, role=Role.ADMINISTRATOR, desk=None))


# --- passwords


def test_a_run_is_libsodiums(monkeypatch):
    """At its real size: RFC 9106, section 4, second recommended option, in one lane."""
    from nacl.pwhash import argon2id

    monkeypatch.undo()
    salt = bytes(range(16))
    theirs = argon2id.kdf(32, b"password", salt, opslimit=3, memlimit=64 * 1024 * 1024)
    assert passwords._run(b"password", salt) == theirs


def test_runs_at_once_wait_for_nobody(monkeypatch):
    """With more lanes than one they did, for ever."""
    runs = [
        threading.Thread(target=passwords.stretch, args=(PASSWORD, bytes(16)), daemon=True)
        for _ in range(passwords.IN_ROOM)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join(timeout=30)
    assert not any(run.is_alive() for run in runs)
    assert passwords.LANES == 1


def test_the_two_halves_say_nothing_of_each_other():
    one = passwords.stretch(PASSWORD, bytes(16))
    assert one.login != one.slot_key
    assert one == passwords.stretch(PASSWORD, bytes(16))
    assert passwords.stretch(PASSWORD, bytes(15) + b"1").login != one.login
    assert one.login.hex() not in repr(one)


def test_a_process_runs_few_at_once(monkeypatch):
    held = [passwords._room.acquire(blocking=False) for _ in range(passwords.IN_ROOM)]
    try:
        with pytest.raises(Busy):
            passwords.stretch(PASSWORD, bytes(16))
    finally:
        for _ in filter(None, held):
            passwords._room.release()
    passwords.stretch(PASSWORD, bytes(16))


def test_what_fails_gives_its_place_back(monkeypatch):
    for _ in range(passwords.IN_ROOM + 1):
        with pytest.raises(ValueError, match="salt"):
            passwords.stretch(PASSWORD, b"")
    passwords.stretch(PASSWORD, bytes(16))


def test_a_new_password_opens_the_same_key(staff, window, another, people, clock):
    window.signs_in()
    page = window.sends("/staff/account/password", {"old": PASSWORD, "new": OTHER, "again": OTHER})
    assert (page.status, page.answer.headers["Location"]) == (303, "/staff/sign-in")
    assert window.opens("/staff/account").status == 303, "every session was ended"
    clock.now = clock.now.replace(minute=1)
    assert another.signs_in().status == 422
    assert another.signs_in(password=OTHER).status == 303
    with look(staff.database) as work:
        account = service.account(work, "amara")
    assert open_slot(account, passwords.stretch(OTHER, account.salt)) == people.keys["amara"]
    assert [entry.actor for entry in staff.entries("password.changed")] == ["amara"]


def test_an_administrator_changes_hers_too(window, another, clock):
    window.signs_in("sam")
    window.sends("/staff/account/password", {"old": PASSWORD, "new": OTHER, "again": OTHER})
    clock.now = clock.now.replace(minute=1)
    assert another.signs_in("sam", password=OTHER).status == 303


UNFIT = [
    ({"old": OTHER, "new": OTHER, "again": OTHER}, "old"),
    ({"old": "", "new": OTHER, "again": OTHER}, "old"),
    ({"old": PASSWORD, "new": "short", "again": "short"}, "new"),
    ({"old": PASSWORD, "new": "x" * 201, "again": "x" * 201}, "new"),
    ({"old": PASSWORD, "new": "", "again": ""}, "new"),
    ({"old": PASSWORD, "new": OTHER, "again": OTHER + "."}, "again"),
    ({"old": PASSWORD, "new": OTHER}, "again"),
]


def test_a_new_password_that_does_not_fit_is_a_page(window):
    window.signs_in()
    for form, field in UNFIT:
        page = window.sends("/staff/account/password", form)
        assert page.status == 422
        assert page.soup.select_one(".govuk-error-summary a")["href"] == f"#{field}"
        assert OTHER not in page.answer.text
        assert window.opens("/staff/account").status == 200


def test_wrong_guesses_at_the_old_password_are_recorded_and_lock(window, staff):
    """A browser left open is no oracle for its owner's password."""
    window.signs_in()
    for _ in range(5):
        page = window.sends("/staff/account/password", {"old": OTHER, "new": OTHER, "again": OTHER})
        assert page.status == 422
    assert len(staff.entries("sign-in.failed")) == 5
    assert len(staff.entries("sign-in.locked")) == 1
    assert window.opens("/staff/account").status == 303, "and its sessions are over"


def test_a_short_password_says_so():
    with pytest.raises(UnfitPassword, match="15"):
        passwords.check("x" * 14)


def test_a_cut_secret_is_broken(staff):
    with look(staff.database) as work, pytest.raises(Broken):
        service.current_code(work, "amara", secret_key="another key for the portal, long")
