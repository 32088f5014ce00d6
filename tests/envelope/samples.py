"""Sound letters, parcels and keyrings for the tests to use and to spoil."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO

from app.envelope.identities import Identity
from app.envelope.keyring import Desk, Former, Keyring, Member, Role, Statistics
from app.envelope.letter import QUESTIONS, Attachment, Kind, Letter
from app.envelope.member_keys import MemberKey
from app.envelope.parcel import ParcelWriter
from app.envelope.receipts import Receipt
from app.envelope.signing import SigningKey

RECEIPT = Receipt(bytes(range(16)))
JANE = MemberKey.from_bytes(bytes(range(64)))
OMAR = MemberKey.from_bytes(bytes(range(1, 65)))
RUTH = MemberKey.from_bytes(bytes(range(2, 66)))
CAROL = MemberKey.from_bytes(bytes(range(5, 69)))
CYRIL = MemberKey.from_bytes(bytes(range(6, 70)))
STATISTICS = Identity(bytes(range(7, 39)))
LEFT = SigningKey(bytes(range(3, 35)))
SIGNERS = (SigningKey(bytes(range(4, 36))), SigningKey(bytes(range(5, 37))))
TODAY = date(2026, 11, 21)

ANSWERS = dict.fromkeys(QUESTIONS, "") | {"what": "Files were altered 🗂", "danger": "no"}

CONCERN = Letter(
    kind=Kind.CONCERN,
    mailbox=RECEIPT.mailbox_id,
    author="reporter",
    verification_key=RECEIPT.verification_key,
    recipient=RECEIPT.identity.recipient,
    place=0,
    desk="psd",
    readers=("jane", "omar"),
    left_out=("ruth",),
    keyring=7,
    answers=ANSWERS,
)
MESSAGE = replace(
    CONCERN, kind=Kind.MESSAGE, place=1, previous="ab" * 32, answers={}, text="One thing more."
)
REPLY = Letter(
    kind=Kind.REPLY,
    mailbox=RECEIPT.mailbox_id,
    author="jane",
    verification_key=JANE.verification_key,
    place=0,
    desk="psd",
    readers=("jane", "omar"),
    left_out=("ruth",),
    keyring=7,
    text="Where was this?",
)


def member(name: str, key: MemberKey) -> Member:
    return Member(
        id=name,
        name=f"{name.title()} of PSD",
        role=Role.HANDLER,
        recipient=key.recipient,
        verification_key=key.verification_key,
    )


KEYRING = Keyring(
    serial=7,
    issued_on=date(2026, 11, 1),
    expires_on=date(2026, 12, 31),
    members=(
        member("jane", JANE),
        member("omar", OMAR),
        member("ruth", RUTH),
        replace(member("carol", CAROL), role=Role.CUSTODIAN),
        replace(member("cyril", CYRIL), role=Role.CUSTODIAN),
    ),
    former=(Former(id="lena", name="Lena", verification_key=LEFT.verification_key),),
    desks=(
        Desk(id="psd", label="Professional Standards", members=("jane", "omar")),
        Desk(id="ccu", label="Counter-Corruption Unit", members=("ruth",)),
    ),
    statistics=Statistics(recipient=STATISTICS.recipient, custodians=("carol", "cyril")),
)


def attached(contents: Sequence[bytes]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(label=f"File {at}", size=len(content), sha256=sha256(content).hexdigest())
        for at, content in enumerate(contents, 1)
    )


def parcel(letter_json: bytes, signature: bytes, contents: Sequence[bytes] = ()) -> bytes:
    out = BytesIO()
    writer = ParcelWriter(out, letter_json, signature, [len(content) for content in contents])
    for content in contents:
        writer.write(content)
    writer.finish()
    return out.getvalue()
