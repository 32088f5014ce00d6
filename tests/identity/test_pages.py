"""What each page shows, and to whom."""

import pytest

from app.audit import checkpoints
from app.audit.service import checkpoint
from app.audit.signing import LogKey
from app.identity.domain import GRANTS, Permission, Role, StaffMember
from app.work import look


def test_the_sign_in_page_asks_for_three_things(window):
    page = window.opens("/staff/sign-in")
    fields = {field["name"]: field for field in page.soup.select("form input")}
    assert set(fields) == {"csrf_token", "next", "name", "password", "code"}
    assert fields["name"]["autocomplete"] == "username"
    assert fields["password"]["type"] == "password"
    assert fields["code"]["autocomplete"] == "one-time-code"
    assert fields["code"]["inputmode"] == "numeric"
    for name in ("name", "password", "code"):
        assert page.soup.select_one(f"label[for={fields[name]['id']}]")


def test_what_was_typed_as_a_password_does_not_come_back(window):
    page = window.signs_in(password="a wrong one, typed", code="000000")
    assert "a wrong one, typed" not in page.answer.text
    assert "000000" not in page.answer.text
    assert page.soup.select_one("input[name=name]")["value"] == "amara"


def test_every_message_is_read_with_its_field(window):
    page = window.sends("/staff/sign-in", {"name": "", "password": "", "code": ""})
    for name in ("name", "password", "code"):
        field = page.soup.select_one(f"#{name}")
        assert f"{name}-error" in field["aria-describedby"].split()
        assert page.soup.select_one(f"#{name}-error")


def test_the_header_says_who_is_signed_in_and_how_to_leave(window):
    assert window.opens("/staff/sign-in").soup.select("header form") == []
    window.signs_in()
    header = window.opens("/staff/account").soup.select_one("header")
    assert header.select_one("a[href='/staff/account']").text == "Amara"
    assert header.select_one("form")["action"] == "/staff/sign-out"


def test_the_name_of_the_portal_leads_home(window, another):
    window.signs_in()
    another.signs_in("sam")
    for who, home in ((window, "/staff/"), (another, "/staff/system")):
        header = who.opens("/staff/account").soup.select_one("header")
        assert header.select_one("a")["href"] == home
        assert who.opens(home).status == 200


def test_an_error_page_looks_nobody_up(window, staff):
    window.signs_in()
    staff.planted("UPDATE identity_account SET desk = 'independent' WHERE id = 'amara'")
    assert window.opens("/staff/no-such-page").status == 404
    assert window.opens("/staff/sign-in").status == 200


def test_an_account_page_is_ones_own(window):
    window.signs_in()
    text = window.opens("/staff/account").soup.text
    assert "Amara" in text
    assert "Handler" in text
    assert "Professional Standards" in text
    assert "Helen" not in text


def test_the_system_page_is_the_administrators(window, another):
    window.signs_in()
    assert window.opens("/staff/system").status == 403
    another.signs_in("sam")
    assert another.opens("/staff/system").status == 200


def test_the_system_page_counts_and_tells_nothing(window, staff, settings, clock, people):
    window.signs_in("sam")
    page = window.opens("/staff/system")
    rows = {
        row.select_one("dt").text.strip(): row.select_one("dd").text.strip()
        for row in page.soup.select(".govuk-summary-list__row")
    }
    assert rows["Serial"] == "1"
    assert rows["Members"] == str(len(people.keyring.members))
    assert (rows["Handler"], rows["Desk head"], rows["Administrator"]) == ("1", "1", "1")
    assert rows["Custodian of the statistics"] == "0"
    assert rows["Entries"] == str(len(staff.entries()))
    assert rows["Last checkpoint"] == "None was taken"
    assert "case" not in page.soup.select_one("main").text.lower().replace("no case is", "")

    with look(staff.database) as work:
        note = checkpoint(work, LogKey.of_seed(bytes(32)))
    checkpoints.keep(settings.data, note, today=clock.now.date())
    assert "21 November 2026, at" in window.opens("/staff/system").soup.text


def test_the_system_page_warns_of_an_expiry(window, people, settings, clock):
    window.signs_in("sam")
    folder = settings.keyring.parent
    people.write_keyring(folder, people.next_keyring(expires_on=clock.now.date().replace(day=30)))
    assert "expires in 9 days" in window.opens("/staff/system").soup.text
    clock.now = clock.now.replace(month=12)
    window.signs_in("sam")
    assert "expired" in window.opens("/staff/system").soup.text


def test_an_administrator_reads_no_case():
    sam = StaffMember(id="sam", name="Sam", role=Role.ADMINISTRATOR)
    assert not sam.may(Permission.READ_CASES)
    assert not sam.may(Permission.WRITE_TO_REPORTERS)
    assert set(GRANTS) == set(Role)


@pytest.mark.parametrize("path", ["/staff/account", "/staff/account/password", "/staff/system"])
def test_nothing_is_kept_by_the_browser(window, path):
    window.signs_in("sam")
    assert window.opens(path).answer.headers["Cache-Control"] == "no-store"
