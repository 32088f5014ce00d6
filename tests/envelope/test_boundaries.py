"""What each module of the envelope may reach: sealing needs no private key, formats no cipher."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOM = Path(__file__).parents[2] / "app" / "envelope"
CUSTODY = {"identities", "opening", "rewrapping", "member_keys", "rescue"}
# The receipt's own identity is the reporter's, and no desk's.
WITHOUT_KEYS = [
    "sealing",
    "recipients",
    "letter",
    "parcel",
    "keyring",
    "reading",
    "stream",
    "format",
]
WITHOUT_CIPHERS = [
    "format", "padding", "thread", "bech32", "errors", "pipes", "ustar", "parcel", "strict_json",
    "identifiers",
]  # fmt: skip


def loaded_by(module: str) -> set[str]:
    # Before anything else is loaded, app's own package file included, or it would not be seen.
    code = f"import sys, app.envelope.{module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOM.parents[1],
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("module", WITHOUT_KEYS)
def test_it_reaches_no_private_key(module):
    assert not {f"app.envelope.{name}" for name in CUSTODY} & loaded_by(module)


@pytest.mark.parametrize("module", WITHOUT_CIPHERS)
def test_it_loads_no_cryptography(module):
    assert not [name for name in loaded_by(module) if name.split(".")[0] == "cryptography"]


def test_the_room_asks_no_other_room_and_no_framework():
    allowed = {"cryptography", "mnemonic", "_typeshed", "app"} | sys.stdlib_module_names
    for path in ROOM.glob("*.py"):
        for item in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match item:
                case ast.ImportFrom(module=str(module)):
                    names = [module]
                case ast.Import(names=aliases):
                    names = [alias.name for alias in aliases]
                case _:
                    continue
            for name in names:
                assert name.split(".")[0] in allowed, (path.name, name)
                assert not name.startswith("app") or name.startswith("app.envelope"), path.name
