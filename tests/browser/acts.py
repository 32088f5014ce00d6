"""What a reporter does on the pages, in her own verbs."""

from playwright.sync_api import Page, expect

from app.envelope.receipts import Receipt
from tests.browser.stand_in import StandIn

WORDS = "The evidence log of 3 May was altered – twice. 🗂"


def opens(page: Page, server: StandIn, path: str) -> None:
    page.goto(server.address + path)
    expect(page.locator("#main-content")).to_have_attribute("data-candour-ready", "")


def chooses_readers(page: Page, server: StandIn, *, leaves_out: str = "tom") -> None:
    opens(page, server, "/report")
    page.get_by_label("A colleague").check()
    page.locator(f"#leave-{leaves_out}").check()
    page.get_by_role("button", name="Continue").click()


def writes(page: Page, server: StandIn, words: str = WORDS) -> None:
    chooses_readers(page, server)
    page.get_by_label("What happened?").fill(words)


def seals(page: Page) -> None:
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Seal and send").click()


def reads_receipt(page: Page) -> Receipt:
    page.locator("ol[data-words] li").last.wait_for()
    return Receipt.parse(" ".join(page.locator("ol[data-words] li").all_inner_texts()))


def proves_receipt(page: Page, receipt: Receipt) -> None:
    page.get_by_role("button", name="I have copied it").click()
    for number in (1, 2):
        place = int(page.locator(f'[data-ask="{number}"]').inner_text())
        page.locator(f"#word_{number}").fill(receipt.words[place - 1].upper())
    page.get_by_role("button", name="Continue").click()


def enters(page: Page, server: StandIn, receipt: Receipt) -> None:
    opens(page, server, "/mailbox")
    page.get_by_label("Your twelve words").fill("\n".join(receipt.words))
    page.get_by_role("button", name="Open").click()


def heading(page: Page):
    return page.get_by_role("heading", level=1)
