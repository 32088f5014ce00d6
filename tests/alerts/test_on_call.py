"""Who is on call is read strictly, and for every desk or for none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.domain import OnCall, UnfitOnCall, is_address
from app.alerts.reading import FORMAT, LONGEST, read_on_call
from tests.proof import examples


def written(tmp_path, value):
    path = tmp_path / "on-call.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return path


def test_it_says_who_is_on_call(tmp_path):
    path = written(tmp_path, {"format": FORMAT, "desks": {"psd": ["a@example.org", "b@x"]}})
    found = read_on_call(path)
    assert found.of("psd") == ("a@example.org", "b@x")
    assert found.of("elsewhere") == ()
    found.check_covers(["psd"])
    with pytest.raises(UnfitOnCall, match="nobody is on call for ccu, lpb"):
        found.check_covers(["psd", "lpb", "ccu"])


@pytest.mark.parametrize(
    "unfit",
    [
        b"",
        b"[]",
        {"format": "candour-on-call/2", "desks": {}},
        {"format": FORMAT},
        {"format": FORMAT, "desks": {"psd": []}},
        {"format": FORMAT, "desks": {"psd": "a@example.org"}},
        {"format": FORMAT, "desks": {"psd": ["a@example.org", "a@example.org"]}},
        {"format": FORMAT, "desks": {"psd": ["a@example.org\nBcc: b@example.org"]}},
        {"format": FORMAT, "desks": {"psd": ["a@example.org"]}, "more": 1},
        b" " * (LONGEST + 1),
    ],
)
def test_what_is_unfit_is_refused(tmp_path, unfit):
    with pytest.raises(UnfitOnCall):
        read_on_call(written(tmp_path, unfit))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnfitOnCall, match=r"absent\.json cannot be read"):
        read_on_call(tmp_path / "absent.json")


@examples()
@given(st.text(max_size=80))
def test_no_address_ends_a_line_or_names_two(text):
    if is_address(text):
        assert text.isascii()
        assert text.count("@") == 1
        assert not set(text) & set('\r\n\0 ,;:<>()[]"\\')


def test_no_more_addresses_than_a_desk_may_have():
    many = tuple(f"a{number}@example.org" for number in range(21))
    OnCall({"psd": many[:20]})
    with pytest.raises(UnfitOnCall):
        OnCall({"psd": many})
