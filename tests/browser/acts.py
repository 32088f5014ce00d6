"""What a reporter does on the pages, in her own verbs."""

from playwright.sync_api import Locator, Page, expect

from app.envelope.receipts import Receipt
from tests.browser.between import Between

WORDS = "The evidence log of 3 May was altered, twice. 🗂"


def opens(page: Page, server: Between, path: str) -> None:
    page.goto(server.address + path)
    expect(page.locator("#main-content")).to_have_attribute("data-candour-ready", "")


def left_out(page: Page, member: str) -> Locator:
    return page.locator(f'[name="leave_out"][value="{member}"]')


def chooses_readers(page: Page, server: Between, *, leaves_out: str = "tom") -> None:
    opens(page, server, "/report")
    page.get_by_label("A colleague").check()
    page.get_by_text("Leave somebody out").click()
    left_out(page, leaves_out).check()
    goes_on(page)


def goes_on(page: Page) -> None:
    page.get_by_role("button", name="Continue").click()


def writes(page: Page, server: Between, words: str = WORDS) -> None:
    chooses_readers(page, server)
    page.get_by_label("What happened").fill(words)


def adds(page: Page, *files: tuple[str, str, bytes]) -> None:
    page.set_input_files(
        "#files",
        [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files],
    )


def sends(page: Page) -> None:
    page.get_by_role("button", name="Seal and send").click()


def seals(page: Page) -> None:
    goes_on(page)
    sends(page)


def reads_receipt(page: Page) -> Receipt:
    page.locator("ol[data-words] li").last.wait_for()
    return Receipt.parse(" ".join(page.locator("ol[data-words] li").all_inner_texts()))


def proves_receipt(page: Page, receipt: Receipt) -> None:
    page.get_by_role("button", name="I have written them down").click()
    for number in (1, 2):
        place = int(page.locator(f'[data-ask="{number}"]').inner_text())
        page.locator(f"#word_{number}").fill(receipt.words[place - 1].upper())
    goes_on(page)


def enters(page: Page, server: Between, receipt: Receipt) -> None:
    opens(page, server, "/mailbox")
    page.get_by_label("Your receipt").fill("\n".join(receipt.words))
    page.get_by_role("button", name="Open").click()


def answers(page: Page, words: str) -> None:
    page.get_by_label("Write to the team").fill(words)
    sends(page)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def summary(page: Page) -> Locator:
    return page.locator(".govuk-error-summary")
