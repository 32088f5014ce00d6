"""The keyring says who reads, and only two keyring signers together say what the keyring says."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.envelope.errors import KeyringError
from app.envelope.keyring import Desk, Former, Role, check_dates, check_succession
from app.envelope.keyring_file import (
    LONGEST_KEYRING,
    countersign,
    keyring_digest,
    parse_keyring,
    parse_signers,
    sign_keyring,
)
from app.envelope.member_keys import MemberKey
from app.envelope.signing import SigningKey
from tests.envelope.damage import damaged
from tests.envelope.samples import JANE, KEYRING, OMAR, SIGNERS, TODAY, member
from tests.proof import PARSER, examples

KEYS = tuple(signer.verification_key for signer in SIGNERS)
SOUND = sign_keyring(KEYRING, SIGNERS)
BODY = json.loads(json.loads(SOUND)["keyring"])

ODD = [
    None, True, 0, -1, 2.0, "", "x", "Jane", "2026-11-21", "20261121", "2026-W47-6", "2026-02-30",
    [], {}, [{}], [None], ["jane"], "handler", "0" * 64, str(OMAR.recipient),
]  # fmt: skip


def signed(body: object, keys: tuple[SigningKey, ...] = SIGNERS) -> bytes:
    text = body if isinstance(body, str) else json.dumps(body)
    return json.dumps({"keyring": text, "signatures": [entry(key, text) for key in keys]}).encode()


def entry(key: SigningKey, text: str, label: str = "candour/keyring/v2") -> dict[str, str]:
    signature = b64encode(key.sign(label, text.encode())).decode()
    return {"signer": str(key.verification_key), "signature": signature}


def spoilt(**changes: object) -> bytes:
    return signed(BODY | changes)


def test_what_was_signed_is_read():
    assert parse_keyring(SOUND, KEYS) == KEYRING
    assert parse_keyring(signed(BODY), KEYS) == KEYRING


@examples(proof=PARSER)
@given(damaged(SOUND))
def test_a_damaged_keyring_is_refused_by_name(content):
    try:
        found = parse_keyring(content, KEYS)
    except KeyringError:
        return
    # White space outside the signed string is all that may change.
    assert found == KEYRING


@examples(200, 20_000)
@given(damaged(json.dumps(BODY).encode()))
def test_a_damaged_body_is_refused_by_name_even_if_signed(content):
    try:
        parse_keyring(signed(content.decode("latin-1")), KEYS)
    except KeyringError:
        return


@examples()
@given(
    st.sampled_from(["", "members", "former", "desks"]),
    st.sampled_from(["format", "serial", "issued_on", "expires_on", "members", "former", "desks", "id",
                     "name", "role", "recipient", "verification_key", "label", "more"]),
    st.sampled_from(ODD),
)  # fmt: skip
def test_an_odd_value_is_refused_by_name_or_is_as_good(part, name, value):
    body = json.loads(json.dumps(BODY))
    (body[part][0] if part else body)[name] = value
    try:
        found = parse_keyring(signed(body), KEYS)
    except KeyringError:
        return
    assert parse_keyring(sign_keyring(found, SIGNERS), KEYS) == found


ONE, OTHER = SIGNERS
THIRD = JANE.signing_key
TEXT = json.dumps(BODY)


@pytest.mark.parametrize(
    "signatures",
    [
        [],
        [entry(ONE, TEXT)],
        [entry(ONE, TEXT), entry(ONE, TEXT)],
        [entry(ONE, TEXT), entry(THIRD, TEXT)],
        [entry(THIRD, TEXT), entry(THIRD, TEXT)],
        [entry(ONE, TEXT), entry(OTHER, TEXT), entry(THIRD, TEXT)],
        [entry(ONE, TEXT), entry(OTHER, TEXT, "candour/letter/v1")],
        [entry(ONE, TEXT), entry(OTHER, TEXT + " ")],
        [entry(ONE, TEXT), entry(OTHER, TEXT) | {"signer": str(ONE.verification_key)}],
        [entry(ONE, TEXT), entry(ONE, TEXT) | {"signer": str(OTHER.verification_key)}],
        [entry(ONE, TEXT), entry(OTHER, TEXT) | {"more": ""}],
        [entry(ONE, TEXT), entry(OTHER, TEXT), "x"],
    ],
)
def test_two_of_the_signers_sign_it_and_nobody_else(signatures):
    content = json.dumps({"keyring": TEXT, "signatures": signatures}).encode()
    with pytest.raises(KeyringError):
        parse_keyring(content, KEYS)


def test_any_two_of_several_do():
    known = (*KEYS, THIRD.verification_key)
    for pair in ((ONE, OTHER), (ONE, THIRD), (THIRD, OTHER), (ONE, OTHER, THIRD)):
        assert parse_keyring(sign_keyring(KEYRING, pair), known) == KEYRING


def test_a_draft_becomes_a_keyring_by_another_signature():
    draft = sign_keyring(KEYRING, [ONE])
    with pytest.raises(KeyringError, match="2 people"):
        parse_keyring(draft, KEYS)
    assert countersign(draft, OTHER, KEYS) == SOUND
    with pytest.raises(KeyringError, match="another person"):
        countersign(draft, ONE, KEYS)
    with pytest.raises(KeyringError):
        countersign(sign_keyring(KEYRING, [THIRD]), OTHER, KEYS)
    with pytest.raises(KeyringError):
        countersign(draft.replace(b"Jane", b"June"), OTHER, KEYS)
    with pytest.raises(KeyringError):
        parse_keyring(countersign(draft, THIRD, KEYS), KEYS)


@pytest.mark.parametrize(
    ("lines", "fits"),
    [
        ([0], False), ([0, 0], False), ([0, 1], True), ([0, 1, 2], True), (range(7), True),
        (range(8), False), ([], False),
    ],
)  # fmt: skip
def test_there_are_two_to_seven_signers(lines, fits):
    keys = [SigningKey(bytes([at]) * 32).verification_key for at in range(8)]
    text = "".join(f"{keys[at]}\n" for at in lines)
    if fits:
        assert parse_signers(text) == tuple(keys[at] for at in lines)
    else:
        with pytest.raises(KeyringError):
            parse_signers(text)


def test_it_may_say_where_a_desk_falls():
    own = replace(KEYRING, fall_through={"ccu": ("independent", "psd"), "psd": ()})
    content = sign_keyring(own, SIGNERS)
    assert parse_keyring(content, KEYS) == own
    assert b"fall_through" not in SOUND


@pytest.mark.parametrize(
    "falls",
    [
        None,
        [],
        {"psd": "ccu"},
        {"psd": ["psd"]},
        {"psd": ["ccu", "ccu"]},
        {"PSD": []},
        {"psd": ["x"]},
        {"psd": [1]},
    ],
)
def test_but_only_in_desks(falls):
    with pytest.raises(KeyringError):
        parse_keyring(spoilt(fall_through=falls), KEYS)


LENA = {"id": "lena", "name": "Lena", "verification_key": BODY["former"][0]["verification_key"]}
JANE_TWICE = BODY["members"][0] | {"id": "june"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        SOUND + b"x",
        SOUND.ljust(LONGEST_KEYRING + 1),
        json.dumps({"keyring": BODY, "signatures": []}).encode(),
        json.dumps(json.loads(SOUND) | {"signatures": "x"}).encode(),
        json.dumps({"keyring": TEXT, "signature": "x"}).encode(),
        json.dumps(json.loads(SOUND) | {"more": 1}).encode(),
        signed("x"),
        signed("{}"),
        signed("[]"),
        signed(json.dumps(BODY).replace('"serial": 7', '"serial": 7, "serial": 8')),
        spoilt(more=1),
        spoilt(format="candour-keyring/1"),
        spoilt(serial=0),
        spoilt(serial="7"),
        spoilt(issued_on="2026-11-31"),
        spoilt(issued_on="20261101"),
        spoilt(issued_on="2027-01-01"),
        spoilt(members=[BODY["members"][0]] * 2, desks=[]),
        spoilt(members=[*BODY["members"], JANE_TWICE]),
        spoilt(members=[*BODY["members"], JANE_TWICE | {"verification_key": LENA["verification_key"]}]),
        spoilt(members=[BODY["members"][0] | {"role": "admin"}], desks=[]),
        spoilt(members=[BODY["members"][0] | {"id": "Jane"}], desks=[]),
        spoilt(members=[BODY["members"][0] | {"id": "j"}], desks=[]),
        spoilt(members=[BODY["members"][0] | {"id": "j" * 32}], desks=[]),
        spoilt(members=[BODY["members"][0] | {"id": "reporter"}], desks=[]),
        spoilt(members=[BODY["members"][0] | {"recipient": "age1pq1"}], desks=[]),
        spoilt(members=[BODY["members"][0] | {"verification_key": "AQ" + "A" * 41 + "="}], desks=[]),
        spoilt(former=[LENA, LENA]),
        spoilt(former=[LENA | {"id": "jane"}]),
        spoilt(former=[LENA | {"verification_key": BODY["members"][0]["verification_key"]}]),
        spoilt(former=[LENA | {"recipient": "x"}]),
        spoilt(desks=[*BODY["desks"], BODY["desks"][0]]),
        spoilt(desks=[{"id": "psd", "label": "x", "members": ["lena"]}]),
        spoilt(desks=[{"id": "psd", "label": "x", "members": ["nobody"]}]),
        spoilt(desks=[{"id": "psd", "label": "x", "members": []}]),
        spoilt(desks=[{"id": "psd", "label": "x", "members": ["jane", "jane"]}]),
        spoilt(desks=[{"id": "a1", "label": "x", "members": ["jane"]}, {"id": "b1", "label": "x", "members": ["jane"]}]),
        spoilt(desks=[{"id": "PSD", "label": "x", "members": ["jane"]}]),
        spoilt(desks=[{"id": "psd", "label": "x", "members": ["jane"], "more": 1}]),
    ],
)  # fmt: skip
def test_a_keyring_of_another_form_is_refused(content):
    with pytest.raises(KeyringError):
        parse_keyring(content, KEYS)


CAROL, CYRIL = BODY["members"][-2:]
HANDLERS = BODY["members"][:-2]
STATISTICS = BODY["statistics"]


@pytest.mark.parametrize(
    "changes",
    [
        {"statistics": None},
        {"statistics": []},
        {"statistics": STATISTICS | {"more": 1}},
        {"statistics": {"custodians": ["carol", "cyril"]}},
        {"statistics": STATISTICS | {"custodians": "carol"}},
        {"statistics": STATISTICS | {"recipient": "age1pq1"}},
        {"statistics": STATISTICS | {"recipient": CAROL["recipient"]}},
        {"statistics": STATISTICS | {"recipient": HANDLERS[0]["recipient"]}},
        {"statistics": STATISTICS | {"custodians": ["carol"]}},
        {"statistics": STATISTICS | {"custodians": ["carol", "carol"]}},
        {"statistics": STATISTICS | {"custodians": ["carol", "jane"]}},
        {"statistics": STATISTICS | {"custodians": ["carol", "cyril", "jane"]}},
        {"statistics": STATISTICS | {"custodians": []}, "members": HANDLERS},
        {"statistics": STATISTICS | {"custodians": ["carol"]}, "members": [*HANDLERS, CAROL]},
        {"members": [*HANDLERS, CAROL | {"role": "handler"}, CYRIL]},
        {"desks": [{"id": "psd", "label": "PSD", "members": ["jane", "carol"]}]},
    ],
)
def test_custodians_and_statistics_fit_together(changes):
    with pytest.raises(KeyringError):
        parse_keyring(spoilt(**changes), KEYS)


def test_a_custodian_without_statistics_is_none():
    without = {name: value for name, value in BODY.items() if name != "statistics"}
    with pytest.raises(KeyringError, match="custodians"):
        parse_keyring(signed(without), KEYS)


def test_a_keyring_may_be_without_statistics():
    members = tuple(one for one in KEYRING.members if one.role is not Role.CUSTODIAN)
    plain = replace(KEYRING, members=members, statistics=None)
    content = sign_keyring(plain, SIGNERS)
    assert parse_keyring(content, KEYS) == plain
    assert b"statistics" not in content


def test_there_are_seven_custodians_at_most():
    keys = [MemberKey.from_bytes(bytes([number]) * 64) for number in range(100, 108)]
    ids = tuple(f"c{at}" for at in range(len(keys)))
    found = [
        replace(member(id, key), role=Role.CUSTODIAN) for id, key in zip(ids, keys, strict=True)
    ]
    handlers = KEYRING.members[:3]
    for most in (7, 8):
        statistics = replace(KEYRING.statistics, custodians=ids[:most])
        members = (*handlers, *found[:most])
        if most == 8:
            with pytest.raises(KeyringError, match="2 to 7"):
                replace(KEYRING, members=members, statistics=statistics)
        else:
            assert replace(KEYRING, members=members, statistics=statistics).statistics is statistics


def test_a_custodian_reads_at_no_desk_and_signs_no_letter():
    assert "carol" not in KEYRING.verification_keys()
    assert "jane" in KEYRING.verification_keys()
    for desk in KEYRING.desks:
        readers = {reader.id for reader in KEYRING.recipients_for(desk.id)}
        assert not readers & set(KEYRING.statistics.custodians)
        with pytest.raises(KeyringError):
            KEYRING.recipients_for(desk.id, ["carol"])


def test_a_desk_has_at_most_fifteen():
    keys = [MemberKey.from_bytes(bytes([number]) * 64) for number in range(100, 116)]
    members = tuple(member(f"m{at}", key) for at, key in enumerate(keys))
    names = tuple(one.id for one in members)
    desks = (Desk(id="psd", label="", members=names[:15]),)
    full = replace(KEYRING, members=members, desks=desks, statistics=None)
    assert len(full.recipients_for("psd")) == 15
    with pytest.raises(KeyringError):
        replace(full, desks=(Desk(id="psd", label="", members=names),))


@pytest.mark.parametrize(
    ("day", "valid"),
    [(date(2026, 10, 31), False), (date(2026, 11, 1), True), (TODAY, True),
     (date(2026, 12, 31), True), (date(2027, 1, 1), False)],
)  # fmt: skip
def test_it_is_valid_on_both_days_and_between(day, valid):
    if valid:
        check_dates(KEYRING, day)
    else:
        with pytest.raises(KeyringError):
            check_dates(KEYRING, day)


def test_nobody_goes_back_behind_a_keyring_that_was_seen():
    digest = keyring_digest(SOUND)
    check_succession(KEYRING, digest, seen_serial=0, seen_digest="")
    check_succession(KEYRING, digest, seen_serial=6, seen_digest="x")
    check_succession(KEYRING, digest, seen_serial=7, seen_digest=digest)
    later = replace(KEYRING, expires_on=KEYRING.expires_on + timedelta(1))
    for keyring, content, serial in [(KEYRING, SOUND, 8), (later, sign_keyring(later, SIGNERS), 7)]:
        with pytest.raises(KeyringError):
            check_succession(
                keyring, keyring_digest(content), seen_serial=serial, seen_digest=digest
            )


class TestReaders:
    def test_those_of_the_desk_less_those_left_out(self):
        assert [one.id for one in KEYRING.recipients_for("psd")] == ["jane", "omar"]
        assert KEYRING.recipients_for("psd", ["jane"])[0].recipient == OMAR.recipient

    @pytest.mark.parametrize(
        ("desk", "left_out"), [("ops", []), ("psd", ["ruth"]), ("psd", ["jane", "omar"])]
    )
    def test_nobody_is_chosen_by_mistake(self, desk, left_out):
        with pytest.raises(KeyringError):
            KEYRING.recipients_for(desk, left_out)

    def test_a_member_is_found_by_id_and_a_former_one_is_none(self):
        assert KEYRING.member("jane").role == "handler"
        with pytest.raises(KeyringError):
            KEYRING.member("lena")

    def test_whoever_signs_or_signed_is_known(self):
        keys = KEYRING.verification_keys()
        assert set(keys) == {"jane", "omar", "ruth", "lena"}
        assert keys["jane"] == JANE.verification_key
        assert isinstance(KEYRING.former[0], Former)
