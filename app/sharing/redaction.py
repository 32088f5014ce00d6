"""A redacted version of a case: its letters without what was taken out, for readers of its own.

It is a copy, signed by whoever made it, sealed to the members on its access list and to nobody
else; nothing in it leads to the case. Whoever the reporter, the case sheet or her own word keeps
from the case cannot be put on the list, and is taken off it if that comes later.
"""

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from app.audit.service import record
from app.casework import copies, service, sheet_keeping
from app.casework.sealed_texts import open_text, seal_text
from app.envelope.errors import EnvelopeError, ParcelError
from app.envelope.identities import Identity
from app.envelope.keyring import Keyring
from app.envelope.member_keys import MemberKey
from app.envelope.strict_json import (
    UnfitJson,
    names_of,
    objects_in,
    read_object,
    text_in,
    write_object,
)
from app.errors import Broken, Conflict, Missing
from app.identity.domain import StaffMember
from app.sharing.domain import CaseTold
from app.sharing.masking import removed
from app.sharing.store import Redactions, StoredRedaction
from app.work import Work

FORMAT = "candour-redacted-version/1"
LABEL = "candour/redacted-version/v1"  # of the signature
ID = 16  # bytes


class RedactionBroken(Broken):
    """What stands as a redacted version is not what a member of the desk sealed."""


class TooLong(Exception):
    """The letters do not fit one redacted version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A redacted version, opened."""

    id: str
    author: str
    made_on: date
    letters: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = field(repr=False)


def may_read(keyring: Keyring, kept: Collection[str]) -> list[str]:
    """Return the ids of the members who can be put on an access list: on some desk, not kept."""
    on_desks = {member for desk in keyring.desks for member in desk.members}
    return sorted(on_desks - set(kept))


def redact(
    case: CaseTold,
    phrases: Sequence[str],
    *,
    form: bytes,
    readers: Collection[str],
    by: str,
    on: date,
) -> Redacted:
    """Return a redacted version of a case: what was written in it, without the phrases.

    Files, their labels, postmarks and who on the desk wrote are never in it. The same form sent
    again for the same readers is the same version; with anything changed it is another one.

    Args:
        case: what was written.
        phrases: what is taken out of it.
        form: what the form is known by: random, and in no table, so that the id tells nothing.
        readers: the ids of those who may read it.
        by: who makes it.
        on: the day.
    """
    letters = tuple(
        (one.kind, tuple((name, removed(text, phrases)) for name, text in one.parts))
        for one in case.letters
    )
    said = [form.hex(), case.ref, by, sorted(phrases), sorted(readers), letters]
    id = sha256(json.dumps(said).encode()).digest()[:ID]
    return Redacted(id=id.hex(), author=by, made_on=on, letters=letters)


def keep(
    work: Work,
    ref: str,
    version: Redacted,
    *,
    readers: Sequence[str],
    sheet_version: int,
    keyring: Keyring,
    by: StaffMember,
    key: MemberKey,
) -> None:
    """Seal a redacted version to its readers and keep it. What is there already stays as it is.

    Raises:
        Missing: if `by` may not read the case any more.
        TooLong: if it does not fit a parcel.
        Conflict: if there is another one of its id, nobody is to read it, or who may be kept from
            the case changed since the form was looked at.
    """
    service.find_case(work, ref, by=by, hold=True)
    written = sheet_keeping.stored(work, ref)
    if (written[-1].version if written else 0) != sheet_version or service.withdrawn(
        work, ref
    ).intersection(readers):
        raise Conflict(f"who may read {ref} may have changed")
    known = Redactions(work.session).case_of(bytes.fromhex(version.id))
    if known == ref:
        return
    if known is not None:
        raise Conflict("another redacted version has this id")
    if not readers:
        raise Conflict("nobody would read this version")
    content = _to_json(version)
    signature = key.signing_key.sign(LABEL, content)
    try:
        sealed = seal_text(content, signature, [keyring.member(one) for one in readers])
    except ParcelError as error:
        raise TooLong(str(error)) from error
    id = bytes.fromhex(version.id)
    Redactions(work.session).add(StoredRedaction(id=id, ref=ref, sealed=sealed), readers)
    record(
        work,
        actor=by.id,
        verb="case.redacted",
        subject=ref,
        version=version.id,
        readers=len(readers),
    )


def withdraw(work: Work, ref: str, id: bytes, *, by: StaffMember) -> None:
    """Take a redacted version of a case from everybody who may read it. That it was stays recorded.

    Raises:
        Missing: if `by` may not read the case any more, or it has no such version.
    """
    service.find_case(work, ref, by=by, hold=True)
    if not Redactions(work.session).remove(id, ref):
        raise Missing("redacted version")
    record(work, actor=by.id, verb="case.redaction-withdrawn", subject=ref, version=id.hex())


def take_from(work: Work, ref: str, members: Collection[str]) -> None:
    """Take every redacted version of a case from those who are kept from the case from now on."""
    Redactions(work.session).take_from(ref, members)


copies.also_tell(take_from)


def new_form() -> bytes:
    """Return what a form is known by from which a version is to be made."""
    return secrets.token_bytes(ID)


def find(work: Work, id: bytes, *, by: StaffMember) -> StoredRedaction:
    """Return a redacted version whose access list has `by`, and record that she reads it.

    Raises:
        Missing: if it is not for her, or not there.
    """
    found = Redactions(work.session).for_reader(id, by.id)
    if found is None:
        raise Missing("redacted version")
    record(work, actor=by.id, verb="case.redaction-read", subject=id.hex())
    return found


def open_version(found: StoredRedaction, identity: Identity, keyring: Keyring) -> Redacted:
    """Return a redacted version, opened and verified.

    Raises:
        RedactionBroken: if it does not open, does not verify, or belongs elsewhere.
    """
    keys = keyring.verification_keys()
    try:
        opened = open_text(found.sealed, identity)
        version = _of_json(opened.content)
        if version.id != found.id.hex() or version.author not in keys:
            raise RedactionBroken("a redacted version belongs elsewhere, or is nobody's")
        keys[version.author].verify(LABEL, opened.content, opened.signature)
    except EnvelopeError as error:
        raise RedactionBroken(f"a redacted version: {error}") from error
    return version


def _to_json(version: Redacted) -> bytes:
    return write_object(
        {
            "format": FORMAT,
            "id": version.id,
            "author": version.author,
            "made_on": version.made_on.isoformat(),
            "letters": [
                {
                    "kind": kind,
                    "parts": [{"name": name, "text": text} for name, text in parts],
                }
                for kind, parts in version.letters
            ],
        }
    )


def _of_json(content: bytes) -> Redacted:
    found = read_object(content)
    names_of(found, ("format", "id", "author", "made_on", "letters"))
    if text_in(found, "format") != FORMAT:
        raise UnfitJson("not a redacted version")
    try:
        made_on = date.fromisoformat(text_in(found, "made_on"))
    except ValueError:
        raise UnfitJson("not a redacted version") from None
    return Redacted(
        id=text_in(found, "id"),
        author=text_in(found, "author"),
        made_on=made_on,
        letters=tuple(
            (
                text_in(letter, "kind"),
                tuple(
                    (text_in(part, "name"), text_in(part, "text"))
                    for part in objects_in(letter, "parts")
                ),
            )
            for letter in objects_in(found, "letters")
        ),
    )
