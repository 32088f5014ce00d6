"""The statistics' identity in the custody of several, of whom it takes two to open it.

For every ordered pair of custodians there is one copy: sealed to the second, and the sealed copy
sealed again to the first. Neither gets at it alone, and it is never written in clear: it is made,
copied and forgotten in one process.

Source: docs/envelope-spec.md, section 10.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import permutations

from app.envelope.errors import EnvelopeError, NoMatch, UnfitKey
from app.envelope.identities import SEED, Identity
from app.envelope.opening import open_envelope
from app.envelope.recipients import Recipient
from app.envelope.sealing import seal
from app.envelope.strict_json import (
    Json,
    UnfitJson,
    names_of,
    objects_in,
    read_object,
    text_in,
    write_object,
)

FORMAT = "candour-custody/1"
LONGEST = 1024 * 1024  # bytes; seven custodians take about 400,000
# Who may open a copy stands beside it: there is nobody to hide.
STANZAS = 1
SEALED_SEED = 8_192  # bytes; more is no copy of ours


class CustodyError(EnvelopeError):
    """The copies are malformed, or there is none for these two, or it does not open."""


@dataclass(frozen=True, slots=True)
class Custody:
    """The sealed copies, by the ids of who opens first and who opens second."""

    recipient: Recipient
    copies: Mapping[tuple[str, str], bytes]

    def to_bytes(self) -> bytes:
        """Return them as their file holds them."""
        copies: list[Json] = [
            {"first": first, "second": second, "sealed": b64encode(sealed).decode()}
            for (first, second), sealed in sorted(self.copies.items())
        ]
        return write_object({"format": FORMAT, "recipient": str(self.recipient), "copies": copies})

    @classmethod
    def parse(cls, content: bytes) -> "Custody":
        """Return the copies in a file, or raise CustodyError."""
        if len(content) > LONGEST:
            raise CustodyError("the copies are too long")
        try:
            found = read_object(content)
            names_of(found, ("format", "recipient", "copies"))
            if text_in(found, "format") != FORMAT:
                raise CustodyError("the copies are of another format")
            copies = dict(map(_copy, objects_in(found, "copies")))
            return cls(Recipient.parse(text_in(found, "recipient")), copies)
        except (UnfitJson, UnfitKey, ValueError) as error:
            raise CustodyError(f"not copies of an identity: {error}") from None


def make_custody(identity: Identity, custodians: Mapping[str, Recipient]) -> Custody:
    """Return the copies of `identity` for every ordered pair of custodians.

    Args:
        identity: what they open together. The caller forgets it.
        custodians: their recipients by id, two at least.

    Raises:
        CustodyError: if there are fewer than two: one alone would hold it.
    """
    if len(custodians) < 2:
        raise CustodyError("an identity in custody has two custodians at least")
    return Custody(
        identity.recipient,
        {
            (first, second): _sealed(custodians[first], _sealed(custodians[second], identity.seed))
            for first, second in permutations(custodians, 2)
        },
    )


def open_first(custody: Custody, first: str, identity: Identity) -> dict[str, bytes]:
    """Return, by the second custodian's id, what the first opened for each of them.

    Each is an envelope still, which only that other one can open.

    Raises:
        CustodyError: if there is nothing for her, or it does not open.
    """
    found = {
        second: _opened(sealed, identity)
        for (opens_first, second), sealed in custody.copies.items()
        if opens_first == first
    }
    if not found:
        raise CustodyError(f"there is no copy for {first}")
    return found


def open_second(sealed: bytes, identity: Identity, expected: Recipient) -> Identity:
    """Return the identity that the second custodian opens, checked against its recipient.

    Raises:
        CustodyError: if it does not open, or is not the identity that slips are sealed to.
    """
    seed = _opened(sealed, identity)
    if len(seed) != SEED or Identity(seed).recipient != expected:
        raise CustodyError("the copy holds another identity than the keyring names")
    return Identity(seed)


def pack(opened: Mapping[str, bytes]) -> bytes:
    """Return what `open_first` gave as one text, to be kept until the second opens hers."""
    return write_object({second: b64encode(sealed).decode() for second, sealed in opened.items()})


def unpack(content: bytes, second: str) -> bytes:
    """Return the second custodian's part of what `pack` made, or raise CustodyError."""
    try:
        return b64decode(text_in(read_object(content), second), validate=True)
    except (UnfitJson, ValueError):
        raise CustodyError(f"nothing was opened for {second}") from None


def _sealed(recipient: Recipient, content: bytes) -> bytes:
    sink = BytesIO()
    seal([recipient], BytesIO(content), sink, stanzas=STANZAS)
    return sink.getvalue()


def _opened(sealed: bytes, identity: Identity) -> bytes:
    try:
        return open_envelope(BytesIO(sealed), identity).payload.read(SEALED_SEED)
    except NoMatch:
        raise CustodyError("the copy is not for this custodian") from None
    except EnvelopeError as error:
        raise CustodyError(f"the copy does not open: {error}") from None


def _copy(found: dict[str, Json]) -> tuple[tuple[str, str], bytes]:
    names_of(found, ("first", "second", "sealed"))
    sealed = b64decode(text_in(found, "sealed"), validate=True)
    return (text_in(found, "first"), text_in(found, "second")), sealed
