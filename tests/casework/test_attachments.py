"""What a stranger sent comes out as bytes under our name, whole and checked, or not at all."""

import resource
import secrets
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from app.casework import attachments
from app.envelope.errors import EnvelopeError
from tests.casework import files

# Nothing in here is the database's: one of them will do.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MIB = 1024 * 1024
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SANDBOX = "sandbox; default-src 'none'"


def a_picture(kind="JPEG", size=(60, 40), **options) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)
    return out.getvalue()


@pytest.fixture
def case(desk):
    """Return a function that lets amara read a case with attachments, and their links."""

    def with_attachments(*bodies: bytes, label="From a phone"):
        reporter = desk.reporter()
        sealed = reporter.seal(attachments=[(label, body) for body in bodies])
        ref = desk.receives(reporter, sealed)
        amara = desk.person("amara")
        page = amara.reads(ref)
        links = [link["href"] for link in page.soup.select(".cd-files a")]
        assert all(link.endswith("/preview") for link in links), "past the warning to every file"
        return amara, [link.removesuffix("/preview") for link in links]

    return with_attachments


def test_an_attachment_comes_back_byte_for_byte(desk, case):
    bodies = [a_picture(), secrets.token_bytes(300_000), b"", b"%PDF-1.7\n" + bytes(100)]
    amara, links = case(*bodies)
    assert len(links) == 4
    for link, body in zip(links, bodies, strict=True):
        assert amara.browser.get(link).data == body
    downloaded = desk.audit("file.downloaded")
    assert [e.details["number"] for e in downloaded] == [1, 2, 3, 4]
    assert {e.actor for e in downloaded} == {"amara"}


@pytest.mark.parametrize(
    ("body", "name", "media_type"),
    [
        (a_picture(), "attachment-1.jpg", "image/jpeg"),
        (a_picture("PNG"), "attachment-1.png", "image/png"),
        (a_picture("WEBP"), "attachment-1.webp", "image/webp"),
        (b"%PDF-1.7\n", "attachment-1.pdf", "application/pdf"),
        (b"PK\x03\x04" + bytes(40), "attachment-1.zip", "application/zip"),
        ("Notizen, größer".encode(), "attachment-1.txt", "text/plain; charset=utf-8"),
        (HTML, "attachment-1.bin", "application/octet-stream"),
        (SVG, "attachment-1.bin", "application/octet-stream"),
        (b"\xef\xbb\xbf \n" + HTML, "attachment-1.bin", "application/octet-stream"),
        (b"MZ" + bytes(60), "attachment-1.bin", "application/octet-stream"),
        (secrets.token_bytes(5000), "attachment-1.bin", "application/octet-stream"),
        (b"", "attachment-1.bin", "application/octet-stream"),
    ],
    ids=["jpeg", "png", "webp", "pdf", "zip", "text", "html", "svg", "html with a mark", "program",
         "noise", "empty"],
)  # fmt: skip
def test_every_file_is_a_download_under_our_name(case, body, name, media_type):
    amara, [link] = case(body, label="<b>secret-name</b>.html")
    answer = amara.browser.get(link)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == SANDBOX
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(body)


@pytest.mark.parametrize("body", [HTML, SVG], ids=["html", "svg"])
def test_what_a_browser_would_run_is_shown_as_its_text(case, body):
    amara, [link] = case(body)
    page = amara.opens(f"{link}/preview")
    assert page.soup.select_one(".cd-letter__text").text == body.decode()
    assert not page.soup.select("main script, main svg, main img, main iframe, main object")
    assert page.answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert amara.opens(f"{link}/picture").status == 404


def test_a_long_text_is_cut(case):
    amara, [link] = case(b"line\n" * 100_000)
    page = amara.opens(f"{link}/preview")
    assert len(page.soup.select_one(".cd-letter__text").text) == 100_000
    assert "Only the beginning is shown" in page.text


def test_what_cannot_be_shown_says_so(case):
    amara, [link] = case(b"%PDF-1.7\n")
    page = amara.opens(f"{link}/preview")
    assert "cannot be shown here" in page.text
    assert "standing alone, without a network. Open it there." in page.text


def test_a_pdf_is_shown_as_pictures_of_its_pages(case, desk):
    amara, [link] = case(files.pdf(pages=3))
    page = amara.opens(f"{link}/preview")
    assert "Page 1 of 3" in page.text
    assert "picture of the page" in page.text
    assert "A PDF can hold scripts" in page.text
    page = amara.opens(page.soup.select_one(".govuk-pagination__next a")["href"])
    assert "Page 2 of 3" in page.text
    shown = page.soup.select_one("main img")
    assert shown["src"] == f"{link}/pages/2"
    assert shown["alt"].startswith("Page 2 of file 1, as a picture")
    answer = amara.browser.get(shown["src"])
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Security-Policy"] == SANDBOX
    with Image.open(BytesIO(answer.data)) as drawn:
        assert drawn.size == (400, 200)
        assert drawn.convert("L").getextrema()[0] < 128, "something is drawn"
    for number in (0, 4, 51):
        assert amara.opens(f"{link}/pages/{number}").status == 404
    for number in ("4", "0", "x", "99999999"):
        assert "Page 1 of 3" in amara.opens(f"{link}/preview", page=number).text


@pytest.mark.parametrize(
    "body",
    [files.pdf()[:700], files.pdf(password="x")],
    ids=["cut", "locked"],
)  # fmt: skip
def test_a_hostile_pdf_is_no_error_page(case, body):
    amara, [link] = case(body)
    page = amara.opens(f"{link}/preview")
    assert page.status == 200
    assert "damaged or under a password, cannot be shown here" in page.text
    assert amara.opens(f"{link}/pages/1").status == 404


WARNED = (
    (files.zipped("[Content_Types].xml", "word/a.xml", "word/vbaProject.bin"), "It holds macros"),
    (files.docx(), "tracked changes"),
    (files.older("EncryptedPackage"), "under a password"),
    (files.zipped("run.exe"), "It holds a program"),
    (files.zipped("a.txt"), "was not looked at"),
    (b"MZ" + bytes(60), "It is a program"),
    (bytes(50), "not known what opens it"),
    (b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(50), "A player can be made to"),
    (a_picture(), "with which phone or camera"),
)


def test_before_every_download_stands_what_may_happen(case):
    amara, links = case(*(body for body, _ in WARNED))
    for link, (_, says) in zip(links, WARNED, strict=True):
        page = amara.opens(f"{link}/preview")
        assert says in page.text
        assert "standing alone, without a network" in page.text
        [button] = page.soup.select("main a[role=button]")
        assert button["href"] == link
        assert button.text.strip() == "Download the file as it was sent"


def test_a_picture_is_drawn_anew(case, desk):
    exif = Image.Exif()
    exif[0x010F] = "The reporter's phone"
    exif[0x0112] = 6
    amara, [link] = case(a_picture(size=(2400, 1200), exif=exif, comment=b"The reporter's phone"))
    page = amara.opens(f"{link}/preview")
    assert page.soup.select_one("main img")["src"] == f"{link}/picture"
    answer = amara.browser.get(f"{link}/picture")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Security-Policy"] == SANDBOX
    assert b"phone" not in answer.data
    with Image.open(BytesIO(answer.data)) as drawn:
        assert drawn.size == (800, 1600)
        assert not drawn.getexif()
    assert [e.verb.value for e in desk.audit("file")] == ["file.opened", "file.opened"]


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xd8\xff\xe0 not a picture",
        a_picture()[:-200],
        a_picture("PNG")[:60],
        b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x0dIHDR" + b"\xff" * 8 + b"\x08\x02\x00\x00\x00",
    ],
    ids=["garbage", "cut jpeg", "cut png", "huge header"],
)
def test_a_hostile_picture_is_no_error_page(case, body):
    amara, [link] = case(body)
    assert amara.opens(f"{link}/preview").status == 200
    assert amara.browser.get(f"{link}/picture").status_code in {200, 404}


@pytest.mark.parametrize(
    "end",
    ["0" * 32 + "/1", "x/1", "{entry}/0", "{entry}/2", "{entry}/11", "{entry}/" + "9" * 30,
     "{entry}/1/picture", "{entry}/9/preview"],
)  # fmt: skip
def test_an_attachment_that_is_not_there(case, end):
    amara, [link] = case(b"text")
    before, entry, _ = link.rsplit("/", 2)
    assert amara.opens(f"{before}/{end.format(entry=entry)}").status == 404


def test_an_entry_of_another_case_is_not_there(desk, case):
    amara, [link] = case(b"text")
    other = desk.receives(desk.reporter())
    amara.reads(other)
    entry = link.rsplit("/", 2)[1]
    assert amara.opens(f"/staff/cases/{other}/attachments/{entry}/1").status == 404


def test_twenty_mebibytes_in_bounded_memory(desk, case):
    """Checked whole before the first byte goes, and never held whole."""
    body = secrets.token_bytes(MIB) * 20
    amara, [link] = case(body)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = amara.browser.get(link, buffered=False)
    digest, longest = sha256(), 0
    for piece in answer.response:
        digest.update(piece)
        longest = max(longest, len(piece))
    answer.close()
    assert digest.digest() == sha256(body).digest()
    assert longest <= MIB
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 6 * MIB


def test_nothing_goes_out_before_everything_was_checked(desk, case, monkeypatch):
    """The last chunk of a long payload is spoilt: not one byte of the file is given out."""
    amara, [link] = case(secrets.token_bytes(3 * MIB))
    [path] = list(desk.settings.objects.iterdir())
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    answer = amara.browser.get(link)
    assert answer.status_code == 409
    assert answer.mimetype == "text/html"
    assert desk.audit("file") == []


def test_a_file_exchanged_after_the_check_breaks_off(desk, case, monkeypatch):
    amara, [link] = case(secrets.token_bytes(3 * MIB))
    answer = amara.browser.get(link, buffered=False)
    [path] = list(desk.settings.objects.iterdir())
    content = bytearray(path.read_bytes())
    content[-1_000_000] ^= 1
    path.write_bytes(content)
    with pytest.raises(EnvelopeError):
        for _ in answer.response:
            pass
    answer.close()


def test_what_is_not_recorded_is_not_given_out(case, monkeypatch):
    amara, [link] = case(b"words of a file")

    def broken(*_args, **_named):
        raise RuntimeError

    monkeypatch.setattr(attachments, "record", broken)
    answer = amara.browser.get(link)
    assert answer.status_code == 500
    assert b"words of a file" not in answer.data
