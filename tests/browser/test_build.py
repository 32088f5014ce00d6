"""What was built is what the manifest says, and the lock names no host to download from."""

import json
import re
from hashlib import sha256

import pytest

from config import ROOT
from tests.browser.conftest import BUILT
from tests.conftest import unavailable


@pytest.fixture
def manifest() -> dict[str, dict]:
    if not (BUILT / "manifest.json").exists():
        unavailable("build", "run the front-end build first")
    return json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))["files"]


def test_the_manifest_names_every_file_and_its_digest(manifest):
    found = {path.name for path in BUILT.iterdir()} - {"manifest.json"}
    assert found == set(manifest)
    for name, said in manifest.items():
        content = (BUILT / name).read_bytes()
        assert (len(content), sha256(content).hexdigest()) == (said["bytes"], said["sha256"])


def test_nothing_of_another_brand_and_nothing_to_fetch(manifest):
    css = (BUILT / "candour.css").read_text(encoding="utf-8")
    assert not re.search(r"GDS Transport|@font-face|url\(|crown|@import", css)
    for name in manifest:
        if name.endswith(".js"):
            script = (BUILT / name).read_text(encoding="utf-8")
            assert not re.search(r"https?://(?!www\.w3\.org/)", script), name


def test_the_lock_names_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert lock["packages"]
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert not name or "integrity" in package, name
