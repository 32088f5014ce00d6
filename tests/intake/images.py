"""Pictures for tests, with as much hidden data as a camera and a program may leave."""

from io import BytesIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

NEEDLES = (b"NEEDLE-MAKER", b"NEEDLE-COMMENT", b"NEEDLE-XMP", b"NEEDLE-ICC", b"NEEDLE-TAIL")


def exif(orientation=6):
    data = Image.Exif()
    data[0x010F] = "NEEDLE-MAKER"
    data[0x0112] = orientation
    data.get_ifd(0x8825)[2] = (51.0, 30.0, 26.0)
    return data


def picture(form, mode="RGB", size=(120, 60)):
    """Return a picture in `form` whose left half is another colour than its right half."""
    whole = Image.new(mode, size, color=_colour(mode, 200))
    whole.paste(_colour(mode, 30), (0, 0, size[0] // 2, size[1]))
    out = BytesIO()
    hidden = {"exif": exif(), "icc_profile": b"NEEDLE-ICC" * 20}
    if form == "JPEG":
        whole.save(out, form, comment=b"NEEDLE-COMMENT", xmp=b"NEEDLE-XMP", **hidden)
    elif form == "PNG":
        text = PngInfo()
        text.add_text("Author", "NEEDLE-COMMENT")
        text.add_itxt("XML:com.adobe.xmp", "NEEDLE-XMP")
        whole.save(out, form, pnginfo=text, **hidden)
    else:
        whole.save(out, form, xmp=b"NEEDLE-XMP", **hidden)
    return out.getvalue() + b"NEEDLE-TAIL"


def moving(form):
    out = BytesIO()
    frames = [Image.new("RGB", (20, 20), (shade, 0, 0)) for shade in (0, 100, 200)]
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def _colour(mode, shade):
    return shade if mode in {"1", "L", "P", "I;16"} else tuple([shade] * len(mode))
