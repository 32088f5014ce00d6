"""Lengths say little, and a server without keys can tell a right one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.envelope.padding import (
    CHUNK,
    ENCLOSING,
    FLOOR,
    is_padded_length,
    is_sealed_payload_length,
    padded_length,
    sealed_payload_length,
)
from tests.proof import examples

LENGTHS = st.integers(0, 9 << 30)


@examples()
@given(LENGTHS)
def test_padding_never_shortens_costs_little_and_is_done_once(length):
    padded = padded_length(length)
    assert padded >= max(length, FLOOR)
    assert padded % 512 == 0
    assert padded == FLOOR or padded - length < 0.12 * length
    assert padded_length(padded) == padded
    assert is_padded_length(padded)


@examples()
@given(LENGTHS, LENGTHS)
def test_a_longer_text_is_never_padded_to_less(one, other):
    shorter, longer = sorted((one, other))
    assert padded_length(shorter) <= padded_length(longer)


@examples()
@given(LENGTHS)
def test_a_sealed_length_is_known_from_outside(length):
    sealed = sealed_payload_length(padded_length(length))
    assert is_sealed_payload_length(sealed)
    assert not is_sealed_payload_length(sealed + 1)
    assert not is_sealed_payload_length(sealed - 1)


@examples()
@given(LENGTHS)
def test_a_length_is_padded_only_if_padding_gives_it(length):
    assert is_padded_length(length) == (padded_length(length) == length)


def test_lengths_that_anybody_can_work_out():
    # Padmé: 9 = 1001b keeps floor(log2(3)) + 1 = 2 bits behind the first.
    assert [padded_length(n) for n in (0, 1, 8192, 8193, 8704, 8705)] == [
        8192, 8192, 8192, 8704, 8704, 9216,
    ]  # fmt: skip
    assert len({padded_length(n) for n in range(1 << 20, 2 << 20, 512)} - {2 << 20}) == 32
    assert sealed_payload_length(0) == 32
    assert sealed_payload_length(CHUNK) == 16 + CHUNK + 16
    assert sealed_payload_length(CHUNK + 1) == 16 + CHUNK + 1 + 32


@examples()
@given(st.integers(0, 5 << 20))
def test_what_is_padded_to_a_higher_floor_is_there_or_where_it_would_be(length):
    padded = padded_length(length, ENCLOSING)
    assert padded == (ENCLOSING if length <= ENCLOSING else padded_length(length))
    assert padded_length(padded, ENCLOSING) == padded
    # A server that knows no floor takes it for a letter like any other.
    assert is_sealed_payload_length(sealed_payload_length(padded))


def test_no_length_is_negative():
    with pytest.raises(ValueError):
        padded_length(-1)
    for length in (-5, 0, 15, 16, 17, 32, 8000):
        assert not is_sealed_payload_length(length)
    assert not is_padded_length(0)
