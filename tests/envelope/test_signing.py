"""A signature is for one purpose, by one key, and weak keys are refused by name."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.envelope.errors import BadSignature, UnfitKey
from app.envelope.signing import SIGNATURE, SigningKey, VerificationKey, parse_signature

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
KEY = SigningKey(bytes(range(32)))


def small_order_heights() -> set[int]:
    """Work out the y of every point whose double, fourth or eighth multiple is the neutral one."""
    heights = {1, P - 1, 0}
    # Doubling a point of order 8 gives one with y = 0; there y**2 solves D y^4 + 2 y^2 - 1 = 0.
    root = pow(1 + D, (P + 3) // 8, P)
    if root * root % P != (1 + D) % P:
        root = root * pow(2, (P - 1) // 4, P) % P
    assert root * root % P == (1 + D) % P
    for sign in (root, P - root):
        square = (sign - 1) * pow(D, -1, P) % P
        height = pow(square, (P + 3) // 8, P)
        if height * height % P != square:
            height = height * pow(2, (P - 1) // 4, P) % P
        if height * height % P == square:
            heights |= {height, P - height}
    return heights


SMALL_ORDER = [
    (height + extra * P | sign << 255).to_bytes(32, "little")
    for height in sorted(small_order_heights())
    for extra in (0, 1)
    if height + extra * P < 2**255
    for sign in (0, 1)
]


def test_there_are_fourteen_spellings_of_the_eight_points():
    assert len(SMALL_ORDER) == len(set(SMALL_ORDER)) == 14


@pytest.mark.parametrize("raw", SMALL_ORDER, ids=lambda raw: raw.hex()[:16])
def test_a_key_of_small_order_is_refused_by_name(raw):
    with pytest.raises(UnfitKey, match="small order"):
        VerificationKey(raw)


def test_openssl_takes_such_a_key_which_is_why_we_do_not():
    neutral = Ed25519PublicKey.from_public_bytes((1).to_bytes(32, "little"))
    signature = (1).to_bytes(32, "little") + bytes(32)
    neutral.verify(signature, b"any words")
    neutral.verify(signature, b"any others")


@pytest.mark.parametrize("height", [P + 2, P + 18])
@pytest.mark.parametrize("sign", [0, 1])
def test_a_key_is_written_in_one_way(height, sign):
    with pytest.raises(UnfitKey, match="canonical"):
        VerificationKey((height | sign << 255).to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_has_32_bytes(length):
    for kind in (VerificationKey, SigningKey):
        with pytest.raises(UnfitKey):
            kind(b"\x02" * length)


def test_a_signature_holds_for_its_text_its_label_and_its_key():
    signature = KEY.sign("candour/letter/v1", b"words")
    key = KEY.verification_key
    key.verify("candour/letter/v1", b"words", signature)
    other = SigningKey.generate().verification_key
    for verifier, label, text, signed in [
        (key, "candour/letter/v1", b"word", signature),
        (key, "candour/keyring/v1", b"words", signature),
        (key, "candour/letter/v1", b"words", bytes(64)),
        (key, "candour/letter/v1", b"words", signature[:-1]),
        (key, "candour/letter/v1", b"words", b""),
        (other, "candour/letter/v1", b"words", signature),
    ]:
        with pytest.raises(BadSignature):
            verifier.verify(label, text, signed)


def test_a_signature_has_one_scalar():
    signature = KEY.sign("label", b"words")
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little") + order
    with pytest.raises(BadSignature):
        KEY.verification_key.verify(
            "label", b"words", signature[:32] + scalar.to_bytes(32, "little")
        )


def test_a_key_that_is_no_point_verifies_nothing():
    # y = 2 is on no point of the curve.
    with pytest.raises(BadSignature):
        VerificationKey((2).to_bytes(32, "little")).verify("label", b"words", bytes(64))


def test_keys_and_signatures_have_one_text():
    key = KEY.verification_key
    assert VerificationKey.parse(str(key)) == key
    text = str(key)
    for unfit in (text[:-1], text + "=", text.replace("=", ""), " " + text, text[:-2] + "B=", "é"):
        with pytest.raises(UnfitKey):
            VerificationKey.parse(unfit)
    assert parse_signature("A" * 86 + "==") == bytes(SIGNATURE)
    for unfit in ("A" * 85 + "B==", "A" * 88, "", "é"):
        with pytest.raises(BadSignature):
            parse_signature(unfit)


def test_a_signing_key_does_not_show():
    assert repr(KEY.seed)[2:-1] not in repr(KEY)
    assert KEY.seed.hex() not in repr(KEY)
