"""Whole courses of cases in a real browser, from the concern to what the reporter is told."""

import pytest

from app.database import open_database
from app.slips.tables import BoxRow
from app.work import look
from tests.casework.sheets import read_slip
from tests.journeys.case_hands import NO_CASE, PAGES, PARTS
from tests.journeys.case_telling import posts, reads, tells

pytestmark = pytest.mark.browser

BULLYING = "Bullying, intimidation or favouritism at work"
HARASSMENT = "Sexual harassment or sexual misconduct towards a colleague"
REST = 28  # days that a case rests after its reporter was told
REFERRAL = "Refer to the IOPC"


def test_bullying_is_resolved_locally(six_desks, at_home, at_work, brings):
    """A handler alone takes it all the way; whom the reporter left out sees no sign of it."""
    tom, ruth = at_work("tom"), at_work("ruth")
    before = tom.shelf(), ruth.shelf()
    hers = at_home()
    words = tells(hers, "He shouts at the probationers.", category=BULLYING, leaves_out=["Tom"])
    ref = brings("amara")

    amara = at_work("amara")
    amara.first_opens(ref)
    assert "He shouts at the probationers." in amara.text
    assert "Left out\nTom" in amara.text
    amara.starts_triage(ref)
    hers.returns(words)
    assert "being assessed" in hers.text
    amara.places(ref, BULLYING)
    assert "Resolve it locally" not in amara.may_take(ref)
    assert "Write to the reporter first" in amara.text
    first = amara.sends(ref, "It is being assessed")
    amara.decides(ref, "Resolve it locally", "Grievance or mediation")
    assert amara.stands_at(ref) == "Local resolution"
    amara.decides(ref, "The action is done", "Dealt with as a grievance")
    assert "The reporter was told of the outcome" not in amara.may_take(ref)
    told = amara.sends(ref, "Support was given")
    amara.learns(ref)
    amara.decides(ref, "The reporter was told of the outcome")
    assert "Close" not in amara.may_take(ref)
    assert "rests for 28 days" in amara.text
    assert (tom.shelf(), ruth.shelf()) == before
    tom.has_no(ref, PAGES)
    tom.is_shown_no(ref)
    ruth.has_no(ref)

    six_desks.turn(days=REST)
    amara = at_work("amara")
    amara.decides(ref, "Close")
    assert ref in amara.lists(PARTS[2])
    hers.returns(words)
    assert "closed" in hers.text
    assert first in hers.text
    assert told in hers.text


def sexual_misconduct(six_desks, nadia, brings, concern):
    """A concern that goes to the Counter-Corruption Unit, and what is clear on its first day."""
    words = posts(six_desks, concern, category="sexual_harassment")
    ref = brings("nadia")
    nadia.first_opens(ref)
    assert concern in nadia.text
    nadia.starts_triage(ref)
    nadia.places(ref, HARASSMENT)
    today = six_desks.today
    nadia.assesses(
        ref,
        {
            "Whom it is about": "A police officer",
            "Criterion that applies": "Serious sexual offence",
        },
        ticked=["Discreditable Conduct"],
        criterion_on=f"{today.day} {today.month} {today.year}",
    )
    open_to_her = nadia.may_take(ref)
    assert REFERRAL.replace("Refer", "Refer it") in open_to_her
    assert "Triage ends" not in open_to_her
    assert "Refer it first" in nadia.text
    assert nadia.clock(ref, REFERRAL).startswith("Running since")
    return ref, words


def refers(nadia, ref):
    nadia.decides(ref, "Refer it to the IOPC", "Mandatory: one of the criteria applies")
    assert nadia.stands_at(ref) == "Referred to the IOPC"


def test_sexual_misconduct_is_referred_in_time(six_desks, at_work, brings):
    amara, nadia = at_work("amara"), at_work("nadia")
    before = amara.shelf()
    ref, words = sexual_misconduct(six_desks, nadia, brings, "He waited for her at the lockers.")
    refers(nadia, ref)
    assert nadia.clock(ref, REFERRAL) == "Done"
    assert "The IOPC gives it back" not in nadia.may_take(ref)
    nadia.writes_down(ref, "The IOPC decided how it is to be handled")
    nadia.decides(ref, "The IOPC gives it back", "Gross misconduct, if proven")
    assert nadia.stands_at(ref) == "Severity assessed"
    # All of that is one state to the reporter, and nothing to another desk.
    assert "being assessed" in reads(six_desks, words)
    assert amara.shelf() == before
    amara.has_no(ref)


def test_a_referral_that_misses_its_day_is_said_to_be_late(six_desks, at_work, brings):
    nadia = at_work("nadia")
    ref, _words = sexual_misconduct(six_desks, nadia, brings, "He followed her home.")
    six_desks.turn(days=2)
    nadia = at_work("nadia")
    nadia.at_inbox("Open")
    assert "Overdue by 1 day" in nadia.row_of(ref)
    assert nadia.clock(ref, REFERRAL) == "Overdue"
    refers(nadia, ref)
    assert nadia.clock(ref, REFERRAL).startswith("Done late")
    row = nadia.main.get_by_role("row").filter(has_text=REFERRAL).inner_text()
    assert "Deputy chief constable" in row
    nadia.at_sheet(ref, "Timeline")
    assert "Refer it to the IOPC" in nadia.text
    nadia.follows("Summary to print", f"Summary of {ref}")
    assert "late: " in nadia.text
    nadia.at_inbox("Open")
    assert "Overdue" not in nadia.row_of(ref)


def test_two_concerns_about_one_thing_are_dealt_with_as_one(six_desks, at_work, brings):
    first_words = posts(six_desks, "Sergeant Cartwright sells the spare radios.")
    first = brings("amara")
    amara = at_work("amara")
    amara.first_opens(first)
    amara.starts_triage(first)
    amara.places(first, "Theft, fraud, overtime or expenses")
    second_words = posts(six_desks, "Radios are gone. Ask Cartwright.")
    second = brings("amara")
    elsewhere = posts(six_desks, "Cartwright is on their desk.", "psd_or_ccu")
    not_hers = brings("ruth")
    amara.first_opens(second)
    amara.starts_triage(second)

    amara.at_inbox()
    amara.follows("Search the cases you have opened", "Search your cases")
    amara.page.get_by_role("textbox").fill("cartwright")
    amara.presses("Search")
    amara.sees("Search your cases")
    found = amara.main.locator("ol").get_by_role("link").all_inner_texts()
    assert sorted(found) == sorted([first, second])
    amara.follows(first, f"Case {first}")
    amara.at_sheet(second, "Linked cases")
    part_of = "This case is dealt with as part of that one"
    # Another desk's case and none at all are the same to her.
    refused = []
    for other in (not_hers, NO_CASE):
        amara.page.get_by_label("Case", exact=True).fill(other)
        amara.page.get_by_label(part_of).check()
        amara.presses("Link them")
        refused.append(amara.errors)
    assert refused[0] == refused[1]
    assert len(refused[0]) == 1
    amara.page.get_by_label("Case", exact=True).fill(first)
    amara.presses("Link them")
    amara.is_told("Linked on both case sheets")
    amara.at_sheet(first, "Linked cases")
    assert second in amara.text
    assert "That case is dealt with as part of this one" in amara.text

    helen = at_work("helen")
    helen.first_opens(second)
    helen.places(second, "Theft, fraud, overtime or expenses")
    joined = "Joined to another concern about the same thing"
    helen.proposes(second, "Record an outcome without further steps", joined)
    assert not helen.main.get_by_role("button", name="Confirm it").count()
    amara.at_case(second)
    amara.confirms(second)
    told = amara.sends(second, "Others raised the same")
    assert told in reads(six_desks, second_words)
    assert told not in reads(six_desks, first_words)
    assert "Nobody has opened it yet" in reads(six_desks, elsewhere)


def test_an_investigation_ends_with_a_hearing(six_desks, at_work, brings):
    """One person's part after another's; the reporter and the statistics are told its class."""
    words = posts(six_desks, "She took the money from the safe.")
    ref = brings("helen")
    tom, before = at_work("tom"), counted(six_desks)
    assert ref in tom.lists()
    helen = at_work("helen")
    helen.first_opens(ref)
    helen.starts_triage(ref)
    helen.places(ref, "Theft, fraud, overtime or expenses")
    helen.assesses(ref, {"Whom it is about": "A police officer"}, ticked=["Honesty and Integrity"])
    helen.decides(ref, "Record the severity assessment", "Gross misconduct, if proven")
    assert "Investigate" not in helen.may_take(ref)
    helen.at_sheet(ref, "People")
    helen.page.get_by_label("Who investigates").select_option(label="Amara")
    readers = helen.page.get_by_role("group", name="Who may read it")
    for name in ("Amara", "Helen (you)"):
        readers.get_by_label(name).check()
    helen.is_saved()
    assert ref not in tom.shelf()
    tom.has_no(ref)
    helen.decides(ref, "Investigate")
    helen.writes_down(ref, "Notice of investigation given to the officer")

    six_desks.turn(days=40)
    amara = at_work("amara")
    amara.first_opens(ref)
    assert "Refer to misconduct proceedings" not in amara.may_take(ref)
    amara.decides(ref, "Submit the investigation report")
    helen = at_work("helen")
    helen.decides(ref, "Refer to misconduct proceedings", "Misconduct hearing")
    helen.sends(ref, "Formal proceedings are arranged")
    dismissal = "Misconduct hearing: dismissal without notice"
    helen.decides(ref, "Proceedings have ended", dismissal, "Learning for a person or a team")
    told = helen.sends(ref, "Formal proceedings have ended")
    helen.learns(ref)
    helen.decides(ref, "The reporter was told of the outcome")

    six_desks.turn(days=REST)
    helen = at_work("helen")
    helen.decides(ref, "Close")
    helen.at_sheet(ref, "Timeline")
    helen.follows("Summary to print", f"Summary of {ref}")
    assert dismissal in helen.text
    thread = reads(six_desks, words)
    assert told in thread
    assert "closed" in thread
    assert "dismiss" not in thread
    fresh = counted(six_desks) - before
    assert len(fresh) == 2
    assert any("formal" in said for said in fresh)
    assert ref not in at_work("tom").lists(PARTS[2])


def counted(six_desks):
    """What the slips in the box say, opened as a freeze would."""
    database = open_database(six_desks.settings.database_url)
    with look(database) as work:
        said = {(row.id, *read_slip(six_desks, row).says) for row in work.session.query(BoxRow)}
    database.engine.dispose()
    return said
