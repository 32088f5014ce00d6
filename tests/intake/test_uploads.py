"""Files without scripts: sealed while they arrive, kept for the day, gone once they are sent."""

import secrets
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.intake import flood, letterbox
from app.intake.domain import LARGEST_FILE, LARGEST_FILES
from app.intake.tables import WaitingFileRow, WaitingPartRow
from app.work import begin, look
from tests.intake.desk import opened, parts_of, waiting
from tests.intake.images import NEEDLES, picture
from tests.intake.reporter import MULTIPART
from tests.intake.test_deposit import NOTHING, rows

ON_SQLITE_UNLESS_PROVING = True

PDF = b"%PDF-1.7\n" + b"NEEDLE-PDF" * 500


def stored(portal):
    """Return every byte of waiting files."""
    with look(parts_of(portal)["database"]) as work:
        return b"".join(work.session.scalars(select(WaitingPartRow.sealed)))


def counts(portal):
    return rows(parts_of(portal)["database"])


def spool_of(portal):
    return list(parts_of(portal)["settings"].spool.iterdir())


def test_files_reach_the_desk_under_their_labels_and_without_their_names(portal, reporter, people):
    reporter.answers_routing()
    page = reporter.submits(
        "/report/check",
        what="See the files.",
        label_1="A photo",
        file_1=(picture("JPEG"), "NEEDLE-NAME.jpg"),
        label_2="",
        clean_2=[],
        file_2=(PDF, "NEEDLE-NAME.pdf"),
    )
    assert page.heading == "Check what you wrote before it is sealed"
    assert "A photo" in page.text
    assert "File 2" in page.text
    assert counts(portal)["intake_waiting_file"] == 2
    for needle in (*NEEDLES, b"NEEDLE-NAME", b"NEEDLE-PDF", b"JFIF"):
        assert needle not in stored(portal)

    reporter.submits("/report/send")

    assert counts(portal)["intake_waiting_file"] == 0
    assert counts(portal)["intake_waiting_part"] == 0
    [(letter, payload)] = waiting(portal)
    inside, (photo, pdf) = opened(letter.header, payload, people.keys["helen"])
    assert [item.label for item in inside.attachments] == ["A photo", "File 2"]
    assert pdf == PDF
    assert Image.open(BytesIO(photo)).size == (60, 120)
    assert b"NEEDLE" not in photo
    assert inside.attachments[1].sha256 == sha256(PDF).hexdigest()
    assert spool_of(portal) == []


def test_a_waiting_file_is_dated_by_the_day_alone(portal, reporter, clock):
    reporter.writes(clean_1=[], file_1=(PDF, "x"))
    with look(parts_of(portal)["database"], clock) as work:
        [row] = work.session.scalars(select(WaitingFileRow))
        assert set(WaitingFileRow.__table__.columns.keys()) == {"id", "arrived_on", "size"}
        assert row.arrived_on == work.today


def test_hidden_data_stays_where_the_reporter_wants_it(portal, reporter, people):
    dirty = picture("PNG")
    reporter.reports(clean_1=[], file_1=(dirty, "x.png"))
    [(letter, payload)] = waiting(portal)
    _inside, [photo] = opened(letter.header, payload, people.keys["amara"])
    assert photo == dirty


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PDF, "cannot remove hidden data from this kind of file"),
        (b"PK\x03\x04" + bytes(100), "cannot remove hidden data from this kind of file"),
        (picture("JPEG")[:400], "could not be read as a picture"),
        (b"\xff\xd8\xff" + bytes(17 * 1024 * 1024), "larger than 16 MB"),
        (b"", "is empty"),
    ],
)
def test_what_cannot_be_cleaned_is_not_taken_and_everything_else_stays(
    portal, reporter, content, said
):
    reporter.answers_routing()
    page = reporter.submits(
        "/report/check",
        what="Keep this.",
        who="And this.",
        label_1="Kept",
        file_1=(content, "a.bin"),
        label_2="Good",
        file_2=(b"plain words", "b.txt"),
    )
    assert page.status == 422
    assert len(page.problems) == 1
    assert said in page.problems[0]
    form = page.form("/report/check")
    assert (form["what"], form["who"], form["label_1"]) == ("Keep this.", "And this.", "Kept")
    assert form["label_2"] == ""
    assert [text.split(":")[3] for text in form.getlist("waiting")] == ["Good"]
    assert counts(portal)["intake_waiting_file"] == 1
    assert spool_of(portal) == []


def test_a_file_too_large_is_said_to_be_and_nothing_of_it_is_kept(portal, reporter):
    reporter.answers_routing()
    page = reporter.submits(
        "/report/check", what="Words.", clean_1=[], file_1=(bytes(LARGEST_FILE + 1), "big")
    )
    assert page.status == 422
    assert "smaller than 32 MB" in page.problems[0]
    assert page.form("/report/check")["what"] == "Words."
    assert counts(portal) == NOTHING
    assert spool_of(portal) == []


def test_files_too_large_together(portal, reporter, monkeypatch):
    monkeypatch.setattr("app.intake.arriving.LARGEST_FILES", 1000)
    monkeypatch.setattr("app.intake.writing.LARGEST_FILES", 1000)
    reporter.answers_routing()
    page = reporter.submits(
        "/report/check",
        what="W",
        clean_1=[],
        file_1=(bytes(600), "a"),
        clean_2=[],
        file_2=(bytes(600), "b"),
    )
    assert page.status == 422
    assert counts(portal)["intake_waiting_file"] == 1
    page = reporter.submits("/report/check", clean_1=[], file_1=(bytes(600), "a"))
    assert page.status == 422
    assert counts(portal)["intake_waiting_file"] == 1


def test_more_than_ten_files_are_too_many(portal, reporter):
    reporter.answers_routing()
    files = {f"file_{n}": (b"words", "a.txt") for n in (1, 2, 3)}
    for _ in range(3):
        assert reporter.submits("/report/check", more="yes", **files).status == 200
    for _ in range(2):
        page = reporter.submits("/report/check", what="Words.", **files)
        assert page.status == 422
        assert "10 files at most" in page.problems[0]
    for button in page.main.select("button[name=remove]")[:3]:
        reporter.submits("/report/check", to="/report/write", remove=button["value"])
    page = reporter.submits("/report/check")
    assert page.status == 200
    assert len(page.form("/report/send").getlist("waiting")) == 10


def test_files_are_added_and_removed_without_leaving_the_page(portal, reporter, people):
    reporter.answers_routing()
    page = reporter.submits(
        "/report/check", who="Typed", label_1="One", file_1=(b"first words", "a.txt"), more="yes"
    )
    assert page.status == 200
    assert page.heading == "Write your concern"
    assert page.form("/report/check")["who"] == "Typed"
    page = reporter.submits(
        "/report/check", label_1="Two", file_1=(b"second words", "b.txt"), more="yes"
    )
    first = page.main.select_one("button[name=remove]")["value"]
    page = reporter.submits("/report/check", to="/report/write", remove=first)
    assert counts(portal)["intake_waiting_file"] == 1
    reporter.submits("/report/check", what="Words.")
    reporter.submits("/report/send")
    [(letter, payload)] = waiting(portal)
    inside, contents = opened(letter.header, payload, people.keys["amara"])
    assert [item.label for item in inside.attachments] == ["Two"]
    assert contents == [b"second words"]


def test_nobody_removes_a_file_that_another_page_holds(portal, reporter):
    reporter.writes(file_1=(b"words", "a.txt"))
    [theirs] = reporter.page.form("/report/send").getlist("waiting")
    reporter.answers_routing()
    reporter.submits("/report/check", to="/report/write", remove=theirs.split(":")[0])
    assert counts(portal)["intake_waiting_file"] == 1


def test_a_body_that_breaks_off_leaves_nothing(portal, reporter):
    fields = reporter.answers_routing().form("/report/check")
    head = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items(multi=True)
    )
    head += '--cut\r\nContent-Disposition: form-data; name="file_1"; filename="a"\r\n\r\n'
    body = head.encode() + secrets.token_bytes(300_000)
    answer = portal.test_client().post(
        "/report/check",
        input_stream=BytesIO(body),
        headers={"Content-Length": str(len(body) + 100_000)},
        content_type=f"{MULTIPART}; boundary=cut",
    )
    assert answer.status_code == 400
    assert counts(portal) == NOTHING
    assert spool_of(portal) == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/report/check", "file_4"),
        ("/report/check", "../../etc/passwd"),
        ("/mailbox/check", "files"),
    ],
)
def test_a_file_under_another_name_is_refused(portal, reporter, path, name):
    ticket = reporter.answers_routing().form("/report/check")["ticket"]
    answer = portal.test_client().post(
        path, data={"ticket": ticket, name: (BytesIO(b"x"), "a")}, content_type=MULTIPART
    )
    assert answer.status_code == 400
    assert counts(portal) == NOTHING


@pytest.mark.parametrize("ticket", [None, "A" * 48])
def test_a_file_without_a_ticket_of_ours_before_it_is_refused_unread(portal, reporter, ticket):
    fields = reporter.answers_routing().form("/report/check")
    del fields["ticket"]
    body = MultiDict({**fields, "clean_1": "", "what": "Words."})
    if ticket:
        body["ticket"] = ticket
    body.add("file_1", (BytesIO(PDF), "a"))
    answer = portal.test_client().post("/report/check", data=body, content_type=MULTIPART)
    assert answer.status_code == 400
    assert counts(portal) == NOTHING


def test_a_file_where_no_form_takes_one_is_refused(portal, reporter):
    ticket = reporter.answers_routing().form("/report/check")["ticket"]
    for path in ("/report/write", "/report/send", "/mailbox"):
        answer = portal.test_client().post(
            path, data={"ticket": ticket, "file_1": (BytesIO(b"x"), "a")}, content_type=MULTIPART
        )
        assert answer.status_code == 400, path


def test_a_full_disk_keeps_the_words_on_the_page(portal, reporter, monkeypatch):
    reporter.answers_routing()

    class FullDisk(BytesIO):
        def write(self, _content):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_named: FullDisk())
    page = reporter.submits(
        "/report/check", what="Keep.", label_1="Mine", clean_1=[], file_1=(bytes(500_000), "a")
    )
    assert page.status == 507
    assert "no room" in page.problems[0]
    assert page.form("/report/check")["what"] == "Keep."
    assert page.form("/report/check")["label_1"] == "Mine"
    monkeypatch.undo()
    assert counts(portal) == NOTHING


def test_a_nearly_full_disk_refuses_files_before_they_are_sent_and_takes_words(
    portal, reporter, monkeypatch
):
    monkeypatch.setattr("app.intake.spool.TOO_LITTLE", 1 << 60)
    reporter.answers_routing()
    page = reporter.submits("/report/check", what="Keep.", clean_1=[], file_1=(bytes(100_000), "a"))
    assert page.status == 507
    reporter.submits("/report/check")
    assert reporter.submits("/report/send").words


def test_too_many_large_uploads_at_once_keep_the_words_on_the_page(portal, reporter, monkeypatch):
    gate = flood.Gate(1, 0.01)
    gate.enter()
    monkeypatch.setattr(
        flood.Passage.__init__,
        "__kwdefaults__",
        {**flood.Passage.__init__.__kwdefaults__, "gate": gate},
    )
    reporter.answers_routing()
    page = reporter.submits("/report/check", what="Keep.", clean_1=[], file_1=(bytes(100_000), "a"))
    assert page.status == 503
    assert page.headers["Retry-After"]
    assert page.form("/report/check")["what"] == "Keep."
    # Words find their way all the same.
    assert reporter.submits("/report/check").status == 200
    assert reporter.submits("/report/send").words
    gate.leave()


def test_files_of_yesterday_are_asked_for_again_and_the_words_are_there(portal, reporter, clock):
    reporter.writes(what="Slow.", label_1="Lost", file_1=(b"words", "a.txt"))
    clock.now += timedelta(days=1)
    with begin(parts_of(portal)["database"], clock) as work:
        letterbox.sweep(work, work.today)
    page = reporter.submits("/report/send")
    assert page.status == 422
    assert "Choose it again" in page.problems[0]
    assert page.form("/report/check")["what"] == "Slow."
    assert page.form("/report/check").getlist("waiting") == []
    assert waiting(portal) == []


@pytest.mark.parametrize("broken", ["page_key", "size", "digest", "other"])
def test_a_page_that_says_something_else_of_its_files_sends_nothing(portal, reporter, broken):
    reporter.writes(what="Words.", file_1=(b"words in a file", "a.txt"))
    form = reporter.page.form("/report/send")
    number, size, digest, label = form["waiting"].split(":")
    changes = {
        "page_key": {"page_key": "A" * 43},
        "size": {"waiting": f"{number}:{int(size) + 1}:{digest}:{label}"},
        "digest": {"waiting": f"{number}:{size}:{'0' * 64}:{label}"},
        "other": {"waiting": f"{'0' * 32}:{size}:{digest}:{label}"},
    }[broken]
    page = reporter.posts("/report/send", {**form, **changes})
    assert page.status == 422
    assert page.form("/report/check")["what"] == "Words."
    assert waiting(portal) == []


def test_the_largest_letter_fits(portal, reporter, people):
    content = secrets.token_bytes(LARGEST_FILE)
    reporter.answers_routing()
    reporter.submits(
        "/report/check",
        what="W.",
        clean_1=[],
        file_1=(content, "a"),
        clean_2=[],
        file_2=(content, "b"),
    )
    assert LARGEST_FILES == 2 * LARGEST_FILE
    reporter.submits("/report/send")
    [(letter, payload)] = waiting(portal)
    _inside, contents = opened(letter.header, payload, people.keys["amara"])
    assert contents == [content, content]
