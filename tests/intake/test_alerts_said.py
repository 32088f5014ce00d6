"""A reporter reads whether anybody is told at once, and that is true of every desk."""

from dataclasses import replace

import pytest

from app.factory import build

NOBODY = "Nobody is alerted at once by what you send here."
SOMEBODY = "people on call get a message that says only that something urgent waits"


def said(settings, clock):
    browser = build(settings, clock=clock).test_client()
    return [browser.get(path).text for path in ("/", "/report")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_says_so_where_nobody_is(settings, clock):
    for page in said(settings, clock):
        assert NOBODY in page
        assert SOMEBODY not in page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_says_so_where_somebody_is(settings, clock):
    alerting = replace(settings, smtp_url="smtps://mail.example.org")
    for page in said(alerting, clock):
        assert SOMEBODY in page
        assert NOBODY not in page
