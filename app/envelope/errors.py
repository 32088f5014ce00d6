"""What can go wrong with an envelope, one class for each stage that fails.

    EnvelopeError
    |-- HeaderError     not a header, or one we refuse
    |-- NoMatch         no stanza opens with this identity
    |-- MacError        the file key does not vouch for this header
    |-- PayloadError    a chunk is cut, swapped or forged
    |-- ParcelError     the plaintext is not a parcel
    |-- LetterError     the letter is malformed, badly signed, or in the wrong place
    |-- KeyringError    the keyring is malformed, badly signed, or not valid today
    |-- ReceiptError    these words are not a receipt
    |-- UnfitKey        a recipient, identity or verification key is malformed or weak
    |-- SlipError       not a slip, or one that belongs elsewhere
    |-- UnfitReaders    nobody, too many, or the same reader twice
    `-- BadSignature    the signature is not by this key over this text

The text of an error may reach a log or a page, so it names the fault and never quotes content.
"""

from typing import Literal

ReceiptFault = Literal["too_long", "not_twelve", "unknown_word", "checksum"]


class EnvelopeError(Exception):
    """Base of every error in this module's tree. Never raised itself."""


class HeaderError(EnvelopeError):
    """The bytes are not an age header, or one this portal refuses."""


class NoMatch(EnvelopeError):
    """No stanza of the header opens with the identity that was tried."""


class MacError(EnvelopeError):
    """A stanza opened, but its file key does not vouch for the header around it."""


class PayloadError(EnvelopeError):
    """A chunk of the payload is cut, swapped, forged or followed by something else."""


class ParcelError(EnvelopeError):
    """The plaintext is not the one tar that section 4 of the specification allows."""


class LetterError(EnvelopeError):
    """The letter is malformed, not signed by its author, or not where it belongs."""


class KeyringError(EnvelopeError):
    """The keyring is malformed, not signed by its signers, or not valid today."""


class UnfitKey(EnvelopeError):
    """A key is malformed, or of a kind that protects nothing."""


class SlipError(EnvelopeError):
    """The plaintext is not a slip of the one size, or belongs to another force or period."""


class UnfitReaders(EnvelopeError):
    """An envelope was to be sealed to nobody, to too many, or twice to the same reader."""


class BadSignature(EnvelopeError):
    """The signature was not made by this key over this text."""


class ReceiptError(EnvelopeError):
    """These words are not a receipt.

    `reason` is a short code for the page to turn into words, `place` the place of an unknown
    word, counted from 1. The words themselves stay out of the text: they may be nearly right.
    """

    def __init__(self, reason: ReceiptFault, place: int | None = None) -> None:
        super().__init__(reason if place is None else f"{reason} at place {place}")
        self.reason: ReceiptFault = reason
        self.place = place
