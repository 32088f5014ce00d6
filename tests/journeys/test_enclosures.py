"""A file goes from a desk to its reporter, in a real browser: chosen, read by a second, saved."""

import re

import pikepdf
import pytest

from tests.casework import files as made
from tests.journeys.belongings import ANSWERS
from tests.journeys.browsing import Browsing

pytestmark = pytest.mark.browser

WORDS = "This leaflet says who can help you, and who outside can be asked."
CALLED = "Who can help (PDF document)"


@pytest.fixture(scope="module", params=["sqlite"])
def portal(request, open_portal):
    with open_portal(request.param) as running:
        yield running


@pytest.fixture
def leaflet(tmp_path):
    """A document on a handler's machine, with her name in it."""
    path = tmp_path / "Sgt Secret.pdf"
    path.write_bytes(made.pdf(pages=3))
    return path


def test_a_leaflet_is_sent_read_by_a_second_and_saved(browser, portal, reporter, arriving, leaflet):
    receipt = reporter.seals(ANSWERS)
    [ref] = arriving()
    with Browsing(browser, portal) as hers:
        hers.signs_in("amara")
        hers.opens("/staff/", "Cases for Professional Standards")
        hers.opens_case(ref)
        hers.main.get_by_role("button", name="Write to the reporter").click()
        hers.sees(f"Write to the reporter of {ref}")
        hers.page.get_by_label("Your question or answer").fill(WORDS)
        hers.page.get_by_label("Choose a file").set_input_files(leaflet)
        hers.presses("Give it to a second reader")
        hers.sees(f"Write to the reporter of {ref}")
        assert "Choose the file again" in hers.text
        hers.page.get_by_label("What the file is").fill("Who can help")
        hers.page.get_by_label("Choose a file").set_input_files(leaflet)
        hers.presses("Give it to a second reader")
        hers.sees(f"Case {ref}")
    with Browsing(browser, portal, scripts=False) as second:
        second.signs_in("helen")
        second.opens_case(ref)
        second.opens(f"/staff/cases/{ref}/draft", f"A text for the reporter of {ref}")
        assert CALLED in second.text
        second.page.get_by_role("link", name="Look at it").click()
        second.sees(f"File 1 of case {ref}")
        assert "Page 1 of 3" in second.text
        picture = second.page.get_by_role("img", name="Page 1 of file 1")
        assert picture.evaluate("it => it.naturalWidth") == 400, "drawn, and not left out"
        second.approves(ref, WORDS)
    for scripts in (True, False):
        with Browsing(browser, portal, scripts=scripts) as theirs:
            theirs.returns(" ".join(receipt.words))
            assert WORDS in theirs.text
            assert CALLED in theirs.text
            saves(theirs)
            if not scripts:
                goes_on_with_enter(theirs)


def saves(theirs):
    """Save the file beside half a message, which stays where it was."""
    theirs.page.get_by_label("Write to the team").fill("Half a message")
    with theirs.page.expect_download() as taken:
        theirs.page.get_by_role("button", name=re.compile("Save this file")).click()
    assert taken.value.suggested_filename == "file.pdf"
    with pikepdf.open(taken.value.path()) as copy:
        assert len(copy.pages) == 3
        assert not copy.attachments
        assert made.SECRET not in str(copy.docinfo)
    assert theirs.page.get_by_label("Write to the team").input_value() == "Half a message"
    theirs.sees("Your mailbox")


def goes_on_with_enter(theirs):
    """The first button of a form is pressed by Enter: it is not the one beside a file."""
    theirs.page.get_by_label("What file 1 is").press("Enter")
    theirs.sees("Check your message before it is sealed")
    assert "Half a message" in theirs.text
