"""A program that writes a PDF anew without what is not on its pages; run by `confining.py`.

The first line of what comes out says what was taken out, the rest is the document. Whatever no
page leads to any more is not written: older versions, too.

Source: ISO 32000-1, sections 7.7.2 (the catalogue), 12.5 (annotations), 12.6 (actions), 14.3
(metadata), 12.8 (digital signatures), 7.4 (filters of streams); ITU-T T.81, annex B (the segments
of a JPEG).
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
OF_FORM = {"/XFA": "scripts", "/SigFlags": "signatures"}
OF_PAGE = {"/Thumb": "thumbnail"}
# A stream whose content lies elsewhere, to be fetched by whoever opens the document.
OF_STREAM = {"/F": "links", "/FFilter": "links", "/FDecodeParms": "links"}
# All that a catalogue keeps where nothing may be in a document but its pages.
BARE_CATALOGUE = {"/Type", "/Pages", "/Lang", "/MarkInfo", "/StructTreeRoot", "/Version"}
# Annotations that start something or hold a file go; the others lose who made them, and when.
GONE = {"/FileAttachment", "/Sound", "/Movie", "/Screen", "/3D", "/RichMedia"}
OF_ANNOTATION = ("/M", "/CreationDate", "/NM", "/RC", "/Subj")
# Where an action may lead: to a page of the same document.
WITHIN = {"/GoTo", "/Named"}
ACTIONS = ("/A", "/PA", "/NA", "/Next")
DEEPEST = 50  # fields of a form that are above one another
SIGNATURES = {"/Sig", "/DocTimeStamp"}
PHOTOGRAPHS = {"/DCTDecode", "/DCT"}
# What may be packed around a photograph: without loss, so that it can be taken off.
PACKED = {
    "/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/ASCII85Decode", "/A85", "/ASCIIHexDecode",
    "/AHx", "/RunLengthDecode", "/RL",
}  # fmt: skip
MARKER, END, PIXELS = b"\xff", b"\xd9", 0xDA
KEPT_IN_JPEG = {0xE0, 0xE2, 0xEE}  # JFIF, colour profile, Adobe's colours


def answer(content: bytes, what: str = "") -> bytes:
    """Return a line of codes, and the document. The codes are those of `cleaning.REMOVED`.

    Args:
        content: the document.
        what: `bare` for a document of pages alone, without comments, fields, layers, bookmarks
            and links: whatever a viewer shows beside what is drawn.

    Raises:
        ValueError: if a photograph in it is none, or is packed in a way that is not known here, so
            that nobody can say what it holds.
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
        if isinstance(pdf.Root.get("/AcroForm"), Dictionary):
            _fields(pdf.Root.AcroForm, codes)
        if what == "bare":
            _bare(pdf, codes)
        for page in pdf.pages:
            _take_out(page.obj, OF_PAGE, codes)
            _annotations(page.obj, codes)
        for one in pdf.objects:
            _clean(pdf, one, codes)
        out = BytesIO()
        # A new identity, made of what is written: the old one is the same in every version.
        pdf.save(out, deterministic_id=True, encryption=False, linearize=False)
    return ",".join(sorted(codes)).encode() + b"\n" + out.getvalue()


def _take_out(found: Object, names: dict[str, str], codes: set[str]) -> None:
    for name, code in names.items():
        if name in found:
            del found[name]
            codes.add(code)


def _bare(pdf: Pdf, codes: set[str]) -> None:
    """Leave nothing but pages, and what is drawn on them."""
    for name in set(_names(pdf.Root)) - BARE_CATALOGUE:
        del pdf.Root[name]
        codes.add("beside")
    for page in pdf.pages:
        _take_out(page.obj, {"/Annots": "beside"}, codes)


def _clean(pdf: Pdf, one: Object, codes: set[str]) -> None:
    """Clean an object, and what it holds itself; what it refers to comes by itself."""
    waiting = [one]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Array):
            waiting += [part for part in found if _is_inside(part)]
        elif isinstance(found, (Dictionary, Stream)):
            _take_out(found, ANYWHERE, codes)
            _take_actions(found, codes)
            if isinstance(found, Stream):
                _take_out(found, OF_STREAM, codes)
                _strip_jpeg(pdf, found, codes)
            elif _is_signature(found) or _is_for_signature(found):
                _empty(found, codes)
            waiting += [found[name] for name in _names(found) if _is_inside(found[name])]


def _names(found: Object) -> list[str]:
    return list(found.keys())


def _is_inside(part: object) -> bool:
    return isinstance(part, (Array, Dictionary)) and not part.is_indirect


def _take_actions(found: Object, codes: set[str]) -> None:
    for name in ACTIONS:
        if name not in found:
            continue
        several = name == "/Next" and isinstance(found[name], Array)
        leads = [_leads_to(one) for one in (found[name] if several else [found[name]])]
        # An entry of a table of contents has a /Next as well, which is no action and stays.
        must_lead = several or (name == "/Next" and "/S" in found)
        if any(kind not in WITHIN and (kind or must_lead) for kind in leads):
            codes.update("links" if kind in {"/URI", "/GoToR"} else "scripts" for kind in leads)
            del found[name]


def _leads_to(action: object) -> str:
    """Return the kind of an action; nothing if it is none."""
    return str(action.S) if isinstance(action, Dictionary) and "/S" in action else ""


def _is_signature(found: Object) -> bool:
    """Whether this holds a certificate, a time and a name, whatever leads to it."""
    return (
        "/ByteRange" in found
        or str(found.get("/Type", "")) in SIGNATURES
        or ("/SubFilter" in found and "/Contents" in found)
    )


def _is_for_signature(found: Object | None) -> bool:
    """Whether this is a field of a form to sign in, or a place on a page that belongs to one."""
    for _ in range(DEEPEST):
        if not isinstance(found, Dictionary) or "/FT" in found:
            break
        found = found.get("/Parent")
    return isinstance(found, Dictionary) and str(found.get("/FT", "")) == "/Sig"


def _empty(found: Object, codes: set[str]) -> None:
    """Take everything out of a signature, or of its field: what it is known by, asks for, draws."""
    codes.add("signatures")
    for name in _names(found):
        del found[name]


def _fields(form: Object, codes: set[str]) -> None:
    _take_out(form, OF_FORM, codes)
    if isinstance(form.get("/Fields"), Array):
        form.Fields = Array([one for one in form.Fields if not _is_for_signature(one)])


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
        if _is_for_signature(note):
            _empty(note, codes)
            continue
        # The /T of a form's field is its name; of everything else, whoever made it.
        for name in OF_ANNOTATION if kind == "/Widget" else (*OF_ANNOTATION, "/T"):
            if name in note:
                del note[name]
                codes.add("comments")
        kept.append(note)
    page.Annots = Array(kept)


def _strip_jpeg(pdf: Pdf, stream: Stream, codes: set[str]) -> None:
    """Take out of a photograph in the document what it says besides its pixels."""
    filters = _listed(stream.get("/Filter"))
    names = [str(one) for one in filters]
    if not PHOTOGRAPHS & set(names):
        return
    if names[-1] not in PHOTOGRAPHS or not PACKED.issuperset(names[:-1]):
        raise ValueError("a photograph packed in a way that is not known here")
    settings = _listed(stream.get("/DecodeParms"))
    whole = stream.read_raw_bytes()
    if len(filters) > 1:
        packing = Dictionary(Filter=Array(filters[:-1]))
        if settings:
            packing.DecodeParms = Array(settings[:-1])
        whole = Stream(pdf, whole, packing).read_bytes()
    bare = _bare_jpeg(whole)
    if bare != whole:
        codes.add("photographs")
        own = settings[-1] if len(settings) == len(filters) else None
        colours = own if isinstance(own, Dictionary) else None
        stream.write(bare, filter=Name.DCTDecode, decode_parms=colours)


def _listed(found: Object | None) -> list[Object]:
    if found is None:
        return []
    return list(found) if isinstance(found, Array) else [found]


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
