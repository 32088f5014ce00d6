"""Files that a stranger might send, made here: each with what it should not tell."""

import io
import secrets
import struct
import zipfile

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageCms, PngImagePlugin

SECRET = "Sgt Secret of Newtown"
ENTITY = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><!-- {SECRET} --></x:xmpmeta>".encode()


def exif() -> bytes:
    """What a phone writes: maker, how it was held, place, and a thumbnail with words of its own."""
    small = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(small, "JPEG", comment=SECRET.encode())
    maker, thumbnail = SECRET.encode() + b"\0", small.getvalue()

    def directory(*entries, following=0):
        packed = b"".join(struct.pack("<HHLL", *entry) for entry in entries)
        return struct.pack("<H", len(entries)) + packed + struct.pack("<L", following)

    # Offsets: three directories of 42, 18 and 42 bytes after a head of 8, then what they point to.
    place, second, words = 8 + 42, 8 + 42 + 18, 8 + 42 + 18 + 42
    return (
        b"Exif\0\0II*\0" + struct.pack("<L", 8)
        + directory((0x010F, 2, len(maker), words), (0x0112, 3, 1, 6), (0x8825, 4, 1, place), following=second)
        + directory((0x0001, 2, 2, int.from_bytes(b"N\0", "little")))
        + directory((0x0103, 3, 1, 6), (0x0201, 4, 1, words + len(maker)), (0x0202, 4, 1, len(thumbnail)))
        + maker + thumbnail
    )  # fmt: skip


def photograph(size=(60, 40)) -> bytes:
    """A JPEG with everything a phone writes: place, camera, thumbnail, XMP, profile, comment."""
    out = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", size, "teal").save(
        out, "JPEG", exif=exif(), xmp=ENTITY, icc_profile=profile, comment=SECRET.encode()
    )
    return out.getvalue() + SECRET.encode()


def png() -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_text("Author", SECRET)
    said.add_itxt("XML:com.adobe.xmp", ENTITY.decode())
    out = io.BytesIO()
    Image.new("RGBA", (60, 40), (0, 128, 128, 100)).save(out, "PNG", pnginfo=said)
    return out.getvalue()


def pdf(pages=2, *, password="") -> bytes:
    """A PDF with an author, XMP, a script, a file, a launch, a comment, a photograph."""
    made = pikepdf.new()
    for number in range(pages):
        page = made.add_blank_page(page_size=(200, 100))
        words = f"BT /F1 12 Tf 20 50 Td (Page {number + 1}) Tj ET".encode()
        page.Contents = made.make_stream(
            words + (b" q 50 0 0 50 120 20 cm /Im Do Q" if not number else b"")
        )
        page.Resources = Dictionary(
            Font=Dictionary(
                F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            )
        )
    first = made.pages[0]
    photo = made.make_stream(
        photograph(), Type=Name.XObject, Subtype=Name.Image, Width=60, Height=40,
        ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.DCTDecode,
    )  # fmt: skip
    first.Resources.XObject = Dictionary(Im=photo)
    made.docinfo["/Author"] = SECRET
    with made.open_metadata(set_pikepdf_as_editor=False) as meta:
        meta["dc:creator"] = [SECRET]
    made.attachments["secret.txt"] = SECRET.encode()
    script = Dictionary(S=Name.JavaScript, JS=f"app.alert('{SECRET}')")
    made.Root.OpenAction = script
    made.Root.Names.JavaScript = Dictionary(Names=Array(["a", script]))
    outside = Dictionary(S=Name.URI, URI=f"https://{SECRET.rsplit(maxsplit=1)[-1]}.example/")
    rect = Array([0, 0, 50, 50])
    first.Annots = Array(
        [
            Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=rect, A=outside),
            Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=rect, A=Dictionary(S=Name.Launch, F=SECRET)),
            Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=rect, T=SECRET, M="D:2026", Contents="Look"),
            Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=rect, FS=made.attachments["secret.txt"].obj),
        ]
    )  # fmt: skip
    out = io.BytesIO()
    locked = pikepdf.Encryption(owner=password, user=password) if password else None
    made.save(out, encryption=locked or False)
    return out.getvalue()


def zipped(*names: str, first: bytes = b"", stored: str = "") -> bytes:
    """A ZIP file with these names; `stored` is said in a first member that is not packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        if stored:
            made.writestr("mimetype", stored, zipfile.ZIP_STORED)
        for name in names:
            made.writestr(name, first or b"x")
    return out.getvalue()


def docx() -> bytes:
    """A document that Word opens, by an author."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
        '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        "</Types>"
    )
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
        "</Relationships>"
    )
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{SECRET}</dc:creator></cp:coreProperties>'
    )
    words = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>Words</w:t></w:r></w:p></w:body></w:document>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in (
            ("[Content_Types].xml", types), ("_rels/.rels", rels),
            ("docProps/core.xml", core), ("word/document.xml", words),
        ):  # fmt: skip
            made.writestr(name, text)
    return out.getvalue()


def older(*streams: str, sector=1) -> bytes:
    """An OLE file whose directory has these streams."""
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", head, 30, 9)
    struct.pack_into("<L", head, 48, sector)
    directory = bytearray()
    for name in ("Root Entry", *streams):
        text = name.encode("utf-16-le")
        directory += text.ljust(64, b"\0") + struct.pack("<H", len(text) + 2) + bytes(62)
    return bytes(head) + bytes(512 * sector) + bytes(directory)


def noise(width, height) -> bytes:
    """A picture that nothing makes smaller."""
    out = io.BytesIO()
    pixels = secrets.token_bytes(3 * width * height)
    Image.frombytes("RGB", (width, height), pixels).save(out, "PNG")
    return out.getvalue()
