"""What came with a letter, in a real browser: looked at page by page, warned of, cleaned.

Without scripts; every page is looked at as those of the other journeys are.
"""

import pikepdf
import pytest

from tests.casework import files as made
from tests.journeys.belongings import ANSWERS
from tests.journeys.browsing import Browsing
from tests.journeys.pages import Enclosed

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["sqlite"])
def portal(request, open_portal):
    with open_portal(request.param) as running:
        yield running


def test_a_document_is_read_and_a_cleaned_copy_taken(browser, portal, reporter):
    reporter.seals(
        ANSWERS,
        [
            Enclosed("a.pdf", made.pdf(pages=3), "application/pdf", label="Minutes"),
            Enclosed("b.docx", made.docx(), "application/octet-stream", label="A letter"),
        ],
    )
    portal.collect()
    with Browsing(browser, portal, scripts=False) as hers:
        hers.signs_in("helen")
        [ref] = hers.page.locator(".cd-inbox a.cd-exact").all_inner_texts()
        hers.opens_case(ref)
        case = hers.page.url
        hers.page.get_by_role("link", name="Look at it").first.click()
        hers.sees(f"File 1 of case {ref}")
        hers.page.get_by_role("link", name="Next").click()
        hers.sees(f"File 1 of case {ref}")
        assert "Page 2 of 3" in hers.text
        picture = hers.page.get_by_role("img", name="Page 2 of file 1")
        assert picture.evaluate("it => it.naturalWidth") == 400, "drawn, and not left out"
        hers.page.get_by_role("link", name="Make a cleaned copy").click()
        hers.sees(f"Cleaned copy of file 1 of case {ref}")
        with hers.page.expect_download() as taken:
            hers.page.get_by_role("button", name="Download the cleaned copy").click()
        assert taken.value.suggested_filename == "attachment-1-cleaned.pdf"
        with pikepdf.open(taken.value.path()) as copy:
            assert len(copy.pages) == 3
            assert not copy.attachments
        hers.page.goto(case)
        hers.page.get_by_role("link", name="Look at it").nth(1).click()
        hers.sees(f"File 2 of case {ref}")
        assert "tracked changes" in hers.text
        hers.opens(f"/staff/cases/{ref}/redact", f"A redacted version of {ref}")
        hers.opens(f"/staff/cases/{ref}/export", f"Export case {ref}")
