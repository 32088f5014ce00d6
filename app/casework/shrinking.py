"""A program that decodes one picture and writes it anew, small and bare; run by `confining.py`."""

from io import BytesIO

from PIL import Image, ImageOps, MpoImagePlugin, WebPImagePlugin

KINDS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600  # pixels
JPEG_QUALITY = 85

# In the cage nothing can be imported any more: everything is here before it closes.
Image.preinit()
LOADED = (MpoImagePlugin, WebPImagePlugin)


def answer(content: bytes) -> bytes:
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
