"""What the fields of a reporter's forms say. Nothing here is trusted, and nothing is kept."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

from app.envelope.receipts import ENTROPY, Receipt
from app.intake.domain import MOST_FILES
from app.intake.waiting import PageKey
from app.intake.writing import CODES, Draft, WaitingFile, tidy

FILE_INPUTS = 3
MOST_WAITING = MOST_FILES + FILE_INPUTS  # so that a page can say that there are too many
LONGEST_CODE = 31  # characters of an answer's code, or of an id
MOST_CHOICES = 200  # boxes of one question; a keyring has fewer members


class Fields(Protocol):
    """The fields of a form, several of one name among them."""

    def get(self, name: str, default: str) -> str: ...

    def getlist(self, name: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class FileInput:
    """What stands beside an input for a file. The file itself a browser never gives back."""

    label: str = ""
    clean: bool = True

    @classmethod
    def read(cls, fields: Fields, number: int) -> Self:
        """Return what was typed there, or the input as a fresh page has it."""
        labels = fields.getlist(f"label_{number}")
        if not labels:
            return cls()
        return cls(tidy(labels[0]), bool(fields.get(f"clean_{number}", "")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files of a page, and the key that only this page carries."""

    page_key: PageKey = field(default_factory=PageKey.fresh)
    waiting: tuple[WaitingFile, ...] = ()
    inputs: tuple[FileInput, ...] = (FileInput(),) * FILE_INPUTS

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Return the files that a page refers to."""
        parsed = [WaitingFile.parse(text) for text in fields.getlist("waiting")[:MOST_WAITING]]
        key = PageKey.parse(fields.get("page_key", ""))
        inputs = tuple(FileInput.read(fields, number) for number in range(1, FILE_INPUTS + 1))
        if key is None:
            return cls(inputs=inputs)
        waiting = tuple(file for file in parsed if file is not None)
        return cls(page_key=key, waiting=waiting, inputs=inputs)

    def without(self, ids: set[bytes]) -> Self:
        """Return these files less those with one of `ids`."""
        return replace(self, waiting=tuple(f for f in self.waiting if f.id not in ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernForm:
    """Everything a page of the way to a concern carries."""

    ticket: str = ""
    draft: Draft = field(default_factory=Draft)
    files: Files = field(default_factory=Files)
    receipt: Receipt | None = None
    # The desk and the readers that the page showed, to notice if they are others by now.
    shown: str = ""

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Return what a page carried."""
        return cls(
            ticket=fields.get("ticket", ""),
            draft=read_draft(fields),
            files=Files.read(fields),
            receipt=read_entropy(fields),
            shown=fields.get("shown", ""),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageForm:
    """Everything a page of the way to a later message carries."""

    ticket: str = ""
    text: str = ""
    files: Files = field(default_factory=Files)
    receipt: Receipt | None = None
    entry: bytes = b""
    # From the thread as it was shown: whom to seal to, and what the letter follows.
    desk: str = ""
    left_out: tuple[str, ...] = ()
    place: int = 0
    previous: str = ""
    # She asks that somebody look at the outcome again.
    review: bool = False

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Return what a page carried."""
        return cls(
            ticket=fields.get("ticket", ""),
            text=tidy(fields.get("text", "")),
            files=Files.read(fields),
            receipt=read_entropy(fields),
            entry=read_hex(fields, "entry", 16) or b"",
            desk=fields.get("desk", "")[:31],
            left_out=_choices(fields, "leave_out"),
            place=_number(fields, "place"),
            previous=fields.get("previous", ""),
            review=fields.get("review", "") == "yes",
        )

    @property
    def follows(self) -> bool:
        """Whether the page said what a message would follow."""
        return self.place > 0 and re.fullmatch("[0-9a-f]{64}", self.previous) is not None


def read_draft(fields: Fields) -> Draft:
    """Return the answers in a form."""
    given = fields.getlist("danger")
    draft = Draft(
        about=_choices(fields, "about"),
        force=_choice(fields, "force"),
        category=_choice(fields, "category"),
        wish=_choice(fields, "wish"),
        danger=given[0][:10] if given else None,
        urgent=fields.get("urgent", "") == "yes",
        left_out=_choices(fields, "leave_out"),
        answers={code: tidy(fields.get(code, "")) for code in CODES},
    )
    return draft.without_urgency_unless_danger()


def read_entropy(fields: Fields) -> Receipt | None:
    """Return the receipt whose bytes the page carries, if it carries one."""
    text = fields.get("entropy", "")
    if not re.fullmatch("[A-Za-z0-9_-]{22}", text):
        return None
    raw = urlsafe_b64decode(text + "==")
    return Receipt(raw) if len(raw) == ENTROPY else None


def write_entropy(receipt: Receipt) -> str:
    """Return a receipt's bytes as a page carries them."""
    return urlsafe_b64encode(receipt.entropy).decode().rstrip("=")


def read_hex(fields: Fields, name: str, length: int) -> bytes | None:
    """Return the `length` bytes that a field holds in small hexadecimal digits, or None."""
    text = fields.get(name, "")
    if not re.fullmatch(f"[0-9a-f]{{{2 * length}}}", text):
        return None
    return bytes.fromhex(text)


def _choices(fields: Fields, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text[:LONGEST_CODE] for text in fields.getlist(name)[:MOST_CHOICES]))


def _choice(fields: Fields, name: str) -> str:
    return fields.get(name, "")[:LONGEST_CODE]


def _number(fields: Fields, name: str) -> int:
    text = fields.get(name, "")
    return int(text) if re.fullmatch("[0-9]{1,6}", text) else 0
