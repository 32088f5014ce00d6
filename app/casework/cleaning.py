"""A cleaned copy of a file: what it shows, without what it says besides. The original stays.

Made by programs that run confined (`confined.py`); no program, no copy. What comes back is taken
for what the file was: bytes of a stranger, checked for their kind by their beginning.
"""

import enum
from dataclasses import dataclass, field

from app.casework import confined, office_cleaning
from app.casework.file_kinds import JPEG, PDF, PNG, FileKind, Preview

PICTURES = confined.program("cleaning_pictures.py")
PDFS = confined.program("cleaning_pdf.py")

LARGEST = confined.LARGEST
MOST_CODES = 400  # bytes of the first line

# What can be taken out, by the codes of the programs.
REMOVED = {
    "place": "where the picture was taken (GPS)",
    "exif": "camera or phone, time, settings (EXIF)",
    "thumbnail": "a small older picture of it",
    "xmp": "editing history and descriptions (XMP)",
    "iptc": "press information (IPTC)",
    "profile": "a colour profile: colours may look slightly different",
    "comment": "a comment or a title",
    "more-pictures": "further pictures in the same file",
    "properties": "title, author, program and times",
    "scripts": "scripts, and what happens by itself on opening",
    "files": "files and recordings enclosed in it",
    "links": "links that lead outside",
    "comments": "who made comments, and when",
    "signatures": "digital signatures: certificates, times, and what is drawn where they stand",
    "photographs": "what photographs on its pages say besides their pixels",
    "times": "times of changes",
    "beside": "comments, form fields, layers, bookmarks and links: all but its pages",
    "office": "what the program mat2 knows of: author, organisation, times, templates, and more",
}


class Obstacle(enum.Enum):
    """Why there is no cleaned copy."""

    KIND = "Files of this kind cannot be cleaned here"
    NO_PROGRAM = (
        "Office documents are cleaned by the program mat2, which is not installed on this server, "
        "or has no place here where it leaves nothing behind"
    )
    LARGE = "It is larger than 16 MB"
    UNREADABLE = (
        "It could not be read: it is damaged, under a password, made to do harm, or written in a "
        "way that is not known here"
    )


class CannotClean(Exception):
    """There is no cleaned copy."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A cleaned copy, and what was taken out of it."""

    content: bytes = field(repr=False)
    kind: FileKind
    removed: tuple[str, ...]


def obstacle_to(kind: FileKind, size: int) -> Obstacle | None:
    """Return why a file of this kind and size has no cleaned copy, as far as that is plain."""
    if kind.ending in office_cleaning.ENDINGS:
        if office_cleaning.program() is None:
            return Obstacle.NO_PROGRAM
    elif kind != PDF and kind.preview is not Preview.PICTURE:
        return Obstacle.KIND
    return Obstacle.LARGE if size > LARGEST else None


def clean(content: bytes, kind: FileKind, *, bare: bool = False) -> Cleaned:
    """Return a cleaned copy of a file; a bare one of a PDF is nothing but what its pages show.

    Raises:
        CannotClean: if it cannot be cleaned.
        Busy: if too many are being cleaned.
    """
    obstacle = obstacle_to(kind, len(content))
    if obstacle is not None:
        raise CannotClean(obstacle)
    if kind.ending in office_cleaning.ENDINGS:
        copy, codes = office_cleaning.cleaned(content, kind.ending), ["office"]
    else:
        copy, codes = _written_anew(content, kind, bare=bare)
    fits = _kind_of_copy(copy, kind)
    if fits is None:
        raise CannotClean(Obstacle.UNREADABLE)
    removed = tuple(said for code, said in REMOVED.items() if code in codes)
    return Cleaned(content=copy, kind=fits, removed=removed)


def _written_anew(content: bytes, kind: FileKind, *, bare: bool) -> tuple[bytes, list[str]]:
    if kind == PDF:
        made = confined.run(PDFS, content, *(["bare"] if bare else []))
    else:
        made = confined.run(PICTURES, content)
    codes, _, copy = made.partition(b"\n")
    return copy, codes[:MOST_CODES].decode("ascii", "replace").split(",")


def _kind_of_copy(copy: bytes, kind: FileKind) -> FileKind | None:
    if kind.preview is Preview.PICTURE:
        beginnings = {JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG"}
    else:
        beginnings = {kind: b"%PDF-" if kind == PDF else b"PK\x03\x04"}
    return next((one for one, begins in beginnings.items() if copy.startswith(begins)), None)
