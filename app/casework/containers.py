"""Archives and office documents, told by their directories. Nothing in them is unpacked.

A ZIP file says at its end what it holds, an older office document (OLE) in a directory somewhere
in it. Of a file that passes, its first bytes, its last and that directory are kept, all of a
bounded length: a file that lies about its directory, or has a million names, costs no more.

Sources: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16 (ZIP); [MS-CFB] 2.2 and 2.6.1 (OLE);
ECMA-376 part 2 (OOXML); OASIS OpenDocument 1.3 part 2, section 3.3 (the file `mimetype`).
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import replace

from app.casework.file_kinds import ANY, HEAD, ZIP, Family, FileKind, Sign, kind_of

TAIL = 256 * 1024  # bytes
OLE_DIRECTORY = 16 * 1024  # bytes: 128 names
LONGEST_NAME = 512

_LOCAL = b"PK\x03\x04"
_CENTRAL = b"PK\x01\x02"
_END = b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OOXML = "application/vnd.openxmlformats-officedocument."


def _office(ending: str, media_type: str, called: str) -> FileKind:
    return FileKind(ending, media_type, called, family=Family.OFFICE)


_OPEN = {
    "text": _office("odt", _OPEN_DOCUMENT + "text", "Text document"),
    "spreadsheet": _office("ods", _OPEN_DOCUMENT + "spreadsheet", "Spreadsheet"),
    "presentation": _office("odp", _OPEN_DOCUMENT + "presentation", "Presentation"),
}
_PARTS = {
    "word/": _office("docx", _OOXML + "wordprocessingml.document", "Word document"),
    "xl/": _office("xlsx", _OOXML + "spreadsheetml.sheet", "Excel workbook"),
    "ppt/": _office("pptx", _OOXML + "presentationml.presentation", "PowerPoint presentation"),
}
_WITH_MACROS = {
    "docx": ("docm", "application/vnd.ms-word.document.macroEnabled.12"),
    "xlsx": ("xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12"),
    "pptx": ("pptm", "application/vnd.ms-powerpoint.presentation.macroEnabled.12"),
}
_OLDER = FileKind("bin", ANY, "Older office document", family=Family.OFFICE)
_STREAMS = {
    "EncryptedPackage": replace(
        _OLDER, called="Office document under a password", signs=frozenset({Sign.LOCKED})
    ),
    "WordDocument": _office("doc", "application/msword", "Older Word document"),
    "Workbook": _office("xls", "application/vnd.ms-excel", "Older Excel workbook"),
    "Book": _office("xls", "application/vnd.ms-excel", "Older Excel workbook"),
    "PowerPoint Document": _office(
        "ppt", "application/vnd.ms-powerpoint", "Older PowerPoint presentation"
    ),
    "__properties_version1.0": _office(
        "msg", "application/vnd.ms-outlook", "E-mail saved by Outlook"
    ),
}
_PROGRAMS = (
    ".exe", ".com", ".scr", ".msi", ".dll", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse",
    ".wsf", ".hta", ".lnk", ".jar", ".iso", ".img", ".reg", ".docm", ".xlsm", ".pptm", ".xll",
)  # fmt: skip


class Look:
    """A sink that a file passes through, and that can say afterwards what kind it is."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._directory = bytearray()
        self._from: int | None = None
        self._passed = 0

    def write(self, content: bytes | memoryview, /) -> int:
        """Look at the next bytes of the file."""
        self._head += content[: HEAD - len(self._head)]
        if self._from is None and self._head.startswith(_OLE) and len(self._head) >= 76:
            self._from = _directory_at(self._head)
        if self._from is not None:
            start = self._from + len(self._directory) - self._passed
            room = OLE_DIRECTORY - len(self._directory)
            if start >= 0:
                self._directory += content[start : start + room]
        self._tail += content[-TAIL:]
        del self._tail[:-TAIL]
        self._passed += len(content)
        return len(content)

    def kind(self) -> FileKind:
        """Return the kind of the file that passed."""
        head = bytes(self._head)
        if head.startswith(_OLE):
            return _older(_streams(bytes(self._directory)))
        kind = kind_of(head)
        return _packed(head, bytes(self._tail)) if kind is ZIP else kind


def _packed(head: bytes, tail: bytes) -> FileKind:
    listed = list(_listed(tail))
    names = [name for name, _ in listed]
    signs = set(_signs(name.lower() for name in names))
    if any(flags & 1 for _, flags in listed):
        signs.add(Sign.LOCKED)
    kind = _document(head, names)
    signs -= {Sign.PROGRAM} if kind.family is Family.OFFICE else {Sign.MACROS, Sign.ENCLOSED}
    if Sign.MACROS in signs and kind.ending in _WITH_MACROS:
        ending, media_type = _WITH_MACROS[kind.ending]
        kind = replace(kind, ending=ending, media_type=media_type)
    return replace(kind, signs=frozenset(signs))


def _document(head: bytes, names: list[str]) -> FileKind:
    said = _mimetype(head)
    if said.startswith(_OPEN_DOCUMENT):
        return _OPEN.get(said.removeprefix(_OPEN_DOCUMENT), replace(_OLDER, called="Open document"))
    if "[Content_Types].xml" in names:
        for part, kind in _PARTS.items():
            if any(name.startswith(part) for name in names):
                return kind
    return ZIP


def _mimetype(head: bytes) -> str:
    """Return what an open document says it is in its first member, which is not packed."""
    if len(head) < 30 or not head.startswith(_LOCAL):
        return ""
    method, size, name_length, extra = struct.unpack_from("<8xH8xLxxxxHH", head)
    name_ends = 30 + name_length
    if method or head[30:name_ends] != b"mimetype" or size > 100:
        return ""
    begins = name_ends + extra
    return head[begins : begins + size].decode("ascii", "replace")


def _listed(tail: bytes) -> Iterator[tuple[str, int]]:
    """Yield names and flags of a ZIP file's directory, as far as the tail has it."""
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + 22:
        return
    size = struct.unpack_from("<L", tail, end + 12)[0]
    at = end - size if size <= end else tail.find(_CENTRAL)
    while 0 <= at <= end - 46 and tail.startswith(_CENTRAL, at):
        flags = struct.unpack_from("<H", tail, at + 8)[0]
        name, extra, comment = struct.unpack_from("<HHH", tail, at + 28)
        text = tail[at + 46 : at + 46 + min(name, LONGEST_NAME)]
        yield text.decode("utf-8", "replace").replace("\\", "/"), flags
        at += 46 + name + extra + comment


def _signs(names: Iterable[str]) -> Iterator[Sign]:
    for name in names:
        if name.endswith("vbaproject.bin") or name.startswith(("basic/", "scripts/", "xl/macro")):
            yield Sign.MACROS
        if "/embeddings/" in name or "/activex/" in name or name.startswith("object "):
            yield Sign.ENCLOSED
        if name.endswith(_PROGRAMS):
            yield Sign.PROGRAM


def _directory_at(head: bytes | bytearray) -> int:
    shift, sector = struct.unpack_from("<30xH16xL", head)
    # Sectors have 512 or 4,096 bytes; a file that says otherwise has no directory here.
    return (sector + 1) << shift if shift in {9, 12} else 512


def _streams(directory: bytes) -> list[str]:
    found = []
    for at in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        if 2 < length <= 64:
            found.append(directory[at : at + length - 2].decode("utf-16-le", "replace"))
    return found


def _older(names: list[str]) -> FileKind:
    kind = next((_STREAMS[name] for name in _STREAMS if name in names), _OLDER)
    signs = set(kind.signs)
    if {"Macros", "VBA", "_VBA_PROJECT", "_VBA_PROJECT_CUR"} & set(names):
        signs.add(Sign.MACROS)
    if "ObjectPool" in names or any(name.startswith(("MBD", "__attach_")) for name in names):
        signs.add(Sign.ENCLOSED)
    return replace(kind, signs=frozenset(signs))
