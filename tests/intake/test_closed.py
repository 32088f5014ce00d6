"""A keyring that does not verify closes intake, in so many words, and loses nothing typed."""

from datetime import timedelta

import pytest

from tests.intake.desk import waiting
from tests.intake.test_json import refused


def tamper(settings):
    content = settings.keyring.read_bytes()
    settings.keyring.write_bytes(content.replace(b"Amara", b"Mallo", 1))


def expire(clock):
    clock.now += timedelta(days=500)


BREAKS = {
    "altered": lambda settings, clock: tamper(settings),
    "expired": lambda settings, clock: expire(clock),
    "gone": lambda settings, clock: settings.keyring.unlink(),
    "signer gone": lambda settings, clock: settings.keyring_signer.unlink(),
    "rubbish": lambda settings, clock: settings.keyring.write_bytes(b"\x00{"),
}


@pytest.mark.parametrize("how", BREAKS)
def test_intake_is_closed_and_says_so(portal, reporter, settings, clock, how):
    reporter.answers_routing()
    BREAKS[how](settings, clock)
    for path in ("/report", "/mailbox"):
        page = reporter.opens(path)
        assert page.status == 503
        assert page.heading == "This portal is closed just now"
        assert "999" in page.text
        assert "IOPC" in page.text
        assert page.headers["Retry-After"]
    answer = portal.test_client().get("/report/keyring.json")
    assert answer.status_code == 503
    assert answer.json["error"] == "closed"
    assert reporter.opens("/").status == 200


@pytest.mark.parametrize("how", ["altered", "gone"])
def test_nothing_is_sealed_and_nothing_typed_is_lost(portal, reporter, settings, clock, how):
    reporter.answers_routing()
    form = reporter.page.form("/report/check")
    reporter.submits("/report/check", what="NEEDLE-WHAT", who="NEEDLE-WHO", file_1=(b"w", "a"))
    check = reporter.page.form("/report/send")
    BREAKS[how](settings, clock)
    for path, fields in (
        ("/report", check),
        ("/report/write", check),
        ("/report/send", check),
    ):
        page = reporter.posts(path, fields)
        assert page.status == 503, path
        assert {"NEEDLE-WHAT", "NEEDLE-WHO"} <= set(page.main.text.split()), path
        assert not page.words
    fields = {**form, "what": "NEEDLE-WHAT"}
    page = reporter.posts("/report/check", fields, file_1=(b"words", "a"))
    assert page.status == 503
    assert "NEEDLE-WHAT" in page.main.text
    assert waiting(portal) == []


def test_a_reply_that_is_being_written_is_not_lost(portal, reporter, settings, clock):
    reporter.reports()
    reporter.comes_back()
    thread = reporter.page.form("/mailbox/check")
    reporter.submits("/mailbox/check", text="NEEDLE-TEXT")
    check = reporter.page.form("/mailbox/send")
    tamper(settings)
    page = reporter.posts("/mailbox/send", check)
    assert page.status == 503
    assert "NEEDLE-TEXT" in page.main.text
    page = reporter.posts("/mailbox/check", {**thread, "text": ""}, file_1=(b"words", "a"))
    assert page.status == 503


def test_an_envelope_is_not_taken_either(portal, settings, clock, people):
    from tests.intake.test_json import Script

    script = Script(portal.test_client(), people)
    ticket = script.ticket()
    tamper(settings)
    refused(script.posts(ticket=ticket), 503, "closed")
    assert waiting(portal) == []
