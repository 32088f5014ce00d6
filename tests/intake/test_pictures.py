"""Hidden data comes out of pictures; what cannot be cleaned is named and left alone."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.intake.pictures import LARGEST, CannotClean, FileKind, kind_of, without_hidden_data
from tests.intake.images import NEEDLES, moving, picture
from tests.proof import examples


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_nothing_hidden_is_left_and_the_picture_stands_upright(form):
    dirty = picture(form)
    assert any(needle in dirty for needle in NEEDLES)
    clean = without_hidden_data(dirty, kind_of(dirty))
    assert not any(needle in clean for needle in NEEDLES)
    shown = Image.open(BytesIO(clean))
    assert shown.format == form
    assert shown.size == (60, 120), "turned as its hidden data said"
    assert not shown.getexif()
    assert set(shown.info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "background",
        "loop",
        "duration",
        "timestamp",
    }
    top, bottom = (shown.convert("L").getpixel((30, y)) for y in (10, 110))
    assert abs(top - bottom) > 100


@pytest.mark.parametrize(
    ("form", "mode", "left"),
    [
        ("JPEG", "L", "L"),
        ("JPEG", "CMYK", "RGB"),
        ("PNG", "L", "L"),
        ("PNG", "1", "L"),
        ("PNG", "P", "RGB"),
        ("PNG", "LA", "RGBA"),
        ("PNG", "RGBA", "RGBA"),
        ("WEBP", "RGBA", "RGBA"),
    ],
)
def test_colours_of_every_kind_are_kept_as_far_as_the_format_can(form, mode, left):
    dirty = picture(form, mode)
    assert Image.open(BytesIO(without_hidden_data(dirty, kind_of(dirty)))).mode == left


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_what_moves_is_refused(form):
    with pytest.raises(CannotClean, match="moves"):
        without_hidden_data(moving(form), FileKind[form])


def test_sixteen_bit_grey_is_refused():
    out = BytesIO()
    Image.new("I;16", (4, 4)).save(out, "PNG")
    with pytest.raises(CannotClean, match="colours"):
        without_hidden_data(out.getvalue(), FileKind.PNG)


def png_of(width, height):
    """Return a small file that says it is a picture of this size."""

    def chunk(name, content):
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(8000, 5001), (60_000, 60_000), (2**31 - 1, 2)])
def test_a_bomb_is_refused_before_it_is_decoded(size, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda _self: pytest.fail("it was decoded"))
    with pytest.raises(CannotClean):
        without_hidden_data(png_of(*size), FileKind.PNG)


def test_a_large_file_is_refused_unread():
    with pytest.raises(CannotClean, match="16 MB"):
        without_hidden_data(b"\xff\xd8\xff" + bytes(LARGEST), FileKind.JPEG)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_what_is_cut_or_broken_is_refused(form):
    whole = picture(form)
    for broken in (whole[: len(whole) // 2], whole[:20], whole[:30] + bytes(200)):
        with pytest.raises(CannotClean):
            without_hidden_data(broken, FileKind[form])


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP"]),
    st.integers(0, 10_000),
    st.binary(min_size=1, max_size=8),
)
@examples(normal=120)
def test_whatever_is_sent_is_cleaned_or_refused(form, place, noise):
    content = bytearray(picture(form))
    content[place % len(content) : place % len(content) + len(noise)] = noise
    try:
        clean = without_hidden_data(bytes(content), FileKind[form])
    except CannotClean:
        return
    assert b"NEEDLE" not in clean


def test_a_file_of_another_format_under_a_pictures_first_bytes_is_refused():
    with pytest.raises(CannotClean):
        without_hidden_data(b"\xff\xd8\xff%PDF-1.7 hello", FileKind.JPEG)
    with pytest.raises(CannotClean):
        without_hidden_data(moving("GIF"), FileKind.PNG)


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (b"%PDF-1.7", FileKind.PDF),
        (b"PK\x03\x04....", FileKind.OFFICE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind.OFFICE),
        (b"....ftypheic", FileKind.OTHER_PICTURE),
        (b"....ftypisom", FileKind.SOUND_OR_FILM),
        (b"RIFF....WAVE", FileKind.SOUND_OR_FILM),
        (b"RIFF....WEBP", FileKind.WEBP),
        (b"GIF89a", FileKind.OTHER_PICTURE),
        (b"Dear all,\r\n\tcaf\xc3\xa9\n", FileKind.PLAIN_TEXT),
        (b"\x00\x01\x02", FileKind.UNKNOWN),
        (b"caf\xe9", FileKind.UNKNOWN),
    ],
)
def test_a_file_is_known_by_its_first_bytes(beginning, kind):
    assert kind_of(beginning) is kind
