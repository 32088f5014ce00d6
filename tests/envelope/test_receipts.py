"""Twelve words come back as they are remembered, or the page can say what is wrong."""

import time
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnemonic import Mnemonic

from app.envelope.errors import ReceiptError
from app.envelope.receipts import LONGEST_TEXT, Receipt, hashed_tag
from tests.envelope.damage import damaged
from tests.proof import PARSER, examples

ENGLISH = Mnemonic("english")
# BIP 39's own vectors.
KNOWN = {
    bytes(16): "abandon " * 11 + "about",
    b"\x7f" * 16: "legal winner thank year wave sausage worth useful legal winner thank yellow",
    b"\xff" * 16: "zoo " * 11 + "wrong",
}
WORDS = KNOWN[b"\x7f" * 16]

# Of the entropy 00 01 … 0f.
KNOWN_TAG = "221dd6b752c0fc2a600f367cf641f32592a591201525f37191361ce0ed211c9e"
KNOWN_IDENTITY = "2eaed400810a580fd1ffabda365f6dec6771b306ec20781a6d19ae118e112bad"
KNOWN_SIGNING = "9ab43d77ad2effcc75eea862b7fd79c21782533785ea1233c62de915955dc3c0"
KNOWN_MAILBOX = "f14aae1ef5662db7bde86587247f0ec366aadd279e2f776c7766a529406d3e93"
KNOWN_HASH = "af109c4f544be2156130aa289b59ba15e3e413d93862881b8ccfa09fa0810913"


@pytest.mark.parametrize("entropy", KNOWN, ids=lambda entropy: entropy.hex()[:4])
def test_the_words_are_bip_39s(entropy):
    receipt = Receipt(entropy)
    assert " ".join(receipt.words) == KNOWN[entropy].strip()
    assert Receipt.parse(KNOWN[entropy]) == receipt


@examples()
@given(
    st.binary(min_size=16, max_size=16),
    st.lists(st.integers(4, 8), min_size=12, max_size=12),
    st.lists(st.text(" ,.;-_/\t\n0123456789()é", min_size=1, max_size=4), min_size=13, max_size=13),
    st.randoms(use_true_random=False),
)
def test_any_case_any_separator_and_four_letters_will_do(entropy, kept, between, chance):
    receipt = Receipt(entropy)
    words = [word[:letters] for word, letters in zip(receipt.words, kept, strict=True)]
    text = between[-1] + "".join(w + b for w, b in zip(words, between, strict=False))
    text = "".join(chance.choice([letter.lower(), letter.upper()]) for letter in text)
    assert Receipt.parse(text) == receipt


@examples(proof=PARSER)
@given(damaged(WORDS.encode()))
def test_a_damaged_receipt_is_refused_by_name_or_is_another(content):
    found = read(content.decode("latin-1"))
    if isinstance(found, Receipt):
        assert Receipt.parse(" ".join(found.words)) == found
        return
    assert found.reason in ("too_long", "not_twelve", "unknown_word", "checksum")
    assert (found.place is not None) == (found.reason == "unknown_word")
    assert found.place is None or 1 <= found.place <= 12
    assert not set(str(found).split()) & set(WORDS.split()), "an error quotes no word"


def read(text: str) -> Receipt | ReceiptError:
    try:
        return Receipt.parse(text)
    except ReceiptError as error:
        return error


@examples()
@given(st.text(max_size=500))
def test_any_text_is_refused_by_name(text):
    with pytest.raises(ReceiptError):
        Receipt.parse(text)


@pytest.mark.parametrize(
    ("text", "reason", "place"),
    [
        ("", "not_twelve", None),
        (WORDS.rsplit(" ", 1)[0], "not_twelve", None),
        (WORDS + " legal", "not_twelve", None),
        (WORDS.replace(" ", ""), "not_twelve", None),
        (WORDS.replace("winner", "wimner", 1), "unknown_word", 2),
        (WORDS.replace("thank", "tha", 1), "unknown_word", 3),
        (WORDS.replace("winner", "winners", 1), "unknown_word", 2),
        (WORDS.replace("year", "yea", 1), "unknown_word", 4),
        (WORDS.replace("yellow", "yellows"), "unknown_word", 12),
        (WORDS.replace("yellow", "year"), "checksum", None),
        (WORDS.replace("legal winner", "winner legal", 1), "checksum", None),
        (WORDS + " " * (LONGEST_TEXT + 1 - len(WORDS)), "too_long", None),
        ("x" * 1_000_000, "too_long", None),
    ],
)
def test_what_is_wrong_is_said(text, reason, place):
    with pytest.raises(ReceiptError) as caught:
        Receipt.parse(text)
    assert (caught.value.reason, caught.value.place) == (reason, place)


def test_four_hundred_characters_are_read():
    assert Receipt.parse(WORDS.ljust(LONGEST_TEXT)) == Receipt(b"\x7f" * 16)


def test_every_word_is_known_by_its_first_four_letters_and_by_all_of_them():
    for index, word in enumerate(ENGLISH.wordlist):
        for text in {word, word[:4], word[:5]}:
            rest = ["abandon"] * 11
            bits = index << 121
            # The last word carries the checksum, so it is worked out and not guessed.
            entropy = (bits >> 4).to_bytes(16, "big")
            rest[-1] = ENGLISH.wordlist[sha256(entropy).digest()[0] >> 4]
            assert Receipt.parse(" ".join([text, *rest])).entropy == entropy


def test_a_word_of_three_letters_is_whole():
    words = "zoo " * 11 + "wrong"
    assert Receipt.parse(words) == Receipt(b"\xff" * 16)
    with pytest.raises(ReceiptError):
        Receipt.parse(words.replace("zoo", "zo", 1))
    assert all(a[:4] != b[:4] for a, b in pairwise(sorted(ENGLISH.wordlist)))


def test_nothing_derived_is_like_anything_else():
    receipt = Receipt.generate()
    derived = {receipt.entropy, receipt.tag, receipt.identity.seed, receipt.signing_key.seed}
    assert len(derived) == 4
    assert Receipt(receipt.entropy).mailbox_id == receipt.mailbox_id
    assert Receipt.generate().mailbox_id != receipt.mailbox_id


def test_derivations_stay_what_they_were():
    """Receipts are in people's pockets: a change here loses every thread."""
    receipt = Receipt(bytes(range(16)))
    assert receipt.tag.hex() == KNOWN_TAG
    assert receipt.identity.seed.hex() == KNOWN_IDENTITY
    assert receipt.signing_key.seed.hex() == KNOWN_SIGNING
    assert receipt.mailbox_id == KNOWN_MAILBOX
    assert hashed_tag(receipt.tag).hex() == KNOWN_HASH


def test_a_receipt_and_its_keys_do_not_show():
    receipt = Receipt(b"0123456789abcdef")
    assert "0123" not in repr(receipt)
    assert receipt.words[0] not in repr(receipt) + str(receipt)


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_lengths_are_checked(length):
    with pytest.raises(ValueError):
        Receipt(bytes(length))
    if length != 32:
        with pytest.raises(ValueError):
            hashed_tag(bytes(length))


def test_looking_up_is_cheap():
    Receipt.parse(WORDS)
    began = time.process_time()
    for _ in range(200):
        hashed_tag(Receipt.parse(WORDS).tag)
    assert time.process_time() - began < 1.0
