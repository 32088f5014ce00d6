"""Internal notes: what the desk writes for itself about a case.

A note is no letter. It has a format and a signature's label of its own, is never sealed to a
reporter, and lies in a table of its own; this module reaches no mailbox, and a contract of the
building says so. Put into a mailbox by force, it is refused there as what it is not.

Source: docs/envelope-spec.md, section 11.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.audit.service import record
from app.casework.domain import REFERENCE, Case
from app.casework.messages import LONGEST_NOTE, ForDesk
from app.casework.note_rows import Notes
from app.casework.sealed_texts import SealedText, open_text, seal_text
from app.envelope.errors import EnvelopeError
from app.envelope.identifiers import is_identifier
from app.envelope.keyring import Member
from app.envelope.member_keys import MemberKey
from app.envelope.opening import Unwraps
from app.envelope.signing import VerificationKey
from app.envelope.strict_json import (
    UnfitJson,
    integer_in,
    names_of,
    read_object,
    text_in,
    write_object,
)
from app.errors import Broken
from app.identity.domain import StaffMember
from app.work import Work

FORMAT = "candour-internal-note/1"
FORMAT_BESIDE = "candour-internal-note/2"
LABEL = "candour/internal-note/v1"  # of the signature
NOTE_ID = 16  # bytes
_NAMES = ("format", "ref", "number", "author", "written_on", "text")
_NAMES_BESIDE = (*_NAMES[:-1], "beside", "text")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

VerificationKeys = Mapping[str, VerificationKey]


class NoteBroken(Broken):
    """What stands as an internal note is not what a member of the desk sealed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalNote:
    """A note as it stands inside its envelope. `number` counts from 1 within its case."""

    ref: str
    number: int
    author: str
    written_on: date
    # Another case that it speaks of: it is shown to nobody who may not read that one too.
    beside: str = ""
    text: ForDesk = field(repr=False)

    def to_json(self) -> bytes:
        """Return the bytes that are signed and sealed."""
        return write_object(
            {
                "format": FORMAT_BESIDE if self.beside else FORMAT,
                "ref": self.ref,
                "number": self.number,
                "author": self.author,
                "written_on": self.written_on.isoformat(),
                **({"beside": self.beside} if self.beside else {}),
                "text": self.text.words,
            }
        )


def write_note(
    work: Work,
    case: Case,
    text: ForDesk,
    *,
    by: StaffMember,
    key: MemberKey,
    readers: tuple[Member, ...],
    beside: str = "",
) -> None:
    """Write a note on a case, signed, and sealed to those who may read the case today.

    Sealed to fewer it could not stay: who may read a case changes, and then every envelope of it
    follows. So a note that speaks of another case says so, as the links of a sheet do, and is
    shown by what its reader may read in that moment.

    Args:
        work: the transaction.
        case: held still in it.
        text: `LONGEST_NOTE` characters at most.
        by: who writes.
        key: signs it.
        readers: of the case.
        beside: another case that it speaks of, if it does.
    """
    notes = Notes(work.session)
    note = InternalNote(
        ref=case.ref,
        number=notes.count(case.ref) + 1,
        author=by.id,
        written_on=work.today,
        beside=beside,
        text=text,
    )
    content = note.to_json()
    sealed = seal_text(content, key.signing_key.sign(LABEL, content), readers)
    notes.add(case.ref, secrets.token_bytes(NOTE_ID), note.number, sealed)
    record(work, actor=by.id, verb="note.written", subject=case.ref, number=note.number)


def stored(work: Work, ref: str) -> list[SealedText]:
    """Return a case's notes as they lie there, the first one first."""
    return Notes(work.session).of(ref)


def open_note(
    sealed: SealedText, number: int, ref: str, identity: Unwraps, keys: VerificationKeys
) -> InternalNote:
    """Return one note of a case, opened and verified.

    Raises:
        NoteBroken: if it does not open, does not verify, or belongs elsewhere.
    """
    try:
        opened = open_text(sealed, identity)
        note = parse_note(opened.content)
        if (note.ref, note.number) != (ref, number) or note.author not in keys:
            raise NoteBroken(f"a note of {ref} belongs elsewhere, or is nobody's")
        keys[note.author].verify(LABEL, opened.content, opened.signature)
    except EnvelopeError as error:
        raise NoteBroken(f"a note of {ref}: {error}") from error
    return note


def parse_note(content: bytes) -> InternalNote:
    """Return the note in `content`.

    Raises:
        UnfitJson: if it is none, or not in its one spelling.
    """
    found = read_object(content)
    is_beside = text_in(found, "format") == FORMAT_BESIDE
    names_of(found, _NAMES_BESIDE if is_beside else _NAMES)
    beside = text_in(found, "beside") if is_beside else ""
    day = text_in(found, "written_on")
    text = text_in(found, "text")
    author, ref = text_in(found, "author"), text_in(found, "ref")
    if (
        text_in(found, "format") not in {FORMAT, FORMAT_BESIDE}
        or (is_beside and not REFERENCE.fullmatch(beside))
        or not _DAY.fullmatch(day)
        or not REFERENCE.fullmatch(ref)
        or not is_identifier(author)
        or not 0 < len(text) <= LONGEST_NOTE
    ):
        raise UnfitJson("not an internal note")
    try:
        written_on = date.fromisoformat(day)
    except ValueError:
        raise UnfitJson("not an internal note") from None
    note = InternalNote(
        ref=ref,
        number=integer_in(found, "number", least=1),
        author=author,
        written_on=written_on,
        beside=beside,
        text=ForDesk(text),
    )
    if note.to_json() != content:
        raise UnfitJson("the note is not in its one spelling")
    return note
