"""After a change of the keyring: what is open on a desk is opened for those who joined it.

Only somebody who can read a case can do it, so it is done when she is there. Nothing is shown to
her; the letters are read as far as whom they leave out, and the case sheet as far as whom it does.
The payloads stay as they are: whoever left the desk is no recipient of the new headers, and has no
account any more.

Source: docs/envelope-spec.md, sections 3.4 and 5.2.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.audit.service import record
from app.casework import dialogue, need_to_know, reading, resealing, service, sheet_keeping
from app.casework.dialogue import NobodyToAnswer
from app.casework.domain import Case, SealedSheet
from app.casework.lulls import Lull
from app.casework.reading import Folder, addressee
from app.casework.renewal_rows import DeskTexts, Headers, Renewals
from app.casework.resealing import Changed
from app.casework.sheet import CaseSheet
from app.casework.sheet_keeping import SheetBroken
from app.casework.store import Readers, Sheets
from app.envelope.errors import EnvelopeError
from app.envelope.identities import Identity
from app.envelope.keyring import Keyring, Member
from app.envelope.rewrapping import rewrap
from app.errors import Conflict
from app.identity.domain import StaffMember
from app.mailbox import service as mailboxes
from app.mailbox.objects import Objects
from app.work import Work

MOST_AT_ONCE = 50  # cases

_nothing_behind = Lull()


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A case that the keyring of today has not reached, its envelopes still closed."""

    folder: Folder
    sheets: tuple[SealedSheet, ...]
    texts: Headers
    gone: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """A case with new headers, not written yet; without any if there is nothing to change."""

    behind: Behind
    readers: tuple[str, ...] = ()
    changed: Changed | None = None
    texts: tuple[tuple[bytes, bytes], ...] = ()


def behind(work: Work, keyring: Keyring, *, by: StaffMember) -> list[Behind]:
    """Return open cases that `by` can read and that `keyring` has not reached."""
    if _nothing_behind.lasts(work, by, serial=keyring.serial):
        return []
    cases = Renewals(work.session).behind(
        keyring.serial, desk=by.desk or "", member=by.id, most=MOST_AT_ONCE
    )
    if not cases:
        _nothing_behind.begins(work, by, serial=keyring.serial)
    return [
        Behind(
            folder=Folder(case=case, entries=tuple(mailboxes.entries(work, case.mailbox))),
            sheets=tuple(Sheets(work.session).of(case.ref)),
            texts=DeskTexts(work.session).headers(case.ref),
            gone=service.withdrawn(work, case.ref),
        )
        for case in cases
    ]


def stranded(work: Work, keyring: Keyring) -> list[str]:
    """Return open cases that nobody known to read them could read under `keyring`, the next one.

    A case that nobody's key was tried on yet is not among them; its desk keeps a reader.
    """
    stays = {desk.id: set(desk.members) for desk in keyring.desks}
    readers: dict[str, bool] = {}
    for ref, desk, member in Renewals(work.session).readers():
        readers[ref] = readers.get(ref, False) or member in stays.get(desk, ())
    return [ref for ref, someone in readers.items() if not someone]


def unknown(work: Work, before: Keyring, after: Keyring) -> list[str]:
    """Return open cases that nobody is known to read, on desks that lose somebody.

    Nobody's key was tried on them, so whoever leaves may be the only one who could.
    """
    stays = {desk.id: set(desk.members) for desk in after.desks}
    losing = [desk.id for desk in before.desks if set(desk.members) - stays.get(desk.id, set())]
    return Renewals(work.session).unknown(losing)


def renew(
    cases: list[Behind],
    identity: Identity,
    keyring: Keyring,
    objects: Objects,
    *,
    by: StaffMember,
    enough: Callable[[], bool],
) -> list[Renewed]:
    """Return those cases with headers for the readers of today, until there is `enough`.

    Needs no transaction, and takes some 10 ms an envelope.
    """
    found = []
    for case in cases:
        found.append(_renewed(case, identity, keyring, objects, by))
        if enough():
            break
    return found


def write(work: Work, renewed: Renewed, keyring: Keyring, *, by: StaffMember) -> None:
    """Write a case's new headers; nothing, if it changed or somebody else was first.

    Raises:
        Conflict, Missing: if it changed meanwhile: it is as far behind as before.
    """
    seen = renewed.behind.folder.case
    case = service.find_case(work, seen.ref, by=by, hold=True).at(seen.version)
    renewals = Renewals(work.session)
    if renewals.has_reached(case.ref, keyring.serial):
        return
    if renewed.changed is not None:
        _check_unchanged(work, renewed.behind, case)
        entries = {entry.id: entry for entry in renewed.changed.entries}
        mailboxes.put_again(
            work,
            case.mailbox,
            [entries.get(entry.id, entry) for entry in renewed.behind.folder.entries],
        )
        Sheets(work.session).seal_again(case.ref, renewed.changed.sheets)
        DeskTexts(work.session).put_again(renewed.texts)
        # Some can read it now, and some no longer: their keys are tried again.
        on_desk, may = {*keyring.desk(case.desk).members}, {*renewed.readers}
        Readers(work.session).forget(case.ref, on_desk - may - {by.id})
        Readers(work.session).try_again(case.ref, may)
        record(
            work,
            actor=by.id,
            verb="case.rewrapped",
            subject=case.ref,
            readers=len(renewed.readers),
            keyring=keyring.serial,
        )
    renewals.note(case.ref, keyring.serial)


def _renewed(
    case: Behind, identity: Identity, keyring: Keyring, objects: Objects, by: StaffMember
) -> Renewed:
    thread = reading.open_folder(case.folder, identity, keyring, objects)
    to = addressee(thread)
    try:
        readers = _readers(case, thread, identity, keyring, by)
    except (NobodyToAnswer, SheetBroken):
        # Broken for whoever comes; it is shown, and recorded, to whoever opens the case.
        return Renewed(behind=case)
    sealed_under = {entry.content.letter.keyring for entry in thread.entries}
    if to is None or by.id not in {reader.id for reader in readers}:
        return Renewed(behind=case)
    if min(sealed_under) >= keyring.serial and not case.sheets:
        # It came under this very keyring.
        return Renewed(behind=case)
    changed = resealing.rewrap(
        case.folder.entries, case.sheets, identity, reporter=to.recipient, readers=readers
    )
    return Renewed(
        behind=case,
        readers=tuple(reader.id for reader in readers),
        changed=changed,
        texts=tuple(_texts(case.texts, identity, readers)),
    )


def _readers(
    case: Behind, thread: reading.Thread, identity: Identity, keyring: Keyring, by: StaffMember
) -> list[Member]:
    at = case.folder.case
    named = {member.id for member in dialogue.readers_of(at, thread, keyring)}
    blank = CaseSheet.blank(at.ref, author=by.id, on=at.received_on)
    sheet = sheet_keeping.open_latest(
        list(case.sheets), blank, identity, keyring.verification_keys()
    ).sheet
    on_desk = keyring.desk(at.desk).members
    may = need_to_know.readers(sheet, named=named, on_desk=on_desk, gone=case.gone)
    return [keyring.member(member) for member in sorted(may)]


def _texts(texts: Headers, identity: Identity, readers: list[Member]) -> list[tuple[bytes, bytes]]:
    recipients = [reader.recipient for reader in readers]
    found = []
    for id, header in texts.items():
        try:
            found.append((id, rewrap(header, identity, recipients)))
        except EnvelopeError:
            continue
    return found


def _check_unchanged(work: Work, seen: Behind, case: Case) -> None:
    latest = Sheets(work.session).of(case.ref)
    if [sheet.version for sheet in latest] != [sheet.version for sheet in seen.sheets]:
        raise Conflict(f"the sheet of {case.ref} moved on")
    if DeskTexts(work.session).headers(case.ref).keys() != seen.texts.keys():
        raise Conflict(f"somebody wrote a note on {case.ref}")
