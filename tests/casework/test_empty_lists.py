"""A list with nothing on it says what will stand there, when, and what to do now."""

import shutil

import pytest

from tests.casework.sheets import in_triage, path

# The page, and words of what it says. `~` is the part of an address after a case's reference.
SAYS = {
    "/staff/?show=waiting": "Concerns come once a day",
    "/staff/?show=open": "Read one that waits to be opened",
    "/staff/?show=closed": "A case is closed on its page of next steps",
    "/staff/?show=open&due=overdue": "Take one of the choices away",
    "/staff/search/": "The letters, replies, case sheets and internal notes",
    "/staff/second-reader": "until somebody has sent or returned it",
    "/staff/redacted": "It stands here as soon as it is made",
    "~notes/": "Write down what you did",
    "~links": "Link two below",
    "~sheet/versions": "a version is added here",
    "~clocks": "An action that is added below stands here",
    "~summary": "once somebody has saved it",
    "~redact": "whom it is for stands here",
    "~draft": "If it was sent, it stands among the letters",
}


@pytest.fixture
def database_url(tmp_path, migrated):
    """On SQLite alone: these are words of templates."""
    (tmp_path / "data").mkdir()
    return f"sqlite:///{shutil.copy(migrated, tmp_path / 'data' / 'casework.sqlite')}"


def test_every_empty_list_teaches(desk):
    helen = desk.person("helen")
    for address, words in SAYS.items():
        if not address.startswith("~"):
            assert words in helen.opens(address).text, address
    page = helen.submits("/staff/search/", "/staff/search/", words="files")
    assert "You have not opened a case yet" in page.text
    ref = in_triage(desk, helen)
    for address, words in SAYS.items():
        if address.startswith("~"):
            assert words in helen.opens(path(ref, address[1:])).text, address
    page = helen.submits("/staff/search/", "/staff/search/", words="parasol")
    assert "Try fewer words" in page.text
