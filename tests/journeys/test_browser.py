"""The same journey in a real browser, with scripts and without: usable, accessible, leaving nothing.

Every page on the way is looked at: WCAG 2.2 AA by axe, no sideways scrolling on a narrow screen,
no complaint on the console, no request to anybody else.
"""

from io import BytesIO

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.database import open_database
from app.envelope.receipts import Receipt
from app.intake.letterbox import payload
from app.intake.tables import LetterRow
from app.work import look
from tests.journeys.belongings import ANSWERS, MESSAGE, QUESTION, photograph
from tests.journeys.belongings import says_nothing_but_its_pixels as is_clean
from tests.journeys.browsing import Browsing
from tests.journeys.canaries import canary
from tests.journeys.scanning import Scanner
from tests.journeys.scripted import ScriptedReporter, read_whole
from tests.journeys.visitors import ADDRESS, Reporter
from tests.journeys.wiretap import Wiretap

pytestmark = pytest.mark.browser

BOTH_WAYS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
RECORDING = b"\0\1" + canary("recording").encode() * 200_000
SHORT = {"what": ANSWERS["what"], "who": ANSWERS["who"]}


@pytest.fixture(scope="module", params=["sqlite"])
def portal(request, open_portal):
    with open_portal(request.param) as running:
        yield running


@pytest.fixture
def window(browser, portal):
    """Return what opens a window of the browser on the portal."""
    return lambda **options: Browsing(browser, portal, **options)


@pytest.fixture
def files(tmp_path):
    """Two files on a reporter's disk: what cannot be cleaned, and a picture that is."""
    recording, picture = tmp_path / f"{canary('rec')}.bin", tmp_path / f"{canary('pic')}.jpg"
    recording.write_bytes(RECORDING)
    picture.write_bytes(photograph().content)
    return [(recording, "A recording", False), (picture, "A picture", True)]


@BOTH_WAYS
def test_one_concern_goes_the_whole_way(window, portal, amara, arriving, files, scripts):
    with window(scripts=scripts) as hers:
        hers.opens("/", "Raise a concern without giving your name")
        hers.chooses("A colleague", leaves_out=["Tom"])
        hers.writes(ANSWERS, files)
        assert "Tom" in hers.text
        receipt = hers.seals()
        hers.proves(receipt)
        hers.returns(" ".join(receipt.words))
        assert "waits for the next collection" in hers.text

        [ref] = arriving()
        case = amara.opens_case(ref)
        assert all(answer in case.main for answer in ANSWERS.values())
        assert amara.downloads(case, "A recording") == RECORDING
        assert is_clean(amara.downloads(case, "A picture"))
        amara.asks_reporter(ref, QUESTION)

        hers.returns(", ".join(receipt.words).upper())
        assert QUESTION in hers.text
        assert "Amara" in hers.text
        hers.answers(MESSAGE, files[:1])
        portal.collect()
        case = amara.opens_case(ref)
        assert MESSAGE in case.main
        hers.returns(" ".join(receipt.words))
        assert MESSAGE in hers.text
        assert "gone" not in hers.text


def test_a_handler_reads_and_asks(window, portal, reporter):
    receipt = reporter.seals(ANSWERS, [photograph()])
    portal.collect()
    with window() as theirs:
        theirs.signs_in("helen")
        for ref in theirs.page.locator(".cd-inbox a.cd-exact").all_inner_texts():
            theirs.opens("/staff/", "Cases for Professional Standards")
            theirs.opens_case(ref)
            if ANSWERS["where"] in theirs.text:
                break
        assert ANSWERS["what"] in theirs.text
        theirs.asks(ref, QUESTION)
        theirs.presses("Start triage")
        theirs.sees(f"Case {ref}")
        theirs.page.get_by_role("link", name="Look at it").first.click()
        theirs.sees(f"File 1 of case {ref}")
        theirs.opens("/staff/?show=open", "Cases for Professional Standards")
        theirs.opens("/staff/account", "Your account")
        theirs.opens("/staff/account/password", "Change your password")
    with window() as second:
        second.signs_in("tom")
        second.opens_case(ref)
        second.approves(ref, QUESTION)
    assert QUESTION in Reporter(portal).returns(receipt.words).main


@BOTH_WAYS
@pytest.mark.parametrize(
    "path", ["/help/anonymity", "/help/privacy", "/help/accessibility", "/leave"]
)
def test_the_other_pages_are_in_order(window, scripts, path):
    with window(scripts=scripts) as hers:
        hers.page.goto(path)
        hers.sees(hers.page.get_by_role("heading", level=1).inner_text())


@BOTH_WAYS
@pytest.mark.parametrize(("planted", "said"), [("input", "label"), ("pre", "scrolls sideways")])
def test_a_planted_fault_is_found(window, scripts, planted, said):
    """An inspection that finds nothing is worth what it would have found."""
    with window(scripts=scripts) as hers:
        hers.page.goto("/mailbox")
        hers.page.evaluate(PLANT, planted)
        with pytest.raises(AssertionError, match=said):
            hers.inspect()


PLANT = """(name) => {
  const fault = document.createElement(name);
  fault.textContent = "wide".repeat(99);
  document.querySelector("h1").after(fault);
}"""


@BOTH_WAYS
def test_what_is_missing_is_said_where_it_is_missing(window, scripts):
    with window(scripts=scripts) as hers:
        hers.opens("/report", "Choose who can read your concern")
        hers.presses("Continue")
        hers.sees("Choose who can read your concern")
        assert [one.split(",")[0] for one in hers.errors] == ["Choose who it is about"]
        assert hers.page.title().startswith("Error: ")
        hers.page.locator(".govuk-error-summary a").click()
        expect(hers.page.locator("#about")).to_be_focused()
        hers.page.get_by_label("Nobody in particular").check()
        hers.presses("Continue")
        hers.sees("Write your concern")
        hers.page.locator("#who").fill(ANSWERS["who"])
        hers.presses("Continue")
        hers.sees("Write your concern")
        assert hers.errors == ["Say what happened, in a few words or many"]
        expect(hers.page.locator("#who")).to_have_value(ANSWERS["who"])


@BOTH_WAYS
def test_nobody_here_should_read_it(window, scripts):
    with window(scripts=scripts) as hers:
        hers.chooses("The chief constable")
        hers.sees("Somebody outside should take this")
        hers.presses("Back to the questions")
        hers.sees("Choose who can read your concern")
        expect(hers.page.get_by_label("The chief constable", exact=True)).to_be_checked()


@BOTH_WAYS
def test_the_two_words_are_asked_for_until_they_are_right(window, scripts):
    with window(scripts=scripts) as hers:
        hers.chooses()
        hers.writes(SHORT)
        receipt = hers.seals()
        hers.presses("I have written them down")
        words = hers.page.locator("ol[data-words]")
        expect(words).not_to_be_visible()
        for number in (1, 2):
            hers.page.locator(f"#word_{number}").fill("abandon" if number == 1 else "zoo")
        hers.presses("Continue")
        expect(hers.page.locator(".govuk-error-summary")).to_be_visible()
        hers.inspect()
        if not words.is_visible():
            hers.presses("Show the words again")
        expect(words).to_be_visible()
        assert words.locator("li").all_inner_texts() == list(receipt.words)
        hers.proves(receipt)


@BOTH_WAYS
def test_wrong_words_open_nothing(window, scripts):
    nobodys = Receipt.generate()
    with window(scripts=scripts) as hers:
        hers.returns(" ".join(nobodys.words[:11]), "Open your mailbox")
        assert "twelve words" in hers.errors[0]
        hers.returns(" ".join(["zzzz", *nobodys.words[1:]]), "Open your mailbox")
        assert "Word 1 is not a word" in hers.errors[0]
        hers.returns(" ".join(nobodys.words), "Open your mailbox")
        assert "with this receipt" in hers.errors[0] or "with these words" in hers.errors[0]


def test_the_whole_way_by_keyboard_alone(window, files):
    """Everything but the choice of files, which no page can offer to a keyboard by itself."""
    with window() as hers:
        hers.inspects = False
        keys = hers.page.keyboard
        hers.page.goto("/")
        keys.press("Tab")
        expect(hers.page.locator(".govuk-skip-link")).to_be_focused()
        hers.tabs_to(hers.page.get_by_role("button", name="Start"))
        keys.press("Enter")
        hers.sees("Choose who can read your concern")
        hers.tabs_to(hers.page.get_by_label("A supervisor or manager"))
        keys.press("Space")
        hers.tabs_to(hers.page.locator("summary"))
        keys.press("Enter")
        hers.tabs_to(hers.page.get_by_label("Tom, Professional Standards"))
        keys.press("Space")
        hers.tabs_to(hers.main.get_by_role("button", name="Continue"))
        keys.press("Enter")
        hers.sees("Write your concern")
        expect(hers.page.get_by_role("heading", level=1)).to_be_focused()
        hers.tabs_to(hers.page.locator("#what"))
        keys.type("Typed by keyboard.")
        hers.page.get_by_label("Choose files").set_input_files(files[1][0])
        hers.tabs_to(hers.page.locator("[data-chosen] [data-label]"))
        keys.type("A picture")
        hers.tabs_to(hers.main.get_by_role("button", name="Continue"))
        keys.press("Enter")
        hers.sees("Check what you wrote before it is sealed")
        hers.tabs_to(hers.main.get_by_role("button", name="Seal and send your concern"))
        keys.press("Enter")
        hers.sees("Your concern is sealed. This is your receipt")
        words = hers.page.locator("ol[data-words] li").all_inner_texts()
        hers.tabs_to(hers.main.get_by_role("button", name="I have written them down"))
        keys.press("Enter")
        for number in (1, 2):
            hers.tabs_to(hers.page.locator(f"#word_{number}"))
            keys.type(words[int(hers.page.locator(f'[data-ask="{number}"]').inner_text()) - 1])
        keys.press("Enter")
        hers.sees("Your concern is sealed")
        hers.page.goto("/mailbox")
        hers.tabs_to(hers.page.get_by_label("Your receipt"))
        keys.type(" ".join(words))
        hers.tabs_to(hers.main.get_by_role("button", name="Open"))
        keys.press("Enter")
        hers.sees("Your mailbox")
        assert "Typed by keyboard." in hers.text


@BOTH_WAYS
def test_the_back_button_brings_no_text_back(window, scripts):
    """After the receipt was proved, no page in the history shows a word of what was written."""
    with window(scripts=scripts) as hers:
        hers.inspects = False
        hers.page.goto("/")
        hers.chooses()
        hers.writes(SHORT)
        receipt = hers.seals()
        hers.proves(receipt)
        for _ in range(6):
            shown = hers.goes_back()
            assert canary("what") not in shown
            assert not all(word in shown for word in receipt.words)


@BOTH_WAYS
def test_a_page_that_a_browser_keeps_whole_is_empty_when_it_comes_back(
    launch_browser, portal, scripts
):
    """Playwright switches off the cache that keeps pages for the Back button; people have it."""
    keeping = launch_browser(ignore_default_args=["--disable-back-forward-cache"])
    with Browsing(keeping, portal, scripts=scripts) as hers:
        hers.inspects = False
        hers.page.on("dialog", lambda dialog: dialog.accept())
        hers.chooses()
        hers.sees("Write your concern")
        hers.page.locator("#what").fill(ANSWERS["what"])
        hers.page.goto("/help/privacy")
        with hers.page.expect_event("framenavigated"):
            hers.page.evaluate("history.back()")
        assert canary("what") not in hers.everything()
    keeping.close()


@pytest.mark.parametrize(
    ("how", "scripts"),
    [("button", True), ("button", False), ("shift three times", True)],
    ids=["button-scripts", "button-without", "keys-scripts"],
)
def test_exit_this_page_clears(window, how, scripts):
    with window(scripts=scripts) as hers:
        hers.inspects = False
        hers.chooses()
        hers.sees("Write your concern")
        hers.page.locator("#what").fill(ANSWERS["what"])
        asked = []
        hers.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        if how == "button":
            hers.page.get_by_role("button", name="Exit this page").click()
        else:
            for _ in range(3):
                hers.page.keyboard.press("Shift")
        hers.page.wait_for_url("**/leave")
        expect(hers.page.get_by_role("heading", level=1)).to_have_text("Notices")
        assert asked == [], "nobody is asked a question when somebody looks over a shoulder"
        assert canary("what") not in hers.goes_back()


def test_nothing_readable_leaves_a_browser_with_scripts(browser, portal, amara, arriving, files):
    """Every byte that the browser sends, from the first page to the last, by way of a wiretap."""
    with Wiretap(portal.port).listening() as wire:
        with Browsing(browser, portal, port=wire.port) as hers:
            hers.inspects = False
            hers.chooses("A colleague", leaves_out=["Tom"])
            hers.writes(ANSWERS, files)
            receipt = hers.seals()
            hers.proves(receipt)
            [ref] = arriving()
            amara.opens_case(ref)
            amara.asks_reporter(ref, QUESTION)
            hers.returns(" ".join(receipt.words))
            hers.answers(MESSAGE, files[:1])
        sent = wire.heard
    scanner = Scanner(ADDRESS)
    scanner.forbid_receipt(receipt)
    # The look-up tag is what the server is told; the rest of the receipt is not.
    del scanner.keys[receipt.tag]
    for what in ("colleague", "danger", "leave_out", "tom", "A picture", "A recording"):
        scanner.forbid(f'name="{what}"', f"the answer {what}")
    for label in ("A picture", "A recording"):
        scanner.forbid(label, "a label")
    assert sum(map(len, sent)) > len(RECORDING) * 2
    assert b"POST /report/envelope" in b"".join(sent)
    assert b"POST /mailbox/envelope" in b"".join(sent)
    assert scanner.look_at_files([("a connection", content) for content in sent]) == []


def test_what_the_page_sealed_opens_in_python(window, portal, files):
    with window() as hers:
        hers.inspects = False
        hers.chooses()
        hers.writes(ANSWERS, files)
        receipt = hers.seals()
    database = open_database(portal.settings.database_url)
    with look(database) as work:
        mailbox = bytes.fromhex(receipt.mailbox_id)
        [row] = work.session.scalars(select(LetterRow).where(LetterRow.mailbox == mailbox))
        sealed = payload(work, row.id).read()
    database.engine.dispose()
    for identity in (portal.people.keys["helen"].identity, receipt.identity):
        letter, attached = read_whole(row.header, BytesIO(sealed), identity)
        assert {name: letter.answers[name] for name in ANSWERS} == ANSWERS
        assert letter.answers["about"] == "colleague"
        assert attached[0] == RECORDING
        assert is_clean(attached[1])
    assert [named.label for named in letter.attachments] == ["A recording", "A picture"]


def test_what_python_sealed_opens_in_the_page(window, portal, amara, arriving):
    reporter = ScriptedReporter(portal)
    receipt, answer = reporter.seals_herself("Sealed elsewhere, twice: ✉.", b"\0" * 200_000)
    assert answer.status == 201
    with window() as hers:
        hers.returns(" ".join(receipt.words))
        assert "Sealed elsewhere, twice: ✉." in hers.text
        [ref] = arriving()
        amara.opens_case(ref)
        amara.asks_reporter(ref, QUESTION)
        hers.returns(" ".join(receipt.words))
        assert QUESTION in hers.text
        assert "A file" in hers.text
