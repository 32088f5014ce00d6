"""A program that writes a picture anew from its pixels alone; run by `confining.py`.

The first line of what comes out says what was there besides, the rest is the picture.
"""

from io import BytesIO

from PIL import ExifTags, Image, ImageOps, MpoImagePlugin, WebPImagePlugin

KINDS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 40_000_000
QUALITY = 92  # of a JPEG

# In the cage nothing can be imported any more: everything is here before it closes.
Image.preinit()
LOADED = (MpoImagePlugin, WebPImagePlugin)

# What is kept beside the pixels, by the names that Pillow has for it.
BESIDE = {
    "xmp": ("xmp", "XML:com.adobe.xmp", "Raw profile type xmp"),
    "profile": ("icc_profile",),
    "comment": ("comment", "Comment", "Description", "Title", "Author", "Software"),
    "iptc": ("photoshop",),
}


def answer(content: bytes) -> bytes:
    """Return a line of codes, and the picture: a JPEG, or a PNG if it was one or is see-through.

    Turned the way it was to be shown. The codes are those of `cleaning.REMOVED`.

    Raises:
        ValueError: if it has too many pixels, or more shades than can be written.
    """
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(BytesIO(content), formats=KINDS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        if picture.mode.startswith(("I", "F")):
            # In eight bits a picture of this kind would be white, or black.
            raise ValueError("more shades than can be written")
        codes = _beside(picture)
        exact = picture.format == "PNG" or picture.has_transparency_data
        upright = ImageOps.exif_transpose(picture)
        shown = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    # A new picture of the pixels: what Pillow kept beside them stays behind.
    clean = Image.frombytes(shown.mode, shown.size, shown.tobytes())
    out = BytesIO()
    if exact:
        clean.save(out, "PNG")
    else:
        clean.save(out, "JPEG", quality=QUALITY)
    return ",".join(codes).encode() + b"\n" + out.getvalue()


def _beside(picture: Image.Image) -> list[str]:
    codes = {code for code, names in BESIDE.items() if any(name in picture.info for name in names)}
    exif = picture.getexif()
    if exif:
        codes.add("exif")
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        codes.add("place")
    if exif.get_ifd(ExifTags.IFD.IFD1):
        codes.add("thumbnail")
    if getattr(picture, "n_frames", 1) > 1:
        codes.add("more-pictures")
    return sorted(codes)
