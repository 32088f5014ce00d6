"""Plans are loaded by command: safely again, and a bad file not at all."""

import json

import pytest

from tests.cli.test_commands import candour


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans") / "data"
    assert candour("init", data=folder).returncode == 0
    return folder


def test_the_starting_plans_load_and_may_be_loaded_again(data):
    for name, says in (("herts", "21 actions"), ("norfolk-suffolk", "0 actions")):
        first, again = (candour("plan", "load", name, data=data) for _ in range(2))
        assert first.returncode == again.returncode == 0, first.stderr + again.stderr
        assert says in first.stdout
        assert "it was left as it is" in again.stdout
    listed = candour("plan", "list", data=data).stdout
    assert "hertfordshire\t21\tHertfordshire Code of Ethics Plan" in listed
    assert "norfolk-suffolk\t0\t" in listed


def test_a_forces_own_file_loads(data, tmp_path):
    given = {
        "format": "candour-plan/1", "slug": "own-plan", "title": "Our own", "forces": ["One"],
        "actions": [{"number": 4, "title": "Begin", "owners": ["HR"], "progress": "Begun"}],
    }  # fmt: skip
    path = tmp_path / "own.json"
    path.write_text(json.dumps(given), encoding="utf-8")
    assert candour("plan", "load", str(path), data=data).returncode == 0
    assert "own-plan\t1\tOur own" in candour("plan", "list", data=data).stdout


@pytest.mark.parametrize("content", ["{", '{"format": "candour-plan/1", "slug": "bad", "x": 1}'])
def test_of_a_bad_file_nothing_is_loaded(data, tmp_path, content):
    before = candour("plan", "list", data=data).stdout
    path = tmp_path / "bad.json"
    path.write_text(content, encoding="utf-8")
    out = candour("plan", "load", str(path), data=data)
    assert out.returncode == 1
    assert "Nothing was loaded" in out.stderr
    assert "Traceback" not in out.stderr
    assert candour("plan", "list", data=data).stdout == before


def test_what_is_no_plan_is_one_sentence(data):
    out = candour("plan", "load", "nothing", data=data)
    assert out.returncode == 1
    assert "nothing is no file, and none of herts, norfolk-suffolk, alliance" in out.stderr
