"""What may go to a reporter with a letter, and what is said of the rest; no word typed is lost."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream

from app.casework import cleaning, enclosures
from app.casework.enclosures import CannotEnclose, enclose
from app.casework.reply_forms import CHOOSE_AGAIN, NO_FILE, NO_NAME
from app.casework.tables import DraftRow
from app.errors import Busy
from tests.casework import files
from tests.casework.conftest import ENCLOSING_WORDS as WORDS

ON_SQLITE_UNLESS_PROVING = True

NOTE = b"Ring the number on page two.\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", enclosures.EMPTY),
        (files.docx(), enclosures.OTHER_KIND),
        (b"<html><script>alert(1)</script>", enclosures.OTHER_KIND),
        (b"MZ" + bytes(100), enclosures.OTHER_KIND),
        (b"a" * 5000 + b"\xff", enclosures.NO_TEXT),
        (b"a" * 5000 + b"\0", enclosures.NO_TEXT),
        (b"%PDF-1.7 and then nothing", cleaning.Obstacle.UNREADABLE.value),
        (files.pdf(password="x"), cleaning.Obstacle.UNREADABLE.value),
        # What a second reader is not shown to its end, or does not see.
        (files.pdf(pages=51), enclosures.TOO_LONG),
        (b"a" * (enclosures.MOST_TEXT + 1), enclosures.TOO_LONG),
        ("We know\u200b who\u202e you are".encode(), enclosures.UNSEEN),
    ],
    ids=[
        "empty",
        "office",
        "markup",
        "program",
        "not-text",
        "zero",
        "no-pdf",
        "password",
        "pages",
        "long",
        "unseen",
    ],
)
def test_what_cannot_go_is_refused_with_what_to_do(opened, content, why):
    desk, _reporter, ref, amara, _tom = opened
    page = amara.encloses(ref, content)
    assert page.status == 422
    assert why in page.text
    assert page.form("/reply")["text"] == WORDS
    assert page.form("/reply")["name"] == "A leaflet"
    assert desk.rows(DraftRow) == []


def test_what_is_too_large_is_refused_and_the_words_stay(opened, monkeypatch):
    _desk, _reporter, ref, amara, _tom = opened
    page = amara.encloses(ref, files.noise(1300, 1100))
    assert page.status == 422
    assert enclosures.COPY_TOO_LARGE in page.text
    page = amara.encloses(ref, bytes(enclosures.LARGEST + 1))
    assert page.status == 422
    assert enclosures.TOO_LARGE in page.text
    assert page.form("/reply")["text"] == WORDS


def test_a_file_is_named_and_a_name_has_a_file(opened):
    desk, _reporter, ref, amara, _tom = opened
    page = amara.encloses(ref, NOTE, name=" ")
    assert page.status == 422
    assert NO_NAME in page.text
    assert CHOOSE_AGAIN in page.text
    path = f"/staff/cases/{ref}/reply"
    page = amara.submits(path, path, text=WORDS, name="A leaflet")
    assert page.status == 422
    assert NO_FILE in page.text
    page = amara.encloses(ref, NOTE, name="x" * 61)
    assert page.status == 422
    page = amara.encloses(ref, NOTE, text="")
    assert page.status == 422
    assert CHOOSE_AGAIN in page.text
    assert page.form("/reply")["name"] == "A leaflet"
    assert desk.rows(DraftRow) == []


def test_a_form_without_its_token_is_not_taken(opened):
    desk, _reporter, ref, amara, _tom = opened
    assert amara.encloses(ref, NOTE, csrf_token="").status == 400
    assert amara.posts(f"/staff/cases/{ref}/reply", {"text": WORDS}).status == 400
    assert desk.rows(DraftRow) == []


def test_when_too_much_is_being_cleaned_the_words_stay(opened, monkeypatch):
    desk, _reporter, ref, amara, _tom = opened

    def busy(*_, **__):
        raise Busy("files are being read")

    monkeypatch.setattr(cleaning, "clean", busy)
    page = amara.encloses(ref, files.pdf())
    assert page.status == 503
    assert "Too many files are being cleaned" in page.text
    assert page.form("/reply")["text"] == WORDS
    assert desk.rows(DraftRow) == []


def test_a_long_text_beside_a_file_is_not_lost(opened):
    _desk, _reporter, ref, amara, _tom = opened
    page = amara.encloses(ref, NOTE, text="long " * 40_000)
    assert page.status == 422
    assert len(page.form("/reply")["text"]) > 190_000


def test_nothing_is_in_a_document_that_is_not_drawn():
    """A comment, a field, a layer or a bookmark would pass the second reader unseen."""
    secret = "We know who you are"
    with pikepdf.open(BytesIO(files.pdf())) as pdf:
        page = pdf.pages[0].obj
        hidden = Dictionary(
            Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 9, 9], F=2, Contents=secret
        )
        filled = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, Rect=[0, 0, 9, 9], T="a", V=secret
        )
        page.Annots = Array([pdf.make_indirect(hidden), pdf.make_indirect(filled)])
        pdf.Root.AcroForm = Dictionary(Fields=[page.Annots[1]], NeedAppearances=True)
        pdf.Root.OCProperties = Dictionary(OCGs=[], D=Dictionary(Name=secret))
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem(secret, 0))
        elsewhere = Dictionary(FS=Name.URL, F="http://beacon.example/")
        page.Resources.XObject = Dictionary(X=Stream(pdf, b"q Q", Dictionary(F=elsewhere)))
        out = BytesIO()
        pdf.save(out)
    with pikepdf.open(BytesIO(enclose(out.getvalue(), "A leaflet").content)) as copy:
        assert set(copy.Root.keys()) == {"/Type", "/Pages"}
        assert not [page for page in copy.pages if "/Annots" in page.obj]
        whole = b"".join(one.unparse(resolved=True) for one in copy.objects)
        assert b"We know" not in whole
        assert b"beacon" not in whole
        assert copy.pages[0].obj.Resources.XObject.X.read_bytes() == b"q Q"


def test_what_a_page_of_text_says_is_not_rewritten():
    """Plain text carries nothing beside its words, so it goes as it is."""
    made = enclose("Grüße\r\n".encode(), "Words")
    assert (made.label, made.content) == ("Words (Text)", "Grüße\r\n".encode())
    with pytest.raises(CannotEnclose):
        enclose(b"\xff\xfe", "Words")
