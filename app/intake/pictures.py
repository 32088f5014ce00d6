"""Hidden data taken out of pictures, in memory: where and when one was taken, and with what.

The picture is decoded and written anew from its pixels, so nothing that a camera, a phone or a
program put beside them comes along. What this cannot do it says, and changes nothing.
"""

import enum
import struct
import warnings
from io import BytesIO

from PIL import Image, ImageOps

from app.intake.domain import MIB

LARGEST = 16 * MIB  # bytes
MOST_PIXELS = 40_000_000
SNIFFED = 4096  # bytes that tell what a file is

# We look at the size ourselves, before anything is decoded. Pillow's own check would write
# the size of a reporter's picture into the process's error stream.
Image.MAX_IMAGE_PIXELS = None
# Nor what is odd about it.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

JPEG_QUALITY = 90
WEBP_QUALITY = 90
# What Pillow raises for pictures that are none, all seen by feeding it broken ones.
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    MemoryError,
    ArithmeticError,
    LookupError,
    TypeError,
    EOFError,
    struct.error,
)
TRANSPARENT = {"LA", "PA", "La", "RGBa", "RGBA"}


class FileKind(enum.Enum):
    """What a file is, by its first bytes."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    OTHER_PICTURE = "picture of another kind"
    PDF = "PDF"
    OFFICE = "Office document"
    SOUND_OR_FILM = "sound or film"
    PLAIN_TEXT = "plain text"
    UNKNOWN = "file of a kind we do not know"

    @property
    def can_be_cleaned(self) -> bool:
        """Whether hidden data can be removed here."""
        return self in {FileKind.JPEG, FileKind.PNG, FileKind.WEBP}


class CannotClean(Exception):
    """The picture could not be decoded and written anew; the text says why, for the page."""


SIGNATURES = (
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"GIF8", FileKind.OTHER_PICTURE),
    (b"BM", FileKind.OTHER_PICTURE),
    (b"II*\0", FileKind.OTHER_PICTURE),
    (b"MM\0*", FileKind.OTHER_PICTURE),
    (b"%PDF", FileKind.PDF),
    (b"PK\x03\x04", FileKind.OFFICE),
    (b"\xd0\xcf\x11\xe0", FileKind.OFFICE),
    (b"ID3", FileKind.SOUND_OR_FILM),
    (b"OggS", FileKind.SOUND_OR_FILM),
    (b"fLaC", FileKind.SOUND_OR_FILM),
    (b"\x1aE\xdf\xa3", FileKind.SOUND_OR_FILM),
)
PICTURE_BRANDS = {b"heic", b"heix", b"mif1", b"msf1", b"avif"}


def kind_of(beginning: bytes) -> FileKind:
    """Return what a file is, from its first bytes; its name is not asked."""
    for signature, kind in SIGNATURES:
        if beginning.startswith(signature):
            return kind
    if beginning[:4] == b"RIFF":
        return FileKind.WEBP if beginning[8:12] == b"WEBP" else FileKind.SOUND_OR_FILM
    if beginning[4:8] == b"ftyp":
        picture = beginning[8:12] in PICTURE_BRANDS
        return FileKind.OTHER_PICTURE if picture else FileKind.SOUND_OR_FILM
    return FileKind.PLAIN_TEXT if _is_text(beginning[:SNIFFED]) else FileKind.UNKNOWN


def without_hidden_data(content: bytes, kind: FileKind) -> bytes:
    """Return the picture in `content` in the same format, made of its pixels alone.

    Turned the way its hidden data said it should be shown.

    Raises:
        CannotClean: if it is too large, moves, or does not decode.
    """
    if len(content) > LARGEST:
        raise CannotClean("it is larger than 16 MB")
    try:
        with Image.open(BytesIO(content), formats=[kind.value]) as picture:
            _check(picture)
            return _written_anew(picture, kind)
    except UNREADABLE:
        raise CannotClean("it could not be read as a picture") from None


def _check(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise CannotClean("it has more than 40 million pixels")
    # A JPEG of several pictures is one that a phone took: the first is what it shows.
    if getattr(picture, "is_animated", False) and picture.format != "MPO":
        raise CannotClean("it moves")
    if picture.mode.startswith(("I", "F")):
        raise CannotClean("its colours are of a kind we cannot write")


def _written_anew(picture: Image.Image, kind: FileKind) -> bytes:
    upright = ImageOps.exif_transpose(picture)
    pixels = upright.convert(_mode(upright, kind))
    # Pillow writes comments, profiles and more from here unless it finds nothing.
    pixels.info = {}
    out = BytesIO()
    if kind is FileKind.JPEG:
        pixels.save(out, "JPEG", quality=JPEG_QUALITY)
    elif kind is FileKind.PNG:
        pixels.save(out, "PNG")
    else:
        pixels.save(out, "WEBP", quality=WEBP_QUALITY)
    return out.getvalue()


def _mode(picture: Image.Image, kind: FileKind) -> str:
    if kind is FileKind.JPEG:
        return "L" if picture.mode == "L" else "RGB"
    if picture.mode in TRANSPARENT or "transparency" in picture.info:
        return "RGBA"
    return "L" if picture.mode in {"1", "L"} and kind is FileKind.PNG else "RGB"


def _is_text(beginning: bytes) -> bool:
    try:
        # The last character may be cut in two.
        text = beginning.decode("utf-8", "strict" if len(beginning) < SNIFFED else "ignore")
    except UnicodeDecodeError:
        return False
    return all(sign.isprintable() or sign in "\r\n\t\f" for sign in text)
