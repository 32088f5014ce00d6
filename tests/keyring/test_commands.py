"""The ceremony by its commands: what is asked, what is told, and what is refused."""

import pytest
from click.testing import CliRunner

from app.cli.keys import group
from app.database import open_database
from app.envelope.identities import Identity
from app.envelope.keyring_file import parse_keyring
from app.identity import passwords, service
from app.identity.domain import Role
from app.keyring import ceremony
from app.keyring.ceremony import UnfitDescription
from app.work import begin, system_clock
from tests.keyring.tables import (
    DESCRIPTION,
    WITH_CUSTODIANS,
    described,
    member_described,
    signed,
    signers,
)
from tests.people import People


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
