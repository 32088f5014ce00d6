"""Keys are made for their owner alone, and the next keyring follows from the one before."""

import os
import stat

import pytest

from app.envelope.errors import EnvelopeError, KeyringError
from app.envelope.keyring_file import parse_keyring
from app.envelope.signing import VerificationKey
from app.keyring import ceremony
from app.keyring.ceremony import UnfitDescription, next_keyring
from tests.keyring.tables import (
    DESCRIPTION,
    TODAY,
    WITH_CUSTODIANS,
    described,
    make_signers,
    signed,
    signers,
)


def test_private_files_are_for_their_owner_whatever_the_umask(tmp_path):
    old = os.umask(0o777)
    try:
        ceremony.write_private(tmp_path / "a", "secret")
        os.umask(0)
        ceremony.write_private(tmp_path / "b", "secret")
    finally:
        os.umask(old)
    for name in "ab":
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_no_key_is_ever_overwritten(table):
    before = (table / "amara.key").read_bytes()
    with pytest.raises(FileExistsError):
        ceremony.make_member(table / "amara.key")
    (table / "amara.key.pub").unlink()
    with pytest.raises(FileExistsError):
        ceremony.make_member(table / "amara.key")
    with pytest.raises(FileExistsError):
        ceremony.make_signer(table / "signer.key", table / "other.pub")
    with pytest.raises(FileExistsError):
        ceremony.make_signer(table / "new.key", table / "signer.pub")
    assert (table / "amara.key").read_bytes() == before
    assert not (table / "new.key").exists()


def test_nor_through_a_link(table):
    (table / "link.key").symlink_to(table / "nowhere")
    with pytest.raises(FileExistsError):
        ceremony.make_member(table / "link.key")


def test_keys_are_read_back(table):
    member = ceremony.read_member(table / "amara.key")
    assert ceremony.public_text(member) == (table / "amara.key.pub").read_text(encoding="ascii")
    public = (table / "signer.pub").read_text(encoding="ascii").strip()
    assert VerificationKey.parse(public) == signers(table)[0]


def test_a_members_key_signs_no_keyring(table):
    with pytest.raises(EnvelopeError):
        ceremony.read_signer(table / "amara.key")


def test_the_first_has_serial_one(table):
    keyring = described(table)
    assert (keyring.serial, keyring.issued_on, keyring.former) == (1, TODAY, ())
    content = signed(table, keyring)
    assert (table / "keyring.json").read_bytes() == content
    assert parse_keyring(content, signers(table)) == keyring


def test_the_next_follows_and_remembers_who_left(table):
    first = signed(table, described(table))
    without_amara = DESCRIPTION.replace('["amara", "helen"]', '["helen"]')
    start = without_amara.index("[[members]]")
    stop = without_amara.index("[[members]]", start + 1)
    second = described(table, without_amara[:start] + without_amara[stop:], first)
    assert second.serial == 2
    assert [former.id for former in second.former] == ["amara"]
    found = ceremony.change(parse_keyring(first, signers(table)), second)
    assert (found.added, found.left, found.moved) == ((), ("amara",), ())
    content = signed(table, second)
    # She stays former in every keyring after, and her id is never given again.
    with pytest.raises(UnfitDescription):
        described(table, DESCRIPTION, content)


def test_a_new_key_goes_with_a_new_id(table):
    first = signed(table, described(table))
    for name in ("amara.key", "amara.key.pub"):
        (table / name).unlink()
    ceremony.make_member(table / "amara.key")
    with pytest.raises(UnfitDescription, match="new id"):
        described(table, previous=first)


def test_custodians_are_named_beside_the_desks(table, with_custodians):
    keyring = described(table, WITH_CUSTODIANS)
    assert keyring.statistics.recipient == with_custodians.recipient
    assert keyring.statistics.custodians == ("carol", "cyril")
    change = ceremony.change(None, keyring)
    assert change.added == ("amara", "carol", "cyril", "helen")
    here = f'recipient = "{with_custodians.recipient}"'
    said_there = WITH_CUSTODIANS.replace('public = "statistics.pub"', here)
    assert described(table, said_there).statistics == keyring.statistics


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('"statistics.pub"', '"nobody.pub"'),
        ('"statistics.pub"', '"desks.toml"'),
        ('"statistics.pub"', '"carol.key.pub"'),
        ('["carol", "cyril"]', '["carol"]'),
        ('["carol", "cyril"]', "5"),
        ('["carol", "cyril"]', '["carol", "amara"]'),
        ('public = "statistics.pub"', ""),
        ('public = "statistics.pub"', 'public = "statistics.pub"\nmore = 1'),
        ("[statistics]", "[statistic]"),
        ('["amara", "helen"]', '["amara", "carol"]'),
    ],
)
def test_custodians_that_do_not_fit_are_refused(table, with_custodians, was, becomes):
    assert was in WITH_CUSTODIANS
    with pytest.raises(UnfitDescription):
        described(table, WITH_CUSTODIANS.replace(was, becomes, 1))


def test_a_custodian_who_leaves_signs_no_letter_and_no_key_changes_sides(table, with_custodians):
    first = signed(table, described(table, WITH_CUSTODIANS))
    second = described(table, DESCRIPTION, first)
    assert (second.former, second.statistics) == ((), None)
    start = WITH_CUSTODIANS.index("[statistics]")
    as_handler = WITH_CUSTODIANS[:start] + WITH_CUSTODIANS[start:].replace("custodian", "handler")
    as_handler = as_handler.replace('handlers = ["carol", "cyril"]', "").replace(
        '[statistics]\npublic = "statistics.pub"\n', ""
    )
    with pytest.raises(UnfitDescription, match="changes sides"):
        described(table, as_handler, first)


def test_the_one_before_must_be_the_same_signers(table):
    first = signed(table, described(table))
    make_signers(table, "signer-3", "signer-4")
    with pytest.raises(KeyringError):
        described(table, previous=first)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("expires_on", "expires"),
        ("2027-06-30", "2026-06-30"),
        ("2027-06-30", '"soon"'),
        ("2027-06-30", "2027-06-30T12:00:00Z"),
        ("2027-06-30", "5"),
        ("2027-06-30", "[[["),
        ('role = "handler"', 'role = "chief"'),
        ('role = "handler"', ""),
        ('role = "handler"', 'role = "handler"\nsalary = 1'),
        ("amara.key.pub", "nobody.pub"),
        ("amara.key.pub", "helen.key.pub"),
        ("amara.key.pub", "amara.key"),
        ('id = "helen"', 'id = "amara"'),
        ('id = "psd"', 'id = "PSD"'),
        ('["amara", "helen"]', '["amara", "helen", "tom"]'),
        ('["amara", "helen"]', "[]"),
        ('["amara", "helen"]', "5"),
        ('label = "Professional Standards"', ""),
        ("[[desks]]", "[[desk]]"),
        ("[[desks]]", "serial = 7\n[[desks]]"),
    ],
)
def test_a_description_that_describes_no_keyring_is_refused(table, was, becomes):
    assert was in DESCRIPTION
    with pytest.raises(UnfitDescription):
        described(table, DESCRIPTION.replace(was, becomes, 1))


def test_a_description_that_is_not_there_is_refused(table):
    with pytest.raises(UnfitDescription):
        next_keyring(table / "none.toml", None, signers(table), TODAY)


def test_nothing_is_called_what_we_do_not_know(table):
    with pytest.raises(UnfitDescription, match="serial"):
        described(table, "serial = 9\n" + DESCRIPTION)
