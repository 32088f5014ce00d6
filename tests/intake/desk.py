"""What the other side does, done by hand: a collection, and a desk that opens and replies."""

from base64 import b64encode
from io import BytesIO

from app.envelope.letter import Kind, Letter, letter_digest, sign_letter, verify_letter
from app.envelope.opening import open_header
from app.envelope.padding import FLOOR
from app.envelope.parcel import ParcelReader, ParcelWriter
from app.envelope.sealing import Sealer
from app.envelope.stream import PayloadReader
from app.intake import letterbox
from app.mailbox import service as mailbox
from app.mailbox.domain import Side
from app.mailbox.objects import Objects
from app.work import begin, look

HEADER_END = b"\n--- "


def parts_of(portal):
    return portal.extensions["candour"]


def waiting(portal):
    """Return every letter that waits, with its payload."""
    with look(parts_of(portal)["database"]) as work:
        return [
            (letter, letterbox.payload(work, letter.id).read())
            for letter in letterbox.waiting(work)
        ]


def collect(portal):
    """Empty the letterbox into mailboxes, as a collection does."""
    parts = parts_of(portal)
    objects = Objects(parts["settings"].objects)
    with begin(parts["database"], parts["clock"]) as work:
        letters = letterbox.waiting(work)
        for letter in sorted(letters, key=lambda letter: not letter.first):
            if letter.first:
                mailbox.open_mailbox(
                    work, id=letter.mailbox, tag_hash=letter.tag_hash, desk=letter.desk
                )
            name = objects.put(letterbox.payload(work, letter.id))
            place(work, letter.mailbox, Side.REPORTER, letter.header, letter.size, name)
        letterbox.remove(work, [letter.id for letter in letters])
        letterbox.sweep(work, work.today)


def place(work, mailbox_id, side, header, size, name):
    return mailbox.place(
        work,
        mailbox=mailbox_id,
        side=side,
        postmark=work.today,
        header=header,
        size=size,
        object_name=name,
    )


def opened(header, payload, key):
    """Return the verified letter in an envelope, and its attachments."""
    parcel = ParcelReader(PayloadReader(BytesIO(payload), open_header(header, key.identity)))
    letter = verify_letter(parcel.letter_json, parcel.signature)
    return letter, [attachment.readall() for attachment in parcel.attachments()]


def envelope(recipients, letter, key, contents=(), *, floor=FLOOR):
    """Return header and payload of a sealed letter."""
    content, signature = sign_letter(letter, key)
    sealed = BytesIO()
    sealer = Sealer(sealed, recipients)
    parcel = ParcelWriter(sealer, content, signature, [len(one) for one in contents], floor=floor)
    for one in contents:
        parcel.write(one)
    parcel.finish()
    sealer.finish()
    whole = sealed.getvalue()
    end = whole.index(b"\n", whole.index(HEADER_END) + 1) + 1
    return whole[:end], whole[end:]


def reply_letter(concern, member, key, text, **more):
    """Return a letter of a desk's, not signed yet."""
    return Letter(
        kind=Kind.REPLY,
        mailbox=concern.mailbox,
        author=member,
        verification_key=key.verification_key,
        desk=concern.desk,
        readers=concern.readers,
        left_out=concern.left_out,
        keyring=concern.keyring,
        text=text,
        **more,
    )


def reply(
    portal, people, member, concern, text, *, place_no=0, previous="", key=None, sealed_to=None
):
    """Put a desk's reply into a reporter's mailbox; return its digest."""
    keys = people.keys[member]
    letter = reply_letter(concern, member, key or keys, text, place=place_no, previous=previous)
    header, payload = envelope([sealed_to or concern.recipient], letter, (key or keys).signing_key)
    put(portal, bytes.fromhex(concern.mailbox), Side.DESK, header, payload)
    return letter_digest(letter.to_bytes())


def put(portal, mailbox_id, side, header, payload):
    """Put any envelope into a mailbox, as somebody who writes to the store could."""
    parts = parts_of(portal)
    name = Objects(parts["settings"].objects).put(BytesIO(payload))
    with begin(parts["database"], parts["clock"]) as work:
        place(work, mailbox_id, side, header, len(payload), name)


def base64_of(content):
    return b64encode(content).decode()
