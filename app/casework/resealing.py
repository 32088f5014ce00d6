"""Who can open a case, changed: rewrapped for fewer or more, or sealed anew for another desk.

Rewrapping keeps the file key: whoever opened something before knows it still, and is kept from it
by this portal alone. Passing a case to another desk because of a conflict therefore seals every
envelope anew, under a key that nobody who had it before ever held, and the old payloads are gone.

Source: docs/envelope-spec.md, sections 3.4 and 9.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

from app.casework.domain import SealedSheet
from app.casework.sealed_texts import SealedText, open_text, seal_text
from app.casework.sheet_format import parse_sheet
from app.casework.sheet_keeping import SheetBroken, seal_signed
from app.casework.sheet_parts import UnfitSheet
from app.envelope.errors import EnvelopeError
from app.envelope.identities import Identity
from app.envelope.keyring import Member
from app.envelope.opening import open_header, open_payload
from app.envelope.parcel import ParcelReader
from app.envelope.pipes import blocks_of
from app.envelope.recipients import Recipient
from app.envelope.sealing import Sealer, seal_header
from app.errors import Missing
from app.mailbox.domain import Entry
from app.mailbox.objects import Objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The envelopes of a case, as they stand after a change of readers."""

    entries: tuple[Entry, ...]
    sheets: tuple[SealedSheet, ...]
    # Of drafts and notes the headers, where nothing else changed, or the notes, by id.
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    notes: Mapping[bytes, SealedText] = field(default_factory=dict)
    # Payloads that nothing names any more once this is written.
    old_objects: tuple[str, ...] = ()


def rewrap(
    entries: Iterable[Entry],
    sheets: Iterable[SealedSheet],
    identity: Identity,
    *,
    reporter: Recipient,
    readers: Sequence[Member],
    texts: Mapping[bytes, bytes] | None = None,
) -> Changed:
    """Return the envelopes of a case with new headers over the same keys.

    What does not open with `identity` was refused when the case was read, and stays as it lies.

    Args:
        entries: the envelopes of its thread.
        sheets: all versions of its sheet.
        identity: of somebody who can open them.
        reporter: who can open her thread for ever, and no sheet.
        readers: everybody else who may from now on.
        texts: the headers of drafts and notes of the case, by id.
    """
    recipients = [reader.recipient for reader in readers]
    return Changed(
        entries=tuple(
            replace(entry, header=header)
            for entry in entries
            if (header := _header(entry.header, identity, [reporter, *recipients], reporter))
        ),
        sheets=tuple(
            replace(sheet, header=header)
            for sheet in sheets
            if (header := _header(sheet.header, identity, recipients, None))
        ),
        headers={
            id: header
            for id, old in (texts or {}).items()
            if (header := _header(old, identity, recipients, None))
        },
    )


def seal_anew(
    entries: Iterable[Entry],
    sheets: Iterable[SealedSheet],
    identity: Identity,
    *,
    reporter: Recipient,
    readers: Sequence[Member],
    notes: Mapping[bytes, SealedText],
    objects: Objects,
    spool: Path,
) -> Changed:
    """Return the envelopes of a case sealed again under new keys, their payloads stored.

    Arguments as `rewrap`; the new payloads lie in `objects`, without a row until the caller
    writes one. Nothing is written in clear: what waits in `spool` is sealed.

    Raises:
        SheetBroken: if a sheet or a note does not open: it would be lost with the old desk.
    """
    found: list[Entry] = []
    old: list[str] = []
    try:
        for entry in entries:
            sealed = _entry_anew(entry, identity, reporter, readers, objects, spool)
            if sealed is not None:
                found.append(sealed)
                old.append(entry.object_name)
        again = tuple(_sheet_anew(sheet, identity, readers) for sheet in sheets)
        sealed_notes = {id: _text_anew(note, identity, readers) for id, note in notes.items()}
    except BaseException:
        for entry in found:
            objects.delete(entry.object_name)
        raise
    return Changed(entries=tuple(found), sheets=again, notes=sealed_notes, old_objects=tuple(old))


def _header(
    header: bytes, identity: Identity, to: Sequence[Recipient], placed: Recipient | None
) -> bytes:
    try:
        file_key = open_header(header, identity)
    except EnvelopeError:
        return b""
    return seal_header(to, file_key, placed=placed)


def _entry_anew(
    entry: Entry,
    identity: Identity,
    reporter: Recipient,
    readers: Sequence[Member],
    objects: Objects,
    spool: Path,
) -> Entry | None:
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=spool) as sealed:
        sealer = Sealer(
            sealed,
            [reporter, *(reader.recipient for reader in readers)],
            placed=reporter,
            write_header=False,
        )
        try:
            file_key = open_header(entry.header, identity)
            with objects.open(entry.object_name) as payload:
                for block in blocks_of(open_payload(file_key, payload)):
                    sealer.write(block)
        except (EnvelopeError, Missing):
            # It was refused and recorded when the case was read; it is as broken for anybody.
            return None
        sealer.finish()
        size = sealed.tell()
        sealed.seek(0)
        name = objects.put(sealed)
    return replace(entry, header=sealer.header, object_name=name, size=size)


def _text_anew(text: SealedText, identity: Identity, readers: Sequence[Member]) -> SealedText:
    try:
        opened = open_text(text, identity)
        return seal_text(opened.content, opened.signature, readers)
    except EnvelopeError as error:
        raise SheetBroken("a note does not open") from error


def _sheet_anew(sheet: SealedSheet, identity: Identity, readers: Sequence[Member]) -> SealedSheet:
    try:
        parcel = ParcelReader(
            open_payload(open_header(sheet.header, identity), BytesIO(sheet.payload))
        )
        # Its bytes and its signature stay: the versions are chained by them.
        content, signature = parcel.letter_json, parcel.signature
        parse_sheet(content)
    except (EnvelopeError, UnfitSheet) as error:
        raise SheetBroken(f"version {sheet.version} of a sheet does not open") from error
    sealed = seal_signed(content, signature, readers)
    return replace(sheet, header=sealed.header, payload=sealed.payload)
