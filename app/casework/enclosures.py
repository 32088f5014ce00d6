"""A file that goes to a reporter with a letter: a cleaned copy, of a kind that her machine knows.

Documents of an office are left out: they run what is in them, and a PDF of them says the same.
"""

from app.casework import cleaning
from app.casework.cleaning import CannotClean, Obstacle
from app.casework.containers import Look
from app.casework.file_kinds import JPEG, PDF, PNG, TEXT, WEBP, FileKind
from app.casework.messages import Enclosure
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
CLEANED = (PDF, JPEG, PNG, WEBP)


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
    elif kind == TEXT:
        _check_text(content)
    else:
        raise CannotEnclose(OTHER_KIND)
    if len(content) > LARGEST_ENCLOSED:
        raise CannotEnclose(COPY_TOO_LARGE)
    return Enclosure(label=f"{name} ({kind.called})"[:LONGEST_LABEL], content=content)


def _kind_of(content: bytes) -> FileKind:
    look = Look()
    look.write(content)
    return look.kind()


def _cleaned(content: bytes, kind: FileKind) -> tuple[bytes, FileKind]:
    try:
        copy = cleaning.clean(content, kind)
    except CannotClean as error:
        large = error.obstacle is Obstacle.LARGE
        raise CannotEnclose(TOO_LARGE if large else error.obstacle.value) from error
    return copy.content, copy.kind


def _check_text(content: bytes) -> None:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise CannotEnclose(NO_TEXT) from error
    if "\0" in text:
        raise CannotEnclose(NO_TEXT)
