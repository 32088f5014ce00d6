"""JSON has one meaning, or it is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.envelope.strict_json import (
    UnfitJson,
    integer_in,
    names_of,
    object_in,
    objects_in,
    read_object,
    text_in,
    texts_in,
    write_object,
)
from tests.proof import examples

WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@examples()
@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_what_was_written_is_read(value):
    assert read_object(write_object(value)) == value
    assert read_object(json.dumps(value, indent=1).encode()) == value


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"1",
        b'"words"',
        b"null",
        b'{"a":1',
        b'{"a":1}x',
        b'{"a":1}\0',
        b"\xef\xbb\xbf{}",
        b'{"a":"\xff"}',
        b'{"a":1,"a":1}',
        b'{"b":{"a":1,"a":2}}',
        b'{"a":1,"\\u0061":1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-0.0}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":9007199254740992}',
        b'{"a":-9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":01}',
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":"\n"}',
        b'{"a":"\\ud800"}',
        b'{"a":["\\udc00x"]}',
        b'{"\\ud800":1}',
        b'{"a":' * 30_000,
        b"[" * 60_000,
        "{}".encode("utf-16"),
    ],
    ids=lambda content: repr(content[:24]),
)
def test_anything_with_two_meanings_or_none_is_refused(content):
    with pytest.raises(UnfitJson):
        read_object(content)


def test_a_surrogate_pair_is_one_character():
    assert read_object(b'{"a":"\\ud83d\\uddc2"}') == {"a": "🗂"}


def test_each_type_is_asked_for_by_name():
    value = read_object(b'{"t":"x","n":3,"b":true,"l":["x"],"o":{},"p":[{}],"q":[1],"z":null}')
    assert text_in(value, "t") == "x"
    assert integer_in(value, "n", least=3) == 3
    assert texts_in(value, "l") == ("x",)
    assert object_in(value, "o") == {}
    assert objects_in(value, "p") == [{}]
    for read, names in [
        (text_in, "nblopqz-"),
        (integer_in, "tblopqz-"),
        (texts_in, "tnbopqz-"),
        (object_in, "tnblpqz-"),
        (objects_in, "tnbloqz-"),
    ]:
        for name in names:
            with pytest.raises(UnfitJson):
                read(value, name)
    with pytest.raises(UnfitJson):
        integer_in(value, "n", least=4)


@pytest.mark.parametrize("names", [("a",), ("a", "b", "c"), ()])
def test_names_are_exactly_those(names):
    names_of({"a": 1, "b": 2}, ("b", "a"))
    with pytest.raises(UnfitJson):
        names_of({"a": 1, "b": 2}, names)
