"""Readers read, nobody else does, and the header tells nobody how many they are."""

import re
from collections import Counter
from io import BytesIO
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from scipy.stats import chisquare

from app.envelope import sealing
from app.envelope.errors import HeaderError, MacError, NoMatch, PayloadError, UnfitKey, UnfitReaders
from app.envelope.file_keys import FileKey
from app.envelope.format import STANZAS, parse_header, parse_header_bytes, with_mac, without_mac
from app.envelope.identities import Identity
from app.envelope.opening import can_open, open_envelope, open_header, open_payload
from app.envelope.padding import CHUNK
from app.envelope.recipients import Recipient
from app.envelope.rewrapping import rewrap
from app.envelope.sealing import Sealer, new_file_key, seal, seal_header

IDENTITIES = [Identity(bytes([number]) * 32) for number in range(17)]
RECIPIENTS = [identity.recipient for identity in IDENTITIES]
OUTSIDER = Identity(b"x" * 32)
# As assets/tests/envelope.test.mjs has them.
KNOWN_PLACES = [4, 3, 2, 1]
FIELD = 3329  # ML-KEM's q


@pytest.mark.parametrize("readers", [1, 3, 15, 16])
def test_every_reader_opens_and_nobody_else(readers):
    out = BytesIO()
    seal(RECIPIENTS[:readers], BytesIO(b"words" * 20_000), out)
    for identity in IDENTITIES[:readers]:
        out.seek(0)
        opened = open_envelope(out, identity)
        assert opened.payload.read() == b"words" * 20_000
        assert len(opened.header.stanzas) == STANZAS
    for identity in (IDENTITIES[16], OUTSIDER):
        out.seek(0)
        with pytest.raises(NoMatch):
            open_envelope(out, identity)


def test_header_and_payload_may_be_stored_apart():
    payload = BytesIO()
    sealer = Sealer(payload, RECIPIENTS[:2], write_header=False)
    assert sealer.write(b"words") == 5
    sealer.finish()
    file_key = open_header(sealer.header, IDENTITIES[0])
    payload.seek(0)
    assert open_payload(file_key, payload).read() == b"words"
    together = BytesIO(sealer.header + payload.getvalue())
    assert open_envelope(together, IDENTITIES[1]).payload.read() == b"words"


def test_an_unfinished_envelope_opens_for_nobody():
    out = BytesIO()
    sealer = Sealer(out, RECIPIENTS[:1])
    sealer.write(bytes(3 * CHUNK))
    out.seek(0)
    with pytest.raises(PayloadError):
        open_envelope(out, IDENTITIES[0]).payload.read()


@pytest.mark.parametrize(
    "readers", [[], RECIPIENTS[:17], [RECIPIENTS[0], RECIPIENTS[0]]], ids=["none", "17", "twice"]
)
def test_unfit_readers_are_refused_before_anything_is_written(readers):
    out = BytesIO()
    with pytest.raises(UnfitReaders):
        seal(readers, BytesIO(b"words"), out)
    assert out.getvalue() == b""


def test_a_header_without_decoys_is_only_for_whoever_asks_for_it():
    header = seal_header(RECIPIENTS[:3], new_file_key(), stanzas=3)
    assert len(parse_header_bytes(header).stanzas) == 3
    with pytest.raises(UnfitReaders):
        seal_header(RECIPIENTS[:3], new_file_key(), stanzas=2)


class TestDecoys:
    def test_every_header_has_one_length_and_one_shape(self):
        headers = [seal_header(RECIPIENTS[:count], new_file_key()) for count in range(1, 17)]
        assert len({len(header) for header in headers}) == 1
        assert len({re.sub(rb"[A-Za-z0-9+/]{4,}", b"_", header) for header in headers}) == 1

    def test_a_decoy_is_an_encapsulation_to_somebody_who_is_thrown_away(self):
        made: list[MLKEM768PrivateKey] = []

        class Kept:
            @staticmethod
            def generate():
                made.append(MLKEM768PrivateKey.generate())
                return made[-1]

        with patch.object(sealing, "MLKEM768PrivateKey", Kept):
            headers = [
                parse_header_bytes(seal_header(RECIPIENTS[:3], new_file_key())) for _ in range(2)
            ]
        assert len(made) == 2, "somebody else in each header"
        stanzas = [stanza for header in headers for stanza in header.stanzas]
        for part in (slice(0, 1088), slice(1088, 1120), slice(1120, None)):
            assert len({stanza.sealed[part] for stanza in stanzas}) == 32, "nothing comes twice"
        shares = [X25519PublicKey.from_public_bytes(stanza.sealed[1088:1120]) for stanza in stanzas]
        assert all(any(X25519PrivateKey.generate().exchange(share)) for share in shares)

    def test_stanzas_of_readers_and_decoys_have_the_same_uneven_coefficients(self):
        """Random bytes would stand out: ML-KEM compresses q = 3329 values into 1,024."""
        real = _low_coefficients(seal_header(RECIPIENTS[:16], new_file_key()) for _ in range(20))
        mixed = _low_coefficients(seal_header(RECIPIENTS[:1], new_file_key()) for _ in range(20))
        expected = _compressed_shares()
        for counts in (real, mixed):
            assert chisquare(counts, [sum(counts) * share for share in expected]).pvalue > 1e-6
        uniform = _low_coefficients_of_random(320)
        assert chisquare(uniform, [sum(uniform) * share for share in expected]).pvalue < 1e-6

    def test_no_place_in_the_header_is_likelier_for_a_reader(self):
        places = Counter(_place_of_reader() for _ in range(1600))
        assert chisquare([places[place] for place in range(16)]).pvalue > 1e-6


class TestPlaces:
    """In her thread a reporter finds her stanza at once, and nobody else sees where it is."""

    @pytest.mark.parametrize("number", range(6))
    def test_the_one_who_has_a_place_opens_with_the_first_try(self, number):
        reporter = Counting(IDENTITIES[number])
        header = seal_header(RECIPIENTS, new_file_key(), stanzas=17, placed=RECIPIENTS[number])
        open_header(header, reporter, placed=RECIPIENTS[number])
        assert reporter.tried == 1

    def test_one_who_stands_elsewhere_is_found_all_the_same(self):
        for _ in range(4):
            header = seal_header(RECIPIENTS[:4], new_file_key())
            reporter = Counting(IDENTITIES[2])
            open_header(header, reporter, placed=RECIPIENTS[2])
            assert 1 <= reporter.tried <= 16
        with pytest.raises(NoMatch):
            open_header(header, OUTSIDER, placed=OUTSIDER.recipient)

    def test_only_a_reader_has_a_place(self):
        with pytest.raises(UnfitReaders):
            seal_header(RECIPIENTS[:2], new_file_key(), placed=RECIPIENTS[2])

    def test_the_places_of_many_are_even(self):
        # The place hangs on the bytes alone; to make a key for each would take minutes.
        someone = object.__new__(Recipient)
        places = Counter()
        for number in range(4000):
            object.__setattr__(someone, "raw", number.to_bytes(1216, "big"))
            places[someone.place(16)] += 1
        assert chisquare([places[place] for place in range(16)]).pvalue > 1e-6

    def test_the_others_are_shuffled_around_it(self):
        places = Counter(_place_of_reader(placed=RECIPIENTS[4]) for _ in range(1600))
        hers = RECIPIENTS[4].place(16)
        assert hers not in places
        assert chisquare([places[at] for at in range(16) if at != hers]).pvalue > 1e-6

    def test_it_is_the_place_that_browsers_use(self):
        assert [recipient.place(16) for recipient in RECIPIENTS[:4]] == KNOWN_PLACES


class Counting:
    def __init__(self, identity: Identity) -> None:
        self.identity, self.tried = identity, 0

    def unwrap(self, stanza):
        self.tried += 1
        return self.identity.unwrap(stanza)


def _place_of_reader(placed: Recipient | None = None) -> int:
    """Return where the one reader's stanza stands; wrapping is faked, being slow and irrelevant."""
    numbers = iter(range(1, 100))
    readers = [RECIPIENTS[0]] if placed is None else [RECIPIENTS[0], placed]
    with (
        patch.object(Recipient, "wrap", lambda its, _: _Numbered(RECIPIENTS.index(its) * 100)),
        patch.object(sealing, "_decoy", lambda _: _Numbered(next(numbers))),
        patch.object(sealing, "without_mac", lambda stanzas: stanzas),
        patch.object(sealing, "with_mac", lambda stanzas, _: stanzas),
        patch.object(FileKey, "header_mac", lambda *_: b""),
    ):
        stanzas = seal_header(readers, FileKey(bytes(16)), placed=placed)
    return [stanza.number for stanza in stanzas].index(0)


class _Numbered:
    def __init__(self, number: int) -> None:
        self.number = number


def _coefficients(share: bytes) -> list[int]:
    """Return the 768 ten-bit coefficients of the first part of an ML-KEM-768 ciphertext."""
    bits = int.from_bytes(share[:960], "little")
    return [bits >> 10 * at & 1023 for at in range(768)]


def _compress(value: int) -> int:
    return ((value << 10) + FIELD // 2) // FIELD % 1024


def _hits() -> list[int]:
    hits = Counter(_compress(value) for value in range(FIELD))
    return [hits[value] for value in range(1024)]


HITS = _hits()


def _compressed_shares() -> list[float]:
    """Return how often a coefficient falls on a value that three, and that four, of q give."""
    of_three = sum(hits for hits in HITS if hits == 3) / FIELD
    return [of_three, 1 - of_three]


def _low_coefficients(headers) -> list[int]:
    shares = [stanza.sealed for header in headers for stanza in parse_header_bytes(header).stanzas]
    return _counts(shares)


def _low_coefficients_of_random(count: int) -> list[int]:
    return _counts([sealing.secrets.token_bytes(1120) for _ in range(count)])


def _counts(shares: list[bytes]) -> list[int]:
    three = sum(HITS[value] == 3 for share in shares for value in _coefficients(share))
    return [three, 768 * len(shares) - three]


class TestMac:
    HEADER = seal_header(RECIPIENTS[:3], FileKey(bytes(16)), stanzas=3)

    @pytest.mark.parametrize("places", [(0, 1), (1, 2, 0), (0, 1, 2, 2)])
    def test_stanzas_dropped_moved_or_added_are_noticed(self, places):
        header = parse_header_bytes(self.HEADER)
        changed = without_mac([header.stanzas[place] for place in places])
        identity = next(
            one for one in IDENTITIES[:3] if can_open(self.HEADER, one) and _first(header, one) == 0
        )
        with pytest.raises(MacError):
            open_header(with_mac(changed, header.mac), identity)

    def test_a_forged_mac_is_noticed(self):
        header = parse_header_bytes(self.HEADER)
        with pytest.raises(MacError):
            can_open(with_mac(header.without_mac, bytes(32)), IDENTITIES[0])

    def test_a_broken_header_is_nobodys_no(self):
        with pytest.raises(HeaderError):
            can_open(b"age-encryption.org/v1\n", IDENTITIES[0])


def _first(header, identity: Identity) -> int:
    for place, stanza in enumerate(header.stanzas):
        try:
            identity.unwrap(stanza)
        except NoMatch:
            continue
        return place
    raise AssertionError


class TestRewrapping:
    def test_a_dropped_reader_cannot_an_added_can_and_the_payload_stays(self):
        payload = BytesIO()
        sealer = Sealer(payload, RECIPIENTS[:3], write_header=False)
        sealer.write(b"words")
        sealer.finish()
        before = payload.getvalue()
        header = rewrap(sealer.header, IDENTITIES[0], [RECIPIENTS[0], RECIPIENTS[5]])
        assert len(header) == len(sealer.header)
        assert payload.getvalue() == before
        for number, reads in [(0, True), (1, False), (2, False), (5, True)]:
            assert can_open(header, IDENTITIES[number]) is reads
        payload.seek(0)
        key = open_header(header, IDENTITIES[5])
        assert open_payload(key, payload).read() == b"words"

    def test_every_stanza_is_new(self):
        header = seal_header(RECIPIENTS[:2], new_file_key())
        again = rewrap(parse_header_bytes(header), IDENTITIES[0], RECIPIENTS[:2])
        before = {stanza.sealed for stanza in parse_header_bytes(header).stanzas}
        assert before.isdisjoint(stanza.sealed for stanza in parse_header_bytes(again).stanzas)

    def test_only_a_reader_can(self):
        header = seal_header(RECIPIENTS[:2], new_file_key())
        with pytest.raises(NoMatch):
            rewrap(header, OUTSIDER, [OUTSIDER.recipient])


class TestKeys:
    def test_the_specifications_identity_has_its_recipient(self):
        # c2sp.org/age; the first 40 characters of the recipient there.
        text = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
        identity = Identity.parse(text)
        assert str(identity) == text
        assert str(identity.recipient).startswith("age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9r")

    def test_texts_come_back(self):
        identity = Identity.generate()
        assert Identity.parse(str(identity).lower()) == identity
        assert Recipient.parse(str(identity.recipient)) == identity.recipient

    def test_private_keys_do_not_show(self):
        key = new_file_key()
        identity = Identity.generate()
        shown = repr((key, identity)) + str(key)
        for secret in (key.raw, identity.seed):
            assert secret.hex() not in shown
            assert repr(secret)[2:-1] not in shown

    @pytest.mark.parametrize("length", [0, 31, 33])
    def test_an_identity_of_another_length_is_refused(self, length):
        with pytest.raises(UnfitKey):
            Identity(bytes(length))

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            RECIPIENTS[0].raw[:-1],
            RECIPIENTS[0].raw + b"\0",
            b"\xff" * 1184 + RECIPIENTS[0].raw[1184:],
            RECIPIENTS[0].raw[:1184] + bytes(32),
            RECIPIENTS[0].raw[:1184] + bytes(31) + b"\x80",
        ],
        ids=["empty", "short", "long", "mlkem", "zero", "zero-spelt-otherwise"],
    )
    def test_an_unfit_recipient_is_refused(self, raw):
        with pytest.raises(UnfitKey):
            Recipient(raw)

    @pytest.mark.parametrize("length", [0, 15, 17])
    def test_a_file_key_has_16_bytes(self, length):
        with pytest.raises(ValueError):
            FileKey(bytes(length))

    def test_a_stanza_of_another_type_is_not_for_an_identity(self):
        text = b"age-encryption.org/v1\n-> X25519 abcd\n\n--- " + b"A" * 43 + b"\n"
        header = parse_header(BytesIO(text), any_type=True)
        assert not can_open(header, IDENTITIES[0])
