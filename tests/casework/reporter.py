"""A reporter at her own machine: everything she needs is her receipt and the keyring."""

import secrets
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import BytesIO

from app.envelope.keyring import Keyring
from app.envelope.letter import (
    QUESTIONS,
    Attachment,
    Kind,
    Letter,
    letter_digest,
    sign_letter,
    verify_reply,
)
from app.envelope.opening import open_header, open_payload
from app.envelope.parcel import ParcelReader, ParcelWriter
from app.envelope.receipts import Receipt, hashed_tag
from app.envelope.sealing import Sealer
from app.intake.domain import Waiting
from app.intake.store import PART, Letters
from app.work import begin

ANSWERS = {
    "what": "A supervisor takes files home.\nIt has happened often.",
    "where": "The station in the north",
    "how_known": "I saw it",
    "about": "manager",
}


@dataclass(frozen=True)
class Sealed:
    letter: Letter
    header: bytes
    payload: bytes


@dataclass
class Reporter:
    keyring: Keyring
    desk: str = "psd"
    left_out: tuple[str, ...] = ()
    receipt: Receipt = field(default_factory=Receipt.generate)
    place: int = 0
    previous: str = ""

    @property
    def mailbox(self) -> bytes:
        return bytes.fromhex(self.receipt.mailbox_id)

    def readers(self):
        return self.keyring.recipients_for(self.desk, self.left_out)

    def letter(self, **changes) -> Letter:
        first = self.place == 0
        said = {
            "kind": Kind.CONCERN if first else Kind.MESSAGE,
            "mailbox": self.receipt.mailbox_id,
            "author": "reporter",
            "verification_key": self.receipt.verification_key,
            "recipient": self.receipt.identity.recipient,
            "place": self.place,
            "previous": self.previous,
            "desk": self.desk,
            "readers": tuple(member.id for member in self.readers()),
            "left_out": tuple(sorted(self.left_out)),
            "keyring": self.keyring.serial,
            "answers": {code: ANSWERS.get(code, "") for code in QUESTIONS} if first else {},
            "text": "" if first else "It happened again.",
        }
        return Letter(**{**said, **changes})

    def seal(self, *, attachments=(), key=None, recipients=None, spoil=None, **changes) -> Sealed:
        """Seal her next letter; the arguments are ways of getting it wrong."""
        named = tuple(
            Attachment(label=label, size=len(content), sha256=sha256(content).hexdigest())
            for label, content in attachments
        )
        letter = self.letter(attachments=named, **changes)
        content, signature = sign_letter(letter, key or self.receipt.signing_key)
        if spoil == "signature":
            signature = secrets.token_bytes(64)
        payload = BytesIO()
        hers = [self.receipt.identity.recipient, *(member.recipient for member in self.readers())]
        sealer = Sealer(payload, recipients or hers, write_header=False)
        parcel = ParcelWriter(sealer, content, signature, [one.size for one in named])
        for _, body in attachments:
            parcel.write(secrets.token_bytes(len(body)) if spoil == "attachment" else body)
        parcel.finish()
        sealer.finish()
        self.place, self.previous = letter.place + 1, letter_digest(content)
        return Sealed(letter, sealer.header, payload.getvalue())

    def post(self, database, clock, sealed: Sealed, *, urgent: bool = False) -> None:
        """Put an envelope into the letterbox, as a deposit does."""
        first = sealed.letter.kind is Kind.CONCERN
        waiting = Waiting(
            id=secrets.token_bytes(16),
            tag_hash=hashed_tag(self.receipt.tag),
            mailbox=self.mailbox,
            desk=self.desk if first else None,
            first=first,
            urgent=urgent,
            size=len(sealed.payload),
            header=sealed.header,
        )
        with begin(database, clock) as work:
            letters = Letters(work.session)
            assert letters.add(waiting)
            for number, start in enumerate(range(0, len(sealed.payload), PART)):
                letters.add_part(waiting.id, number, sealed.payload[start : start + PART])

    def reads(self, entry, objects) -> Letter:
        """Open and verify what a desk wrote, as her browser does."""
        file_key = open_header(entry.header, self.receipt.identity)
        with objects.open(entry.object_name) as payload:
            parcel = ParcelReader(open_payload(file_key, payload))
            letter = verify_reply(
                parcel.letter_json, parcel.signature, self.keyring.verification_keys()
            )
            parcel.finish(floor=letter.floor)
        return letter

    def another(self) -> "Reporter":
        return replace(self, receipt=Receipt.generate(), place=0, previous="")
