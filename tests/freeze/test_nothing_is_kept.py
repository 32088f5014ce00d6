"""What a slip says is nowhere but in the release's figures; the identity is nowhere at all."""

import io
from base64 import b64encode
from contextlib import redirect_stderr, redirect_stdout

import pytest
from hypothesis import given

from app.envelope.custody import (
    Custody,
    CustodyError,
    make_custody,
    open_first,
    open_second,
    pack,
    unpack,
)
from app.envelope.identities import Identity
from app.envelope.member_keys import MemberKey
from app.freeze.domain import SlipsSetAside
from app.web import logs
from tests.envelope.damage import damaged
from tests.proof import examples

CANARY = "canary-7f3a"


def haystack(folder) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_opened_is_stored_or_logged(house, settings, caplog):
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        logs.configure()
        house.hand_over(*(house.slip() for _ in range(20)), house.slip(says=(CANARY, "operations")))
        proposal = house.proposes()
        with pytest.raises(SlipsSetAside) as told:
            house.approves(proposal)
        house.approves(proposal, set_aside=1)
    seed = house.people.statistics.seed
    needles = [
        CANARY.encode(), b"candour-slip/1", seed, seed.hex().encode(), b64encode(seed),
        str(house.people.statistics).encode(),
    ]  # fmt: skip
    for path, content in haystack(settings.data).items():
        for needle in needles:
            assert needle not in content, path
    spoken = said.getvalue() + caplog.text + str(told.value) + repr(told.value)
    assert CANARY not in spoken
    assert seed.hex() not in spoken


def test_the_needles_would_be_found(house, settings):
    """The search itself works: an envelope's clear part is found by it."""
    slip = house.slip()
    house.hand_over(slip)
    assert any(slip.payload in content for content in haystack(settings.data).values()) or (
        not house.stores.statistics.is_sqlite
    )


THREE = {name: MemberKey.generate() for name in ("ann", "ben", "cat")}
IDENTITY = Identity(b"s" * 32)
CUSTODY = make_custody(IDENTITY, {name: key.recipient for name, key in THREE.items()})


@pytest.mark.parametrize("first", list(THREE))
@pytest.mark.parametrize("second", list(THREE))
def test_every_pair_opens_it_together_and_nobody_alone(first, second):
    opened = open_first(Custody.parse(CUSTODY.to_bytes()), first, THREE[first].identity)
    assert set(opened) == set(THREE) - {first}
    if first == second:
        with pytest.raises(CustodyError):
            unpack(pack(opened), second)
        for sealed in opened.values():
            with pytest.raises(CustodyError):
                open_second(sealed, THREE[first].identity, IDENTITY.recipient)
        return
    sealed = unpack(pack(opened), second)
    assert open_second(sealed, THREE[second].identity, IDENTITY.recipient) == IDENTITY


def test_the_second_cannot_begin_alone():
    with pytest.raises(CustodyError):
        open_first(CUSTODY, "ann", THREE["ben"].identity)
    with pytest.raises(CustodyError):
        open_first(CUSTODY, "dan", THREE["ben"].identity)


def test_one_custodian_is_not_enough_to_make_copies():
    with pytest.raises(CustodyError):
        make_custody(IDENTITY, {"ann": THREE["ann"].recipient})


def test_the_copies_do_not_hold_the_identity_in_clear():
    content = CUSTODY.to_bytes()
    for needle in (IDENTITY.seed, IDENTITY.seed.hex().encode(), str(IDENTITY).encode()):
        assert needle not in content


def test_another_identity_in_the_copies_is_found_out():
    other = make_custody(Identity(b"o" * 32), {n: k.recipient for n, k in THREE.items()})
    sealed = open_first(other, "ann", THREE["ann"].identity)["ben"]
    with pytest.raises(CustodyError, match="another identity"):
        open_second(sealed, THREE["ben"].identity, IDENTITY.recipient)


@given(damaged(CUSTODY.to_bytes()))
@examples(normal=150, proof=10_000)
def test_damaged_copies_are_refused_by_their_own_error(content):
    try:
        custody = Custody.parse(content)
        opened = open_first(custody, "ann", THREE["ann"].identity)
        open_second(opened["ben"], THREE["ben"].identity, IDENTITY.recipient)
    except (CustodyError, KeyError):
        return
