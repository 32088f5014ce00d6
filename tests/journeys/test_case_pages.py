"""Every kind of page of a case, looked at once: accessible, and no wider than a narrow screen."""

import pytest
from pypdfium2 import PdfDocument

from tests.journeys.case_hands import AtDesk
from tests.journeys.case_telling import posts

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}  # pixels
# By the end of an address what each page of a case is called.
OF_A_CASE = {
    "": "Case {}",
    "/declare": "A conflict of interest in case {}",
    "/reply": "Write to the reporter of {}",
    "/approved": "Choose a text for the reporter of {}",
    "/notes/": "Internal notes on {}",
    "/sheet": "Case sheet of {}",
    "/sheet/versions": "All versions of the case sheet of {}",
    "/assessment": "Assessment of {}",
    "/clocks": "Dates and clocks of {}",
    "/people": "People of {}",
    "/links": "Cases linked to {}",
    "/timeline": "Timeline of {}",
    "/summary": "Summary of {}",
    "/next": "Next step in case {}",
    "/next/declare-conflict": "Pass it to a separate desk because of a conflict",
    "/next/close-at-triage": "Record an outcome without further steps",
    "/next/reopen": "That step was not taken in case {}",
    "/triage-ends": "Triage of {} ends",
    "/next/record-outcome": "That step was not taken in case {}",
    "/export": "Export case {}",
    "/redact": "A redacted version of {}",
}
OF_THE_DESK = {
    "/staff/?show=open": "Cases for Professional Standards",
    "/staff/?show=closed": "Cases for Professional Standards",
    "/staff/search/": "Search your cases",
    "/staff/second-reader": "Texts that wait for a second reader",
    "/staff/redacted": "Redacted versions",
}


@pytest.fixture
def ref(six_desks, at_work, brings):
    """A case in triage with something on each of its pages, read by the head of its desk."""
    posts(six_desks, "The property store is short of bags. " * 8)
    ref = brings("helen")
    helen = at_work("helen")
    helen.first_opens(ref)
    helen.starts_triage(ref)
    helen.places(ref, "Theft, fraud, overtime or expenses")
    helen.assesses(ref, {"Whom it is about": "A police officer"}, learning="Count them. " * 9)
    helen.writes_down(ref, "The appropriate authority became aware")
    return ref


def test_every_page_of_a_case_is_in_order(at_work, ref):
    helen = at_work("helen")
    look_at_all(helen, ref, AtDesk.inspect)
    helen.goes_to(ref)
    helen.presses("Write to the reporter")
    helen.page.get_by_label("Your question or answer").fill("How many bags were there?")
    helen.presses("Give it to a second reader")
    helen.presses("Write to the reporter")
    helen.sees(f"A text for the reporter of {ref}")
    helen.inspect()
    helen.page.goto(f"/staff/cases/{ref}/summary")
    assert len(PdfDocument(helen.page.pdf(format="A4"))) == 1, "a summary is one page of paper"


def test_every_page_does_without_scripts(browser, six_desks, ref):
    """The same pages and the ways through them, in a window of a colleague's that runs none."""
    six_desks.turn(days=1)
    with AtDesk(browser, six_desks, "tom", scripts=False, viewport=PHONE) as tom:
        tom.is_at_work()
        tom.first_opens(ref)
        look_at_all(tom, ref, fits_a_phone)
        tom.places(ref, "Theft, fraud, overtime or expenses", "Operations and roads")
        tom.at_inbox()
        tom.follows("Search the cases you have opened", "Search your cases")
        tom.page.get_by_role("textbox").fill("bags")
        tom.presses("Search")
        fits_a_phone(tom)
        tom.follows(ref, f"Case {ref}")
        tom.sends(ref, "It is being assessed")
        tom.decides(ref, "Resolve it locally", "A service or safety fix")
        assert tom.stands_at(ref) == "Local resolution"
    # A one-time code is good once, and his other window may ask for one at any time.
    six_desks.turn(days=1)


def look_at_all(handler, ref, look):
    for end, heading in OF_A_CASE.items():
        path = f"/staff/cases/{ref}{end}"
        # A head shares and decides more than those beside her.
        if handler.page.goto(path).status in {403, 409} and handler.name != "helen":
            continue
        handler.sees(heading.format(ref))
        look(handler)
    for path, heading in OF_THE_DESK.items():
        handler.opens(path, heading)
        look(handler)


def fits_a_phone(handler):
    wide = handler.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], handler.page.title()
