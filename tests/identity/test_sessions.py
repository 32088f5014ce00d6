"""A session ends: by the clock, by its owner, and by every change of her account."""

from datetime import timedelta

import pytest

from app.identity import access, service
from app.work import begin

MINUTE = timedelta(minutes=1)


def test_it_ends_when_nobody_opens_a_page(window, clock):
    window.signs_in()
    clock.now += 15 * MINUTE
    assert window.opens("/staff/account").status == 200
    clock.now += 15 * MINUTE + timedelta(seconds=1)
    assert window.opens("/staff/account").status == 303


def test_it_ends_after_eight_hours_whatever_is_opened(window, clock):
    window.signs_in()
    for _ in range(48):
        clock.now += 10 * MINUTE
        assert window.opens("/staff/account").status == 200
    clock.now += timedelta(seconds=1)
    assert window.opens("/staff/account").status == 303


def test_the_last_page_is_written_once_a_minute_at_most(window, staff, clock, monkeypatch):
    window.signs_in()
    writes = []
    real = access.touch
    monkeypatch.setattr(access, "touch", lambda *args: writes.append(1) or real(*args))
    for _ in range(24):
        clock.now += timedelta(seconds=10)
        window.opens("/staff/account")
    assert len(writes) == 4


def test_lapsed_sessions_are_swept_at_the_next_sign_in(window, another, staff, clock):
    window.signs_in()
    clock.now += 16 * MINUTE
    another.signs_in("helen")
    assert staff.asked("SELECT account FROM identity_session") == [("helen",)]


def test_who_comes_too_late_with_a_form_is_told(window, clock):
    window.signs_in()
    token = window.opens("/staff/account/password").token
    clock.now += 16 * MINUTE
    answer = window.client.post("/staff/account/password", data={"csrf_token": token})
    assert answer.status_code == 401
    assert "Sign in first" in answer.text


def test_signing_out_leaves_nothing(window, staff):
    window.signs_in()
    token = window.cookie()
    out = window.sends("/staff/sign-out", {}, page="/staff/account")
    assert out.status == 303
    assert out.answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert window.cookie() is None
    assert staff.asked("SELECT id FROM identity_session") == []
    assert [entry.subject for entry in staff.entries("session.ended")] == ["amara"]
    # The cookie somebody copied before is worth nothing now.
    window.client.set_cookie("candour", token)
    assert window.opens("/staff/account").status == 303


def test_signing_out_is_a_form_and_no_link(window):
    window.signs_in()
    assert window.client.get("/staff/sign-out").status_code == 405
    assert window.opens("/staff/account").status == 200


def test_who_is_signed_out_already_may_do_it_again(window):
    assert window.sends("/staff/sign-out", {}, page="/staff/sign-in").status == 303


def test_the_others_are_ended_from_ones_account(window, another, clock):
    window.signs_in()
    clock.now += MINUTE
    another.signs_in()
    page = another.opens("/staff/account")
    assert [row.select("td")[2].text for row in page.soup.select("tbody tr")] == [
        "This one",
        "Another",
    ]
    another.sends("/staff/account/end-sessions", {}, page="/staff/account")
    assert window.opens("/staff/account").status == 303
    assert another.opens("/staff/account").status == 200


@pytest.mark.parametrize("change", ["end", "move", "remove", "second factor"])
def test_a_change_of_the_account_ends_its_sessions(window, staff, clock, change):
    window.signs_in()
    with begin(staff.database, clock) as work:
        member = service.account(work, "amara").member
        if change == "end":
            assert service.end_sessions(work, "amara", by="operator") == 1
        elif change == "move":
            service.move(work, member)
        elif change == "remove":
            service.remove(work, "amara")
        else:
            service.renew_second_factor(work, "amara", secret_key=staff.secret_key)
    assert window.opens("/staff/account").status == 303


def test_other_cookies_are_nobodys(window):
    for token in ("", "x", "é", "A" * 42, "A" * 44, "A" * 2000, "!" * 43):
        window.client.set_cookie("candour", token)
        assert window.opens("/staff/account").status == 303
