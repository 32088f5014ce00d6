"""Where a stanza was found is remembered for its reader alone, and never more than a hint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.envelope.errors import MacError, NoMatch
from app.envelope.file_keys import FileKey
from app.envelope.format import STANZAS, parse_header_bytes, with_mac, without_mac
from app.envelope.identities import Identity
from app.envelope.opening import open_header
from app.envelope.places import KEPT, SLOTS, FinderKey, Places, nothing_found
from app.envelope.rewrapping import rewrap
from app.envelope.sealing import new_file_key, seal_header
from tests.envelope.samples import JANE, OMAR
from tests.proof import examples

FILE_KEY = FileKey(bytes(range(16)))
HEADER = seal_header([JANE.recipient, OMAR.recipient], FILE_KEY)
JANES, OMARS = FinderKey(JANE.identity), FinderKey(OMAR.identity)


@pytest.fixture
def trials(monkeypatch):
    """How many stanzas were tried since, by counting what unwraps them."""
    counted, unwrap = [], Identity.unwrap
    monkeypatch.setattr(Identity, "unwrap", lambda me, one: counted.append(one) or unwrap(me, one))
    return counted


def found(headers=(HEADER,), kept=None, key=JANES):
    """What is kept after opening some headers."""
    finder = key.finder(kept)
    for header in headers:
        open_header(header, finder)
    return finder.places.to_bytes()


def place_of(header, key=JANES):
    parsed, finder = parse_header_bytes(header), key.finder()
    open_header(parsed, finder)
    return finder.places.of(parsed)


def test_what_was_found_once_is_opened_at_the_first_trial(trials):
    kept = found()
    trials.clear()
    finder = JANES.finder(kept)
    assert open_header(HEADER, finder) == FILE_KEY
    assert len(trials) == 1
    assert not finder.places.changed
    assert finder.places.to_bytes() == kept


def test_many_envelopes_of_a_case_are_remembered_and_more_than_there_is_room_for_are_tried(trials):
    headers = [seal_header([JANE.recipient], new_file_key()) for _ in range(SLOTS + 3)]
    kept = found(headers[:1])
    for header in headers[1:SLOTS]:
        # As cases grow: what else lies there was opened in the same visit.
        kept = found(headers[: headers.index(header) + 1], kept)
    trials.clear()
    assert found(headers[:SLOTS], kept) == kept
    assert len(trials) == SLOTS
    trials.clear()
    again = found(headers, kept)
    assert len(again) == KEPT
    assert len(trials) > len(headers)


@examples(200)
@given(st.none() | st.binary(max_size=2 * KEPT) | st.binary(min_size=KEPT, max_size=KEPT))
def test_whatever_stands_in_the_row_the_header_opens_and_is_remembered(row):
    finder = JANES.finder(row)
    assert open_header(HEADER, finder) == FILE_KEY
    kept = finder.places.to_bytes()
    assert len(kept) == KEPT
    assert Places(JANES._key, kept).of(parse_header_bytes(HEADER)) == place_of(HEADER)


@examples(100)
@given(st.integers(0, KEPT - 1), st.integers(0, 255))
def test_a_spoilt_row_costs_trials_and_is_put_right(at, value):
    kept = bytearray(found())
    kept[at] = value
    right = found(kept=bytes(kept))
    finder = JANES.finder(right)
    assert open_header(HEADER, finder) == FILE_KEY
    assert not finder.places.changed


@pytest.mark.parametrize("wrong", [*range(STANZAS), 16, 63, 64, 255])
def test_a_wrong_place_is_tried_first_and_written_over(wrong, trials):
    """Also one that is no place in the header at all."""
    kept, right = bytearray(found()), place_of(HEADER)
    tag, mask = Places(JANES._key)._marks(parse_header_bytes(HEADER))
    at = 3 * next(Places(JANES._key, bytes(kept))._slots_of(tag))
    kept[at + len(tag)] = wrong ^ mask
    trials.clear()
    again = found(kept=bytes(kept))
    assert len(trials) <= STANZAS
    assert Places(JANES._key, again).of(parse_header_bytes(HEADER)) == right
    if wrong < 64:
        written = list(Places(JANES._key, again)._slots_of(tag))
        assert written == [at // 3], "in the place of the wrong one"


def test_a_place_gives_no_access():
    """Wrapped again without her, an envelope is closed to her whatever she remembers."""
    kept = found()
    without = rewrap(HEADER, OMAR.identity, [OMAR.recipient])
    finder = JANES.finder(kept)
    with pytest.raises(NoMatch):
        open_header(without, finder)
    assert not finder.places.changed


def test_a_header_that_was_changed_is_refused_at_a_known_place_too():
    kept, parsed = found(), parse_header_bytes(HEADER)
    mine = place_of(HEADER)
    others = [place for place in range(STANZAS) if place != mine]
    order = list(range(STANZAS))
    order[others[0]], order[others[1]] = others[1], others[0]
    changed = with_mac(without_mac([parsed.stanzas[place] for place in order]), parsed.mac)
    finder = JANES.finder(kept)
    with pytest.raises(MacError):
        open_header(changed, finder)
    assert not finder.places.changed


def test_another_reader_learns_nothing_from_it(trials):
    """Neither a place, nor whether anything was found: her marks are under another key."""
    kept = found()
    assert OMARS._key != JANES._key
    parsed = parse_header_bytes(HEADER)
    tag, mask = Places(JANES._key)._marks(parsed)
    assert Places(OMARS._key)._marks(parsed) != (tag, mask)
    assert tag not in found(key=OMARS)
    assert len(kept) == len(nothing_found()) == len(found(key=OMARS)) == KEPT


def test_what_is_kept_looks_the_same_whether_anything_was_found():
    """Over many readers every byte takes all values about as often, found or nothing found."""
    filled = b""
    for _ in range(300):
        reader = Identity.generate()
        header = seal_header([reader.recipient], new_file_key(), stanzas=1)
        kept = found([header], key=(key := FinderKey(reader)))
        places = Places(key._key, kept)
        tag, _mask = places._marks(parse_header_bytes(header))
        at = 3 * next(places._slots_of(tag))
        # The slot it stands in, and its neighbour in which nothing does.
        filled += kept[at : at + 3] + kept[(at + 3) % KEPT : (at + 3) % KEPT + 3]
    assert len(set(filled)) > 250
    assert max(filled.count(value) for value in range(256)) < 30
    assert len({nothing_found() for _ in range(50)}) == 50


def test_a_repr_shows_neither_key_nor_places():
    kept = found()
    shown = repr(JANES.finder(kept))
    assert JANE.identity.seed.hex() not in shown
    assert "places" not in shown
