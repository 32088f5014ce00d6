"""The command says what is wrong in one sentence, and is safe to repeat."""

import os
import subprocess
import sys

import pytest

from config import ROOT


def candour(*arguments, data, **variables):
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")},
        "PORTAL_DATA": str(data),
        **variables,
    }
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_init_makes_everything_and_may_be_repeated(tmp_path):
    first = candour("init", data=tmp_path / "data")
    secret = (tmp_path / "data" / "secret.key").read_text()
    again = candour("init", data=tmp_path / "data")
    assert first.returncode == again.returncode == 0, first.stderr + again.stderr
    assert (tmp_path / "data" / "secret.key").read_text() == secret
    assert (tmp_path / "data" / "casework.sqlite").exists()
    assert (tmp_path / "data" / "statistics.sqlite").exists()


def test_what_is_private_is_readable_by_its_owner_alone(tmp_path):
    candour("init", data=tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_an_unfit_environment_is_one_sentence(tmp_path, command):
    out = candour(command, data=tmp_path, PORTAL_PORT="many")
    assert out.returncode == 2
    assert "PORTAL_PORT" in out.stderr
    assert "PORTAL_SECRET_KEY" in out.stderr
    assert "Traceback" not in out.stderr


def test_a_portal_without_a_keyring_does_not_start(tmp_path):
    candour("init", data=tmp_path)
    out = candour("serve", data=tmp_path)
    assert out.returncode == 2
    assert "keyring" in out.stderr
    assert "Traceback" not in out.stderr


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("releases", "verify"), "witness"),
        (("audit", "verify"), "candour init"),
        (("staff", "list"), "candour init"),
    ],
)
def test_what_was_never_made_is_one_sentence(tmp_path, command, says):
    (tmp_path / "data").mkdir()
    out = candour(*command, data=tmp_path, PORTAL_SECRET_KEY="a secret that is long enough for it")
    assert out.returncode == 1
    assert says in out.stderr
    assert "Traceback" not in out.stderr
    assert not list(tmp_path.rglob("*.key")), "nothing is made by looking"


def test_a_demonstration_refuses_any_address_but_loopback(tmp_path):
    out = candour("demo", "seed", data=tmp_path, PORTAL_HOST="0.0.0.0")
    assert out.returncode == 2
    assert "PORTAL_HOST" in out.stderr


def test_the_same_commands_stand_under_flask(tmp_path):
    candour("init", data=tmp_path)
    environment = {**os.environ, "PORTAL_DATA": str(tmp_path)}
    out = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "candour", "--help"],
        env=environment, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert out.returncode == 0, out.stderr
    assert "worker" in out.stdout


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom app.cli import cli\n"
        "cli(['--help'], standalone_mode=False)\n"
        "print([m for m in sys.modules if m in {'flask', 'sqlalchemy', 'cryptography'}])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert out.stdout.strip().endswith("[]"), out.stdout + out.stderr
