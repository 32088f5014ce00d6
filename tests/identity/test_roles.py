"""Each role sees what is for it and begins at its own page; the sides never meet in one person."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from app.identity import navigation, service
from app.identity.domain import (
    GRANTS,
    IN_KEYRING,
    ON_A_DESK,
    ROLE_NAMES,
    Permission,
    Role,
    StaffMember,
)
from app.identity.service import AccountMismatch, check_members
from app.work import begin, look
from tests.identity.conftest import PASSWORD

BOARD = {Role.INTEGRITY_LEAD, Role.PLAN_OWNER, Role.BOARD_MEMBER, Role.POLICING_OBSERVER}
OF_CASES = {
    Permission.READ_CASES,
    Permission.WRITE_TO_REPORTERS,
    Permission.SHARE_CASES,
}
OF_THE_BOARD = {
    Permission.SEE_TRENDS,
    Permission.SEE_PLAN,
    Permission.EDIT_PLAN,
    Permission.UPDATE_OWN_ACTIONS,
    Permission.EXPORT,
}
OF_FREEZES = {
    Permission.SEE_FREEZES,
    Permission.PROPOSE_FREEZE,
    Permission.APPROVE_FREEZE,
    Permission.PROPOSE_WITHDRAWAL,
    Permission.APPROVE_WITHDRAWAL,
}
OF_THE_SYSTEM = {Permission.SEE_SYSTEM, Permission.RUN_COLLECTION}


def enrolled(staff, **changes):
    said = {
        "id": "iris",
        "name": "Iris",
        "role": Role.INTEGRITY_LEAD,
        "desk": None,
        "password": PASSWORD,
        "key": None,
    } | changes
    with begin(staff.database, staff.clock) as work:
        staff.secrets[said["id"]] = service.enrol(work, secret_key=staff.secret_key, **said)


def member_of(staff, id):
    with look(staff.database) as work:
        return service.account(work, id).member


def test_every_role_has_grants_a_name_and_a_front_page():
    assert set(GRANTS) == set(ROLE_NAMES) == set(navigation.FRONT_PAGES) == set(Role)
    assert all(Permission.SEE_OWN_ACCOUNT in grants for grants in GRANTS.values())


def test_every_part_is_served(portal):
    named = {part.endpoint for part in navigation.PARTS} | set(navigation.FRONT_PAGES.values())
    assert named <= set(portal.view_functions)


def test_whoever_begins_on_a_page_may_open_it(portal):
    """A front page that answers 403 would be the first thing somebody sees."""
    for role, endpoint in navigation.FRONT_PAGES.items():
        door = portal.view_functions[endpoint].door
        assert door in GRANTS[role], role


def test_every_permission_is_somebodys_and_no_role_has_two_sides():
    sides = (OF_CASES, OF_THE_BOARD | OF_FREEZES, OF_THE_SYSTEM)
    assert set().union(*sides, {Permission.SEE_OWN_ACCOUNT}) == set(Permission)
    assert set().union(*GRANTS.values()) == set(Permission)
    for role, grants in GRANTS.items():
        assert sum(bool(grants & side) for side in sides) == 1, role


def test_only_desks_read_cases_and_only_custodians_freeze():
    assert {role for role in Role if GRANTS[role] & OF_CASES} == ON_A_DESK
    may_freeze = {role for role in Role if Permission.APPROVE_FREEZE in GRANTS[role]}
    assert may_freeze == {role for role in Role if Permission.PROPOSE_FREEZE in GRANTS[role]}
    assert may_freeze == IN_KEYRING - ON_A_DESK == {Role.CUSTODIAN}


@pytest.mark.parametrize("role", sorted(BOARD, key=lambda role: role.value))
def test_nobody_of_the_board_holds_a_key_or_has_a_desk(staff, people, role):
    office = "vetting" if role is Role.PLAN_OWNER else None
    with pytest.raises(ValueError, match="do not fit"):
        enrolled(staff, role=role, office=office, key=people.keys["tom"])
    with pytest.raises(ValueError, match="do not fit"):
        enrolled(staff, role=role, office=office, desk="psd")
    enrolled(staff, role=role, office=office)
    assert member_of(staff, "iris").role is role
    with look(staff.database) as work:
        check_members(work, people.keyring)
    staff.planted("UPDATE identity_account SET desk = 'psd' WHERE id = 'iris'")
    with look(staff.database) as work, pytest.raises(AccountMismatch, match="no key"):
        check_members(work, people.keyring)


@pytest.mark.parametrize("office", [None, "", "Vetting", "9", "x" * 49, "a b"])
def test_a_plan_owner_has_an_office(staff, office):
    with pytest.raises(ValueError, match="do not fit"):
        enrolled(staff, role=Role.PLAN_OWNER, office=office)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PLAN_OWNER}, key=lambda r: r.value))
def test_nobody_else_has_an_office(role):
    desk = "psd" if role in ON_A_DESK else None
    member = StaffMember(id="x", name="X", role=role, desk=desk)
    assert member.is_placed
    assert not replace(member, office="vetting").is_placed


def test_the_database_itself_keeps_offices_to_plan_owners(staff):
    enrolled(staff, role=Role.PLAN_OWNER, office="vetting")
    for planted in (
        "UPDATE identity_account SET office = NULL WHERE id = 'iris'",
        "UPDATE identity_account SET role = 'board-member' WHERE id = 'iris'",
        "UPDATE identity_account SET office = 'vetting' WHERE id = 'sam'",
        "UPDATE identity_account SET role = 'sovereign' WHERE id = 'sam'",
    ):
        with pytest.raises(IntegrityError):
            staff.planted(planted)


def test_roles_change_on_one_side_only(staff):
    enrolled(staff)
    iris = member_of(staff, "iris")
    with begin(staff.database) as work:
        service.move(work, replace(iris, role=Role.PLAN_OWNER, office="vetting"))
        for role in (Role.ADMINISTRATOR, Role.CUSTODIAN, Role.HANDLER):
            with pytest.raises(ValueError, match="another account"):
                service.move(work, replace(iris, role=role))
        with pytest.raises(ValueError, match="do not fit"):
            service.move(work, replace(iris, role=Role.PLAN_OWNER))
        amara = service.account(work, "amara").member
        # Her key opens the cases she read; the statistics are not for it.
        with pytest.raises(ValueError, match="another account"):
            service.move(work, replace(amara, role=Role.CUSTODIAN, desk=None))
    moved = member_of(staff, "iris")
    assert (moved.role, moved.office) == (Role.PLAN_OWNER, "vetting")
    [entry] = staff.entries("role.changed")
    assert entry.details == {"role": "plan-owner", "desk": "none", "office": "vetting"}


def test_a_custodian_without_the_keyrings_word_is_noticed(staff, people):
    staff.planted("UPDATE identity_account SET role = 'custodian', desk = NULL WHERE id = 'amara'")
    with look(staff.database) as work, pytest.raises(AccountMismatch, match="desk"):
        check_members(work, people.keyring)


def test_the_staff_side_asked_for_without_more_leads_to_ones_own_page(window, another, staff):
    enrolled(staff)
    for path in ("/staff/", "/staff"):
        assert window.signs_in("sam", next=path).answer.headers["Location"] == "/staff/system"
        staff.clock.now = staff.clock.now.replace(minute=staff.clock.now.minute + 1)
    # A page that was asked for by name is still where she comes back to.
    page = another.signs_in("iris", next="/staff/account")
    assert page.answer.headers["Location"] == "/staff/account"


def test_a_page_shows_the_parts_of_the_role_and_no_other(window, staff, monkeypatch):
    enrolled(staff)
    window.signs_in("iris")
    monkeypatch.setattr(
        navigation,
        "PARTS",
        (
            navigation.Part("Mine", "identity.show_account", Permission.SEE_OWN_ACCOUNT),
            navigation.Part("Also mine", "identity.ask_password", Permission.SEE_TRENDS),
            navigation.Part("Cases", "casework.show_inbox", Permission.READ_CASES),
            navigation.Part("Nowhere", "nowhere.show", Permission.SEE_OWN_ACCOUNT),
        ),
    )
    links = window.opens("/staff/account").soup.select("nav[aria-label=Parts] a")
    assert [link.text for link in links] == ["Mine", "Also mine"]
    assert [link.get("aria-current") for link in links] == ["true", "true"]


def test_a_plan_owners_account_page_names_her_office(window, staff):
    enrolled(staff, role=Role.PLAN_OWNER, office="vetting")
    window.signs_in("iris")
    assert "vetting" in window.opens("/staff/account").soup.select_one("main").text
    for path in ("/staff/", "/staff/system"):
        assert window.opens(path).status == 403
