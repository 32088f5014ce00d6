"""A slip: one size, one reader, one place."""

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.envelope.errors import NoMatch, SlipError
from app.envelope.format import parse_header_bytes
from app.envelope.identities import Identity
from app.envelope.opening import open_header, open_payload
from app.envelope.slips import (
    PLAINTEXT,
    Slip,
    SlipKind,
    SlipPlace,
    parse_slip,
    seal_slip,
    slip_text,
)
from tests.envelope.damage import damaged
from tests.proof import PARSER, examples

STATISTICS = Identity(b"s" * 32)
PLACE = SlipPlace(id=b"i" * 16, force="north", period="2025Q3", kind=SlipKind.ENTRY)
ENTRY = Slip(place=PLACE, says=("misuse-of-systems", "operations"))
CLOSURE = Slip(
    place=replace(PLACE, period="2025", kind=SlipKind.CLOSURE), says=("learning", "up-to-90")
)


def opened(sealed, identity=STATISTICS):
    return open_payload(open_header(sealed.header, identity), BytesIO(sealed.payload)).read()


@pytest.mark.parametrize("slip", [ENTRY, CLOSURE], ids=["entry", "closure"])
def test_the_statistics_read_what_was_sealed(slip):
    sealed = seal_slip(slip, STATISTICS.recipient)
    assert sealed.place == slip.place
    assert parse_slip(opened(sealed), slip.place) == slip
    with pytest.raises(NoMatch):
        opened(sealed, Identity(b"x" * 32))


def test_every_slip_has_one_size_and_one_stanza():
    sealed = [seal_slip(slip, STATISTICS.recipient) for slip in (ENTRY, CLOSURE)]
    assert len({(len(slip.header), len(slip.payload)) for slip in sealed}) == 1
    assert len(parse_header_bytes(sealed[0].header).stanzas) == 1
    assert {len(slip_text(slip)) for slip in (ENTRY, CLOSURE)} == {PLAINTEXT}


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"id": b"j" * 16},
        {"force": "south"},
        {"period": "2025Q4"},
        {"kind": SlipKind.CLOSURE},
    ],
)
def test_a_slip_that_was_moved_is_no_slip(elsewhere):
    with pytest.raises(SlipError):
        parse_slip(slip_text(ENTRY), replace(PLACE, **elsewhere))


@pytest.mark.parametrize(
    "slip",
    [
        replace(ENTRY, says=("x" * 400, "y")),
        replace(ENTRY, place=replace(PLACE, id=b"short")),
    ],
)
def test_what_does_not_fit_is_not_sealed(slip):
    with pytest.raises(SlipError):
        seal_slip(slip, STATISTICS.recipient)


@given(damaged(slip_text(ENTRY)))
@examples(normal=300, proof=PARSER)
def test_a_damaged_slip_is_refused_by_its_own_error(text):
    try:
        slip = parse_slip(text, PLACE)
    except SlipError:
        return
    assert slip_text(slip) == text


@given(st.binary(max_size=PLAINTEXT))
@examples()
def test_other_bytes_are_no_slip(text):
    with pytest.raises(SlipError):
        parse_slip(text, PLACE)
