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
    leaflet,
    notes,
    photograph,
    says_nothing_but_its_pixels,
)
from tests.journeys.visitors import Handler, Refused, Reporter


def test_one_concern_goes_the_whole_way(portal, reporter, amara, arriving):
    recording, picture = large_file(), photograph()
    receipt = reporter.seals(ANSWERS, [recording, picture])
    assert "waits for the next collection" in reporter.returns(receipt.words).main

    [ref] = arriving()
    case = amara.opens_case(ref)
    for answer in ANSWERS.values():
        assert answer in case.main
    assert amara.downloads(case, recording.label) == recording.content
    assert says_nothing_but_its_pixels(amara.downloads(case, picture.label))
    paper = leaflet()
    amara.asks_reporter(ref, QUESTION, file=paper)

    thread = Reporter(portal).returns(receipt.words)
    assert reporter.saves(thread, f"{paper.label} (Text)") == paper.content
    assert "being read" in thread.main
    assert QUESTION in thread.main
    paper = notes()
    reporter.answers(thread, MESSAGE, [paper])

    assert portal.collect() == 1
    assert ref in amara.sees("open")
    case = amara.opens_case(ref)
    # All of one day: the reporter's come first.
    assert case.texts(".cd-letter__from") == ["The reporter", "The reporter", "You"]
    assert MESSAGE in case.main
    assert amara.downloads(case, paper.label) == paper.content
    amara.takes_step(case, "Start triage")
    assert "being assessed" in reporter.returns(receipt.words).main
    assert_log_verifies(portal)


def assert_log_verifies(portal):
    database = open_database(portal.settings.database_url)
    with look(database) as work:
        audit.verify(work)
        verbs = {entry.verb for entry in audit.last_entries(work, 100)}
    database.engine.dispose()
    assert {"collection.made", "sign-in.succeeded"} <= verbs


def refusal(handler: Handler, ref: str) -> tuple[int, str]:
    """Return what a handler gets who asks for a case that is not for her."""
    with pytest.raises(Refused) as refused:
        handler.opens(f"/staff/cases/{ref}")
    return refused.value.page.status, refused.value.page.markup.replace(ref, "")


def test_whom_a_reporter_left_out_sees_no_sign_of_it(reporter, amara, tom, arriving):
    """Tom is left out: his inbox, his requests and the page he gets are those of no case at all."""
    drawers = ("waiting", "open", "closed")
    before = [tom.sees(drawer) for drawer in drawers]
    reporter.seals({"what": "Tom changed it."}, leave_out=["tom"])
    [ref] = arriving()
    assert [tom.sees(drawer) for drawer in drawers] == before
    assert refusal(tom, ref) == refusal(tom, "2222-2222")
    amara.opens_case(ref)
    assert [tom.sees(drawer) for drawer in drawers] == before


def test_another_desk_learns_nothing(reporter, amara, ruth, arriving):
    """About Professional Standards itself: the independent recipients read it, and nobody else."""
    before = amara.sees()
    reporter.seals({"what": "It is one of them."}, about=["psd_or_ccu", "colleague"])
    [ref] = arriving(ruth)
    assert amara.sees() == before
    assert "It is one of them." in ruth.opens_case(ref).main
    assert refusal(amara, ref) == refusal(amara, "2222-2222")


def test_a_concern_that_nobody_here_should_read_is_not_taken(reporter):
    page = reporter.submits(
        reporter.opens("/report"), "/report/write", about=["chief_constable"], danger=""
    )
    assert page.heading == "Somebody outside should take this"
    assert not page.soup.select("form[action='/report/check']")


def test_the_same_page_sent_twice_is_one_concern(portal, reporter, amara, arriving):
    check = reporter.writes(reporter.chooses(), {"what": "Once."})
    words = [
        reporter.submits(check, "/report/send", "Seal and send").texts("ol[data-words] li")
        for _ in range(2)
    ]
    assert words[0] == words[1]
    assert len(arriving()) == 1
    again = reporter.submits(check, "/report/send", "Seal and send")
    assert again.texts("ol[data-words] li") == words[0]
    assert portal.collect() == 0


def test_the_same_message_sent_twice_is_one_letter(portal, reporter):
    receipt = reporter.seals({"what": "Once."})
    check = reporter.submits(
        reporter.returns(receipt.words), "/mailbox/check", "Continue", text="And more."
    )
    for _ in range(2):
        reporter.submits(check, "/mailbox/send", "Seal and send")
    assert portal.collect() == 2


def test_nothing_typed_is_lost_on_the_way_back(reporter):
    """From the last look back to the questions and forward again, with a file that waits."""
    written = {name: text.replace("\n", " ") for name, text in ANSWERS.items()}
    check = reporter.writes(reporter.chooses(leave_out=["tom"]), written, [notes()])
    route = reporter.submits(check, "/report/send", "Change Who it is about")
    assert route.heading == "Choose who can read your concern"
    ticked = [box["value"] for box in route.soup.select("input[checked][name=leave_out]")]
    assert ticked == ["tom"]
    write = reporter.submits(route, "/report/write")
    check = reporter.submits(write, "/report/check", "Continue")
    for answer in written.values():
        assert answer in check.main
    assert notes().label in check.main


def test_a_receipt_is_read_as_people_write(portal, reporter):
    receipt = reporter.seals({"what": "Words."})
    for spelt in (
        " ".join(receipt.words).upper(),
        "\n".join(f"{at}. {word[:4]}" for at, word in enumerate(receipt.words, 1)),
        ", ".join(receipt.words) + ".",
    ):
        page = reporter.submits(reporter.opens("/mailbox"), "/mailbox", receipt=spelt)
        assert page.heading == "Your mailbox"


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
