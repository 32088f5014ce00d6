"""A reporter says that somebody treated her badly for speaking up: an alert on another desk.

It is a concern of its own, urgent, on a desk apart from the force's own departments, and lies
there today, not after the next collection. It is written by a desk and says so: it has keys of its
own that nobody keeps, because the reporter's are hers alone. She is answered where she wrote.
"""

from dataclasses import dataclass
from io import BytesIO

from app.alerts import service as alerts
from app.audit.service import record
from app.casework import service
from app.casework.alert_text import begin
from app.casework.course import Course
from app.casework.decisions import Situation
from app.casework.reading import Thread, addressee, concerns
from app.envelope.keyring import Keyring, Member
from app.envelope.letter import QUESTIONS, Kind, Letter, sign_letter
from app.envelope.parcel import ParcelWriter
from app.envelope.receipts import Receipt, hashed_tag
from app.envelope.sealing import Sealer
from app.errors import Conflict
from app.identity.domain import StaffMember
from app.mailbox import service as mailboxes
from app.mailbox.domain import Side
from app.mailbox.objects import Objects
from app.routing.domain import ABOUT, CATEGORY, FORCE, WISH, kind_of
from app.work import Work

FIRST_CHOICE = "independent"
# What an alert is about, by the routing table: it bars desks of its own.
KIND = "retaliation"


class NoDesk(Conflict):
    """There is no desk apart with somebody who may read the alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert that is sealed, and not stored yet."""

    receipt: Receipt
    desk: str
    header: bytes
    payload: bytes


def desk_for(found: Situation, keyring: Keyring, course: Course) -> tuple[str, list[Member]]:
    """Return the desk that an alert goes to, and who reads it there.

    The independent recipients', or another desk apart; the case's own if it is such a desk and
    there is no other. None that must not read the case itself.

    Raises:
        NoDesk: if there is none with somebody who may read.
    """
    own = found.case.desk
    could = {own: found.facts.readers, **found.destinations}
    apart = [
        desk.id
        for desk in keyring.desks
        if could.get(desk.id) and kind_of(desk.id, course.desks) not in course.desks
    ]
    if not apart:
        raise NoDesk(f"case {found.case.ref} has no desk to alert")
    # Of desks that are equal in this, the keyring's first.
    desk = min(apart, key=lambda one: (one == own, kind_of(one, {FIRST_CHOICE}) != FIRST_CHOICE))
    return desk, [keyring.member(member) for member in sorted(could[desk])]


def seal(found: Situation, words: str, keyring: Keyring, thread: Thread) -> Alert:
    """Return an alert, sealed to those who are to read it.

    It says what its reporter answered that bars desks, and whom she left out: nobody passes it on
    to them either.

    Args:
        found: the case in which the reporter said so.
        words: what she said, and what the desk did about it.
        keyring: fit to seal to today.
        thread: the letters of that case.

    Raises:
        NoDesk: if there is nobody to read it.
        LetterError: if the words do not fit a letter.
    """
    desk, readers = desk_for(found, keyring, found.course)
    hers = addressee(thread)
    said = {
        **_barring(thread),
        "what": begin(keyring.desk(found.case.desk).label, found.case.ref) + words,
        CATEGORY: KIND,
    }
    receipt = Receipt.generate()
    letter = Letter(
        kind=Kind.CONCERN,
        mailbox=receipt.mailbox_id,
        author="reporter",
        verification_key=receipt.verification_key,
        recipient=receipt.identity.recipient,
        place=0,
        desk=desk,
        readers=tuple(reader.id for reader in readers),
        left_out=tuple(sorted(hers.left_out)) if hers is not None else (),
        keyring=keyring.serial,
        answers={question: said.get(question, "") for question in QUESTIONS},
    )
    content, signature = sign_letter(letter, receipt.signing_key)
    payload, own = BytesIO(), receipt.identity.recipient
    to = [own, *(reader.recipient for reader in readers)]
    sealer = Sealer(payload, to, placed=own, write_header=False)
    ParcelWriter(sealer, content, signature, []).finish()
    sealer.finish()
    return Alert(receipt=receipt, desk=desk, header=sealer.header, payload=payload.getvalue())


def place(work: Work, alert: Alert, ref: str, *, by: StaffMember, objects: Objects) -> str:
    """Store an alert as an urgent case of its own, and return its reference.

    The caller knows that `by` may read the case it comes from.
    """
    mailbox = bytes.fromhex(alert.receipt.mailbox_id)
    mailboxes.open_mailbox(
        work, id=mailbox, tag_hash=hashed_tag(alert.receipt.tag), desk=alert.desk
    )
    mailboxes.place(
        work,
        mailbox=mailbox,
        side=Side.REPORTER,
        postmark=work.today,
        header=alert.header,
        size=len(alert.payload),
        object_name=objects.put(BytesIO(alert.payload)),
    )
    other = service.open_case(
        work, mailbox=mailbox, desk=alert.desk, urgent=True, received_on=work.today
    )
    alerts.note(work, {alert.desk})
    # Not which case it is: the log says that there was an alert, and the sheet which.
    record(work, actor=by.id, verb="case.alerted", subject=ref)
    return other


def _barring(thread: Thread) -> dict[str, str]:
    first = next((entry.content.letter.answers for entry in concerns(thread)), {})
    return {question: first.get(question, "") for question in (ABOUT, FORCE, WISH)}
