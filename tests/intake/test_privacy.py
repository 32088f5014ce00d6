"""Nothing of a reporter is left anywhere but in her envelope and on her page."""

import logging
from io import StringIO
from typing import ClassVar

import pytest
import structlog

from app.envelope.receipts import Receipt, hashed_tag
from tests.intake.desk import collect, opened, parts_of, reply, waiting
from tests.intake.images import picture
from tests.intake.reporter import ADDRESS, IDENTIFYING, Reporter

TYPED = ("NEEDLE-WHAT", "NEEDLE-WHO", "NEEDLE-LABEL", "NEEDLE-NAME", "NEEDLE-MESSAGE")


def everything_on_disk(portal):
    return b"".join(
        path.read_bytes()
        for path in parts_of(portal)["settings"].data.rglob("*")
        if path.is_file() and path.parent.name != "keys"
    )


def everything_in_tables(portal):
    from sqlalchemy import inspect, text

    engine = parts_of(portal)["database"].engine
    with engine.connect() as connection:
        return b"".join(
            repr(tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)).encode()
            for table in inspect(engine).get_table_names()
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        )


@pytest.fixture
def told(portal, reporter, people):
    """A whole story: a concern with files, a collection, a reply, an answer, a visit."""
    reporter.answers_routing(leave_out=["tom"])
    reporter.submits(
        "/report/check",
        what="NEEDLE-WHAT " * 50,
        who="NEEDLE-WHO",
        label_1="NEEDLE-LABEL",
        file_1=(picture("JPEG"), "NEEDLE-NAME.jpg"),
    )
    reporter.words = reporter.submits("/report/send").words
    reporter.submits("/report/receipt", show="ask")
    [(letter, payload)] = waiting(portal)
    inside, _files = opened(letter.header, payload, people.keys["amara"])
    collect(portal)
    reply(portal, people, "amara", inside, "A question.")
    reporter.comes_back()
    reporter.answers("NEEDLE-MESSAGE")
    return reporter


def traces(reporter):
    receipt = Receipt.parse(" ".join(reporter.words))
    raw = (
        receipt.entropy,
        receipt.tag,
        receipt.identity.seed,
        receipt.signing_key.seed,
        " ".join(reporter.words).encode(),
    )
    return [
        form
        for secret in raw
        for form in (secret, secret.hex().encode(), repr(secret)[2:-1].encode())
    ]


def test_neither_words_nor_receipt_nor_who_asked_is_stored(portal, told):
    stored = everything_on_disk(portal) + everything_in_tables(portal)
    receipt = Receipt.parse(" ".join(told.words))
    assert (
        hashed_tag(receipt.tag) in stored or repr(hashed_tag(receipt.tag))[2:-1].encode() in stored
    )
    for needle in (*TYPED, ADDRESS, *IDENTIFYING.values()):
        assert needle.encode() not in stored, needle
    for trace in traces(told):
        assert trace not in stored


@pytest.fixture
def log_lines(portal):
    """What the house's logger writes from now on."""
    lines = StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(lines))
    return lines


def test_nothing_is_logged(portal, reporter, log_lines, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    reporter.reports(what="NEEDLE-WHAT", file_1=(picture("JPEG"), "NEEDLE-NAME"))
    reporter.comes_back()
    reporter.comes_back(Receipt.generate().words)
    portal.test_client().post("/report/send", data={"what": "NEEDLE-WHAT"})
    out, err = capfd.readouterr()
    assert out + err + log_lines.getvalue() == ""
    for needle in (*TYPED, ADDRESS, *IDENTIFYING.values()):
        assert needle not in caplog.text


def test_a_fault_is_logged_without_anything_typed(reporter, log_lines, monkeypatch):
    reporter.writes(what="NEEDLE-WHAT")

    def fail(*_args, **_named):
        raise RuntimeError("NEEDLE-WHAT")

    monkeypatch.setattr("app.intake.sealing.sign_letter", fail)
    assert reporter.submits("/report/send").status == 500
    assert "unexpected" in log_lines.getvalue()
    assert "NEEDLE" not in log_lines.getvalue()


def test_the_receipt_stands_in_no_address_and_no_header(portal):
    """Every form is posted, and no answer leads anywhere by its address."""

    class Watched(Reporter):
        seen: ClassVar = []

        def _see(self, response):
            type(self).seen.append((response.request.url, list(response.headers)))
            return super()._see(response)

    reporter = Watched(portal)
    reporter.reports()
    reporter.submits("/report/receipt", show="ask")
    reporter.comes_back()
    reporter.answers("More.")
    assert len(Watched.seen) > 8
    told = repr(Watched.seen)
    assert "?" not in "".join(url for url, _headers in Watched.seen)
    assert "Location" not in told
    for word in reporter.words:
        assert f" {word} " not in told
    for trace in traces(reporter):
        assert trace.decode("latin-1") not in told


def test_pages_do_not_depend_on_who_asks(portal):
    import re

    def page(**headers):
        text = portal.test_client().get("/report", headers=headers).text
        return re.sub(r"[A-Za-z0-9_-]{43,}", "", text)

    assert page() == page(**{"User-Agent": "Other", "Accept-Language": "cy", "Cookie": "a=b"})


def test_the_database_holds_no_time_of_day_for_a_letter(portal, told):
    from sqlalchemy import DateTime

    from app.database import Base

    timed = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        if table.name.startswith(("intake_", "mailbox_"))
        for column in table.columns
        if isinstance(column.type, DateTime)
    ]
    assert timed == []


def test_waiting_files_open_with_the_page_alone(portal, reporter):
    from io import BytesIO

    from app.envelope.errors import PayloadError
    from app.envelope.file_keys import FileKey
    from app.envelope.stream import PayloadReader
    from app.intake.waiting import PageKey
    from tests.intake.test_uploads import stored

    reporter.writes(clean_1=[], file_1=(b"NEEDLE words", "a.txt"))
    form = reporter.page.form("/report/send")
    file = bytes.fromhex(form["waiting"].split(":")[0])
    sealed = stored(portal)
    key = PageKey.parse(form["page_key"])
    assert PayloadReader(BytesIO(sealed), key.file_key(file)).read() == b"NEEDLE words"
    for other in (PageKey.fresh().file_key(file), key.file_key(b"x" * 16), FileKey(bytes(16))):
        with pytest.raises(PayloadError):
            PayloadReader(BytesIO(sealed), other).read()
    assert form["page_key"].encode() not in everything_on_disk(portal) + everything_in_tables(
        portal
    )
