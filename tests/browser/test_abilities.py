"""Pictures are cleaned where the browser can; where it lacks something, the page says so or stays plain."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.stand_in import StandIn
from tests.browser.test_page_and_python import opened

pytestmark = pytest.mark.browser

SECRET = "a camera with a number"


def photograph(secret: str = SECRET) -> bytes:
    """Return a JPEG, turned on its side, that says which camera took it."""
    exif = Image.Exif()
    exif[0x010F] = secret
    exif[0x0112] = 6
    out = BytesIO()
    Image.new("RGB", (60, 40), (200, 30, 30)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def adds_a_picture(page: Page, content: bytes) -> None:
    file = {"name": "IMG_1234.jpg", "mimeType": "image/jpeg", "buffer": content}
    page.set_input_files("#files", [file])


def test_hidden_data_goes_and_the_picture_stays(page: Page, server: StandIn):
    acts.writes(page, server)
    adds_a_picture(page, photograph())
    page.get_by_role("button", name="Check").click()
    expect(page.locator("[data-files]")).to_contain_text("Hidden data removed")
    page.get_by_role("button", name="Seal and send").click()
    acts.reads_receipt(page)
    _, [content] = opened(server.envelopes()[0], server.people.keys["amara"].identity)
    assert SECRET.encode() not in content
    picture = Image.open(BytesIO(content))
    assert picture.size == (40, 60), "turned as the camera said"
    assert not picture.getexif()


def test_it_is_kept_where_she_wants_it(page: Page, server: StandIn):
    acts.writes(page, server)
    adds_a_picture(page, photograph())
    page.locator("#clean-1").uncheck()
    page.get_by_role("button", name="Check").click()
    expect(page.locator("[data-files]")).to_contain_text("hidden data included")
    page.get_by_role("button", name="Seal and send").click()
    acts.reads_receipt(page)
    _, [content] = opened(server.envelopes()[0], server.people.keys["amara"].identity)
    assert content == photograph()


@pytest.mark.parametrize("fault", ["no canvas", "not a picture"])
def test_what_cannot_be_cleaned_is_said_before_it_is_sent(page: Page, server: StandIn, fault):
    if fault == "no canvas":
        page.add_init_script("delete globalThis.OffscreenCanvas")
    acts.writes(page, server)
    adds_a_picture(page, photograph() if fault == "no canvas" else b"not a picture at all")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("[data-files]")).to_contain_text("could not be removed")
    page.get_by_role("button", name="Change").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("[data-chosen] li")).to_have_count(0)


def test_a_browser_that_lacks_something_keeps_the_plain_page(page: Page, server: StandIn):
    page.add_init_script("delete globalThis.TransformStream")
    page.goto(f"{server.address}/report")
    expect(page.locator("body")).to_have_class("govuk-template__body js-enabled govuk-frontend-supported")
    assert page.locator("#main-content").get_attribute("data-candour-ready") is None
    with page.expect_request("**/report/write") as posted:
        page.get_by_role("button", name="Continue").click()
    assert posted.value.method == "POST"


def test_files_beyond_the_limits_are_named(page: Page, server: StandIn):
    acts.writes(page, server)
    files = [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"x"} for n in range(11)]
    page.set_input_files("#files", [*files, {"name": "none.txt", "mimeType": "text/plain", "buffer": b""}])
    page.get_by_role("button", name="Check").click()
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_contain_text("10 files at most")
    expect(summary).to_contain_text("“none.txt” is empty")
