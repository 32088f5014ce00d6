"""Whatever is sent is answered with a page and a status that fit, and never with a 500."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.envelope.receipts import Receipt
from app.factory import build
from app.intake.forms import write_entropy
from app.intake.tickets import TicketOffice
from app.intake.writing import WaitingFile, tidy
from tests.conftest import NOON
from tests.intake.desk import waiting
from tests.intake.reporter import MULTIPART
from tests.proof import examples

ON_SQLITE_UNLESS_PROVING = True

URLENCODED = [
    "/report",
    "/report/write",
    "/report/send",
    "/report/receipt",
    "/mailbox",
    "/mailbox/send",
]
MULTI = ["/report/check", "/mailbox/check"]
SEALED = ["/report/envelope", "/mailbox/envelope"]
FITTING = {200, 201, 400, 404, 409, 413, 422, 503}

NAMES = (
    "about", "danger", "urgent", "leave_out", "what", "who", "text", "label_1", "clean_1", "page_key",
    "waiting", "entropy", "shown", "entry", "desk", "place", "previous", "remove", "more", "show",
    "everything", "receipt", "asked", "word_1", "word_2", "tag", "mailbox",
)  # fmt: skip
RECEIPT = Receipt(bytes(16))
PLAUSIBLE = (
    "colleague", "chief_constable", "yes", "no", "tom", "psd", "independent", "1", "3 9", "9999999",
    write_entropy(RECEIPT), "A" * 43, "0" * 64, "ab" * 16, RECEIPT.tag.hex(), RECEIPT.mailbox_id,
    " ".join(RECEIPT.words), "words", "ask", f"{'ab' * 16}:5:{'0' * 64}:A label",
    f"{'ab' * 16}:999999999:{'0' * 64}::", "\x00\x1b\x7f", "\u202e\ufeff", "9" * 4000, "-1", "\uff11\uff12",
)  # fmt: skip
values = st.sampled_from(PLAUSIBLE) | st.text(max_size=60)
fields = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=12)


@pytest.fixture(scope="module")
def office():
    return TicketOffice.of("a key for tests, and long enough by far")


def body(ticket, pairs):
    return MultiDict([("ticket", ticket), *pairs])


@pytest.mark.parametrize("path", URLENCODED)
def test_any_fields_of_a_form(portal, office, path):
    client = portal.test_client()

    @given(fields)
    @examples(normal=40, proof=5_000)
    def check(pairs):
        answer = client.post(path, data=body(office.issue(NOON.date()), pairs))
        assert answer.status_code in FITTING
        assert "Set-Cookie" not in answer.headers

    check()


@pytest.mark.parametrize("path", [*MULTI, *SEALED])
def test_any_fields_and_files(portal, office, path):
    client = portal.test_client()

    @given(fields, st.sampled_from(["file_1", "file_2", "envelope", "x"]), st.binary(max_size=200))
    @examples(normal=40, proof=5_000)
    def check(pairs, name, content):
        data = body(office.issue(NOON.date()), pairs)
        data.add(name, (BytesIO(content), "name"))
        answer = client.post(path, data=data, content_type=MULTIPART)
        assert answer.status_code in FITTING
        assert "Set-Cookie" not in answer.headers

    check()


@pytest.mark.parametrize("path", [*URLENCODED, *MULTI, *SEALED, "/mailbox/open"])
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", b'{"what": 1}'),
        ("text/plain", b"what=1"),
        ("", b"\xff\xfe"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=b", b"--b\r\nrubbish\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\n" * 5000),
        ("multipart/form-data; boundary=\xc3\xa9", b"--x--"),
        ("application/x-www-form-urlencoded", b"ticket=%ff%fe&what=%ED%A0%80&=&&a"),
        ("application/x-www-form-urlencoded", b"a=b&" * 5000),
        ("application/x-www-form-urlencoded", b"what=" + b"x" * 600_000),
    ],
)
def test_any_body(portal, path, kind, content):
    answer = portal.test_client().post(path, data=content, content_type=kind)
    assert answer.status_code in {400, 413}, answer.text[:300]
    assert waiting(portal) == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/report", "/report/send", "/mailbox/open"])
def test_other_methods_are_refused(portal, method, path):
    assert portal.test_client().open(path, method=method).status_code == 405


def test_half_characters_and_control_characters_do_not_reach_a_letter(portal, reporter, people):
    reporter.writes(what="a\x00b\x1bc\ud7ff\ufffd\n\td")
    assert reporter.page.form("/report/send")["what"] == "abc\ud7ff\ufffd\r\n\td"


@given(st.text())
@examples(normal=200)
def test_tidying_twice_changes_nothing(text):
    once = tidy(text)
    assert tidy(once) == once
    assert "\r" not in once
    assert "\x00" not in once


@given(st.text(max_size=200))
@examples(normal=200)
def test_what_a_page_says_of_a_file_is_read_back_or_not_at_all(text):
    found = WaitingFile.parse(text)
    assert found is None or str(found) == text


def test_a_secret_of_another_installation_makes_other_tickets(settings, clock):
    from dataclasses import replace

    from config import Surface

    other = build(
        replace(settings, surfaces=Surface.REPORTER, secret_key="another secret, " * 3), clock=clock
    )
    ours = TicketOffice.of(settings.secret_key).issue(NOON.date())
    answer = other.test_client().post("/report", data={"ticket": ours})
    assert answer.status_code == 400
    other.extensions["candour"]["database"].engine.dispose()
