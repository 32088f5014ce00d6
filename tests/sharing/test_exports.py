"""What leaves a desk: sealed to one recipient, opened by another implementation, recorded."""

import csv
import io
import json
import re
import tarfile
from dataclasses import replace
from hashlib import sha256

import pypdf
import pytest

from app.casework import service, sheet_keeping
from app.casework.sheet import CaseSheet
from app.casework.sheet_keeping import OpenSheet, Pen
from app.envelope.identities import Identity
from app.errors import Busy
from app.identity.domain import Role, StaffMember
from app.sharing import enclosing
from app.sharing.documents import centurion_row
from app.sharing.domain import CaseTold
from app.web import paper
from app.work import begin
from tests.casework import files
from tests.casework.conftest import Page
from tests.envelope import node

ON_SQLITE_UNLESS_PROVING = True

PHOTO = b"\xff\xd8\xff" + b"a picture of a page " * 9000


@pytest.fixture
def opened(desk):
    reporter = desk.reporter()
    sealed = reporter.seal(attachments=[("page 1", PHOTO), ("=1+1", b"two")])
    ref = desk.receives(reporter, sealed)
    helen = desk.person("helen")
    helen.reads(ref)
    return desk, reporter, ref, helen


@pytest.fixture
def recipient():
    return Identity.generate()


def exports(person, ref, recipient, **said):
    path = f"/staff/cases/{ref}/export"
    fields = {
        "kind": "bundle", "reason": "iopc", "why": "They asked", "to": "Ann at the IOPC",
        "key": str(recipient.recipient), "phrases": "", "words": "",
    }  # fmt: skip
    return person.browser.post(path, data=person.opens(path).form(path) | fields | said)


def opened_elsewhere(answer, recipient) -> bytes:
    """Open with age-encryption, which is not ours."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].endswith('.age"')
    assert answer.data.startswith(b"age-encryption.org/v1\n")
    return node.run("other_age.mjs", "open", str(recipient), given=answer.data)


def members(content):
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar:
            assert (member.uid, member.mtime, member.uname, member.isfile()) == (0, 0, "", True)
        return {name: tar.extractfile(name).read() for name in tar.getnames()}


def test_a_bundle_opens_with_another_implementation_and_has_everything(opened, recipient):
    _desk, _reporter, ref, helen = opened
    helen.replies(ref, "Which station is it?")
    path = f"/staff/cases/{ref}/notes/"
    helen.submits(path, path, note="Ask the custody sergeant")
    helen.places(ref)
    found = members(opened_elsewhere(exports(helen, ref, recipient), recipient))
    manifest = json.loads(found["manifest.json"])
    assert (manifest["kind"], manifest["ref"]) == ("bundle", ref)
    assert {one["name"] for one in manifest["members"]} == set(found) - {"manifest.json"}
    for one in manifest["members"]:
        content = found[one["name"]]
        assert (len(content), sha256(content).hexdigest()) == (one["size"], one["sha256"])
    assert found["attachments/1-1"] == PHOTO
    assert found["attachments/1-2"] == b"two"
    case = json.loads(found["case.json"])
    assert case["letters"][0]["parts"][0]["text"].startswith("A supervisor takes files home.")
    assert case["letters"][1]["parts"][0]["text"] == "Which station is it?"
    assert "Ask the custody sergeant" in [note["text"] for note in case["notes"]]
    assert {part["name"] for part in case["sheet"]} >= {"Force and directorate"}
    assert "Which station" in found["letters/2.txt"].decode()
    audit = json.loads(found["audit.json"])["entries"]
    assert {entry["subject"] for entry in audit} == {ref}
    assert {"case.opened", "reply.sent", "case.sheet-saved"} <= {one["verb"] for one in audit}
    if paper.can_print():
        pdf = pypdf.PdfReader(io.BytesIO(found["case.pdf"]))
        root = pdf.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == "en-GB"
        assert pdf.metadata.title == f"Case {ref}"
        assert {"/H1", "/H2", "/Table", "/TH", "/P"} <= tags(root["/StructTreeRoot"])
        assert "A supervisor takes files home." in "".join(p.extract_text() for p in pdf.pages)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_bundle_with_cleaned_copies_has_no_file_as_it_was_sent(desk, recipient, monkeypatch):
    reporter = desk.reporter()
    sent = [("a", files.photograph()), ("b", files.pdf()), ("c", b"words"), ("d", files.png()[:60])]
    ref = desk.receives(reporter, reporter.seal(attachments=sent))
    helen = desk.person("helen")
    helen.reads(ref)
    found = members(opened_elsewhere(exports(helen, ref, recipient, cleaned="y"), recipient))
    copies = {name: body for name, body in found.items() if name.startswith("attachments/")}
    assert set(copies) == {"attachments/1-1-cleaned.jpg", "attachments/1-2-cleaned.pdf"}
    assert not [name for name, body in copies.items() if b"Secret" in body]
    said = json.loads(found["manifest.json"])["cleaned"]
    assert said["attachments/1-1"]["copy"] == "attachments/1-1-cleaned.jpg"
    assert "GPS" in " ".join(said["attachments/1-1"]["taken_out"])
    assert said["attachments/1-3"] == {"left_out": "Files of this kind cannot be cleaned here"}
    assert "damaged" in said["attachments/1-4"]["left_out"]
    [entry] = desk.audit("case.exported")
    assert entry.details["files"] == "cleaned"
    assert "Files: cleaned copies." in helen.opens(f"/staff/cases/{ref}/notes/").text
    monkeypatch.setattr(enclosing, "MOST_CLEANED", 100)
    answer = exports(helen, ref, recipient, cleaned="y", why="Typed words")
    assert answer.status_code == 422
    assert "more than 64 MB together" in answer.text
    assert "Typed words" in answer.text
    assert len(desk.audit("case.exported")) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_while_other_files_are_cleaned_nothing_typed_is_lost(opened, recipient, monkeypatch):
    desk, _reporter, ref, helen = opened
    said = {"cleaned": "y", "why": "Typed words", "to": "Ann at the IOPC", "phrases": "a name"}

    def busy(_desk):
        raise Busy("files are being read")

    with monkeypatch.context() as patched:
        patched.setattr(enclosing, "cleaned_copies", busy)
        answer = exports(helen, ref, recipient, **said)
    assert answer.status_code == 503
    page = Page(answer)
    assert "other files are being cleaned just now" in page.text
    sent = page.form("/export")
    for name, typed in (said | {"key": str(recipient.recipient), "kind": "bundle"}).items():
        assert sent[name] == typed
    assert desk.audit("case.exported") == []
    assert helen.browser.post(f"/staff/cases/{ref}/export", data=sent).status_code == 200


def tags(node_of_pdf) -> set[str]:
    found, waiting = set(), [node_of_pdf]
    while waiting:
        one = waiting.pop()
        one = one.get_object() if hasattr(one, "get_object") else one
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            found.add(one.get("/S"))
            waiting.append(one.get("/K", []))
    return found


def test_without_weasyprint_the_case_is_a_page_to_print(opened, recipient, monkeypatch):
    _desk, _reporter, ref, helen = opened
    monkeypatch.setattr(paper, "can_print", lambda: False)
    found = members(opened_elsewhere(exports(helen, ref, recipient), recipient))
    assert "case.pdf" not in found
    page = found["case.html"].decode()
    assert f"<h1>Case {ref}</h1>" in page
    assert "A supervisor takes files home." in page


def test_an_export_is_recorded_with_its_reason_and_its_prose_is_sealed(opened, recipient):
    desk, _reporter, ref, helen = opened
    exports(helen, ref, recipient, why="Their letter of Monday")
    [entry] = desk.audit("case.exported")
    key = sha256(recipient.recipient.raw).hexdigest()[:16]
    assert (entry.actor, entry.subject) == ("helen", ref)
    assert dict(entry.details) == {"kind": "bundle", "reason": "iopc", "recipient": key}
    text = helen.opens(f"/staff/cases/{ref}/notes/").text
    assert "Ann at the IOPC" in text
    assert "Their letter of Monday" in text


def test_what_is_not_recorded_does_not_leave(opened, recipient, monkeypatch):
    from app.sharing import service

    desk, _reporter, ref, helen = opened

    def broken(*_args, **_named):
        raise RuntimeError

    monkeypatch.setattr(service, "record", broken)
    assert exports(helen, ref, recipient).status_code == 500
    assert desk.audit("note.written") == []


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"kind": ""}, "Choose what to export"), ({"reason": "fun"}, "Choose a reason"),
        ({"why": " "}, "Say why"), ({"to": ""}, "Say who receives it"),
        ({"key": "age1abc"}, "It begins with age1pq"), ({"key": ""}, "It begins with age1pq"),
        ({"kind": "centurion"}, "in your own words"),
        ({"kind": "intelligence", "words": "Something"}, "Grade the intelligence"),
        ({"kind": "centurion", "words": "A supervisor takes files home. It has happened"},
         "would show who wrote it"),
        ({"phrases": "x" * 121}, "120 characters at most"),
    ],
)  # fmt: skip
def test_wrong_input_is_said_and_nothing_leaves(opened, recipient, said, says):
    desk, _reporter, ref, helen = opened
    answer = exports(helen, ref, recipient, **said)
    assert answer.status_code == 422
    assert says in answer.text
    assert "They asked" in answer.text or "why" in said
    assert desk.audit("case.exported") == []


def test_only_the_head_of_the_cases_desk_shares_it(opened, recipient):
    desk, _reporter, ref, helen = opened
    path = f"/staff/cases/{ref}/export"
    amara, ruth = desk.person("amara"), desk.person("ruth")
    amara.reads(ref)
    assert amara.opens(path).status == 403
    assert "Export" not in amara.opens(f"/staff/cases/{ref}").text
    ruth.opens("/staff/")
    assert ruth.opens(path).status == 404
    assert ruth.opens(f"/staff/cases/{ref}/redact").status == 404
    assert helen.opens(path).status == 200
    unread = desk.receives(desk.reporter())
    helen.opens("/staff/")
    helen.declares(unread)
    page = helen.opens(f"/staff/cases/{unread}/export")
    assert page.status == 409
    assert "Read it first" in page.text


FORMULAS = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "'=1", "\uff1d1", " =1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_of_a_csv_starts_a_formula(cell):
    case = CaseTold(
        ref="BCDF-2345", desk=cell, state=cell, priority=cell, received_on="2026-11-21",
        letters=(), refused=(), sheet=(("What it is about", cell), ("Outcome", cell)), notes=(),
        audit=(),
    )  # fmt: skip
    content = centurion_row(case, cell).decode("utf-8-sig")
    heading, row = list(csv.reader(io.StringIO(content, newline="")))
    assert len(heading) == len(row)
    for found in row:
        assert not found.startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"))


def test_a_centurion_row_is_the_desks_and_not_the_reporters(opened, recipient):
    _desk, _reporter, ref, helen = opened
    helen.places(ref)
    answer = exports(
        helen, ref, recipient, kind="centurion", words="=HYPERLINK(1) records taken away"
    )
    text = opened_elsewhere(answer, recipient).decode("utf-8-sig")
    [heading, row] = list(csv.reader(io.StringIO(text, newline="")))
    said = dict(zip(heading, row, strict=True))
    assert said["Case reference"] == ref
    assert said["Allegation summary"] == "'=HYPERLINK(1) records taken away"
    assert "Response" in said["Force and department"]
    assert "supervisor" not in text


def graded(desk, ref, people, grade):
    """Write a grade on the case sheet, as the head of the desk."""
    helen = StaffMember(id="helen", name="Helen", role=Role.DESK_HEAD, desk="psd")
    readers = tuple(people.keyring.member(name) for name in ("amara", "helen", "tom"))
    pen = Pen(by=helen, key=people.keys["helen"], keyring=people.keyring, readers=readers)
    blank = CaseSheet.blank(ref, author="helen", on=desk.clock().date())
    with begin(desk.database, desk.clock) as work:
        case = service.find_case(work, ref, by=helen, hold=True)
        after = replace(blank, grade=grade)
        sheet_keeping.save(work, case, OpenSheet(sheet=blank, digest=""), after, pen=pen)


def test_an_intelligence_report_says_nothing_of_its_source(opened, recipient, people):
    desk, reporter, ref, helen = opened
    graded(desk, ref, people, "2CC")
    answer = exports(
        helen, ref, recipient, kind="intelligence", reason="intelligence",
        words="Records are being taken out of a building by somebody senior.",
    )  # fmt: skip
    report = opened_elsewhere(answer, recipient).decode()
    for said in (
        "Source: withheld", "Source evaluation: 2: untested", "C: known indirectly",
        "C: may be shared with conditions", "Records are being taken",
    ):  # fmt: skip
        assert said in report
    mailbox = reporter.receipt.mailbox_id
    for told in (ref, mailbox, "supervisor", "reporter", "anonym", "portal", "concern", "Helen"):
        assert told.lower() not in report.lower(), told
    assert (
        exports(helen, ref, recipient, kind="intelligence", words="Another one").status_code == 200
    )
    notes = helen.opens(f"/staff/cases/{ref}/notes/").text
    kept = re.findall(r"Report reference: (\d{4}-[0-9A-Z]{6})\.", notes)
    assert len(set(kept)) == 2, "each has its own, to one recipient in one year too"
    [its_own] = re.findall(r"Report reference: (.*)", report)
    assert its_own in kept
    assert its_own.startswith(f"{desk.clock().year}-")
    assert not set(its_own[5:]) & set("01OILUEAY"), "nothing that is read for something else"


def test_a_subject_access_export_marks_other_people_and_encloses_no_file(opened, recipient):
    _desk, _reporter, ref, helen = opened
    answer = exports(
        helen, ref, recipient, kind="subject-access", reason="subject-access",
        phrases="a supervisor\nThe  station",
    )  # fmt: skip
    found = members(opened_elsewhere(answer, recipient))
    assert not [name for name in found if name.startswith("attachments/")]
    assert "audit.json" not in found
    text = found["letters/1.txt"].decode()
    assert "[[third party: A supervisor]] takes files home." in text
    assert "[[third party: The station]] in the north" in text
    case = json.loads(found["case.json"])
    assert "[[third party: A supervisor]]" in case["letters"][0]["parts"][0]["text"]


def test_whoever_wrote_for_the_desk_is_not_named_in_a_subject_access_export(opened, recipient):
    desk, _reporter, ref, helen = opened
    helen.steps(ref)
    helen.replies(ref, "Which station is it?")
    helen.ends_triage(ref)
    for end, typed in (("notes/", {"note": "A thought"}), ("people", {"assignee": "helen"})):
        path = f"/staff/cases/{ref}/{end}"
        assert helen.submits(path, path, **typed).status == 303
    colleague = desk.colleague_of("helen", ref).name.title()
    said = {"reason": "subject-access", "phrases": "supervisor"}
    answer = exports(helen, ref, recipient, kind="subject-access", **said)
    found = members(opened_elsewhere(answer, recipient))
    page = found.pop("case.pdf", b"")
    text = b"".join(found.values()).decode()
    if page:
        pages = pypdf.PdfReader(io.BytesIO(page)).pages
        text += "".join(one.extract_text() for one in pages)
    for name in ("Helen", "helen", colleague):
        assert name not in text
    case = json.loads(found["case.json"])
    assert case["letters"][1]["author"] == "a member of the desk"
    assert {note["author"] for note in case["notes"]} == {"a member of the desk"}
    assert {event["who"] for event in case["events"]} == {"", "a member of the desk"}
    assert "Reply of the desk by a member of the desk" in found["letters/2.txt"].decode()
    bundle = members(opened_elsewhere(exports(helen, ref, recipient), recipient))
    assert "by Helen" in bundle["letters/2.txt"].decode(), "the rule is of this export alone"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({}, "tick that nobody else is named in it"),
        ({"phrases": "  \n"}, "tick that nobody else is named in it"),
        ({"phrases": "a supervisor", "nobody": "y"}, "Take away the tick"),
        ({"phrases": "a supervizor"}, "Nothing of this stands in the case"),
    ],
)
def test_nothing_is_left_unmarked_without_a_word(opened, recipient, said, says):
    desk, _reporter, ref, helen = opened
    kind = {"kind": "subject-access", "reason": "subject-access"}
    answer = exports(helen, ref, recipient, **kind, **said)
    assert answer.status_code == 422
    page = Page(answer)
    assert says in page.text
    assert page.form("/export")["why"] == "They asked"
    assert ("nobody" in page.form("/export")) == ("nobody" in said)
    assert desk.audit("case.exported") == []
    answer = exports(helen, ref, recipient, **kind, nobody="y")
    found = members(opened_elsewhere(answer, recipient))
    assert b"third party" not in b"".join(found.values())
    notes = helen.opens(f"/staff/cases/{ref}/notes/").text
    assert "Nobody else is named in it: nothing was marked." in notes
