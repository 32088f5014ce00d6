"""Signing in: one answer for every refusal, and a session that nobody chose beforehand."""

import base64
from datetime import timedelta
from hashlib import sha256
from urllib.parse import quote

import pytest

from app.identity import passwords
from tests.identity.conftest import PASSWORD, Window

STEP = timedelta(seconds=30)


def test_a_member_signs_in(window, staff):
    answer = window.signs_in()
    assert answer.status == 303
    assert answer.answer.headers["Location"] == "/staff/"
    assert window.opens("/staff/account").heading == "Your account"
    verbs = [entry.verb.value for entry in staff.entries() if entry.actor == "amara"]
    assert verbs == ["sign-in.succeeded", "key.unlocked"]


def test_an_administrator_comes_to_the_system(window, staff):
    answer = window.signs_in("sam")
    assert answer.answer.headers["Location"] == "/staff/system"
    assert window.opens("/staff/system").heading == "The system"
    assert staff.entries("key.") == []


def test_spaces_and_capitals_do_not_matter_where_nobody_means_them(window, staff):
    code = staff.code("amara")
    assert window.signs_in(" Amara ", code=f"{code[:3]} {code[3:]}").status == 303


WRONG = [
    {"id": "nobody", "code": "123456"},
    {"id": "'; --", "code": "123456"},
    {"id": "x" * 70, "code": "123456"},
    {"password": "another that is long"},
    {"password": PASSWORD + " "},
    {"password": PASSWORD.upper()},
    {"code": "000000"},
    {"code": "\u0660" * 6},
    {"code": "abc"},
]


def test_every_refusal_looks_the_same(window, clock):
    seen = set()
    for wrong in WRONG:
        clock.now += STEP * 10
        page = window.signs_in(**wrong)
        assert page.status == 422
        seen.add(tuple(page.errors))
        assert window.cookie() is None
    assert len(seen) == 1


def test_every_refusal_costs_the_same(window, clock, monkeypatch):
    runs = []
    real = passwords._run
    monkeypatch.setattr(passwords, "_run", lambda *args: runs.append(1) or real(*args))
    for wrong in WRONG:
        clock.now += STEP * 10
        runs.clear()
        window.signs_in(**wrong)
        assert runs == [1], wrong
    # The account is locked by now, and that costs the same too.
    runs.clear()
    assert window.signs_in().status == 422
    assert runs == [1]


def test_what_was_typed_is_recorded_nowhere(window, staff):
    window.signs_in("my-password-typed-here", "in the wrong field!", "123456")
    [entry] = staff.entries("sign-in.failed")
    assert b"typed" not in entry.leaf()
    assert (entry.actor, entry.subject, entry.details) == (
        "sign-in",
        "",
        {"reason": "unknown-name"},
    )


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [({"password": "another that is long"}, "password"), ({"code": "000000"}, "code")],
)
def test_a_failure_is_recorded_though_it_is_refused(window, staff, wrong, reason):
    window.signs_in(**wrong)
    [entry] = staff.entries("sign-in.failed")
    assert (entry.subject, entry.details) == ("amara", {"reason": reason})


def test_a_form_half_filled_is_a_page(window):
    form = {"name": "amara", "password": PASSWORD, "code": "123456"}
    for missing in form:
        page = window.sends("/staff/sign-in", form | {missing: ""})
        assert page.status == 422
        assert len(page.errors) == 1
        assert page.soup.select_one(".govuk-error-summary a")["href"] == f"#{missing}"


ODD = [
    {"name": "x" * 1000},
    {"password": "x" * 1000},
    {"code": "1" * 1000},
    {"name": "\0"},
    {"password": "\0" * 20},
    {"password": "\ud800".encode("utf-8", "surrogatepass") * 9},
    {"next": "x" * 1000},
]


def test_odd_input_is_a_page(window, clock):
    for form in ODD:
        clock.now += STEP * 40
        said = {"name": "amara", "password": PASSWORD, "code": "000000", "next": ""} | form
        assert window.sends("/staff/sign-in", said).status == 422, form


def test_a_password_of_another_keyboard_is_the_same(window, staff, people):
    staff.enrol("tom", people.keys["tom"], password="caf\u00e9 au lait, please")
    assert window.signs_in("tom", "cafe\u0301 au lait, please").status == 303


# --- codes


def test_a_code_is_good_once(window, another, staff, clock):
    code = staff.code("amara")
    assert window.signs_in(code=code).status == 303
    assert another.signs_in(code=code).status == 422
    clock.now += STEP
    assert another.signs_in(code=code).status == 422
    assert another.signs_in().status == 303


def test_a_code_before_the_last_used_is_refused(window, another, staff, clock):
    earlier = staff.code("amara")
    clock.now += STEP
    assert window.signs_in().status == 303
    assert another.signs_in(code=earlier).status == 422


def test_a_clock_may_be_off_by_one_step(window, staff, clock):
    for off, status in ((-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)):
        now = clock.now + STEP * 10
        clock.now = now + STEP * off
        code = staff.code("amara")
        clock.now = now
        assert window.signs_in(code=code).status == status


def test_two_browsers_with_one_code_get_one_session(window, another, staff):
    """The step is taken by a compare-and-swap, whatever both have read before."""
    from app.identity.store import AccountStore
    from app.work import begin

    with begin(staff.database) as work:
        accounts = AccountStore(work.session)
        assert [accounts.use_step("amara", 5), accounts.use_step("amara", 5)] == [True, False]
        assert not accounts.use_step("amara", 4)
        assert accounts.use_step("amara", 6)


def test_a_code_secret_moved_to_another_account_does_not_open(window, staff):
    """Somebody who writes to the database gives the handler the secret of an account of his."""
    staff.planted(
        "UPDATE identity_account SET totp_sealed = "
        "(SELECT totp_sealed FROM identity_account WHERE id = 'sam') WHERE id = 'amara'"
    )
    staff.secrets["amara"] = staff.secrets["sam"]
    assert window.signs_in().status == 500
    assert window.cookie() is None


# --- locking


def test_five_failures_lock_for_a_quarter_of_an_hour(window, staff, clock):
    for _ in range(5):
        window.signs_in(code="000000")
    [locked] = staff.entries("sign-in.locked")
    assert locked.subject == "amara"
    right = window.signs_in()
    assert right.status == 422
    assert staff.entries("sign-in.failed")[-1].details == {"reason": "locked"}
    clock.now += timedelta(minutes=15, seconds=-1)
    assert window.signs_in().status == 422
    clock.now += timedelta(seconds=1)
    assert window.signs_in().status == 303


def test_a_success_forgives_what_failed_before(window, staff, clock):
    for _ in range(3):
        for _ in range(4):
            window.signs_in(code="000000")
        clock.now += STEP
        assert window.signs_in().status == 303
    assert staff.entries("sign-in.locked") == []


def test_one_locked_account_locks_nobody_else(window, another):
    for _ in range(6):
        window.signs_in(code="000000")
    assert another.signs_in("helen").status == 303


def test_trying_a_locked_account_locks_it_no_longer(window, clock):
    for _ in range(5):
        window.signs_in(code="000000")
    clock.now += timedelta(minutes=14)
    window.signs_in(code="000000")
    clock.now += timedelta(minutes=1)
    assert window.signs_in().status == 303


def test_too_many_at_once_are_told_to_come_back(window, staff):
    held = [passwords._room.acquire(blocking=False) for _ in range(passwords.IN_ROOM)]
    try:
        assert window.signs_in().status == 503
    finally:
        for _ in filter(None, held):
            passwords._room.release()
    assert window.signs_in().status == 303


# --- the cookie


def test_nothing_but_the_forms_cookie_before_signing_in(window):
    window.opens("/staff/sign-in")
    names = {cookie.key for cookie in window.client._cookies.values()}
    assert names == {"candour-form"}


def test_the_cookie_is_for_this_site_and_no_script(window):
    line = next(
        line
        for line in window.signs_in().answer.headers.getlist("Set-Cookie")
        if line.startswith("candour=")
    )
    assert "HttpOnly" in line
    assert "SameSite=Strict" in line
    assert "Path=/" in line
    assert "Domain" not in line
    assert "Expires" not in line, "it goes with the browser"
    assert "Secure" not in line, "this portal has no TLS; see the next test"


def test_over_tls_the_cookie_belongs_to_the_host(portal, settings, staff, monkeypatch):
    from dataclasses import replace

    portal.extensions["candour"]["settings"] = replace(settings, secure_cookies=True)
    line = next(
        line
        for line in Window(portal, staff).signs_in().answer.headers.getlist("Set-Cookie")
        if "candour=" in line
    )
    assert line.startswith("__Host-candour=")
    assert "Secure" in line


def test_cookies_of_the_library_mean_nothing(window):
    window.signs_in()
    window.client.set_cookie("remember_token", "amara|0")
    assert window.opens("/staff/account").status == 200
    window.client.delete_cookie("candour")
    assert window.opens("/staff/account").status == 303


def test_a_session_cannot_be_chosen_beforehand(window, staff):
    chosen = base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")
    window.client.set_cookie("candour", chosen)
    before = window.opens("/staff/sign-in").token
    window.signs_in()
    assert window.cookie() != chosen
    # Nor can the token of its forms.
    answer = window.client.post("/staff/sign-out", data={"csrf_token": before})
    assert answer.status_code == 400
    stored = staff.asked("SELECT id FROM identity_session")
    assert [bytes(row[0]) for row in stored] != [sha256(bytes(32)).digest()]


def test_signing_in_again_ends_the_session_before(window, staff, clock):
    window.signs_in()
    first = window.cookie()
    clock.now += STEP
    window.signs_in()
    assert window.cookie() != first
    assert len(staff.asked("SELECT id FROM identity_session")) == 1


def test_a_failed_attempt_ends_no_session(window):
    window.signs_in()
    window.signs_in(code="000000")
    assert window.opens("/staff/account").status == 200


# --- the way back


def test_who_asked_for_a_page_comes_back_to_it(window):
    sent = window.opens("/staff/account")
    assert sent.status == 303
    assert sent.answer.headers["Location"] == "/staff/sign-in?next=/staff/account"
    page = window.opens(sent.answer.headers["Location"])
    way_back = page.soup.select_one("input[name=next]")["value"]
    assert way_back == "/staff/account"
    answer = window.signs_in(next=way_back)
    assert answer.answer.headers["Location"] == "/staff/account"


ELSEWHERE = [
    "https://example.org/",
    "//example.org",
    "/\\example.org",
    "/staff//example.org",
    "/staff/../",
    "/staffordshire",
    "/staff/x?y=z",
    "/staff/x\nSet-Cookie: a=b",
    "/staff/account\n",
    "/staff/%2e%2e",
    "javascript:alert(1)",
    "staff/account",
    "/",
]


def test_the_way_back_leads_nowhere_else(window, clock):
    for elsewhere in ELSEWHERE:
        clock.now += STEP
        answer = window.signs_in(next=elsewhere).answer
        assert answer.headers["Location"] == "/staff/", elsewhere
        page = window.opens("/staff/sign-in?next=" + quote(elsewhere))
        assert page.soup.select_one("input[name=next]")["value"] == ""


# --- forms of other sites


def test_a_form_of_another_site_does_nothing(window, portal):
    window.signs_in()
    form = {"name": "amara", "password": PASSWORD, "code": "1", "old": PASSWORD, "new": "x" * 20}
    posts = [
        rule.rule
        for rule in portal.url_map.iter_rules()
        if "POST" in rule.methods and rule.endpoint.startswith("identity.")
    ]
    assert len(posts) == 4
    for path in posts:
        assert window.client.post(path, data=form).status_code == 400, path
        assert window.opens("/staff/account").status == 200


def test_a_token_of_another_browser_is_not_taken(window, another):
    token = another.opens("/staff/sign-in").token
    window.opens("/staff/sign-in")
    answer = window.client.post("/staff/sign-in", data={"csrf_token": token})
    assert answer.status_code == 400
