"""Accounts agree with the keyring, or nothing is opened and it is said."""

from dataclasses import replace

import pytest

from app.envelope.member_keys import MemberKey
from app.identity import passwords, service
from app.identity.service import AccountMismatch, check_members
from app.work import begin, look
from tests.identity.conftest import PASSWORD

OTHER = "another one that fits"


def agreed(staff, people):
    with look(staff.database) as work:
        check_members(work, people.keyring)


def test_accounts_and_keyring_agree(staff, people):
    agreed(staff, people)


PLANTED = [
    ("UPDATE identity_account SET recipient = :recipient WHERE id = 'amara'", "recipient"),
    ("UPDATE identity_account SET recipient = NULL WHERE id = 'amara'", "recipient"),
    ("UPDATE identity_account SET verification_key = :signs WHERE id = 'amara'", "verification"),
    ("UPDATE identity_account SET desk = 'independent' WHERE id = 'amara'", "desk"),
    ("UPDATE identity_account SET desk = NULL WHERE id = 'amara'", "desk"),
    ("UPDATE identity_account SET role = 'desk-head' WHERE id = 'amara'", "role"),
    ("UPDATE identity_account SET role = 'administrator' WHERE id = 'amara'", "no key"),
    ("UPDATE identity_account SET role = 'handler' WHERE id = 'sam'", "not in the keyring"),
    ("UPDATE identity_account SET recipient = :recipient WHERE id = 'sam'", "no key"),
    ("UPDATE identity_account SET desk = 'psd' WHERE id = 'sam'", "no key"),
]


@pytest.mark.parametrize(("statement", "what"), PLANTED)
def test_what_was_planted_is_noticed(staff, people, window, statement, what):
    other = MemberKey.generate()
    values = {"recipient": other.recipient.raw, "signs": other.verification_key.raw}
    staff.planted(statement, **{k: v for k, v in values.items() if f":{k}" in statement})
    with pytest.raises(AccountMismatch, match=what):
        agreed(staff, people)
    id = "sam" if "'sam'" in statement else "amara"
    assert window.signs_in(id).status == 500
    assert window.cookie() is None
    assert [entry.subject for entry in staff.entries("account.mismatched")] == [id]


def test_another_key_in_the_slot_is_noticed_at_sign_in(staff, people, window):
    """Somebody who knows the password seals a key of his own: public columns as they were."""
    with begin(staff.database) as work:
        account = service.account(work, "amara")
        stretched = passwords.stretch(PASSWORD, account.salt)
        other = service.seal_slot("amara", MemberKey.generate(), stretched)
    staff.planted("UPDATE identity_account SET slot = :slot WHERE id = 'amara'", slot=other)
    agreed(staff, people)
    assert window.signs_in().status == 500
    assert window.cookie() is None
    assert len(staff.entries("account.mismatched")) == 1


@pytest.mark.parametrize("slot", [b"", b"short", bytes(92)])
def test_a_slot_that_was_altered_is_noticed_after_the_password_only(staff, window, slot, clock):
    staff.planted("UPDATE identity_account SET slot = :slot WHERE id = 'amara'", slot=slot)
    # A wrong password learns nothing of the slot: it is refused as ever.
    assert window.signs_in(password=OTHER).status == 422
    assert window.signs_in().status == 500


def test_a_desk_planted_while_somebody_is_signed_in_is_noticed(staff, window):
    window.signs_in()
    staff.planted("UPDATE identity_account SET desk = 'independent' WHERE id = 'amara'")
    assert window.opens("/staff/account").status == 500
    # Whoever is in dispute can still leave.
    token = window.opens("/staff/sign-in").token
    answer = window.client.post("/staff/sign-out", data={"csrf_token": token})
    assert answer.status_code == 303
    assert window.cookie() is None


def test_an_account_that_is_no_member_any_more_gets_in_no_longer(staff, window, people, settings):
    window.signs_in()
    members = tuple(member for member in people.keyring.members if member.id != "amara")
    desks = tuple(
        replace(desk, members=tuple(id for id in desk.members if id != "amara"))
        for desk in people.keyring.desks
    )
    left = people.next_keyring(members=members, desks=desks)
    people.write_keyring(settings.keyring.parent, left)
    assert window.opens("/staff/account").status == 500


def test_without_a_keyring_only_the_administrator_gets_in(staff, window, another, settings):
    settings.keyring.unlink()
    assert window.signs_in().status == 500
    assert another.signs_in("sam").status == 303
    assert "unreadable" in another.opens("/staff/system").soup.text


def test_an_expired_keyring_keeps_nobody_from_reading(staff, window, people, settings, clock):
    people.write_keyring(
        settings.keyring.parent,
        people.next_keyring(expires_on=clock.now.date().replace(day=1)),
    )
    assert window.signs_in().status == 303
