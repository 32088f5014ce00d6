"""Sealing for a browser without scripts: the server writes the parcel, signs it and seals it.

Everything passes through memory piece by piece; what reaches the disk is ciphertext. Whoever
controls this server while it happens could read along: the pages say so.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from app.envelope.errors import LetterError, ParcelError
from app.envelope.identifiers import REPORTER
from app.envelope.keyring import Keyring, Member
from app.envelope.letter import ASKS, REVIEW, Attachment, Kind, Letter, sign_letter
from app.envelope.parcel import ParcelWriter
from app.envelope.receipts import Receipt
from app.envelope.sealing import Sealer
from app.intake.spool import Spool
from app.intake.waiting import LostFile
from app.intake.writing import Draft, WaitingFile
from app.routing.domain import Answers, RoutingTable, Signpost, choose_desk


class LetterTooLong(Exception):
    """The words, with everything a letter has beside them, are more than one letter holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Who will be able to open a letter, besides the reporter."""

    desk: str
    label: str
    members: tuple[Member, ...]
    # Of all desks, sorted: a later change of desk leaves the same people out.
    left_out: tuple[str, ...]
    names_left_out: tuple[str, ...]
    keyring: int

    @property
    def ids(self) -> tuple[str, ...]:
        """Their ids, sorted."""
        return tuple(sorted(member.id for member in self.members))


@dataclass(frozen=True, slots=True)
class Outside:
    """Nobody here should read it: who outside can take it."""

    signposts: tuple[Signpost, ...]


def choose_readers(
    table: RoutingTable, keyring: Keyring, answers: Answers, *, left_out: Collection[str]
) -> Readers | Outside:
    """Return who may read a concern, or who outside can take it where nobody here should.

    Depends on the table, the keyring and these answers and on nothing else: a reader who is
    missing here tells nobody that there is a case about her.
    """
    desks = {desk.id: desk.members for desk in keyring.desks}
    route = choose_desk(
        table, answers, left_out=left_out, desks=desks, fall_through=keyring.fall_through
    )
    if route.desk is None:
        return Outside(table.signposts_of(route.signposts))
    return readers_of(keyring, route.desk, left_out)


def readers_of(keyring: Keyring, desk: str, left_out: Collection[str]) -> Readers:
    """Return who may read what is sealed for `desk`.

    Raises:
        KeyringError: if there is no such desk, or nobody on it is left.
    """
    here = keyring.desk(desk)
    known = sorted({member.id for member in keyring.members} & set(left_out))
    return Readers(
        desk=desk,
        label=here.label,
        members=tuple(keyring.recipients_for(desk, set(left_out) & set(here.members))),
        left_out=tuple(known),
        names_left_out=tuple(keyring.member(member).name for member in known),
        keyring=keyring.serial,
    )


def concern(
    receipt: Receipt, draft: Draft, readers: Readers, files: Sequence[WaitingFile]
) -> Letter:
    """Return the letter of a concern, ready to sign."""
    return _letter(
        receipt,
        readers,
        files,
        kind=Kind.CONCERN,
        answers={
            **draft.answers,
            "about": " ".join(draft.about),
            "danger": draft.danger or "",
            "force": draft.force,
            "category": draft.category,
            "wish": draft.wish,
        },
    )


def message(
    receipt: Receipt,
    text: str,
    readers: Readers,
    files: Sequence[WaitingFile],
    *,
    after: tuple[int, str],
    review: bool = False,
) -> Letter:
    """Return a later letter, ready to sign.

    Args:
        receipt: of the reporter.
        text: what she writes.
        readers: as those of her concern.
        files: sent with it.
        after: its place, and the digest of her letter before it.
        review: whether she asks that somebody look at the outcome again.
    """
    place, previous = after
    return _letter(
        receipt,
        readers,
        files,
        kind=Kind.MESSAGE,
        answers={ASKS: REVIEW} if review else {},
        text=text,
        place=place,
        previous=previous,
    )


def seal(
    spool: Spool,
    letter: Letter,
    receipt: Receipt,
    readers: Readers,
    contents: Iterable[bytes | memoryview],
) -> bytes:
    """Write the sealed letter into `spool`, and behind it its attachments; return the header.

    Args:
        spool: takes the ciphertext.
        letter: to be signed with the receipt's key.
        receipt: the reporter's, who can open it as well.
        readers: everybody else who can.
        contents: of the attachments that the letter names, one after another.

    Raises:
        LetterTooLong: if the words do not fit one letter.
        LostFile: if the contents are not those the letter names.
    """
    try:
        content, signature = sign_letter(letter, receipt.signing_key)
    except LetterError:
        raise LetterTooLong from None
    recipients = [receipt.identity.recipient, *(member.recipient for member in readers.members)]
    sealer = Sealer(spool, recipients, placed=receipt.identity.recipient)
    parcel = ParcelWriter(sealer, content, signature, [file.size for file in letter.attachments])
    try:
        for piece in contents:
            parcel.write(piece)
        parcel.finish()
    except ParcelError:
        raise LostFile from None
    sealer.finish()
    return sealer.header


def _letter(
    receipt: Receipt,
    readers: Readers,
    files: Sequence[WaitingFile],
    *,
    kind: Kind,
    answers: dict[str, str] | None = None,
    text: str = "",
    place: int = 0,
    previous: str = "",
) -> Letter:
    return Letter(
        kind=kind,
        mailbox=receipt.mailbox_id,
        author=REPORTER,
        verification_key=receipt.verification_key,
        recipient=receipt.identity.recipient,
        place=place,
        previous=previous,
        desk=readers.desk,
        readers=readers.ids,
        left_out=readers.left_out,
        keyring=readers.keyring,
        answers=answers or {},
        text=text,
        attachments=tuple(
            Attachment(label=file.label, size=file.size, sha256=file.sha256) for file in files
        ),
    )
