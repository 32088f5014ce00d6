"""Keys are made for their owner alone, and the next keyring follows from the one before."""

import os
import stat
from datetime import date

import pytest
from click.testing import CliRunner

from app.cli.keys import group
from app.database import open_database
from app.envelope.errors import EnvelopeError, KeyringError
from app.envelope.identities import Identity
from app.envelope.keyring_file import parse_keyring
from app.envelope.signing import VerificationKey
from app.identity import passwords, service
from app.identity.domain import Role
from app.keyring import ceremony
from app.keyring.ceremony import UnfitDescription, next_keyring
from app.work import begin, system_clock
from tests.people import People

TODAY = date(2026, 11, 21)
DESCRIPTION = """
expires_on = 2027-06-30

[[members]]
id = "amara"
name = "Amara"
role = "handler"
public = "amara.key.pub"

[[members]]
id = "helen"
name = "Helen"
role = "desk-head"
public = "helen.key.pub"

[[desks]]
id = "psd"
label = "Professional Standards"
members = ["amara", "helen"]
"""


@pytest.fixture
def table(tmp_path):
    """A table at which keys were made and a description was written."""
    for name in ("amara", "helen"):
        ceremony.make_member(tmp_path / f"{name}.key")
    make_signers(tmp_path)
    (tmp_path / "desks.toml").write_text(DESCRIPTION, encoding="utf-8")
    return tmp_path


def make_signers(table, *names):
    keys = [
        ceremony.make_signer(table / f"{name}.key", table / f"{name}.pub")
        for name in names or ("signer", "second")
    ]
    public = "".join(f"{key.verification_key}\n" for key in keys)
    (table / "signers.pub").write_text(public, encoding="ascii")


def signers(table):
    return ceremony.read_signers(table / "signers.pub")


def signed(table, keyring):
    """Sign a keyring as two people do, one after the other."""
    first, second = (ceremony.read_signer(table / f"{name}.key") for name in ("signer", "second"))
    draft = ceremony.sign(keyring, first, signers(table), table / "draft.json")
    return ceremony.sign_second(draft, second, signers(table), table / "keyring.json")


def described(table, text=DESCRIPTION, previous=None):
    (table / "desks.toml").write_text(text, encoding="utf-8")
    return next_keyring(table / "desks.toml", previous, signers(table), TODAY)


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


WITH_CUSTODIANS = (
    DESCRIPTION
    + """
[statistics]
public = "statistics.pub"
custodians = ["carol", "cyril"]
"""
    + "".join(
        f"""
[[members]]
id = "{id}"
name = "{id.title()}"
role = "custodian"
public = "{id}.key.pub"
"""
        for id in ("carol", "cyril")
    )
)


@pytest.fixture
def with_custodians(table):
    for name in ("carol", "cyril"):
        ceremony.make_member(table / f"{name}.key")
    identity = Identity.generate()
    text = f'recipient = "{identity.recipient}"\n'
    (table / "statistics.pub").write_text(text, encoding="ascii")
    return identity


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


# --- the commands


@pytest.fixture
def run(monkeypatch):
    def run(*args, **named):
        return CliRunner().invoke(group, list(map(str, args)), **named)

    return run


def test_the_whole_ceremony_by_command(tmp_path, run):
    for name in ("amara", "helen"):
        made = run("make-member", tmp_path / f"{name}.key")
        assert made.exit_code == 0
        assert "fingerprint" in made.output
        assert "AGE-SECRET-KEY" not in made.output
    for name in ("one", "two"):
        assert run("make-signer", tmp_path / f"{name}.key").exit_code == 0
    (tmp_path / "desks.toml").write_text(DESCRIPTION, encoding="utf-8")
    public = [(tmp_path / f"{name}.key.pub").read_text(encoding="ascii") for name in ("one", "two")]
    (tmp_path / "signers.pub").write_text("".join(public), encoding="ascii")
    known = ("--signers", tmp_path / "signers.pub")
    sign = ("sign", tmp_path / "desks.toml", "--signer", tmp_path / "one.key", *known)
    sign += ("--output", tmp_path / "draft.json")
    second = ("countersign", tmp_path / "draft.json", "--signer", tmp_path / "two.key", *known)
    second += ("--output", tmp_path / "keyring.json")

    assert run(*sign, input="n\n").exit_code == 1
    assert not (tmp_path / "draft.json").exists()
    first = run(*sign, input="y\n")
    assert first.exit_code == 0, first.output
    assert "added  amara" in first.output
    # A draft is no keyring, and who signed first is not the second.
    shown = run("show", "--keyring", tmp_path / "draft.json", *known)
    assert shown.exit_code == 1
    alone = ("countersign", tmp_path / "draft.json", "--signer", tmp_path / "one.key", *known)
    alone = run(*alone, "--output", tmp_path / "keyring.json", "--yes")
    assert "another person" in alone.output
    assert run(*second, input="n\n").exit_code == 1
    assert not (tmp_path / "keyring.json").exists()
    done = run(*second, input="y\n")
    assert "added  amara" in done.output
    assert "Keyring 1 is in" in done.output
    # One that does not follow what stands there is not signed.
    assert "does not follow" in run(*second, "--yes").output
    again = run(*sign, "--previous", tmp_path / "keyring.json", "--yes")
    assert "keyring 2" in again.output
    assert "Keyring 2 is in" in run(*second, "--yes").output

    shown = run("show", "--keyring", tmp_path / "keyring.json", *known)
    assert shown.exit_code == 0
    assert "Professional Standards" in shown.output
    key = ceremony.read_member(tmp_path / "amara.key")
    assert ceremony.fingerprint(key.recipient.raw) in shown.output


@pytest.fixture
def both(table, run):
    """Sign what is described as two people by command; return what the first was told."""

    def both(text, *more, expected=0):
        (table / "desks.toml").write_text(text, encoding="utf-8")
        options = ("--signers", table / "signers.pub", "--yes", *more)
        standing = table / "keyring.json"
        previous = ("--previous", standing) if standing.exists() else ()
        draft = ("--output", table / "draft.json")
        first = run(
            "sign",
            table / "desks.toml",
            "--signer",
            table / "signer.key",
            *draft,
            *previous,
            *options,
        )
        assert first.exit_code == expected, first.output
        if expected == 0:
            second = ("countersign", table / "draft.json", "--signer", table / "second.key")
            done = run(*second, "--output", standing, *options)
            assert done.exit_code == 0, done.output
        return first.output

    return both


def test_the_commands_show_custodians_and_another_recipient(table, with_custodians, run, both):
    assert "added  carol" in both(WITH_CUSTODIANS)
    shown = run("show", "--keyring", table / "keyring.json", "--signers", table / "signers.pub")
    assert ceremony.fingerprint(with_custodians.recipient.raw) in shown.output
    assert "cyril        custodian" in shown.output
    text = f'recipient = "{Identity.generate().recipient}"\n'
    (table / "statistics.pub").write_text(text, encoding="ascii")
    assert "another" in both(WITH_CUSTODIANS)


def member_described(name):
    return f"""
[[members]]
id = "{name}"
name = "{name.title()}"
role = "handler"
public = "{name}.key.pub"
"""


def test_the_last_reader_of_a_desk_cannot_be_removed(table, both):
    for name in ("tom", "ruth"):
        ceremony.make_member(table / f"{name}.key")
    other = DESCRIPTION + member_described("ruth")
    other += '[[desks]]\nid = "independent"\nlabel = "Independent"\nmembers = ["ruth"]\n'
    both(other)
    # Somebody else in her place could open nothing of what lies there.
    replaced = other.replace('members = ["ruth"]', 'members = ["tom"]') + member_described("tom")
    assert "last reader" in both(replaced, expected=1)
    assert "last reader" in both(DESCRIPTION, expected=1)
    both(replaced.replace('members = ["tom"]', 'members = ["ruth", "tom"]'))
    # By now ruth has opened it for tom.
    both(replaced)
    told = both(DESCRIPTION, "--dissolve", "independent")
    assert "gone: desk independent" in told


def test_nor_by_a_draft_of_somebody_elses_making(table, both):
    """The second signer's command asks again: she may have been handed any draft."""
    both(DESCRIPTION)
    ceremony.make_member(table / "tom.key")
    text = DESCRIPTION.replace('["amara", "helen"]', '["tom"]') + member_described("tom")
    after = described(table, text, (table / "keyring.json").read_bytes())
    before = parse_keyring((table / "keyring.json").read_bytes(), signers(table))
    with pytest.raises(UnfitDescription, match="last reader"):
        ceremony.check_succession(before, after, ())
    with pytest.raises(UnfitDescription, match="last reader"):
        ceremony.check_succession(before, after, ("psd",))


def test_where_a_desk_falls_is_signed_and_said(table, run, both):
    told = both(DESCRIPTION + '\n[fall_through]\nccu = ["psd"]\n')
    assert "falls  ccu: psd" in told
    shown = run("show", "--keyring", table / "keyring.json", "--signers", table / "signers.pub")
    assert "fall-through of ccu: psd" in shown.output
    assert "falls  ccu: as the table says" in both(DESCRIPTION)
    assert "twice" in both(DESCRIPTION + '\n[fall_through]\nccu = ["ccu"]\n', expected=1)


def test_a_refusal_is_one_sentence(table, run):
    assert run("make-member", table / "amara.key").exit_code == 1
    assert run("make-signer", table / "signer.key").exit_code == 1
    known = ("--signers", table / "signers.pub")
    sign = ("--signer", table / "amara.key", "--output", table / "keyring.json", "--yes", *known)
    assert run("sign", table / "desks.toml", *sign).exit_code == 1
    assert run("countersign", table / "draft.json", *sign).exit_code == 1
    assert run("show", "--keyring", table / "none", *known).exit_code == 1
    signed(table, described(table))
    one = ("--signers", table / "signer.pub")
    assert "2 to 7" in run("show", "--keyring", table / "keyring.json", *one).output


@pytest.fixture
def people():
    """The commands read the system's clock: a keyring that is valid when the tests run."""
    return People.make(system_clock().date())


@pytest.fixture
def installed(settings, monkeypatch):
    monkeypatch.setenv("PORTAL_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("PORTAL_DATA", str(settings.data))
    monkeypatch.setenv("PORTAL_DATABASE_URL", settings.database_url)
    return settings


def test_check_says_that_the_accounts_agree(installed, people, run, monkeypatch):
    monkeypatch.setattr(passwords, "MEMORY", 64)
    assert "agree" in run("check").output
    assert "psd" in run("show").output
    database = open_database(installed.database_url)
    with begin(database) as work:
        service.enrol(
            work,
            id="amara",
            name="Amara",
            role=Role.HANDLER,
            desk="independent",
            password="four words that fit",
            key=people.keys["amara"],
            secret_key=installed.secret_key,
        )
    database.engine.dispose()
    checked = run("check")
    assert checked.exit_code == 1
    assert "amara" in checked.output
