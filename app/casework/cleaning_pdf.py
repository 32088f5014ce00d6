"""A program that writes a PDF anew without what is not on its pages; run by `confining.py`.

The first line of what comes out says what was taken out, the rest is the document. Whatever no
page leads to any more is not written: older versions, too.

Source: ISO 32000-1, sections 7.7.2 (the catalogue), 12.5 (annotations), 12.6 (actions), 14.3
(metadata); ITU-T T.81, annex B (the segments of a JPEG).
"""

import codecs
from io import BytesIO

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

# In the cage nothing can be imported any more: everything is here before it closes.
LOADED = [codecs.lookup(name) for name in ("utf-8", "utf-16-be", "latin-1", "pdfdoc")]

# What is taken out of every object, and what it is called.
ANYWHERE = {
    "/Metadata": "xmp",
    "/PieceInfo": "xmp",
    "/AA": "scripts",
    "/JS": "scripts",
    "/AF": "files",
    "/EF": "files",
    "/RF": "files",
    "/LastModified": "times",
}
OF_CATALOGUE = {
    "/OpenAction": "scripts",
    "/Collection": "files",
    "/SpiderInfo": "xmp",
    "/Perms": "signatures",
    "/DSS": "signatures",
    "/Threads": "comments",
    "/URI": "links",
}
OF_NAMES = {"/EmbeddedFiles": "files", "/JavaScript": "scripts", "/URLS": "links"}
# Annotations that start something or hold a file go; the others lose who made them, and when.
GONE = {"/FileAttachment", "/Sound", "/Movie", "/Screen", "/3D", "/RichMedia"}
OF_ANNOTATION = ("/M", "/CreationDate", "/NM", "/RC", "/Subj")
# Where an action may lead: to a page of the same document.
WITHIN = {"/GoTo", "/Named"}
MARKER, END, PIXELS = b"\xff", b"\xd9", 0xDA
KEPT_IN_JPEG = {0xE0, 0xE2, 0xEE}  # JFIF, colour profile, Adobe's colours


def answer(content: bytes) -> bytes:
    """Return a line of codes, and the document. The codes are those of `cleaning.REMOVED`.

    Raises:
        ValueError: if a photograph in it is none, so that nobody can say what it holds.
        Exception: whatever QPDF says of what is no PDF, or is under a password.
    """
    codes: set[str] = set()
    with Pdf.open(BytesIO(content)) as pdf:
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
            codes.add("properties")
        _take_out(pdf.Root, OF_CATALOGUE, codes)
        if isinstance(pdf.Root.get("/Names"), Dictionary):
            _take_out(pdf.Root.Names, OF_NAMES, codes)
        form = pdf.Root.get("/AcroForm")
        if isinstance(form, Dictionary):
            _take_out(form, {"/XFA": "scripts"}, codes)
        for page in pdf.pages:
            _annotations(page.obj, codes)
        for one in pdf.objects:
            _clean(one, codes)
        out = BytesIO()
        # A new identity, made of what is written: the old one is the same in every version.
        pdf.save(out, deterministic_id=True, encryption=False, linearize=False)
    return ",".join(sorted(codes)).encode() + b"\n" + out.getvalue()


def _take_out(found: Object, names: dict[str, str], codes: set[str]) -> None:
    for name, code in names.items():
        if name in found:
            del found[name]
            codes.add(code)


def _clean(one: Object, codes: set[str]) -> None:
    """Clean an object, and what it holds itself; what it refers to comes by itself."""
    waiting = [one]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Array):
            waiting += [part for part in found if _is_inside(part)]
        elif isinstance(found, (Dictionary, Stream)):
            _take_out(found, ANYWHERE, codes)
            _take_action(found, codes)
            if isinstance(found, Stream):
                _strip_jpeg(found, codes)
            waiting += [found[name] for name in _names(found) if _is_inside(found[name])]


def _names(found: Object) -> list[str]:
    return list(found.keys())


def _is_inside(part: object) -> bool:
    return isinstance(part, (Array, Dictionary)) and not part.is_indirect


def _take_action(found: Object, codes: set[str]) -> None:
    for name in ("/A", "/Next", "/PA"):
        action = found.get(name)
        if isinstance(action, Dictionary) and "/S" in action and str(action.S) not in WITHIN:
            codes.add("links" if str(action.S) in {"/URI", "/GoToR"} else "scripts")
            del found[name]


def _annotations(page: Object, codes: set[str]) -> None:
    notes = page.get("/Annots")
    if not isinstance(notes, Array):
        return
    kept = []
    for note in notes:
        if not isinstance(note, Dictionary):
            continue
        kind = str(note.get("/Subtype", ""))
        if kind in GONE:
            codes.add("files")
            continue
        # The /T of a form's field is its name; of everything else, whoever made it.
        for name in OF_ANNOTATION if kind == "/Widget" else (*OF_ANNOTATION, "/T"):
            if name in note:
                del note[name]
                codes.add("comments")
        kept.append(note)
    page.Annots = Array(kept)


def _strip_jpeg(stream: Stream, codes: set[str]) -> None:
    """Take out of a photograph in the document what it says besides its pixels."""
    if stream.get("/Filter") not in (Name.DCTDecode, Array([Name.DCTDecode])):
        return
    whole = stream.read_raw_bytes()
    bare = _bare_jpeg(whole)
    if bare != whole:
        codes.add("photographs")
        stream.write(bare, filter=Name.DCTDecode)


def _bare_jpeg(whole: bytes) -> bytes:
    """Return a JPEG to its end and no further, without segments that are not for its pixels.

    Raises:
        ValueError: if it is none.
    """
    kept, at = bytearray(whole[:2]), 2
    while whole[at + 1 : at + 2] != END:
        if whole[at : at + 1] != MARKER or at + 4 > len(whole):
            raise ValueError("no JPEG")
        marker = whole[at + 1]
        if marker == MARKER[0]:  # a marker may be preceded by any number of these
            at += 1
            continue
        ends = at + 2 + int.from_bytes(whole[at + 2 : at + 4])
        if marker == PIXELS:
            ends = _after_pixels(whole, ends)
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker in KEPT_IN_JPEG:
            kept += whole[at:ends]
        at = ends
    return bytes(kept) + MARKER + END


def _after_pixels(whole: bytes, at: int) -> int:
    """Return where the next marker is that is neither a pixel's nor a restart."""
    while (at := whole.find(MARKER, at)) >= 0 and at + 1 < len(whole):
        if whole[at + 1] != 0 and not 0xD0 <= whole[at + 1] <= 0xD7:
            return at
        at += 2
    raise ValueError("a JPEG without an end")
