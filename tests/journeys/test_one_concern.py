"""One concern goes the whole way without scripts: sealed, collected, read, asked, answered, read."""

import pytest

from app.audit import service as audit
from app.database import open_database
from app.work import look
from tests.journeys.belongings import (
    ANSWERS,
    MESSAGE,
    QUESTION,
    large_file,
    notes,
    photograph,
    says_nothing_but_its_pixels,
)
from tests.journeys.visitors import Handler, Refused, Reporter


def test_one_concern_goes_the_whole_way(portal, reporter, amara):
    recording, picture = large_file(), photograph()
    receipt = reporter.seals(ANSWERS, [recording, picture])
    waiting = reporter.returns(receipt.words)
    assert "waits for the next collection" in waiting.main
    assert amara.signs_in().texts(".cd-inbox a.cd-exact") == []

    assert portal.collect() == 1
    [ref] = amara.sees()
    case = amara.opens_case(ref)
    for answer in ANSWERS.values():
        assert answer in case.main
    assert amara.downloads(case, recording.label) == recording.content
    assert says_nothing_but_its_pixels(amara.downloads(case, picture.label))
    amara.asks_reporter(ref, QUESTION)

    thread = Reporter(portal).returns(receipt.words)
    assert "being read" in thread.main
    assert QUESTION in thread.main
    paper = notes()
    reporter.answers(thread, MESSAGE, [paper])

    assert portal.collect() == 1
    assert amara.sees("open") == [ref]
    case = amara.opens_case(ref)
    assert case.texts(".cd-letter__from") == ["The reporter", "You", "The reporter"]
    assert MESSAGE in case.main
    assert amara.downloads(case, paper.label) == paper.content
    amara.takes_step(case, "Start triage")
    assert "being assessed" in reporter.returns(receipt.words).main
    amara.signs_out()
    assert_log_verifies(portal)


def assert_log_verifies(portal):
    database = open_database(portal.settings.database_url)
    with look(database) as work:
        audit.verify(work)
        verbs = {entry.verb for entry in audit.last_entries(work, 100)}
    database.engine.dispose()
    assert {"collection.made", "sign-in.succeeded"} <= verbs


def test_whom_a_reporter_left_out_sees_no_sign_of_it(portal, reporter, amara):
    """Tom is left out: his inbox, his requests and the page he gets are those of no case at all."""
    reporter.seals({"what": "Tom changed it."}, leave_out=["tom"])
    portal.collect()
    amara.signs_in()
    [ref] = amara.sees()
    amara.opens_case(ref)
    tom = Handler(portal, "tom")
    tom.signs_in()
    assert tom.sees() == tom.sees("open") == tom.sees("closed") == []
    pages = []
    for asked in (ref, "2222-2222"):
        with pytest.raises(Refused) as refused:
            tom.opens(f"/staff/cases/{asked}")
        pages.append((refused.value.page.status, refused.value.page.markup.replace(asked, "")))
    assert pages[0][0] == 404
    assert pages[0][1] == pages[1][1]


def test_another_desk_learns_nothing(portal, reporter):
    """About Professional Standards itself: the independent recipients read it, and nobody else."""
    reporter.seals({"what": "It is one of them."}, about=["psd_or_ccu", "colleague"])
    portal.collect()
    amara, ruth = Handler(portal, "amara"), Handler(portal, "ruth")
    amara.signs_in()
    ruth.signs_in()
    assert amara.sees() == []
    [ref] = ruth.sees()
    assert "It is one of them." in ruth.opens_case(ref).main
    with pytest.raises(Refused) as refused:
        amara.opens(f"/staff/cases/{ref}")
    assert refused.value.page.status == 404


def test_a_concern_that_nobody_here_should_read_is_not_taken(reporter):
    page = reporter.submits(
        reporter.opens("/report"), "/report/write", about=["chief_constable"], danger=""
    )
    assert page.heading == "Somebody outside should take this"
    assert not page.soup.select("form[action='/report/check']")


def test_the_same_page_sent_twice_is_one_concern(portal, reporter, amara):
    check = reporter.writes(reporter.chooses(), {"what": "Once."})
    words = [
        reporter.submits(check, "/report/send", "Seal and send").texts("ol[data-words] li")
        for _ in range(2)
    ]
    assert words[0] == words[1]
    assert portal.collect() == 1
    amara.signs_in()
    assert len(amara.sees()) == 1
    again = reporter.submits(check, "/report/send", "Seal and send")
    assert again.texts("ol[data-words] li") == words[0]
    assert portal.collect() == 0


def test_the_same_message_sent_twice_is_one_letter(portal, reporter, amara):
    receipt = reporter.seals({"what": "Once."})
    check = reporter.submits(
        reporter.returns(receipt.words), "/mailbox/check", "Continue", text="And more."
    )
    for _ in range(2):
        reporter.submits(check, "/mailbox/send", "Seal and send")
    assert portal.collect() == 2


@pytest.mark.parametrize("address_of", ["sqlite"], indirect=True)
def test_nothing_typed_is_lost_on_the_way_back(reporter):
    """From the last look back to the questions and forward again, with a file that waits."""
    written = {name: text.replace("\n", " ") for name, text in ANSWERS.items()}
    check = reporter.writes(reporter.chooses(leave_out=["tom"]), written, [notes()])
    route = reporter.submits(check, "/report/send", "Change Who it is about")
    assert route.heading == "Who should not read this?"
    ticked = [box["value"] for box in route.soup.select("input[checked][name=leave_out]")]
    assert ticked == ["tom"]
    write = reporter.submits(route, "/report/write")
    check = reporter.submits(write, "/report/check", "Continue")
    for answer in written.values():
        assert answer in check.main
    assert notes().label in check.main


@pytest.mark.parametrize("address_of", ["sqlite"], indirect=True)
def test_a_receipt_is_read_as_people_write(portal, reporter):
    receipt = reporter.seals({"what": "Words."})
    for spelt in (
        " ".join(receipt.words).upper(),
        "\n".join(f"{at}. {word[:4]}" for at, word in enumerate(receipt.words, 1)),
        ", ".join(receipt.words) + ".",
    ):
        page = reporter.submits(reporter.opens("/mailbox"), "/mailbox", receipt=spelt)
        assert page.heading == "Your mailbox"


@pytest.mark.parametrize("address_of", ["sqlite"], indirect=True)
def test_a_wrong_receipt_says_which_word(reporter):
    words = ["abandon"] * 11 + ["about"]
    page = reporter.returns(words[:11], expecting=422)
    assert page.errors == ["A receipt is twelve words. Count them again"]
    page = reporter.returns(["zzzz", *words[1:]], expecting=422)
    assert page.errors == ["Word 1 is not a word that receipts use. Check its spelling"]
    page = reporter.returns(["ability", *words[1:]], expecting=422)
    assert "do not fit together" in page.errors[0]
    page = reporter.returns(words, expecting=404)
    assert "no mailbox with these words" in page.errors[0]
    assert not any(word in page.main.split() for word in words[:1])
