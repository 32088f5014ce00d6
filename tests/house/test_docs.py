"""What the documents list exists, and what exists is listed."""

import re
import subprocess
from pathlib import Path

import click

from app.cli import cli

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def read(name):
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_setting_is_documented():
    used = set(re.findall(r"PORTAL_[A-Z_]+", (ROOT / "config.py").read_text(encoding="utf-8")))
    used.discard("PORTAL_")
    documented = set(re.findall(r"`(PORTAL_[A-Z_]+)`", read("settings.md")))
    assert used == documented


def commands(group, prefix="candour"):
    found = group.loaded if hasattr(group, "loaded") else group.commands
    for name, command in sorted(found.items()):
        if isinstance(command, click.Group) and command.commands:
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


def test_every_command_is_documented():
    text = read("operations.md")
    assert [name for name in commands(cli) if f"`{name}" not in text] == []


def test_the_threat_model_names_files_and_tests_that_exist():
    named = re.findall(
        r"`((?:app|tests|assets|migrations|benchmarks)/[\w/.-]+)`", read("threat-model.md")
    )
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_test_the_threat_model_names_exists():
    named = re.findall(r"`(tests/[\w/.-]+)::(\w+)`", read("threat-model.md"))
    missing = [
        f"{path}::{name}"
        for path, name in named
        if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_links_between_documents_lead_somewhere():
    for document in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(
            r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")
        ):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_no_registry_host_is_named():
    tracked = subprocess.run(
        ["git", "ls-files"], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout.split()
    hosts = ("pypi" + ".org", "npmjs" + ".org", "pythonhosted" + ".org", "registry" + ".npm")
    for name in tracked:
        path = ROOT / name
        if path.suffix in {".png", ".woff2"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not any(host in text for host in hosts), name
