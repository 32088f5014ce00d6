"""A reporter whose browser seals what she writes, spoken in the protocol and sealed in Python."""

import io
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from app.envelope.identities import Identity
from app.envelope.letter import Attachment, Kind, Letter, sign_letter, verify_letter
from app.envelope.opening import open_header, open_payload
from app.envelope.parcel import ParcelReader, ParcelWriter
from app.envelope.reading import read_attachments
from app.envelope.receipts import Receipt
from app.envelope.sealing import Sealer
from app.intake.writing import CODES
from tests.journeys.pages import Body, Enclosed, as_multipart
from tests.journeys.visitors import Reporter
from tests.people import People


@dataclass(frozen=True)
class Answer:
    """What the protocol answers."""

    status: int
    said: dict


class ScriptedReporter(Reporter):
    """Sends sealed envelopes to the addresses that the script uses."""

    def seals_herself(
        self, what: str, file: bytes = b"", *, receipt: Receipt | None = None, urgent: bool = False
    ) -> tuple[Receipt, Answer]:
        """Seal a concern and send it."""
        receipt = receipt or Receipt.generate()
        sealed = seal_concern(self.portal.people, receipt, what, file)
        fields = {
            "ticket": self.ticket(),
            "desk": "psd",
            "tag": receipt.tag.hex(),
            "mailbox": receipt.mailbox_id,
            "urgent": "yes" if urgent else "",
        }
        return receipt, self.posts("/report/envelope", fields, sealed)

    def looks_herself(self, receipt: Receipt) -> Answer:
        """Ask for the mailbox of a receipt."""
        return self.posts("/mailbox/open", {"tag": receipt.tag.hex()})

    def posts(self, path: str, fields: dict[str, str], sealed: bytes | None = None) -> Answer:
        """Send fields and an envelope in the order of the protocol."""
        pairs = list(fields.items())
        if sealed is not None:
            pairs.append(("envelope", Enclosed("envelope", sealed)))
        kind, content = as_multipart(pairs)
        status, headers, answer = self.asks(Body("POST", path, kind, content))
        assert headers["Content-Type"] == "application/json", (path, status)
        return Answer(status, json.loads(answer))

    def ticket(self) -> str:
        """Return the ticket of a page."""
        return self.opens("/report").soup.select_one("main")["data-ticket"]


def seal_concern(people: People, receipt: Receipt, what: str, file: bytes = b"") -> bytes:
    """Return the envelope of a concern for the desk `psd`, with a file unless it is empty."""
    readers = tuple(sorted(people.keyring.desk("psd").members))
    attached = [Attachment(label="A file", size=len(file), sha256=sha256(file).hexdigest())]
    letter = Letter(
        kind=Kind.CONCERN,
        mailbox=receipt.mailbox_id,
        author="reporter",
        verification_key=receipt.verification_key,
        recipient=receipt.identity.recipient,
        place=0,
        desk="psd",
        readers=readers,
        keyring=people.keyring.serial,
        answers={**dict.fromkeys((*CODES, "danger"), ""), "what": what, "about": "colleague"},
        attachments=tuple(attached) if file else (),
    )
    content, signature = sign_letter(letter, receipt.signing_key)
    out = io.BytesIO()
    recipients = [people.keyring.member(reader).recipient for reader in readers]
    hers = receipt.identity.recipient
    sealer = Sealer(out, [hers, *recipients], placed=hers)
    parcel = ParcelWriter(sealer, content, signature, [len(file)] if file else [])
    parcel.write(file)
    parcel.finish()
    sealer.finish()
    return out.getvalue()


def read_whole(header: bytes, payload: BinaryIO, identity: Identity) -> tuple[Letter, list[bytes]]:
    """Return a reporter's letter and its files, after everything was read and checked.

    Raises:
        EnvelopeError: if a single bit of it is wrong.
    """
    parcel = ParcelReader(open_payload(open_header(header, identity), payload))
    letter = verify_letter(parcel.letter_json, parcel.signature)
    files: list[io.BytesIO] = []

    def keep(_number: int, _named: Attachment) -> io.BytesIO:
        files.append(io.BytesIO())
        return files[-1]

    read_attachments(parcel, letter, keep)
    return letter, [file.getvalue() for file in files]
