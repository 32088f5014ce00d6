"""The commands for accounts and for the audit log."""

import os
import re
import stat

import pytest
from click.testing import CliRunner

from app.audit.signing import LogVerifier
from app.cli.audit import group as audit
from app.cli.staff import group as staff_group
from app.database import open_database
from app.identity import service
from app.identity.domain import Role
from app.work import begin, look, system_clock
from tests.identity.conftest import PASSWORD
from tests.people import People


@pytest.fixture
def people():
    """The commands read the system's clock: a keyring that is valid when the tests run."""
    return People.make(system_clock().date())


@pytest.fixture
def run(installed):
    def run(*args, group=staff_group, **named):
        return CliRunner().invoke(group, list(map(str, args)), **named)

    return run


@pytest.fixture
def amaras_key(tmp_path, people):
    path = tmp_path / "amara.key"
    path.write_text(people.keys["amara"].to_text(), encoding="ascii")
    return path


def twice(password=PASSWORD):
    return f"{password}\n{password}\n"


def members(installed):
    database = open_database(installed.database_url)
    with look(database) as work:
        found = service.members(work)
    database.engine.dispose()
    return found


def test_a_member_is_added_as_the_keyring_has_her(run, installed, amaras_key):
    added = run("add", "amara", "--key", amaras_key, input=twice())
    assert added.exit_code == 0, added.output
    assert re.search(r"secret: [A-Z2-7]{32}\n", added.output)
    assert PASSWORD not in added.output
    [member] = members(installed)
    assert (member.id, member.role, member.desk) == ("amara", Role.HANDLER, "psd")


def test_an_administrator_is_added_without_a_key(run, installed):
    assert run("add", "sam", "--administrator", "Sam", input=twice()).exit_code == 0
    [member] = members(installed)
    assert (member.role, member.desk, member.name) == (Role.ADMINISTRATOR, None, "Sam")


def test_somebody_of_the_board_is_added_and_moved_without_the_keyring(run, installed):
    added = run("add", "iris", "--name", "Iris", "--role", "integrity-lead", input=twice())
    assert added.exit_code == 0, added.output
    moved = run("move", "iris", "--role", "plan-owner", "--office", "vetting")
    assert moved.exit_code == 0, moved.output
    [member] = members(installed)
    assert (member.role, member.office, member.name) == (Role.PLAN_OWNER, "vetting", "Iris")
    assert re.search(r"^iris +plan-owner +vetting +Iris$", run("list").output, re.MULTILINE)


def test_what_does_not_fit_is_one_sentence(run, installed, amaras_key, tmp_path):
    junk = tmp_path / "junk"
    junk.write_text("junk", encoding="ascii")
    for args, typed in (
        (("add", "amara"), ""),
        (("add", "amara", "--key", amaras_key, "--administrator", "A"), ""),
        (("add", "tom", "--key", amaras_key), ""),
        (("add", "nobody", "--key", amaras_key), ""),
        (("add", "amara", "--key", junk), ""),
        (("add", "amara", "--key", amaras_key), twice("short")),
        (("add", "amara", "--administrator", "Amara"), twice("short")),
        (("add", "x1", "--name", "X", "--role", "custodian"), twice()),
        (("add", "x1", "--name", "X", "--role", "administrator"), twice()),
        (("add", "x1", "--name", "X"), twice()),
        (("add", "x1", "--role", "board-member"), twice()),
        (("add", "x1", "--name", "X", "--role", "plan-owner"), twice()),
        (("add", "x1", "--name", "X", "--role", "board-member", "--office", "vetting"), twice()),
        (("add", "x1", "--administrator", "X", "--office", "vetting"), twice()),
        (("move", "nobody"), ""),
        (("move", "nobody", "--role", "board-member"), ""),
        (("move", "nobody", "--office", "vetting"), ""),
        (("move", "amara"), ""),
        (("remove", "nobody"), ""),
        (("new-code", "nobody"), ""),
        (("code", "nobody"), ""),
    ):
        found = run(*args, input=typed)
        assert found.exit_code in {1, 2}, args
        assert "Error" in found.output
        assert found.exception is None or isinstance(found.exception, SystemExit)
    assert members(installed) == []


def test_codes_are_printed_in_a_demonstration_only(run, amaras_key, monkeypatch):
    run("add", "amara", "--key", amaras_key, input=twice())
    refused = run("code", "amara")
    assert refused.exit_code == 1
    assert not re.search(r"\d{6}", refused.output)
    monkeypatch.setenv("PORTAL_DEMONSTRATION", "yes")
    assert re.fullmatch(r"\d{6}\n", run("code", "amara").output)


def test_an_account_is_listed_renewed_moved_and_removed(run, amaras_key):
    secret = run("add", "amara", "--key", amaras_key, input=twice()).output[-33:]
    assert "amara" in run("list").output
    renewed = run("new-code", "amara")
    assert renewed.exit_code == 0
    assert renewed.output[-33:] != secret
    assert run("move", "amara").exit_code == 0
    assert "0 sessions" in run("end-sessions", "amara").output
    assert run("remove", "amara").exit_code == 0
    assert run("list").output == ""


# --- the audit log


def test_the_log_is_verified_and_its_checkpoint_taken(run, installed, amaras_key, tmp_path):
    run("add", "amara", "--key", amaras_key, input=twice())
    assert "1 entries" in run("verify", group=audit).output
    taken = run("checkpoint", group=audit)
    assert taken.exit_code == 0
    [kept] = (installed.data / "checkpoints").iterdir()
    note = kept.read_text(encoding="utf-8")
    key = run("key", group=audit).output
    assert LogVerifier.parse(key).open(note).split("\n")[1] == "1"
    mode = (installed.data / "keys" / "audit.key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600

    held = run("verify", "--checkpoint", kept, "--key", key.strip(), group=audit)
    assert held.exit_code == 0, held.output
    assert "begins with the 1 entries" in held.output
    assert run("verify", "--checkpoint", kept, group=audit).exit_code == 0
    assert run("verify", "--checkpoint", kept, "--key", "x", group=audit).exit_code == 1
    assert "log.checkpointed" in run("show", group=audit).output


def test_a_log_that_was_altered_exits_with_1(run, installed, amaras_key):
    run("add", "amara", "--key", amaras_key, input=twice())
    database = open_database(installed.database_url)
    with begin(database) as work:
        work.session.connection().exec_driver_sql("DELETE FROM audit_entry")
    database.engine.dispose()
    broken = run("verify", group=audit)
    assert broken.exit_code == 1
    assert "entry 0" in broken.output


def test_a_key_file_that_holds_something_else_is_named(run, installed):
    path = installed.data / "keys" / "audit.key"
    path.write_text("junk", encoding="ascii")
    found = run("key", group=audit)
    assert found.exit_code == 1
    assert os.fspath(path) in found.output
