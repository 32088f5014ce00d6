"""What a file is, judged by its first bytes and never by what somebody called it.

Only what stands in the list here gets a type and an ending of its own. Everything else, and
everything a browser might run, is just bytes.
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


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its ending, its media type, what a handler would call it."""

    ending: str
    media_type: str
    called: str
    preview: Preview = Preview.NONE


BYTES = FileKind("bin", "application/octet-stream", "File of an unknown kind")
# HTML, SVG and scripts are text too: to be read as such here, and never by a browser.
MARKUP = FileKind("bin", "application/octet-stream", "Web page or drawing, as text", Preview.TEXT)
TEXT = FileKind("txt", "text/plain; charset=utf-8", "Text", Preview.TEXT)
ZIP = FileKind("zip", "application/zip", "Archive, or an office document")

_KINDS = {
    "image/jpeg": FileKind("jpg", "image/jpeg", "Photograph", Preview.PICTURE),
    "image/png": FileKind("png", "image/png", "Picture", Preview.PICTURE),
    "image/webp": FileKind("webp", "image/webp", "Picture", Preview.PICTURE),
    "image/gif": FileKind("gif", "image/gif", "Picture"),
    "image/tiff": FileKind("tif", "image/tiff", "Picture"),
    "image/heic": FileKind("heic", "image/heic", "Photograph"),
    "application/pdf": FileKind("pdf", "application/pdf", "PDF document"),
    "video/mp4": FileKind("mp4", "video/mp4", "Film"),
    "video/quicktime": FileKind("mov", "video/quicktime", "Film"),
    "audio/mpeg": FileKind("mp3", "audio/mpeg", "Sound recording"),
    "audio/x-m4a": FileKind("m4a", "audio/mp4", "Sound recording"),
    "audio/wave": FileKind("wav", "audio/wav", "Sound recording"),
    "audio/x-wav": FileKind("wav", "audio/wav", "Sound recording"),
    "application/ogg": FileKind("ogg", "application/ogg", "Sound recording"),
}
_SPACING = "\t\n\r\f"


def kind_of(head: bytes) -> FileKind:
    """Return the kind of a file from its first bytes, at most `HEAD` of which are looked at."""
    head = head[:HEAD]
    # puremagic takes every archive for the first office format it knows.
    if head.startswith(b"PK\x03\x04"):
        return ZIP
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
