"""A program that draws one page of a PDF as a picture, or counts the pages; run by `confining.py`.

PDFium without JavaScript and without forms: nothing of the document runs. What comes out is a
JPEG that Pillow wrote.
"""

from io import BytesIO

import pypdfium2
from PIL import Image, JpegImagePlugin

LONGEST_SIDE = 1600  # pixels
LARGEST_SCALE = 2.0  # pixels of the picture for each point of the page
JPEG_QUALITY = 85

Image.preinit()
LOADED = (JpegImagePlugin,)


def answer(content: bytes, what: str) -> bytes:
    """Return the number of pages in digits for `count`, or else the page with this number.

    Raises:
        Exception: whatever PDFium says of what is no PDF, of a password, of a page that is not
            there.
    """
    document = pypdfium2.PdfDocument(content)
    if what == "count":
        return str(len(document)).encode()
    page = document[int(what) - 1]
    # A page can say that it is a mile wide: the picture is as large as it is here all the same.
    scale = min(LARGEST_SCALE, LONGEST_SIDE / max(*page.get_size(), 1.0))
    drawn = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True).to_pil()
    bare = BytesIO()
    drawn.convert("RGB").save(bare, "JPEG", quality=JPEG_QUALITY)
    return bare.getvalue()
