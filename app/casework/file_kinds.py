"""What kind of file a file is, judged by its bytes and never by what somebody called it.

Only what stands in the lists here gets a type and an ending of its own. Everything else, and
everything a browser might run, is just bytes. What an archive or an office document is, its
directory says: see `containers.py`.
"""

import enum
from codecs import getincrementaldecoder
from dataclasses import dataclass
from unicodedata import category

import puremagic

HEAD = 4096  # bytes that are looked at


class Preview(enum.Enum):
    """How a file can be looked at without being opened by anything of the handler's."""

    NONE = "none"
    PICTURE = "picture"
    TEXT = "text"
    PAGES = "pages"


class Family(enum.Enum):
    """What a file can do to whoever opens it, roughly."""

    PICTURE = "picture"
    TEXT = "text"
    PDF = "pdf"
    OFFICE = "office"
    ARCHIVE = "archive"
    RECORDING = "recording"
    OTHER = "other"


class Sign(enum.Enum):
    """What a file holds that whoever opens it has to know."""

    MACROS = "macros"
    ENCLOSED = "enclosed"
    LOCKED = "locked"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its ending, its media type, what a handler would call it; what it holds."""

    ending: str
    media_type: str
    called: str
    preview: Preview = Preview.NONE
    family: Family = Family.OTHER
    signs: frozenset[Sign] = frozenset()


ANY = "application/octet-stream"
BYTES = FileKind("bin", ANY, "File of an unknown kind")
# HTML, SVG and scripts are text too: to be read as such here, and never by a browser.
MARKUP = FileKind("bin", ANY, "Web page or drawing, as text", Preview.TEXT, Family.OTHER)
TEXT = FileKind("txt", "text/plain; charset=utf-8", "Text", Preview.TEXT, Family.TEXT)
PROGRAM = FileKind("bin", ANY, "Program", signs=frozenset({Sign.PROGRAM}))


def _picture(ending: str, called: str, preview: Preview = Preview.NONE) -> FileKind:
    media_type = {"jpg": "jpeg", "tif": "tiff"}.get(ending, ending)
    return FileKind(ending, f"image/{media_type}", called, preview, Family.PICTURE)


def _recording(ending: str, media_type: str, called: str = "Sound recording") -> FileKind:
    return FileKind(ending, media_type, called, family=Family.RECORDING)


def _archive(ending: str, media_type: str) -> FileKind:
    return FileKind(ending, media_type, "Archive", family=Family.ARCHIVE)


ZIP = _archive("zip", "application/zip")
JPEG = _picture("jpg", "Photograph", Preview.PICTURE)
PNG = _picture("png", "Picture", Preview.PICTURE)
WEBP = _picture("webp", "Picture", Preview.PICTURE)
PDF = FileKind("pdf", "application/pdf", "PDF document", Preview.PAGES, Family.PDF)
RTF = FileKind("rtf", "application/rtf", "Document in rich text", family=Family.OFFICE)

_KINDS = {
    "image/jpeg": JPEG,
    "image/png": PNG,
    "image/webp": WEBP,
    "image/gif": _picture("gif", "Picture"),
    "image/tiff": _picture("tif", "Picture"),
    "image/heic": _picture("heic", "Photograph"),
    "video/mp4": _recording("mp4", "video/mp4", "Film"),
    "video/quicktime": _recording("mov", "video/quicktime", "Film"),
    "audio/mpeg": _recording("mp3", "audio/mpeg"),
    "audio/x-m4a": _recording("m4a", "audio/mp4"),
    "audio/wave": _recording("wav", "audio/wav"),
    "audio/x-wav": _recording("wav", "audio/wav"),
    "application/ogg": _recording("ogg", "application/ogg"),
}
# puremagic takes every archive for the first office format it knows: these are told here.
_BEGINNINGS = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"%PDF-", PDF),
    (b"{\\rt", RTF),
    (b"7z\xbc\xaf\x27\x1c", _archive("7z", "application/x-7z-compressed")),
    (b"Rar!\x1a\x07", _archive("rar", "application/vnd.rar")),
    (b"\x1f\x8b", _archive("gz", "application/gzip")),
    (b"BZh", _archive("bz2", "application/x-bzip2")),
    (b"\xfd7zXZ\x00", _archive("xz", "application/x-xz")),
    (b"MSCF", _archive("cab", "application/vnd.ms-cab-compressed")),
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
    (b"L\x00\x00\x00\x01\x14\x02\x00", PROGRAM),  # a shortcut of Windows
)
_TAR_AT = 257
_TAR = _archive("tar", "application/x-tar")
_SPACING = "\t\n\r\f"


def kind_of(head: bytes) -> FileKind:
    """Return the kind of a file from its first bytes, at most `HEAD` of which are looked at."""
    head = head[:HEAD]
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[_TAR_AT : _TAR_AT + 5] == b"ustar":
        return _TAR
    return _KINDS.get(_media_type(head)) or _as_text(head)


def _media_type(head: bytes) -> str:
    try:
        return str(puremagic.from_string(head, mime=True))
    except (puremagic.PureError, ValueError):
        return ""


def _as_text(head: bytes) -> FileKind:
    decoder = getincrementaldecoder("utf-8")()
    try:
        # The cut of a longer file may go through the middle of a character.
        text = decoder.decode(head, final=len(head) < HEAD)
    except UnicodeDecodeError:
        return BYTES
    if not text or any(category(sign) == "Cc" and sign not in _SPACING for sign in text):
        return BYTES
    return MARKUP if text.lstrip("\ufeff" + _SPACING + " ").startswith("<") else TEXT
