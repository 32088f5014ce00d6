"""A file that goes to a reporter with a letter: a cleaned copy, of a kind that her machine knows.

Nothing is in it that a second reader is not shown: no comment, field, layer or bookmark, no more
pages than are drawn, no sign that draws nothing. Documents of an office are left out: they run what
is in them, and a PDF of them says the same.
"""

from unicodedata import category

from app.casework import cleaning
from app.casework.cleaning import CannotClean, Obstacle
from app.casework.containers import Look
from app.casework.file_kinds import JPEG, PDF, PNG, TEXT, WEBP, FileKind
from app.casework.messages import Enclosure
from app.casework.pictures import MOST_PAGES, pages_of
from app.envelope.letter import LARGEST_ENCLOSED, LONGEST_LABEL

LARGEST = cleaning.LARGEST  # bytes of what is chosen
LONGEST_NAME = 60  # characters; what kind of file it is follows on the label

EMPTY = "The file is empty"
TOO_LARGE = "The file must be smaller than 16 MB"
OTHER_KIND = (
    "Only PDF documents, JPEG, PNG and WebP pictures and plain text can be sent. Save another "
    "kind of document as a PDF, and choose that"
)
NO_TEXT = "The file looks like text at its beginning, and is not plain text to its end"
COPY_TOO_LARGE = (
    "Without hidden data the file is larger than 4 MB. Choose a smaller one, or send part of it"
)
TOO_LONG = (
    f"A document has {MOST_PAGES} pages at most, and plain text 100 kB: what is longer is not "
    "looked at to its end. Send part of it"
)
UNSEEN = "The text holds characters that cannot be seen. Save it as a PDF, and choose that"
CLEANED = (PDF, JPEG, PNG, WEBP)
MOST_TEXT = 100_000  # bytes of plain text that a page shows


class CannotEnclose(Exception):
    """A file cannot go to a reporter; the message says why, for whoever chose it."""


def enclose(content: bytes, name: str) -> Enclosure:
    """Return a cleaned copy of a file as it goes to a reporter.

    Args:
        content: what a member chose.
        name: what she says it is, at most `LONGEST_NAME` characters; never the file's own name.

    Raises:
        CannotEnclose: if it is of another kind, does not read, or is too large.
        Busy: if too many files are being cleaned.
    """
    if not content:
        raise CannotEnclose(EMPTY)
    kind = _kind_of(content)
    if kind in CLEANED:
        content, kind = _cleaned(content, kind)
        _check_pages(content, kind)
    elif kind == TEXT:
        _check_text(content)
    else:
        raise CannotEnclose(OTHER_KIND)
    if len(content) > LARGEST_ENCLOSED:
        raise CannotEnclose(COPY_TOO_LARGE)
    return Enclosure(label=labelled(name, kind), content=content)


def labelled(name: str, kind: FileKind) -> str:
    """Return what a reporter is told that a file is, before she saves it."""
    return f"{name} ({kind.called})"[:LONGEST_LABEL]


def _kind_of(content: bytes) -> FileKind:
    look = Look()
    look.write(content)
    return look.kind()


def _cleaned(content: bytes, kind: FileKind) -> tuple[bytes, FileKind]:
    try:
        copy = cleaning.clean(content, kind, bare=True)
    except CannotClean as error:
        large = error.obstacle is Obstacle.LARGE
        raise CannotEnclose(TOO_LARGE if large else error.obstacle.value) from error
    return copy.content, copy.kind


def _check_pages(content: bytes, kind: FileKind) -> None:
    """Refuse a document that its second reader is not shown to the end."""
    if kind != PDF:
        return
    pages = pages_of(content)
    if not pages:
        raise CannotEnclose(Obstacle.UNREADABLE.value)
    if pages > MOST_PAGES:
        raise CannotEnclose(TOO_LONG)


def _check_text(content: bytes) -> None:
    if len(content) > MOST_TEXT:
        raise CannotEnclose(TOO_LONG)
    try:
        text = content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise CannotEnclose(NO_TEXT) from error
    if "\0" in text:
        raise CannotEnclose(NO_TEXT)
    if any(category(sign) == "Cf" for sign in text):
        raise CannotEnclose(UNSEEN)
