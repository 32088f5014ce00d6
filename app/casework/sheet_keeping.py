"""Case sheets at rest: opened for a member, checked, and saved as the next version.

Sealed to the case's readers: those whom the verified concern was sealed to and who are on the
desk by the keyring, less those who were left out or declared a conflict. Signed by whoever
wrote it, and chained by digest, so that a version cannot be forged or exchanged in silence.

Source: docs/envelope-spec.md, section 9.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import BytesIO

from app.audit.service import record
from app.casework import dialogue, service
from app.casework.abreast import Opening, alone
from app.casework.counting import asked, counts_of, slips_of
from app.casework.domain import Case, SealedSheet
from app.casework.need_to_know import NobodyLeft
from app.casework.reading import Thread, VerificationKeys
from app.casework.reference import reference_on
from app.casework.sheet import CaseSheet
from app.casework.sheet_format import parse_sheet
from app.casework.sheet_parts import SlipRef, UnfitSheet
from app.casework.store import Sheets
from app.envelope.errors import EnvelopeError, ParcelError
from app.envelope.format import parse_header_bytes
from app.envelope.keyring import Keyring, Member
from app.envelope.member_keys import MemberKey
from app.envelope.opening import Unwraps, open_header, open_whole
from app.envelope.parcel import LONGEST_LETTER, ParcelReader, ParcelWriter
from app.envelope.sealing import Sealer
from app.envelope.slips import Slip, SlipKind, SlipPlace
from app.errors import Broken, Conflict
from app.identity.domain import StaffMember
from app.slips import service as slips
from app.slips.domain import counted_by
from app.work import Work

LABEL = "candour/case-sheet/v1"  # of the signature


class SheetBroken(Broken):
    """What stands as a case sheet is not what a member of the desk sealed."""


class SheetMovedOn(Conflict):
    """A colleague wrote the case sheet meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSheet:
    """A version of a case sheet, opened and verified; version 0 if there is none yet."""

    sheet: CaseSheet
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An envelope: its header, and its payload apart."""

    header: bytes = field(repr=False)
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """What writing a sheet takes: who writes, with which key, to whom, under which keyring."""

    by: StaffMember
    key: MemberKey
    keyring: Keyring
    readers: tuple[Member, ...]


def readers_of(work: Work, case: Case, thread: Thread, keyring: Keyring) -> tuple[Member, ...]:
    """Return whom a case's sheet is sealed to today.

    Raises:
        NobodyToAnswer: if no verified concern says who may read.
    """
    gone = service.withdrawn(work, case.ref)
    readers = dialogue.readers_of(case, thread, keyring)
    return tuple(reader for reader in readers if reader.id not in gone)


def stored(work: Work, ref: str) -> list[SealedSheet]:
    """Return all versions of a case's sheet as they lie there, the first one first."""
    return Sheets(work.session).of(ref)


def open_latest(
    versions: list[SealedSheet], blank: CaseSheet, identity: Unwraps, keys: VerificationKeys
) -> OpenSheet:
    """Return the newest version, opened, or `blank` if nobody has written one.

    Raises:
        SheetBroken: if it does not open, does not verify, or belongs elsewhere.
    """
    if not versions:
        return OpenSheet(sheet=blank, digest="")
    return open_version(versions[-1], blank.ref, identity, keys)


def open_all(
    versions: Iterable[SealedSheet], ref: str, identity: Unwraps, keys: VerificationKeys
) -> list[CaseSheet]:
    """Return versions of the sheet of the case `ref`, opened, in their order.

    Raises:
        SheetBroken: if one does not open, does not verify, or belongs elsewhere.
    """
    return [open_version(one, ref, identity, keys).sheet for one in versions]


def open_version(
    sealed: SealedSheet, ref: str, identity: Unwraps, keys: VerificationKeys
) -> OpenSheet:
    """Return one version of the sheet of the case `ref`.

    Raises:
        SheetBroken: if it does not open, does not verify, or belongs elsewhere.
    """
    try:
        content, signature = alone(unsealing(sealed, identity))
        return verified(content, signature, ref, sealed.version, keys)
    except EnvelopeError as error:
        raise SheetBroken(f"the sheet of {ref}: {error}") from error


def unsealing(sealed: SealedSheet, identity: Unwraps) -> Opening[tuple[bytes, bytes]]:
    """Open a version of a sheet, a piece at a time: its bytes and a signature, not verified.

    Raises:
        EnvelopeError: if it does not open, or is not of the form of one.
    """
    header = parse_header_bytes(sealed.header)
    yield
    file_key = open_header(header, identity)
    yield
    payload = open_whole(file_key, sealed.payload)
    yield
    parcel = ParcelReader(BytesIO(payload))
    if list(parcel.attachments()):
        raise ParcelError("a case sheet has no attachments")
    return parcel.letter_json, parcel.signature


def verified(
    content: bytes, signature: bytes, ref: str, version: int, keys: VerificationKeys
) -> OpenSheet:
    """Return the sheet in what was unsealed, if a member signed it for this place.

    Raises:
        SheetBroken: if it is no sheet, is nobody's, or belongs elsewhere.
    """
    try:
        sheet = parse_sheet(content)
        if (sheet.ref, sheet.version) != (ref, version) or sheet.author not in keys:
            raise SheetBroken(f"the sheet of {ref} belongs elsewhere, or is nobody's")
        keys[sheet.author].verify(LABEL, content, signature)
    except (EnvelopeError, UnfitSheet) as error:
        raise SheetBroken(f"the sheet of {ref}: {error}") from error
    return OpenSheet(sheet=sheet, digest=sha256(content).hexdigest())


def save(work: Work, case: Case, before: OpenSheet, after: CaseSheet, *, pen: Pen) -> CaseSheet:
    """Save `after` as the next version of a case's sheet, and let its slips follow.

    Args:
        work: the transaction.
        case: held still in it.
        before: the version that `after` was made from.
        after: what the sheet is to say; number, author, date and slips are set here.
        pen: who writes it.

    Raises:
        SheetMovedOn: if `before` is not the newest version any more.
    """
    latest = Sheets(work.session).latest(case.ref)
    if (0 if latest is None else latest.version) != before.sheet.version:
        raise SheetMovedOn(f"the sheet of {case.ref} is no longer at {before.sheet.version}")
    sheet = replace(
        _with_slips(work, case, before.sheet, after, pen.keyring),
        version=before.sheet.version + 1,
        previous=before.digest,
        author=pen.by.id,
        written_on=work.today,
    )
    content = sheet.to_json()
    Sheets(work.session).add(case.ref, _sealed(sheet, content, pen))
    record(
        work,
        actor=pen.by.id,
        verb="case.sheet-saved",
        subject=case.ref,
        version=sheet.version,
        digest=sha256(content).hexdigest(),
    )
    return sheet


def note_reading(work: Work, ref: str, version: int, *, by: StaffMember) -> None:
    """Record that `by` reads a case's sheet, before she does.

    Raises:
        Missing: if she may not read the case any more.
    """
    service.find_case(work, ref, by=by)
    record(work, actor=by.id, verb="case.sheet-read", subject=ref, version=version)


def readers_by(sheet: CaseSheet, readers: Iterable[Member]) -> list[Member]:
    """Return those of `readers` whom a sheet does not keep from its case.

    Raises:
        NobodyLeft: if that is nobody.
    """
    found = [
        reader
        for reader in readers
        if reader.id not in sheet.left_out and (not sheet.access or reader.id in sheet.access)
    ]
    if not found:
        raise NobodyLeft(f"nobody would read case {sheet.ref}")
    return found


def seal_bytes(label: str, content: bytes, key: MemberKey, to: Iterable[Member]) -> Sealed:
    """Return a signed text, sealed as an envelope to some members: its header and its payload.

    Raises:
        Conflict: if it is too long for one.
    """
    if len(content) > LONGEST_LETTER:
        # The limits of its fields keep a sheet below this, unless it was closed a hundred times.
        raise Conflict("the case sheet has no room left")
    return seal_signed(content, key.signing_key.sign(label, content), to)


def seal_signed(content: bytes, signature: bytes, to: Iterable[Member]) -> Sealed:
    """Return a text with the signature it has, sealed as an envelope to some members."""
    payload = BytesIO()
    sealer = Sealer(payload, [reader.recipient for reader in to], write_header=False)
    ParcelWriter(sealer, content, signature, []).finish()
    sealer.finish()
    return Sealed(header=sealer.header, payload=payload.getvalue())


def _sealed(sheet: CaseSheet, content: bytes, pen: Pen) -> SealedSheet:
    sealed = seal_bytes(LABEL, content, pen.key, readers_by(sheet, pen.readers))
    return SealedSheet(version=sheet.version, header=sealed.header, payload=sealed.payload)


def _with_slips(
    work: Work, case: Case, before: CaseSheet, after: CaseSheet, keyring: Keyring
) -> CaseSheet:
    found = slips_of(before)
    references = {
        kind: reference_on(
            counted_by(found[kind].period if kind in found else slips.period_of(kind, work))
        )
        for kind in SlipKind
    }
    wants = asked(
        counts_of(before, case.received_on, references),
        counts_of(after, case.received_on, references),
        found,
    )
    ids = {bytes.fromhex(found[kind].id): kind for kind in wants.unwanted}
    # One that was handed over already counts, and stays remembered: it can still be put right.
    for id in slips.take_back(work, list(ids)):
        del found[ids[id]]
    if keyring.statistics is not None:
        places = {
            kind: _place_of(kind, found[kind], count.force)
            for kind, count in wants.corrected.items()
        } | {
            kind: slips.new_place(kind, force=count.force, work=work)
            for kind, count in wants.new.items()
        }
        written = wants.corrected | wants.new
        slips.put(
            work,
            [Slip(place=place, says=written[kind].says) for kind, place in places.items()],
            keyring.statistics,
            corrections=[places[kind].id for kind in wants.corrected],
        )
        found |= {kind: SlipRef(place.id.hex(), place.period) for kind, place in places.items()}
    return replace(
        after, entry_slip=found.get(SlipKind.ENTRY), closure_slip=found.get(SlipKind.CLOSURE)
    )


def _place_of(kind: SlipKind, slip: SlipRef, force: str) -> SlipPlace:
    return SlipPlace(id=bytes.fromhex(slip.id), force=force, period=slip.period, kind=kind)
