"""The keyring as a file: JSON that two of the keyring signers sign.

Source: docs/envelope-spec.md, section 7.
"""

import re
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from hashlib import sha256

from app.envelope.errors import BadSignature, KeyringError, UnfitKey
from app.envelope.keyring import Desk, Former, Keyring, Member, Role, Statistics
from app.envelope.recipients import Recipient
from app.envelope.signing import SigningKey, VerificationKey, parse_signature
from app.envelope.strict_json import (
    Json,
    UnfitJson,
    integer_in,
    names_of,
    object_in,
    objects_in,
    read_object,
    text_in,
    texts_in,
    write_object,
)

FORMAT = "candour-keyring/2"
LABEL = "candour/keyring/v2"  # of the signatures
LONGEST_KEYRING = 4 * 1024 * 1024  # bytes; a member takes about 2,200
# Nobody decides alone who may read: two of those who may sign a keyring sign it together.
FEWEST_SIGNATURES = 2
MOST_SIGNERS = 7

_NAMES = ("format", "serial", "issued_on", "expires_on", "members", "former", "desks")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_keyring(content: bytes, signers: Collection[VerificationKey]) -> Keyring:
    """Return the keyring in the bytes of `keyring.json`, checked against the keyring signers.

    Its dates are for `check_dates`, at every sealing; its serial is for `check_succession`.

    Raises:
        KeyringError: if it is malformed in any particular, not signed by two of `signers`, or
            signed by anybody else as well.
    """
    if len(content) > LONGEST_KEYRING:
        raise KeyringError("the keyring is too long")
    try:
        body, signed = _signed_body(read_object(content), signers)
        if len(signed) < FEWEST_SIGNATURES:
            raise KeyringError(f"the keyring is not signed by {FEWEST_SIGNATURES} people")
        return _keyring(read_object(body))
    except BadSignature:
        raise KeyringError("the keyring is not signed by its signers") from None
    except (UnfitJson, UnfitKey) as error:
        raise KeyringError(str(error)) from None


def sign_keyring(keyring: Keyring, keys: Sequence[SigningKey]) -> bytes:
    """Return the bytes of `keyring.json`, signed by each of `keys`.

    With one of them it is a draft, which no server and no browser takes.
    """
    return _file(write_object(_as_json(keyring)), keys, {})


def countersign(draft: bytes, key: SigningKey, signers: Collection[VerificationKey]) -> bytes:
    """Return the bytes of a keyring with one signature more over exactly the same words.

    Raises:
        KeyringError: if `draft` is malformed, or signed by somebody who is none of `signers`.
    """
    body, keyring, signed = read_draft(draft, signers)
    if key.verification_key in signed:
        raise KeyringError(f"keyring {keyring.serial} has this signature: another person signs")
    return _file(body, [key], signed)


def read_draft(
    draft: bytes, signers: Collection[VerificationKey]
) -> tuple[bytes, Keyring, Mapping[VerificationKey, bytes]]:
    """Return the words, the keyring and the valid signatures of a draft, however few there are.

    Raises:
        KeyringError: if it is malformed, or signed by somebody who is none of `signers`.
    """
    try:
        body, signed = _signed_body(read_object(draft), signers)
        return body, _keyring(read_object(body)), signed
    except BadSignature:
        raise KeyringError("the keyring is not signed by its signers") from None
    except (UnfitJson, UnfitKey) as error:
        raise KeyringError(str(error)) from None


def parse_signers(content: str) -> tuple[VerificationKey, ...]:
    """Return the keys in a file of the keyring signers' public halves, one on a line.

    Raises:
        KeyringError: if there are fewer than two or more than seven, or one stands twice.
        UnfitKey: if a line holds none.
    """
    keys = tuple(VerificationKey.parse(line) for line in content.split())
    if len(set(keys)) != len(keys):
        raise KeyringError("a signer stands twice")
    if not FEWEST_SIGNATURES <= len(keys) <= MOST_SIGNERS:
        raise KeyringError(f"there are {FEWEST_SIGNATURES} to {MOST_SIGNERS} keyring signers")
    return keys


def keyring_digest(content: bytes) -> str:
    """Return the SHA-256 of `keyring.json` in hexadecimal, to be kept beside its serial."""
    return sha256(content).hexdigest()


def _signed_body(
    found: dict[str, Json], signers: Collection[VerificationKey]
) -> tuple[bytes, dict[VerificationKey, bytes]]:
    names_of(found, ("keyring", "signatures"))
    body = text_in(found, "keyring").encode()
    signed: dict[VerificationKey, bytes] = {}
    for one in objects_in(found, "signatures"):
        names_of(one, ("signer", "signature"))
        signer = VerificationKey.parse(text_in(one, "signer"))
        if signer not in signers or signer in signed:
            raise KeyringError("the keyring is signed by a stranger, or twice by one signer")
        signed[signer] = parse_signature(text_in(one, "signature"))
        signer.verify(LABEL, body, signed[signer])
    return body, signed


def _file(
    body: bytes, keys: Sequence[SigningKey], signed: Mapping[VerificationKey, bytes]
) -> bytes:
    found = dict(signed) | {key.verification_key: key.sign(LABEL, body) for key in keys}
    signatures: list[Json] = [
        {"signer": str(signer), "signature": b64encode(signature).decode()}
        for signer, signature in sorted(found.items(), key=lambda one: str(one[0]))
    ]
    return write_object({"keyring": body.decode(), "signatures": signatures})


def _keyring(found: dict[str, Json]) -> Keyring:
    optional = tuple(name for name in ("statistics", "fall_through") if name in found)
    names_of(found, (*_NAMES, *optional))
    falls = object_in(found, "fall_through") if "fall_through" in found else {}
    if text_in(found, "format") != FORMAT:
        raise KeyringError("the keyring is of another format")
    return Keyring(
        serial=integer_in(found, "serial", least=1),
        issued_on=_date_in(found, "issued_on"),
        expires_on=_date_in(found, "expires_on"),
        members=tuple(map(_member, objects_in(found, "members"))),
        former=tuple(map(_former, objects_in(found, "former"))),
        desks=tuple(map(_desk, objects_in(found, "desks"))),
        statistics=_statistics(object_in(found, "statistics")) if "statistics" in found else None,
        fall_through={desk: texts_in(falls, desk) for desk in falls},
    )


def _member(found: dict[str, Json]) -> Member:
    names_of(found, ("id", "name", "role", "recipient", "verification_key"))
    role = text_in(found, "role")
    if role not in set(Role):
        raise KeyringError("a member's role is not one")
    return Member(
        id=text_in(found, "id"),
        name=text_in(found, "name"),
        role=Role(role),
        recipient=Recipient.parse(text_in(found, "recipient")),
        verification_key=VerificationKey.parse(text_in(found, "verification_key")),
    )


def _former(found: dict[str, Json]) -> Former:
    names_of(found, ("id", "name", "verification_key"))
    return Former(
        id=text_in(found, "id"),
        name=text_in(found, "name"),
        verification_key=VerificationKey.parse(text_in(found, "verification_key")),
    )


def _desk(found: dict[str, Json]) -> Desk:
    names_of(found, ("id", "label", "members"))
    members = texts_in(found, "members")
    return Desk(id=text_in(found, "id"), label=text_in(found, "label"), members=members)


def _statistics(found: dict[str, Json]) -> Statistics:
    names_of(found, ("recipient", "custodians"))
    recipient = Recipient.parse(text_in(found, "recipient"))
    return Statistics(recipient=recipient, custodians=texts_in(found, "custodians"))


def _date_in(found: dict[str, Json], name: str) -> date:
    text = text_in(found, name)
    # Python also reads 20261121 and 2026-W47-6; a browser does not.
    if not _DATE.fullmatch(text):
        raise KeyringError(f"{name} is not a date")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise KeyringError(f"{name} is not a date") from None


def _as_json(keyring: Keyring) -> dict[str, Json]:
    found: dict[str, Json] = {
        "format": FORMAT,
        "serial": keyring.serial,
        "issued_on": keyring.issued_on.isoformat(),
        "expires_on": keyring.expires_on.isoformat(),
        "members": [
            {
                "id": member.id,
                "name": member.name,
                "role": member.role.value,
                "recipient": str(member.recipient),
                "verification_key": str(member.verification_key),
            }
            for member in keyring.members
        ],
        "former": [
            {"id": left.id, "name": left.name, "verification_key": str(left.verification_key)}
            for left in keyring.former
        ],
        "desks": [
            {"id": desk.id, "label": desk.label, "members": list(desk.members)}
            for desk in keyring.desks
        ],
    }
    if keyring.statistics is not None:
        found["statistics"] = {
            "recipient": str(keyring.statistics.recipient),
            "custodians": list(keyring.statistics.custodians),
        }
    if keyring.fall_through:
        found["fall_through"] = {desk: list(falls) for desk, falls in keyring.fall_through.items()}
    return found
