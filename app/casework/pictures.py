"""A picture to look at instead of the file that was sent: of a picture, or of a page of a PDF."""

from dataclasses import dataclass

from app.casework import confined
from app.casework.confined import LARGEST

SHRINKING = confined.program("shrinking.py")
PAGE_DRAWING = confined.program("page_drawing.py")
MOST_PAGES = 50  # of a PDF, that are shown
PNG_BEGINS = b"\x89PNG"
JPEG_BEGINS = b"\xff\xd8\xff"

__all__ = ["LARGEST", "MOST_PAGES", "Picture", "page_drawn", "pages_of", "redrawn"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was written anew here."""

    content: bytes
    media_type: str


def redrawn(content: bytes) -> Picture | None:
    """Return a JPEG, PNG or WebP picture drawn anew and small, or None if that cannot be done.

    Raises:
        Busy: if too many are being drawn.
    """
    return _picture(confined.run(SHRINKING, content))


def pages_of(content: bytes) -> int:
    """Return how many pages a PDF has; 0 if it cannot be read.

    Raises:
        Busy: if too many are being read.
    """
    said = confined.run(PAGE_DRAWING, content, "count", most=9)
    return int(said) if said.isdigit() else 0


def page_drawn(content: bytes, number: int) -> Picture | None:
    """Return page `number` of a PDF as a picture, or None if that cannot be done.

    Raises:
        Busy: if too many are being drawn.
    """
    if not 1 <= number <= MOST_PAGES:
        return None
    return _picture(confined.run(PAGE_DRAWING, content, str(number)))


def _picture(drawn: bytes) -> Picture | None:
    if drawn.startswith(PNG_BEGINS):
        return Picture(drawn, "image/png")
    return Picture(drawn, "image/jpeg") if drawn.startswith(JPEG_BEGINS) else None
