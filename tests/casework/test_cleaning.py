"""A cleaned copy says what it shows and nothing besides; the original stays as it was sent."""

import io
import os
import re
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from threading import Timer

import pikepdf
import pytest
from PIL import Image

from app.casework import cleaning, confined, office_cleaning
from app.casework.cleaning import REMOVED, CannotClean, Obstacle
from app.casework.containers import Look
from tests.casework import files
from tests.conftest import unavailable

SHARED = Path("/dev/shm")

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# What stands in for mat2: it does with the command line what mat2 0.15 does.
MAT2 = """#!/usr/bin/env python3
import pathlib, sys, zipfile
option, path = sys.argv[1:]
assert option == "--inplace"
path = pathlib.Path(path)
with zipfile.ZipFile(path) as had:
    kept = {n: had.read(n) for n in had.namelist() if not n.startswith("docProps/")}
if "word/unknown" in kept:
    sys.exit(255)
with zipfile.ZipFile(path, "w") as made:
    for name, text in kept.items():
        made.writestr(name, text)
"""


def kind_of(content):
    look = Look()
    look.write(content)
    return look.kind()


def cleaned(content):
    return cleaning.clean(content, kind_of(content))


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Return what installs a program as mat2."""
    if not office_cleaning.has_place():
        unavailable("namespaces", "this system gives a process no folder of its own")
    program = tmp_path / "mat2"
    monkeypatch.setattr(office_cleaning.shutil, "which", lambda _name: str(program))

    def install(text):
        program.write_text(text)
        program.chmod(0o755)

    return install


@pytest.fixture
def mat2(installed):
    installed(MAT2)


def plain(content: bytes) -> bytes:
    """A PDF with nothing packed in it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(out, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def test_a_photograph_says_nothing_but_its_pixels():
    content = files.photograph()
    assert content.count(files.SECRET.encode()) >= 4
    copy = cleaned(content)
    for said in (files.SECRET.encode(), b"Exif", b"xmpmeta", b"ICC_PROFILE", b"GPS"):
        assert said not in copy.content
    with Image.open(io.BytesIO(copy.content)) as picture:
        assert picture.size == (40, 60), "as it was to be shown"
        assert not picture.getexif()
        assert not picture.getexif().get_ifd(0x8825)
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert all(
            abs(a - b) < 4 for a, b in zip(picture.getpixel((5, 5)), (0, 128, 128), strict=True)
        )
    assert set(copy.removed) >= {
        REMOVED[one] for one in ("place", "exif", "thumbnail", "xmp", "profile", "comment")
    }
    again = cleaned(copy.content)
    assert again.removed == ()


def test_a_see_through_picture_stays_one():
    copy = cleaned(files.png())
    assert files.SECRET.encode() not in copy.content
    assert copy.kind.ending == "png"
    with Image.open(io.BytesIO(copy.content)) as picture:
        assert picture.getpixel((5, 5)) == (0, 128, 128, 100)
    webp = io.BytesIO()
    Image.new("RGB", (20, 20)).save(webp, "WEBP", exif=Image.Exif().tobytes(), xmp=files.ENTITY)
    assert b"Secret" not in cleaned(webp.getvalue()).content


def test_a_pdf_loses_what_is_not_on_its_pages():
    content = files.pdf()
    assert files.SECRET.encode() in plain(content)
    copy = cleaned(content)
    bare = plain(copy.content)
    assert not re.search(
        rb"Secret|Newtown|Author|JavaScript|Launch|EmbeddedFile|OpenAction|xmpmeta|D:20", bare
    )
    with pikepdf.open(io.BytesIO(copy.content)) as pdf:
        assert "/Info" not in pdf.trailer
        assert not pdf.attachments
        assert [str(note.Subtype) for note in pdf.pages[0].Annots] == ["/Link", "/Link", "/Text"]
        with pikepdf.open(io.BytesIO(content)) as before:
            for page, was in zip(pdf.pages, before.pages, strict=True):
                assert page.Contents.read_bytes() == was.Contents.read_bytes()
        photo = pdf.pages[0].Resources.XObject.Im.read_raw_bytes()
    with Image.open(io.BytesIO(photo)) as picture:
        picture.load()
        assert not picture.getexif()
    named = ("xmp", "properties", "scripts", "files", "links", "comments", "photographs")
    assert set(copy.removed) == {REMOVED[one] for one in named}
    # What went in and what comes out twice is the same: a bundle can say what it holds.
    assert cleaned(content).content == copy.content


def test_an_earlier_version_of_a_pdf_is_gone():
    """Programs add to a PDF what they change, and what was there before stays in the file."""
    content = files.pdf()
    added = re.sub(rb"startxref.*", b"", content[-200:], flags=re.DOTALL)
    assert added
    content += b"\n% " + files.SECRET.encode() + b"\n" + content[content.rindex(b"startxref") :]
    assert b"Secret" not in cleaned(content).content


def bomb() -> bytes:
    """A PDF whose list of objects unpacks to far more than a process may have."""
    packer = zlib.compressobj(9)
    begins = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    sixteen_megabytes = packer.compress(bytes(16 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = begins + sixteen_megabytes * 100
    return (
        b"%PDF-1.7\n1 0 obj\n<</Type/XRef/Size 9/W[1 2 1]/Root 2 0 R/Filter/FlateDecode/Length "
        + str(len(packed)).encode() + b">>\nstream\n" + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("make", "obstacle"),
    [
        (lambda: files.photograph()[:300], Obstacle.UNREADABLE),
        (lambda: files.png()[:60], Obstacle.UNREADABLE),
        (lambda: files.pdf()[:400], Obstacle.UNREADABLE),
        (lambda: files.pdf(password="x"), Obstacle.UNREADABLE),
        (lambda: b"%PDF-1.7\n" + bytes(1000), Obstacle.UNREADABLE),
        (lambda: files.pdf().replace(b"\xff\xd8\xff", b"\xff\xd8\x00"), Obstacle.UNREADABLE),
        (lambda: b"\xff\xd8\xff" + bytes(cleaning.LARGEST), Obstacle.LARGE),
        (lambda: b"words", Obstacle.KIND),
        (lambda: b"GIF89a" + bytes(20), Obstacle.KIND),
        (files.older, Obstacle.KIND),
        (files.docx, Obstacle.NO_PROGRAM),
    ],
    ids=["cut jpeg", "cut png", "cut pdf", "locked pdf", "no pdf", "no photograph in it",
         "too large", "text", "gif", "older office", "office"],
)  # fmt: skip
def test_what_cannot_be_cleaned_gives_no_copy(make, obstacle, monkeypatch):
    monkeypatch.setattr(office_cleaning.shutil, "which", lambda _name: None)
    with pytest.raises(CannotClean) as raised:
        cleaned(make())
    assert raised.value.obstacle is obstacle


def test_a_picture_that_would_come_out_white_gives_no_copy():
    out = io.BytesIO()
    Image.new("I;16", (20, 20), 3000).save(out, "PNG")
    with pytest.raises(CannotClean):
        cleaned(out.getvalue())


def test_of_a_moving_picture_the_first_is_kept_and_the_rest_is_said_to_be_gone():
    out = io.BytesIO()
    first, second = Image.new("RGB", (20, 20), "teal"), Image.new("RGB", (20, 20), "red")
    first.save(out, "WEBP", save_all=True, append_images=[second], lossless=True)
    copy = cleaned(out.getvalue())
    assert REMOVED["more-pictures"] in copy.removed
    with Image.open(io.BytesIO(copy.content)) as picture:
        assert getattr(picture, "n_frames", 1) == 1
        assert picture.getpixel((5, 5))[0] < 20


def test_a_pdf_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(confined, "SECONDS", 1.5)
    with pytest.raises(CannotClean):
        cleaned(bomb())


def test_a_picture_bomb_is_not_decoded():
    out = io.BytesIO()
    Image.new("L", (9000, 5000)).save(out, "PNG", compress_level=1)
    with pytest.raises(CannotClean):
        cleaned(out.getvalue())


def test_what_the_cage_gives_back_is_not_believed(monkeypatch):
    for made in (b"", b"exif\n", b"exif\n<script>", b"\xff\xd8\xff", b"<b>\n%PDF-1.7"):
        monkeypatch.setattr(confined, "run", lambda *_a, made=made, **_n: made)
        with pytest.raises(CannotClean):
            cleaned(files.photograph())
    monkeypatch.setattr(confined, "run", lambda *_a, **_n: b"<b>,exif,no\n\xff\xd8\xffx")
    assert cleaned(files.photograph()).removed == (REMOVED["exif"],)


def test_an_office_document_is_cleaned_by_mat2_where_that_is(mat2):
    there = set(SHARED.iterdir())
    content = files.docx()
    copy = cleaned(content)
    with zipfile.ZipFile(io.BytesIO(copy.content)) as found:
        assert found.namelist() == ["[Content_Types].xml", "_rels/.rels", "word/document.xml"]
    assert copy.removed == (REMOVED["office"],)
    with pytest.raises(CannotClean):
        cleaned(files.zipped("[Content_Types].xml", "word/document.xml", "word/unknown"))
    with pytest.raises(CannotClean):
        cleaned(content[:-30])
    assert not documents(SHARED, there), "nothing is left behind"


def test_mat2_does_not_reach_the_portal(installed):
    """What takes mat2 over is a process of the portal's user, and no more than that."""
    reach = f'python3 -c "import os; os.kill({os.getpid()}, 0)"'
    for deed, done in (("true", True), (reach, False)):
        installed(f"#!/bin/sh\n{deed} && printf more >> $2\n")
        if done:
            assert cleaned(files.docx()).content.endswith(b"more")
        else:
            with pytest.raises(CannotClean):
                cleaned(files.docx())


def test_nobody_else_sees_what_mat2_works_on_and_killed_it_leaves_nothing(installed, monkeypatch):
    there = set(SHARED.iterdir())
    # Other tests' stand-ins may sleep at the same time, on another processor: not as long as these.
    long, longer = f"60.{os.getpid()}", f"61.{os.getpid()}"
    installed(f"#!/bin/sh\nsleep {longer} & sleep {long}\n")
    monkeypatch.setattr(office_cleaning, "SECONDS", 1.0)
    seen = []
    looking = Timer(0.6, lambda: seen.append((documents(SHARED, there), sleepers(long, longer))))
    looking.start()
    with pytest.raises(CannotClean):
        cleaned(files.docx())
    looking.join()
    [(found, asleep)] = seen
    assert (found, len(asleep)) == ([], 2), "it was at work, and out of sight"
    assert not documents(SHARED, there)
    assert not sleepers(long, longer)


def documents(folder, before):
    return [path for path in set(folder.iterdir()) - before if "document" in path.name]


def sleepers(*seconds):
    """The command lines of what the stand-in started and nobody ended."""
    sought = {f"sleep\0{count}\0".encode() for count in seconds}
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(path.read_bytes())
    return [line for line in found if line in sought]


def test_without_a_place_that_vanishes_no_office_document_is_cleaned(tmp_path, monkeypatch):
    monkeypatch.setattr(office_cleaning.shutil, "which", lambda _name: str(tmp_path))
    monkeypatch.setattr(office_cleaning, "has_place", lambda: False)
    with pytest.raises(CannotClean) as refused:
        cleaned(files.docx())
    assert refused.value.obstacle is Obstacle.NO_PROGRAM


# --- the pages


@pytest.fixture
def case(desk):
    def with_attachments(*bodies):
        reporter = desk.reporter()
        ref = desk.receives(reporter, reporter.seal(attachments=[("x", body) for body in bodies]))
        amara = desk.person("amara")
        page = amara.reads(ref)
        return (
            ref,
            amara,
            [link["href"].removesuffix("/preview") for link in page.soup.select(".cd-files a")],
        )

    return with_attachments


@on_sqlite
def test_a_copy_is_made_and_the_original_stays(desk, case):
    content = files.photograph()
    ref, amara, [link] = case(content)
    page = amara.opens(f"{link}/preview")
    page = amara.opens(page.soup.select_one("a[href$='/cleaned']")["href"])
    assert REMOVED["place"] in page.text
    assert "faces, reflections" in page.text
    [button] = page.soup.select("main a[role=button]")
    answer = amara.browser.get(button["href"])
    assert (
        answer.headers["Content-Disposition"] == 'attachment; filename="attachment-1-cleaned.jpg"'
    )
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert files.SECRET.encode() not in answer.data
    [entry] = desk.audit("file.cleaned")
    assert (entry.actor, entry.subject, entry.details["number"]) == ("amara", ref, 1)
    assert amara.browser.get(link).data == content


@on_sqlite
def test_what_cannot_be_cleaned_is_said_and_no_error(case, monkeypatch):
    monkeypatch.setattr(office_cleaning.shutil, "which", lambda _name: None)
    _ref, amara, links = case(files.docx(), files.pdf()[:400], b"words", bytes(99))
    for link, obstacle in zip(
        links, (Obstacle.NO_PROGRAM, Obstacle.UNREADABLE, Obstacle.KIND, Obstacle.KIND), strict=True
    ):
        page = amara.opens(f"{link}/cleaned")
        assert page.status == 200
        assert obstacle.value in page.text
        assert "no cleaned copy" in page.text
        page = amara.opens(f"{link}/cleaned/file")
        assert page.status == 409
        assert obstacle.value in page.text


@on_sqlite
def test_nobody_cleans_a_file_of_a_case_that_is_not_hers(desk, case):
    _ref, _amara, [link] = case(files.photograph())
    ruth = desk.person("ruth")
    ruth.opens("/staff/")
    missing = ruth.opens("/staff/cases/BCDF-2345")
    for end in ("preview", "cleaned", "cleaned/file", "pages/1", "picture"):
        page = ruth.opens(f"{link}/{end}")
        assert (page.status, page.text) == (404, missing.text)
    assert desk.audit("file") == []
