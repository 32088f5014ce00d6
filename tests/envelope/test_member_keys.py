"""A member's key: both halves together, in one form, and shown to nobody."""

import pytest

from app.envelope.errors import UnfitKey
from app.envelope.identities import Identity
from app.envelope.member_keys import MEMBER_KEY, MemberKey, parse_identities
from tests.envelope.samples import JANE, OMAR


def test_a_key_comes_back_from_bytes_and_from_its_file():
    key = MemberKey.generate()
    assert len(key.to_bytes()) == MEMBER_KEY
    assert MemberKey.from_bytes(key.to_bytes()) == key
    assert MemberKey.parse(key.to_text()) == key
    assert MemberKey.parse(key.to_text().replace("\n", "\r\n") + "\n\n") == key
    assert parse_identities(key.to_text()) == [key.identity]
    assert key.recipient == key.identity.recipient


def test_it_does_not_show():
    assert repr(JANE) == "MemberKey(identity=Identity(), signing_key=SigningKey())"


@pytest.mark.parametrize("length", [0, 32, 63, 65])
def test_another_length_is_refused(length):
    with pytest.raises(UnfitKey):
        MemberKey.from_bytes(bytes(length))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        str(JANE.identity),
        JANE.to_text() * 2,
        JANE.to_text() + str(OMAR.identity),
        JANE.to_text().replace("KEY-PQ-", "KEY-"),
        JANE.to_text().replace("# CANDOUR", "CANDOUR"),
        JANE.to_text().translate({ord("7"): "8", ord("8"): "7"}),
        JANE.to_text() + "words\n",
        "#" * 70_000,
    ],
)
def test_another_file_is_refused(text):
    with pytest.raises(UnfitKey):
        MemberKey.parse(text)


def test_a_file_may_hold_several_identities():
    text = f"{Identity(bytes(32))}\n# second\n\n{JANE.identity}\n"
    assert parse_identities(text) == [Identity(bytes(32)), JANE.identity]
