"""The letter: what one person wrote, who that is in this thread, and where it belongs.

Source: docs/envelope-spec.md, sections 5 and 6.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from app.envelope.errors import BadSignature, LetterError, UnfitKey
from app.envelope.identifiers import REPORTER, is_digest, is_identifier, is_sorted_set
from app.envelope.mailboxes import mailbox_id
from app.envelope.padding import ENCLOSING, FLOOR
from app.envelope.parcel import LONGEST_LETTER, MOST_ATTACHMENTS
from app.envelope.recipients import Recipient
from app.envelope.signing import SigningKey, VerificationKey
from app.envelope.strict_json import (
    Json,
    UnfitJson,
    integer_in,
    names_of,
    object_in,
    objects_in,
    read_object,
    text_in,
    texts_in,
    write_object,
)
from app.envelope.ustar import LARGEST_MEMBER

FORMAT = "candour-letter/1"
LABEL = "candour/letter/v1"  # of the signature
LONGEST_LABEL = 80  # characters of an attachment's label
MOST_READERS = 15
# What a desk may enclose in a letter: one file, so that all such letters have one sealed size.
MOST_ENCLOSED = 1
LARGEST_ENCLOSED = 4 * 1024 * 1024  # bytes

QUESTIONS = (
    "what",
    "who",
    "where",
    "when",
    "how_known",
    "who_else",
    "afraid_of",
    "about",
    "danger",
    "force",
    "category",
    "wish",
)
# Asked since the table chooses among six desks; letters from before have none of them.
ASKED_LATER = frozenset({"force", "category", "wish"})
DANGER = ("yes", "no", "")
# What a later letter may ask for beside its words. It is said inside, where nobody else sees it.
ASKS = "asks"
REVIEW = "review"

_NAMES = (
    "format",
    "kind",
    "mailbox",
    "author",
    "verification_key",
    "recipient",
    "place",
    "previous",
    "desk",
    "readers",
    "left_out",
    "keyring",
    "answers",
    "text",
    "attachments",
)
_ATTACHMENT_NAMES = ("label", "size", "sha256")


class Kind(StrEnum):
    """What a letter is: a reporter's first, a reporter's later one, or a desk's."""

    CONCERN = "concern"
    MESSAGE = "message"
    REPLY = "reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What the letter says of one attachment: its label, bytes, and SHA-256 in hexadecimal."""

    label: str = field(repr=False)
    size: int
    sha256: str

    def __post_init__(self) -> None:
        _refuse(
            (len(self.label) <= LONGEST_LABEL, "an attachment's label is too long"),
            (0 <= self.size <= LARGEST_MEMBER, "an attachment's size is out of bounds"),
            (is_digest(self.sha256), "an attachment's digest is not one"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter, of a form that section 5 of the specification allows.

    Its `repr` leaves out what somebody wrote and whom they left out: reprs reach logs.

    Raises:
        LetterError: if its parts do not fit together.
    """

    kind: Kind
    mailbox: str
    author: str
    verification_key: VerificationKey
    recipient: Recipient | None = None
    place: int
    previous: str = ""
    desk: str
    readers: tuple[str, ...]
    left_out: tuple[str, ...] = field(default=(), repr=False)
    keyring: int
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)
    text: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        _refuse_misplaced(self)
        _refuse_unfit_readers(self)
        _refuse_unfit_author(self)
        _refuse_unfit_content(self)

    @property
    def asks_for_review(self) -> bool:
        """Whether a reporter asks with it that somebody look at the outcome again."""
        return self.kind is Kind.MESSAGE and self.answers.get(ASKS) == REVIEW

    @property
    def floor(self) -> int:
        """The bytes that its parcel is padded to at least.

        A desk's letters have two lengths in all: one without a file, and one with it.
        """
        return ENCLOSING if self.kind is Kind.REPLY and self.attachments else FLOOR

    def to_bytes(self) -> bytes:
        """Return `letter.json`: UTF-8 JSON, its names in the order of the specification.

        Raises:
            LetterError: if that is more than 60,000 bytes, or the text holds half a character.
        """
        try:
            content = write_object(_as_json(self))
        except UnicodeEncodeError:
            raise LetterError("the letter holds half a character") from None
        if len(content) > LONGEST_LETTER:
            raise LetterError(f"the letter has more than {LONGEST_LETTER} bytes")
        return content


def parse_letter(content: bytes) -> Letter:
    """Return the letter in the bytes of `letter.json`. Its signature is not looked at.

    Raises:
        LetterError: if they are not a letter in every particular.
    """
    if len(content) > LONGEST_LETTER:
        raise LetterError(f"the letter has more than {LONGEST_LETTER} bytes")
    try:
        return _letter(read_object(content))
    except (UnfitJson, UnfitKey) as error:
        raise LetterError(str(error)) from None


def sign_letter(letter: Letter, key: SigningKey) -> tuple[bytes, bytes]:
    """Return the bytes of `letter.json` and of `letter.sig` (64).

    Raises:
        LetterError: if the letter names another key, or is too long.
    """
    if key.verification_key != letter.verification_key:
        raise LetterError("the letter names another verification key")
    content = letter.to_bytes()
    return content, key.sign(LABEL, content)


def verify_letter(content: bytes, signature: bytes) -> Letter:
    """Return a reporter's letter that its own key signed, in the mailbox of its own keys.

    That the mailbox is the one where the envelope was found is for `check_place` to say: only
    both together tell whose letter this is.

    Raises:
        LetterError: if it is malformed, a reply, badly signed, or of another mailbox.
    """
    letter = parse_letter(content)
    if letter.recipient is None:
        raise LetterError("a reply is not a reporter's letter")
    _check_signature(letter.verification_key, content, signature)
    if mailbox_id(letter.verification_key, letter.recipient) != letter.mailbox:
        raise LetterError("the letter's mailbox does not follow from its keys")
    return letter


def verify_reply(
    content: bytes, signature: bytes, verification_keys: Mapping[str, VerificationKey]
) -> Letter:
    """Return a desk's letter that the member it names signed.

    Args:
        content: the bytes of `letter.json`.
        signature: the bytes of `letter.sig`.
        verification_keys: by member id, as `Keyring.verification_keys()` gives them.

    Raises:
        LetterError: if it is malformed, no reply, or not by a key the keyring has for its author.
    """
    letter = parse_letter(content)
    if letter.kind is not Kind.REPLY:
        raise LetterError("a reporter's letter is not a reply")
    known = verification_keys.get(letter.author)
    if known is None or known != letter.verification_key:
        raise LetterError("the letter is not by a key that the keyring has for its author")
    _check_signature(known, content, signature)
    return letter


def letter_digest(content: bytes) -> str:
    """Return the SHA-256 of `letter.json` in hexadecimal, as the next letter names it."""
    return sha256(content).hexdigest()


def check_place(letter: Letter, *, mailbox: str, kinds: Collection[Kind]) -> None:
    """Check that a verified letter belongs where its envelope was found.

    Args:
        letter: as `verify_letter` or `verify_reply` returned it.
        mailbox: the id of the mailbox it was found in.
        kinds: what may lie at that place.

    Raises:
        LetterError: if somebody moved it there.
    """
    _refuse(
        (letter.mailbox == mailbox, "the letter belongs to another mailbox"),
        (letter.kind in kinds, "a letter of this kind does not belong here"),
    )


def _check_signature(key: VerificationKey, content: bytes, signature: bytes) -> None:
    try:
        key.verify(LABEL, content, signature)
    except BadSignature as error:
        raise LetterError(str(error)) from None


def _refuse(*rules: tuple[bool, str]) -> None:
    for holds, fault in rules:
        if not holds:
            raise LetterError(fault)


def _refuse_misplaced(letter: Letter) -> None:
    first = letter.place == 0
    _refuse(
        (is_digest(letter.mailbox), "the mailbox is not a mailbox id"),
        (letter.place >= 0, "the place is negative"),
        (letter.previous == "" if first else is_digest(letter.previous), "previous is unfit"),
        (letter.kind is Kind.REPLY or (letter.kind is Kind.CONCERN) == first, "place and kind"),
    )


def _refuse_unfit_readers(letter: Letter) -> None:
    _refuse(
        (is_identifier(letter.desk), "the desk is not an id"),
        (letter.keyring >= 1, "the keyring's serial is not one"),
        (is_sorted_set(letter.readers), "the readers are not sorted ids"),
        (1 <= len(letter.readers) <= MOST_READERS, "too few readers, or too many"),
        (is_sorted_set(letter.left_out), "those left out are not sorted ids"),
        (not set(letter.readers) & set(letter.left_out), "a reader was left out"),
    )


def _refuse_unfit_author(letter: Letter) -> None:
    reply = letter.kind is Kind.REPLY
    _refuse(
        (is_identifier(letter.author), "the author is not an id"),
        ((letter.author == REPORTER) != reply, "a letter of this kind has another author"),
        ((letter.recipient is None) == reply, "a reporter's letter, and no other, has a recipient"),
    )


def _refuse_unfit_content(letter: Letter) -> None:
    concern = letter.kind is Kind.CONCERN
    _refuse(
        (_answers_fit(letter), "the answers are not to the questions of its kind"),
        (letter.answers.get("danger", "") in DANGER, "the answer about danger is not one of three"),
        (not (concern and letter.text), "a concern has answers and no text"),
        (len(letter.attachments) <= MOST_ATTACHMENTS, "too many attachments"),
        (letter.kind is not Kind.REPLY or _encloses_little(letter), "a reply encloses too much"),
    )


def _encloses_little(letter: Letter) -> bool:
    sizes = [attachment.size for attachment in letter.attachments]
    return len(sizes) <= MOST_ENCLOSED and all(size <= LARGEST_ENCLOSED for size in sizes)


def _answers_fit(letter: Letter) -> bool:
    if letter.kind is Kind.CONCERN:
        return letter.answers.keys() in (set(QUESTIONS), set(QUESTIONS) - ASKED_LATER)
    if letter.kind is Kind.MESSAGE:
        return dict(letter.answers) in ({}, {ASKS: REVIEW})
    return not letter.answers


def _as_json(letter: Letter) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "kind": letter.kind.value,
        "mailbox": letter.mailbox,
        "author": letter.author,
        "verification_key": str(letter.verification_key),
        "recipient": "" if letter.recipient is None else str(letter.recipient),
        "place": letter.place,
        "previous": letter.previous,
        "desk": letter.desk,
        "readers": list(letter.readers),
        "left_out": list(letter.left_out),
        "keyring": letter.keyring,
        "answers": dict(letter.answers),
        "text": letter.text,
        "attachments": [
            {"label": item.label, "size": item.size, "sha256": item.sha256}
            for item in letter.attachments
        ],
    }


def _letter(found: dict[str, Json]) -> Letter:
    names_of(found, _NAMES)
    if text_in(found, "format") != FORMAT:
        raise LetterError("the letter is of another format")
    recipient = text_in(found, "recipient")
    answers = object_in(found, "answers")
    return Letter(
        kind=_kind(text_in(found, "kind")),
        mailbox=text_in(found, "mailbox"),
        author=text_in(found, "author"),
        verification_key=VerificationKey.parse(text_in(found, "verification_key")),
        recipient=Recipient.parse(recipient) if recipient else None,
        place=integer_in(found, "place"),
        previous=text_in(found, "previous"),
        desk=text_in(found, "desk"),
        readers=texts_in(found, "readers"),
        left_out=texts_in(found, "left_out"),
        keyring=integer_in(found, "keyring", least=1),
        answers={question: text_in(answers, question) for question in answers},
        text=text_in(found, "text"),
        attachments=tuple(map(_attachment, objects_in(found, "attachments"))),
    )


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise LetterError("the letter is of no known kind") from None


def _attachment(found: dict[str, Json]) -> Attachment:
    names_of(found, _ATTACHMENT_NAMES)
    return Attachment(
        label=text_in(found, "label"),
        size=integer_in(found, "size"),
        sha256=text_in(found, "sha256"),
    )
