"""A copy of the database opens nothing, a copy of the cookie opens nothing without its row."""

import pytest
from flask import g

from app.errors import Broken, Refused
from app.identity import access, service, signing_in
from app.work import look


def opened(portal, window):
    """Return what `unlocked` gives in a request with this window's cookie."""
    with portal.test_request_context(headers={"Cookie": f"candour={window.cookie()}"}):
        return access.unlocked()


def test_cookie_and_row_together_open_the_key(portal, window, people):
    window.signs_in()
    assert opened(portal, window) == people.keys["amara"]


def test_the_key_is_kept_for_one_request(portal, window):
    window.signs_in()
    headers = {"Cookie": f"candour={window.cookie()}"}
    with portal.test_request_context(headers=headers):
        assert access.unlocked() is access.unlocked()
        portal.do_teardown_request()
        assert "candour_key" not in g


def test_an_administrator_has_none(portal, window, staff):
    window.signs_in("sam")
    assert staff.asked("SELECT sealed_key FROM identity_session") == [(None,)]
    assert staff.asked(
        "SELECT slot, recipient, verification_key FROM identity_account WHERE id = 'sam'"
    ) == [(None, None, None)]
    with pytest.raises(Refused):
        opened(portal, window)


def test_nobody_signed_in_has_none(portal, staff):
    with portal.test_request_context():
        with pytest.raises(Refused):
            access.unlocked()
        with pytest.raises(Refused):
            access.signed_in()


def test_the_database_alone_opens_nothing(window, staff, people, clock):
    """Everything that lies in the rows, against everything that would open the key."""
    window.signs_in()
    rows = [*staff.asked("SELECT * FROM identity_session")]
    rows += staff.asked("SELECT * FROM identity_account WHERE id = 'amara'")
    stored = [bytes(cell) for row in rows for cell in row if isinstance(cell, bytes | memoryview)]
    raw = people.keys["amara"].to_bytes()
    assert not any(raw[:32] in cell or raw[32:] in cell for cell in stored)
    with look(staff.database, clock) as work:
        [session] = service.sessions(work, "amara")
        account = service.account(work, "amara")
    for cell in stored:
        for key in {cell[:32], cell[-32:], cell}:
            if len(key) != 32:
                continue
            for sealed, place in (
                (session.sealed_key, f"session/{session.id.hex()}"),
                (account.slot, "slot/amara"),
            ):
                with pytest.raises(Broken):
                    signing_in.unseal(key, sealed, place=place)


def test_the_cookie_alone_opens_nothing(portal, window, staff):
    window.signs_in()
    staff.planted("UPDATE identity_session SET sealed_key = NULL")
    with pytest.raises(Broken):
        opened(portal, window)
    staff.planted("DELETE FROM identity_session")
    with pytest.raises(Refused):
        opened(portal, window)


def test_another_members_sealed_key_does_not_open(portal, window, another, staff):
    """Somebody who writes to the database lends one session the key of another."""
    window.signs_in()
    another.signs_in("helen")
    staff.planted(
        "UPDATE identity_session SET sealed_key = "
        "(SELECT sealed_key FROM identity_session WHERE account = 'helen') "
        "WHERE account = 'amara'"
    )
    with pytest.raises(Broken):
        opened(portal, window)


def test_a_session_given_to_another_account_is_noticed(portal, window, staff):
    """The sealed key names its session's account: it cannot pass for another's."""
    window.signs_in()
    staff.planted("UPDATE identity_session SET account = 'helen'")
    with pytest.raises(Broken):
        opened(portal, window)
