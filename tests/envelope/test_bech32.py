"""Key texts are read exactly, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.envelope import bech32
from app.envelope.errors import UnfitKey
from tests.proof import examples

# c2sp.org/age, "The MLKEM768-X25519 hybrid post-quantum recipient type".
IDENTITY = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
PREFIX = "age-secret-key-pq-"


@examples()
@given(st.binary(max_size=1300), st.sampled_from(["age", "age1pq", "x", "a1b"]))
def test_what_was_encoded_is_decoded(content, prefix):
    text = bech32.encode(prefix, content)
    assert bech32.decode(prefix, text) == content
    assert bech32.decode(prefix, text.upper()) == content


@examples()
@given(st.binary(min_size=1, max_size=1300), st.data())
def test_one_wrong_character_is_noticed(content, data):
    text = bech32.encode("age", content)
    at = data.draw(st.integers(4, len(text) - 1))
    other = data.draw(st.sampled_from(bech32.ALPHABET).filter(lambda letter: letter != text[at]))
    with pytest.raises(UnfitKey):
        bech32.decode("age", text[:at] + other + text[at + 1 :])


@examples()
@given(st.text(max_size=200))
def test_any_text_is_refused_by_name(text):
    with pytest.raises(UnfitKey):
        bech32.decode("age1pq", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        IDENTITY.lower()[:20] + IDENTITY[20:],
        IDENTITY + "Q",
        IDENTITY.replace("PQ-1", "PQ-"),
        IDENTITY.replace("SECRET", "PUBLIC"),
        IDENTITY[:-1] + "B",
        IDENTITY[:-1] + "é",
        "AGE-SECRET-KEY-PQ-1QQQ",
        "AGE-SECRET-KEY-PQ-1" + "Q" * 5000,
    ],
)
def test_an_unfit_text_is_refused(text):
    assert len(bech32.decode(PREFIX, IDENTITY)) == 32
    with pytest.raises(UnfitKey):
        bech32.decode(PREFIX, text)


@pytest.mark.parametrize("values", [[1], [0, 1], [0, 0, 0], [31] * 6])
def test_bits_that_belong_to_no_byte_are_zero(values):
    # Written with a right checksum, so that only the spare bits are at fault.
    checked = bytes(values) + bech32._checksum("age", bytes(values))
    text = "age1" + "".join(bech32.ALPHABET[value] for value in checked)
    with pytest.raises(UnfitKey, match="bits"):
        bech32.decode("age", text)
