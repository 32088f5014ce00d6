"""What the reporter of a journey brings along: words and files, each with canaries in it."""

import secrets
from io import BytesIO

from PIL import Image

from tests.journeys.canaries import canary
from tests.journeys.pages import Enclosed

MIB = 1024 * 1024
LARGE = 20 * MIB  # bytes
PICTURE = (640, 480)  # pixels

GPS = 0x8825  # tags of EXIF
DESCRIPTION = 0x010E
MODEL = 0x0110
TAKEN = 0x0132

ANSWERS = {
    "what": f"Entries in the log were changed, {canary('what')}.\nI saw it twice, in the café.",
    "who": f"A sergeant, {canary('who')}.",
    "where": f"Northern base, {canary('where')}.",
    "when": f"In the spring, {canary('when')}.",
    "how_known": f"I keep the sheets, {canary('howknown')}.",
    "who_else": f"Nobody, {canary('whoelse')}.",
    "afraid_of": f"Being moved, {canary('afraidof')}.",
}
MESSAGE = f"The two of June, {canary('message')}."
QUESTION = f"Which weekends, {canary('question')}?"


def large_file() -> Enclosed:
    """Return 20 MiB that no compression and no sniffing makes anything of."""
    piece = secrets.token_bytes(4000) + canary("large").encode()
    content = (piece * (LARGE // len(piece) + 1))[:LARGE]
    return Enclosed(
        f"{canary('recording')}.bin",
        b"\0\1\2" + content[3:],
        label=f"A recording {canary('label1')}",
    )


def photograph() -> Enclosed:
    """Return a picture that says where, when and with what it was taken."""
    exif = Image.Exif()
    exif[DESCRIPTION] = canary("description")
    exif[MODEL] = canary("camera")
    exif[TAKEN] = "2026:11:03 21:07:44"
    exif.get_ifd(GPS).update({1: "N", 2: (53.0, 24.0, 11.5), 3: "W", 4: (2.0, 59.0, 1.2)})
    out = BytesIO()
    picture = Image.radial_gradient("L").resize(PICTURE).convert("RGB")
    picture.save(out, "JPEG", exif=exif, comment=canary("comment").encode())
    assert canary("camera").encode() in out.getvalue()
    return Enclosed(
        f"IMG_{canary('photograph')}.jpg",
        out.getvalue(),
        "image/jpeg",
        label=f"A picture {canary('label2')}",
        cleaned=True,
    )


def notes() -> Enclosed:
    """Return a small text file, to be sent as it is."""
    return Enclosed(
        f"{canary('notes')}.txt",
        f"Saturday: {canary('saturday')}\n".encode(),
        "text/plain",
        label=f"My notes {canary('label3')}",
    )


def leaflet() -> Enclosed:
    """Return what a desk encloses in a letter: plain text, which goes as it is."""
    return Enclosed(
        f"{canary('leaflet')}.txt",
        f"Ring the number below: {canary('number')}\n".encode(),
        "text/plain",
        label=f"Who can help {canary('help')}",
    )


def says_nothing_but_its_pixels(content: bytes) -> bool:
    """Say whether a picture holds no hidden data and no canary."""
    with Image.open(BytesIO(content)) as picture:
        picture.load()
        hidden = dict(picture.getexif()) or picture.info.get("comment")
        return picture.size == PICTURE and not hidden and b"vexqurzol" not in content
