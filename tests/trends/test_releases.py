"""A release has one spelling, and a chain of them shows whatever was altered."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.trends.disclosure import Figure
from app.trends.domain import Period, PeriodKind, Table
from app.trends.releases import (
    FIRST,
    BrokenChain,
    Release,
    ReleasedTable,
    UnfitRelease,
    parse_release,
    verify_chain,
)
from tests.proof import PARSER, examples

words = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="|"), min_size=1, max_size=12
)
quarters = st.builds(
    Period, st.integers(1000, 2999), st.just(PeriodKind.QUARTER), st.integers(1, 4)
)
figures = st.builds(
    lambda members, low, a, b: Figure(tuple(members), low + a, low, low + a + b),
    st.lists(words, min_size=1, max_size=4),
    st.integers(0, 2**40),
    st.integers(0, 99),
    st.integers(0, 99),
)
tables = st.builds(
    ReleasedTable, st.sampled_from(Table), quarters, words, st.lists(figures, max_size=3).map(tuple)
)
releases = st.builds(
    Release,
    number=st.integers(1, 2**50),
    plan_version=st.integers(0, 99),
    force=words,
    period=quarters,
    frozen_on=st.dates(),
    tables=st.lists(tables, max_size=3).map(tuple),
    budgets=st.dictionaries(st.sampled_from(Table), st.fractions(0, 1, max_denominator=10**6)),
    previous=st.binary(min_size=32, max_size=32),
)

ONE = Release(
    number=1,
    plan_version=1,
    force="a",
    period=Period.parse("2025Q3"),
    frozen_on=date(2026, 1, 2),
    tables=(
        ReleasedTable(
            Table.TH, Period.parse("2025Q3"), "a",
            (Figure(("evidence",), 26, 22, 30), Figure(("bullying", "not-yet"), 7, 1, 13)),
        ),
    ),
    budgets={Table.TH: Fraction(1, 8)},
    previous=FIRST,
)  # fmt: skip


@given(releases)
@examples()
def test_a_release_reads_back_as_it_was_written(release):
    content = release.canonical_json()
    assert parse_release(content) == release
    assert parse_release(content).canonical_json() == content
    assert content.isascii()


def test_the_spelling_is_fixed():
    """These bytes are signed. If this fails, releases of the past no longer verify."""
    assert ONE.canonical_json() == (
        b'{"budgets":{"TH":"1/8"},"force":"a","format":"candour-release/1",'
        b'"frozen_on":"2026-01-02","number":1,"period":"2025Q3","plan":1,'
        b'"previous":"' + b"0" * 64 + b'","tables":[{"figures":['
        b'{"lower":22,"members":["evidence"],"upper":30,"value":26},'
        b'{"lower":1,"members":["bullying","not-yet"],"upper":13,"value":7}],'
        b'"force":"a","period":"2025Q3","table":"TH"}]}'
    )
    assert ONE.tables[0].total == 33


@given(st.data())
@examples(500, PARSER)
def test_damaged_bytes_are_refused_or_are_another_release(data):
    content = bytearray(ONE.canonical_json())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    try:
        release = parse_release(bytes(content))
    except UnfitRelease:
        return
    assert release.canonical_json() == bytes(content)


@given(st.binary(max_size=200))
@examples(300, PARSER)
def test_any_bytes_are_refused(content):
    with pytest.raises(UnfitRelease):
        parse_release(content)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"number":1', b'"number": 1'),
        (b'"number":1', b'"number":1.0'),
        (b'"number":1', b'"number":0'),
        (b'"number":1', b'"number":true'),
        (b'"number":1', b'"number":1,"number":2'),
        (b'"number":1', b'"number":-1'),
        (b'"plan":1', b'"plan":1,"more":1'),
        (b'"TH":"1/8"', b'"TH":"2/16"'),
        (b'"TH":"1/8"', b'"TH":"1/0"'),
        (b'"TH":"1/8"', b'"TH":"1e-999999999"'),
        (b'"TH":"1/8"', b'"XX":"1/8"'),
        (b"candour-release/1", b"candour-release/2"),
        (b"2026-01-02", b"20260102"),
        (b"2025Q3", b"2025Q7"),
        (b'"0000', b'"00'),
        (b'"upper":30', b'"upper":25'),
        (b'["evidence"]', b"[]"),
        (b'["evidence"]', b'["a|b"]'),
        (b'["evidence"]', b'["\\ud800"]'),
        (b'"table":"TH"', b'"table":"TT"'),
        (b'{"budgets"', b' {"budgets"'),
    ],
)
def test_another_spelling_is_refused(old, new):
    content = ONE.canonical_json()
    assert old in content
    changed = content.replace(old, new, 1)
    with pytest.raises(UnfitRelease):
        parse_release(changed)


def chain(length):
    found = [ONE]
    for number in range(2, length + 1):
        found.append(replace(ONE, number=number, previous=found[-1].digest()))
    return found


def test_a_whole_chain_holds():
    verify_chain([])
    verify_chain(chain(6))
    verify_chain(chain(6), head=chain(6)[-1].digest())


def altered(release):
    table = release.tables[0]
    figure = replace(table.figures[0], value=table.figures[0].value + 1)
    return replace(release, tables=(replace(table, figures=(figure, *table.figures[1:])),))


@given(st.integers(1, 6), st.data())
@examples(60)
def test_p7_an_altered_release_breaks_the_chain(length, data):
    releases = chain(length)
    head = releases[-1].digest()
    at = data.draw(st.integers(0, length - 1))
    damage = data.draw(
        st.sampled_from(["altered", "missing", "twice", "another force", "reversed"])
    )
    if damage == "altered":
        releases[at] = altered(releases[at])
    elif damage == "missing":
        del releases[at]
    elif damage == "twice":
        releases.insert(at, releases[at])
    elif damage == "another force":
        releases[at] = replace(releases[at], force="b")
    elif length > 1:
        releases.reverse()
    else:
        return
    with pytest.raises(BrokenChain):
        verify_chain(releases, head=head)


def test_p7_an_altered_release_in_the_middle_shows_without_a_head():
    releases = chain(3)
    releases[1] = altered(releases[1])
    with pytest.raises(BrokenChain):
        verify_chain(releases)
