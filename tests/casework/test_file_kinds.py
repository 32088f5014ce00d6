"""What a file is, and what it holds, from its bytes; in bounded memory whatever it says."""

import io
import struct
import tarfile
import tracemalloc
import zipfile

import pytest

from app.casework.containers import OLE_DIRECTORY, TAIL, Look
from app.casework.file_kinds import Family, Sign, kind_of
from tests.casework import files

OPEN = "application/vnd.oasis.opendocument."
TYPES = "[Content_Types].xml"


def looked_at(content: bytes, piece=65536):
    look = Look()
    for start in range(0, len(content), piece):
        assert look.write(memoryview(content)[start : start + piece]) == len(
            content[start : start + piece]
        )
    return look.kind()


def a_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("a"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "ending", "family", "signs"),
    [
        (files.docx(), "docx", Family.OFFICE, set()),
        (files.zipped("_rels/.rels", "xl/workbook.xml", TYPES), "xlsx", Family.OFFICE, set()),
        (files.zipped(TYPES, "ppt/presentation.xml", "ppt/embeddings/a.bin"), "pptx", Family.OFFICE, {Sign.ENCLOSED}),
        (files.zipped(TYPES, "word/document.xml", "word/vbaProject.bin"), "docm", Family.OFFICE, {Sign.MACROS}),
        (files.zipped(TYPES, "xl/workbook.xml", "xl/macrosheets/sheet1.xml"), "xlsm", Family.OFFICE, {Sign.MACROS}),
        (files.zipped("content.xml", stored=OPEN + "text"), "odt", Family.OFFICE, set()),
        (files.zipped("Basic/Standard/Module1.xml", stored=OPEN + "spreadsheet"), "ods", Family.OFFICE, {Sign.MACROS}),
        (files.zipped("content.xml", stored=OPEN + "graphics"), "bin", Family.OFFICE, set()),
        (files.zipped("a.txt", "scripts/b.py"), "zip", Family.ARCHIVE, set()),
        (files.zipped("a.txt", "Invoice.pdf.EXE"), "zip", Family.ARCHIVE, {Sign.PROGRAM}),
        (files.older("WordDocument", "1Table"), "doc", Family.OFFICE, set()),
        (files.older("Workbook", "_VBA_PROJECT_CUR"), "xls", Family.OFFICE, {Sign.MACROS}),
        (files.older("PowerPoint Document", sector=200), "ppt", Family.OFFICE, set()),
        (files.older("EncryptedPackage", "EncryptionInfo"), "bin", Family.OFFICE, {Sign.LOCKED}),
        (files.older("__properties_version1.0", "__attach_version1.0_#1"), "msg", Family.OFFICE, {Sign.ENCLOSED}),
        (files.older("Something"), "bin", Family.OFFICE, set()),
        (b"{\\rtf1 Hello}", "rtf", Family.OFFICE, set()),
        (files.pdf(), "pdf", Family.PDF, set()),
        (a_tar(), "tar", Family.ARCHIVE, set()),
        (b"Rar!\x1a\x07\x01\x00", "rar", Family.ARCHIVE, set()),
        (b"\x1f\x8b\x08" + bytes(20), "gz", Family.ARCHIVE, set()),
        (b"MZ" + bytes(60), "bin", Family.OTHER, {Sign.PROGRAM}),
        (b"words", "txt", Family.TEXT, set()),
        (b"", "bin", Family.OTHER, set()),
    ],
)  # fmt: skip
def test_kinds_and_what_they_hold(content, ending, family, signs):
    for piece in (65536, 77, 1000):
        kind = looked_at(content, piece)
        assert (kind.ending, kind.family, set(kind.signs)) == (ending, family, signs)


def test_a_locked_archive_is_said_to_be():
    content = bytearray(files.zipped("a"))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert looked_at(bytes(content)).signs == {Sign.LOCKED}


def test_what_a_directory_says_costs_no_more_than_its_bound():
    """A hundred thousand names, lengths that lie, a directory that leads nowhere."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(20_000):
            made.writestr(f"{number:06}/{'x' * 60}", b"")
        made.writestr("last.exe", b"")
    many = out.getvalue()
    tracemalloc.start()
    kind = looked_at(many)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (kind.ending, kind.signs) == ("zip", {Sign.PROGRAM})
    assert most < 12 * TAIL
    end = many.rfind(b"PK\x05\x06")
    for at, lie in ((12, 2**32 - 1), (12, 0), (16, 2**32 - 1)):
        liar = bytearray(many)
        struct.pack_into("<L", liar, end + at, lie)
        assert looked_at(bytes(liar)).ending == "zip"
    for sector, shift in ((2**32 - 1, 9), (0, 40_000), (5, 12)):
        liar = bytearray(files.older("WordDocument"))
        struct.pack_into("<H", liar, 30, shift)
        struct.pack_into("<L", liar, 48, sector)
        assert looked_at(bytes(liar) + bytes(2 * OLE_DIRECTORY)).family is Family.OFFICE


@pytest.mark.parametrize("make", [files.docx, files.older, files.pdf], ids=["zip", "ole", "pdf"])
def test_cut_anywhere_it_is_still_a_kind(make):
    content = make("WordDocument") if make is files.older else make()
    for end in range(0, len(content), 13):
        assert looked_at(content[:end]).ending


def test_kinds_by_their_first_bytes():
    cut_in_a_character = ("a" * 4095 + "é").encode()
    assert kind_of(cut_in_a_character).ending == "txt"
    assert kind_of("é".encode()[:1]).ending == "bin"
    assert kind_of(b"a\x00b").ending == "bin"
