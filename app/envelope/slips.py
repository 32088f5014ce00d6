"""Slips: what one matter counts as, sealed to the statistics alone, every one of the same size.

A slip's id, force, period and kind stand beside it in clear and inside it again, so that nobody
who writes to a store can move one to another force or period. It names no case.

Source: docs/envelope-spec.md, section 8.
"""

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

from app.envelope.errors import SlipError
from app.envelope.recipients import Recipient
from app.envelope.sealing import Sealer
from app.envelope.strict_json import Json, UnfitJson, names_of, read_object, text_in, write_object

FORMAT = "candour-slip/1"
PLAINTEXT = 512  # bytes of every slip, blanks at its end included
ID = 16  # bytes, random
# Whom slips are sealed to is no secret, so there is nobody to hide among decoys.
STANZAS = 1


class SlipKind(StrEnum):
    """Which of the two slips of a matter: of its triage's end, or of its first closure."""

    ENTRY = "entry"
    CLOSURE = "closure"


# What a slip of each kind says besides where it belongs.
_SAYS = {SlipKind.ENTRY: ("theme", "directorate"), SlipKind.CLOSURE: ("outcome", "band")}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPlace:
    """Where a slip belongs: the part of it that stands in clear."""

    id: bytes
    force: str
    period: str
    kind: SlipKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """An open slip. `says` is theme and directorate, or outcome and band of time."""

    place: SlipPlace
    says: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSlip:
    """A slip as it is stored: its place in clear, everything else sealed."""

    place: SlipPlace
    header: bytes
    payload: bytes


def seal_slip(slip: Slip, recipient: Recipient) -> SealedSlip:
    """Return `slip` sealed to the statistics recipient of the keyring.

    Raises:
        SlipError: if it does not fit the one size, or its id has another length.
    """
    sink = BytesIO()
    sealer = Sealer(sink, [recipient], stanzas=STANZAS, write_header=False)
    sealer.write(slip_text(slip))
    sealer.finish()
    return SealedSlip(place=slip.place, header=sealer.header, payload=sink.getvalue())


def slip_text(slip: Slip) -> bytes:
    """Return the plaintext of `slip`: JSON with blanks at its end, always 512 bytes.

    Raises:
        SlipError: if it would be longer, or its id has another length.
    """
    place = slip.place
    if len(place.id) != ID:
        raise SlipError(f"a slip's id has {ID} bytes")
    first, second = _SAYS[place.kind]
    said: dict[str, Json] = {
        "format": FORMAT,
        "id": place.id.hex(),
        "force": place.force,
        "period": place.period,
        "kind": place.kind.value,
        first: slip.says[0],
        second: slip.says[1],
    }
    text = write_object(said)
    if len(text) > PLAINTEXT:
        raise SlipError("a slip does not fit its size")
    return text.ljust(PLAINTEXT)


def parse_slip(text: bytes, place: SlipPlace) -> Slip:
    """Return the slip in `text`, which must say that it belongs at `place`.

    Raises:
        SlipError: if it is not a slip, or belongs elsewhere.
    """
    slip = _parsed(text, place.kind)
    if slip.place != place:
        raise SlipError("a slip lies where it does not belong")
    return slip


def _parsed(text: bytes, kind: SlipKind) -> Slip:
    first, second = _SAYS[kind]
    try:
        found = read_object(text)
        names_of(found, ("format", "id", "force", "period", "kind", first, second))
        place = SlipPlace(
            id=bytes.fromhex(text_in(found, "id")),
            force=text_in(found, "force"),
            period=text_in(found, "period"),
            kind=SlipKind(text_in(found, "kind")),
        )
        slip = Slip(place=place, says=(text_in(found, first), text_in(found, second)))
        fits = text_in(found, "format") == FORMAT and slip_text(slip) == text
    except (UnfitJson, ValueError):
        raise SlipError("not a slip") from None
    if not fits:
        raise SlipError("not a slip in its one spelling")
    return slip
