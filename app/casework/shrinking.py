"""A program of its own that decodes one picture and writes it anew, small and bare.

`pictures.py` runs it: a picture somebody sent on purpose meets its decoder in a process that
holds no key, may open nothing and ends after a few seconds. Standard input is the picture,
standard output a PNG or JPEG; it exits with 1 if there is nothing to show.
"""

import resource
import sys
from io import BytesIO

from PIL import Image, ImageOps

KINDS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600  # pixels
JPEG_QUALITY = 85
MIB = 1024 * 1024
MEMORY = 1024 * MIB
SECONDS = 10


def shrink(content: bytes) -> bytes:
    """Return the picture in `content` as a small PNG or JPEG without anything beside its pixels.

    Raises:
        ValueError: if it has too many pixels.
    """
    # The size is looked at here, before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(BytesIO(content), formats=KINDS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        # JPEG can be decoded at a half or a quarter of its size, in as much less memory.
        picture.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        see_through = upright.has_transparency_data
        shown = upright.convert("RGBA" if see_through else "RGB")
    bare = BytesIO()
    # A new picture of the pixels: what Pillow kept beside them stays behind.
    clean = Image.frombytes(shown.mode, shown.size, shown.tobytes())
    if see_through:
        clean.save(bare, "PNG")
    else:
        clean.save(bare, "JPEG", quality=JPEG_QUALITY)
    return bare.getvalue()


def main() -> int:
    """Shrink standard input to standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    # No file may grow: whatever goes wrong in here, no pixel of it reaches a disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        small = shrink(sys.stdin.buffer.read())
    except Exception:  # noqa: BLE001 -- whatever a hostile picture makes its decoder raise
        return 1
    sys.stdout.buffer.write(small)
    return 0


if __name__ == "__main__":
    sys.exit(main())
