"""A cleaned PDF: signatures, photographs in packing, actions behind actions, small pictures."""

import io
import zlib

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from app.casework import cleaning
from app.casework.cleaning import REMOVED, CannotClean, Obstacle
from app.casework.file_kinds import PDF
from tests.casework import files
from tests.casework.test_cleaning import plain

RECT = Array([0, 0, 50, 50])
OUTSIDE = Dictionary(S=Name.URI, URI="https://secret.example/")
PAGE = Dictionary(S=Name.Named, N=Name.NextPage)


def with_page(change):
    """Return a PDF of one page; `change` gets the PDF and its page before it is saved."""
    made, out = pikepdf.new(), io.BytesIO()
    page = made.add_blank_page(page_size=(200, 100))
    change(made, page)
    made.save(out)
    return out.getvalue()


def cleaned(content):
    return cleaning.clean(content, PDF)


def signature(**more):
    return Dictionary(
        Filter=Name("/Adobe.PPKLite"), SubFilter=Name("/adbe.pkcs7.detached"),
        Contents=files.SECRET, M="D:20261122", Name=files.SECRET, Reason="Secret", **more,
    )  # fmt: skip


SIGNATURES = {
    "as programs write it": signature(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3])),
    "without its type": signature(ByteRange=Array([0, 1, 2, 3])),
    "without its range": signature(Type=Name.Sig),
    "a time stamp": signature(Type=Name.DocTimeStamp),
    "with neither": signature(),
}


@pytest.mark.parametrize("signed", SIGNATURES.values(), ids=SIGNATURES)
@pytest.mark.parametrize("with_place", [False, True], ids=["one object", "field and place"])
def test_a_signature_is_gone_with_its_certificate(signed, with_place):
    def sign(made, page):
        drawn = made.make_stream(b"% " + files.SECRET.encode(), Type=Name.XObject)
        place = Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=RECT, AP=Dictionary(N=drawn))
        field = Dictionary(
            FT=Name.Sig,
            T="Secret",
            V=made.make_indirect(Dictionary(dict(signed))),
            SV=Dictionary(Cert="Secret"),
        )
        if with_place:
            field = made.make_indirect(field)
            place.Parent = field
            place = made.make_indirect(place)
            field.Kids = Array([place])
        else:
            field = place = made.make_indirect(Dictionary({**dict(place), **dict(field)}))
        words = made.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, Rect=RECT, FT=Name.Tx, T="place", V="Town"
            )
        )
        page.Annots = Array([place, words])
        made.Root.AcroForm = Dictionary(Fields=Array([field, words]), SigFlags=3)
        # What else may lead to it: what only its pages' tree says.
        made.Root.Extra = Array([field.V])

    copy = cleaned(with_page(sign))
    bare = plain(copy.content)
    for said in (b"Secret", b"ByteRange", b"SigFlags", b"D:2026", b"PPKLite"):
        assert said not in bare
    assert REMOVED["signatures"] in copy.removed
    with pikepdf.open(io.BytesIO(copy.content)) as pdf:
        assert [str(one.V) for one in pdf.Root.AcroForm.Fields] == ["Town"], "the rest stays"
        assert len(pdf.pages[0].Annots) == 1


def photograph_in(filters, pack, **more):
    def draw(made, page):
        photo = made.make_stream(
            pack(files.photograph()), Type=Name.XObject, Subtype=Name.Image, Width=60, Height=40,
            ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=filters, **more,
        )  # fmt: skip
        page.Resources = Dictionary(XObject=Dictionary(Im=photo))
        page.Contents = made.make_stream(b"q 50 0 0 50 120 20 cm /Im Do Q")

    return with_page(draw)


def in_hex(content):
    return content.hex().encode() + b">"


@pytest.mark.parametrize(
    ("filters", "pack", "more"),
    [
        (Array([Name.DCTDecode]), bytes, {}),
        (Array([Name.FlateDecode, Name.DCTDecode]), zlib.compress, {}),
        (
            Array([Name.FlateDecode, Name.DCTDecode]),
            zlib.compress,
            {"DecodeParms": Array([Dictionary(Predictor=1), Dictionary(ColorTransform=1)])},
        ),
        (
            Array([Name.ASCIIHexDecode, Name.FlateDecode, Name.DCTDecode]),
            lambda content: in_hex(zlib.compress(content)),
            {},
        ),
    ],
    ids=["a list of one", "packed", "with settings", "packed twice"],
)
def test_a_photograph_in_packing_says_nothing_but_its_pixels(filters, pack, more):
    copy = cleaned(photograph_in(filters, pack, **more))
    assert REMOVED["photographs"] in copy.removed
    with pikepdf.open(io.BytesIO(copy.content)) as pdf:
        found = pdf.pages[0].Resources.XObject.Im
        assert found.Filter == Name.DCTDecode
        photo = found.read_raw_bytes()
    assert b"Exif" not in photo
    assert b"Secret" not in photo
    with Image.open(io.BytesIO(photo)) as picture:
        picture.load()
        assert picture.size == (60, 40)


@pytest.mark.parametrize(
    ("filters", "pack"),
    [
        (Array([Name.DCTDecode, Name.FlateDecode]), bytes),
        (Array([Name.CCITTFaxDecode, Name.DCTDecode]), bytes),
        (Array([Name.DCTDecode, Name.DCTDecode]), bytes),
        (Array([Name.FlateDecode, Name.DCTDecode]), bytes),
    ],
    ids=["another order", "an unknown packing", "twice", "not what it says"],
)
def test_a_photograph_packed_otherwise_gives_no_copy(filters, pack):
    with pytest.raises(CannotClean) as refused:
        cleaned(photograph_in(filters, pack))
    assert refused.value.obstacle is Obstacle.UNREADABLE


FOLLOWING = {
    "in a list": Array([PAGE, OUTSIDE]),
    "alone": OUTSIDE,
    "behind one that stays": Dictionary({**dict(PAGE), "/Next": Array([OUTSIDE])}),
    "without its kind": Dictionary(URI="https://secret.example/"),
    "no action in a list": Array([Dictionary(URI="https://secret.example/")]),
}


@pytest.mark.parametrize("following", FOLLOWING.values(), ids=FOLLOWING)
def test_no_action_hides_behind_another(following):
    def link(_made, page):
        first = Dictionary({**dict(PAGE), "/Next": following})
        page.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=RECT, A=first)])

    copy = cleaned(with_page(link))
    assert b"secret" not in plain(copy.content)
    with pikepdf.open(io.BytesIO(copy.content)) as pdf:
        assert str(pdf.pages[0].Annots[0].A.S) == "/Named", "what leads to a page stays"


def test_what_follows_within_the_document_and_its_table_of_contents_stay():
    def link(made, page):
        first = Dictionary({**dict(PAGE), "/Next": Array([PAGE])})
        page.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=RECT, A=first)])
        with made.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(title, 0) for title in ("One", "Two"))

    copy = cleaned(with_page(link))
    assert copy.removed == ()
    with pikepdf.open(io.BytesIO(copy.content)) as pdf, pdf.open_outline() as outline:
        assert len(pdf.pages[0].Annots[0].A.Next) == 1
        assert [one.title for one in outline.root] == ["One", "Two"]


def test_the_small_picture_of_a_page_is_gone():
    def small(made, page):
        page.obj.Thumb = made.make_stream(b"Secret", Width=2, Height=1)

    copy = cleaned(with_page(small))
    assert b"Secret" not in plain(copy.content)
    assert copy.removed == (REMOVED["thumbnail"],)
