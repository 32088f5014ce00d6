"""No drawer for odds and ends, and no room too big to read."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
FILES = sorted([*APP.rglob("*.py"), ROOT / "config.py"])
DRAWERS = {
    "utils", "util", "helpers", "common", "misc", "base", "manager", "managers", "core", "models",
    "data", "info", "handle", "process",
}  # fmt: skip
LONGEST_FILE = 400
LONGEST_FUNCTION = 50


def length(function):
    """Lines of code: what a docstring explains is no burden."""
    lines = function.end_lineno - function.lineno
    if ast.get_docstring(function):
        said = function.body[0]
        lines -= said.end_lineno - said.lineno + 1
    return lines


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file(path):
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert path.stem not in DRAWERS
    assert ast.get_docstring(tree), "a file begins by saying what it is for"
    assert source.count("\n") <= LONGEST_FILE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert length(node) < LONGEST_FUNCTION, node.name


def test_the_domain_is_light():
    """Importing any domain loads no framework: what it decides, it decides alone."""
    modules = [
        ".".join(p.relative_to(ROOT).with_suffix("").parts)
        for p in FILES
        if p.stem == "domain" or p.name in {"padding.py", "format.py", "thread.py"}
    ]
    heavy = {"flask", "sqlalchemy", "werkzeug", "wtforms", "cryptography", "jinja2"}
    code = (
        f"import sys\nfor m in {modules!r}: __import__(m)\n"
        f"print(sorted(m for m in sys.modules if m.split('.')[0] in {heavy!r}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert out.stdout.strip() == "[]", out.stderr


def test_the_reporters_process_loads_nothing_of_a_handlers(settings):
    """PORTAL_SURFACES=reporter: no case, no account and no desk's private key in the process."""
    code = (
        "import sys\nfrom app.factory import build\nfrom config import Settings\n"
        "build(Settings.from_environment())\n"
        "print(sorted(m for m in sys.modules if m.startswith(('app.casework', 'app.identity', "
        "'app.collection', 'app.plan', 'app.trends', 'flask_login', 'app.envelope.member_keys'))))"
    )
    environment = {
        "PORTAL_SECRET_KEY": settings.secret_key,
        "PORTAL_DATA": str(settings.data),
        "PORTAL_SURFACES": "reporter",
        "PATH": "/usr/bin:/bin",
    }
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment
    )
    assert out.stdout.strip() == "[]", out.stderr
