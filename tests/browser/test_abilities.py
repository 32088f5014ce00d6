"""Pictures are cleaned where the browser can; where it lacks something, the page says so or stays plain."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import acts
from tests.browser.between import Between
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
    acts.adds(page, ("IMG_1234.jpg", "image/jpeg", content))


def test_hidden_data_goes_and_the_picture_stays(page: Page, server: Between):
    acts.writes(page, server)
    adds_a_picture(page, photograph())
    acts.goes_on(page)
    expect(page.locator("[data-files]")).to_contain_text("Hidden data removed")
    acts.sends(page)
    acts.reads_receipt(page)
    _, [content] = opened(server.envelopes()[0], server.people.keys["amara"].identity)
    assert SECRET.encode() not in content
    picture = Image.open(BytesIO(content))
    assert picture.size == (40, 60), "turned as the camera said"
    assert not picture.getexif()


def test_it_is_kept_where_she_wants_it(page: Page, server: Between):
    acts.writes(page, server)
    adds_a_picture(page, photograph())
    page.locator("#clean-1").uncheck()
    acts.goes_on(page)
    expect(page.locator("[data-files]")).to_contain_text("hidden data included")
    acts.sends(page)
    acts.reads_receipt(page)
    _, [content] = opened(server.envelopes()[0], server.people.keys["amara"].identity)
    assert content == photograph()


@pytest.mark.parametrize("fault", ["no canvas", "not a picture"])
def test_what_cannot_be_cleaned_is_said_before_it_is_sent(page: Page, server: Between, fault):
    if fault == "no canvas":
        page.add_init_script("delete globalThis.OffscreenCanvas")
    acts.writes(page, server)
    adds_a_picture(page, photograph() if fault == "no canvas" else b"not a picture at all")
    acts.goes_on(page)
    expect(page.locator("[data-files]")).to_contain_text("could not be removed")
    page.get_by_role("button", name="Change Files").click()
    page.get_by_role("button", name="Remove this file").click()
    expect(page.locator("[data-chosen] li")).to_have_count(0)


def test_a_browser_that_lacks_something_keeps_the_plain_page(page: Page, server: Between):
    page.add_init_script("delete globalThis.TransformStream")
    page.goto(f"{server.address}/report")
    expect(page.locator("body")).to_have_class(
        "govuk-template__body js-enabled govuk-frontend-supported"
    )
    assert page.locator("#main-content").get_attribute("data-candour-ready") is None
    with page.expect_request("**/report/write") as posted:
        acts.goes_on(page)
    assert posted.value.method == "POST"


def test_files_beyond_the_limits_are_named(page: Page, server: Between):
    acts.writes(page, server)
    files = [(f"{number}.txt", "text/plain", b"x") for number in range(11)]
    acts.adds(page, *files, ("none.txt", "text/plain", b""))
    acts.goes_on(page)
    expect(acts.summary(page)).to_contain_text("10 files at most")
    expect(acts.summary(page)).to_contain_text("“none.txt” is empty")
