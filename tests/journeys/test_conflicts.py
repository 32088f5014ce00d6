"""Who must not read it: journeys of cases that some desk or person has to be kept from."""

import pytest

from tests.journeys.case_hands import PAGES, PARTS, REASONS
from tests.journeys.case_telling import posts, reads, tells
from tests.people import LABELS

pytestmark = pytest.mark.browser

PASS_ON = "Pass it to a separate desk because of a conflict"


def test_a_concern_about_a_member_of_professional_standards(six_desks, at_home, at_work, brings):
    """Two departments of the force learn nothing; the independent recipients take it on."""
    kept_out = [at_work(name) for name in ("helen", "nadia")]
    before = [one.shelf() for one in kept_out]
    hers = at_home(scripts=False)
    about = "Somebody in Professional Standards or the Counter-Corruption Unit"
    words = tells(hers, "Files of the quarryman go missing in that office.", about)
    ref = brings("ruth")
    ruth = at_work("ruth")
    ruth.first_opens(ref)
    assert "the quarryman" in ruth.text
    ruth.starts_triage(ref)
    ruth.places(ref, "Serious failure to do the job, or victims let down")
    ruth.assesses(ref, {"Whom it is about": "A member of police staff"})
    ruth.decides(ref, "Refer to police staff discipline")
    ruth.decides(
        ref,
        "The staff procedure has ended",
        "Police staff discipline: an outcome of the force's policy",
    )
    told = ruth.sends(ref, "Action was taken")
    assert [one.shelf() for one in kept_out] == before
    for one in kept_out:
        one.has_no(ref)
        one.at_inbox()
        one.follows("Search the cases you have opened", "Search your cases")
        one.page.get_by_role("textbox").fill("quarryman")
        one.presses("Search")
        assert "Nothing found" in one.text
    hers.returns(words)
    assert "being acted on" in hers.text
    assert told in hers.text


def test_a_concern_about_the_chief_constable(six_desks, at_home, at_work, brings):
    """It goes to the local policing body; nobody of a force or named by its chief sees a sign."""
    kept_out = [at_work(name) for name in ("helen", "nadia", "ruth", "mira", "grace")]
    before = [one.shelf() for one in kept_out]
    hers = at_home(scripts=False)
    words = tells(hers, "He had the inquiry stopped.", "The chief constable")
    ref = brings("joan")
    assert [one.shelf() for one in kept_out] == before
    for one in kept_out:
        one.has_no(ref)
    joan, today = at_work("joan"), six_desks.today
    joan.first_opens(ref)
    assert "He had the inquiry stopped." in joan.text
    assert "Sealed to\nJoan, Kofi" in joan.text
    joan.starts_triage(ref)
    joan.places(ref, "Pressure, cover-ups or unfair selection by leaders")
    joan.assesses(
        ref,
        {
            "Whom it is about": "A police officer",
            "Criterion that applies": "Conduct of a chief officer",
        },
        criterion_on=f"{today.day} {today.month} {today.year}",
    )
    assert "Hand it to another body" not in joan.may_take(ref)
    joan.decides(ref, "Refer it to the IOPC", "Mandatory: one of the criteria applies")
    handed_on = joan.sends(ref, "An independent body has it")
    joan.decides(ref, "The IOPC investigates or directs")
    joan.decides(ref, "The other body has concluded", "Concluded by another body")
    told = joan.sends(ref, "Another body has finished")
    hers.returns(words)
    assert handed_on in hers.text
    assert told in hers.text


def test_a_conflict_found_after_opening(six_desks, at_home, at_work, brings):
    """The case leaves the desk, sealed anew; the reporter goes on as before."""
    hers = at_home()
    words = tells(hers, "It is the one who reads these letters.")
    ref = brings("amara")
    amara, helen = at_work("amara"), at_work("helen")
    for one in (amara, helen):
        one.first_opens(ref)
    amara.starts_triage(ref)
    amara.places(ref, "Something else, or I am not sure")
    before = at_work("ruth").shelf()
    amara.at_steps(ref)
    amara.follows(PASS_ON, PASS_ON)
    assert "Nobody here can open it afterwards" in amara.text
    amara.presses("Seal it for the other desk")
    assert len(amara.errors) > 2
    for label in ("The concern is about a member of this desk", LABELS["independent"]):
        amara.page.get_by_label(label, exact=True).check()
    for field in amara.main.get_by_role("textbox").all():
        field.fill(REASONS)
    amara.presses("Seal it for the other desk")
    amara.sees(six_desks.inbox_of("amara"))
    amara.is_told(f"Case {ref} is sealed anew for the other desk")
    for one in (amara, helen):
        assert all(ref not in one.lists(part) for part in PARTS)
    amara.has_no(ref, PAGES)
    helen.has_no(ref)

    hers.returns(words)
    assert "passed to a separate team" in hers.text
    assert "conflict" not in hers.text.lower()
    hers.answers("Thank you. I was afraid of that.")
    six_desks.collect()
    ruth = at_work("ruth")
    assert ruth.shelf() != before
    ruth.first_opens(ref)
    assert "It is the one who reads these letters." in ruth.text
    assert "I was afraid of that." in ruth.text
    ruth.decides(ref, "Take it over and assess it afresh")
    assert ruth.stands_at(ref) == "In triage"
    ruth.follows(PASS_ON, PASS_ON)
    which = ruth.page.get_by_role("group", name="Which desk it goes to")
    offered = which.locator("label").all_inner_texts()
    assert LABELS["chief"] in offered
    assert LABELS["psd"] not in offered
    ruth.at_sheet(ref, "Timeline")
    assert PASS_ON in ruth.text
    assert "Amara" in ruth.text
    assert ref not in amara.shelf()


def test_somebody_with_a_conflict_stands_aside_and_a_colleague_goes_on(six_desks, at_work, brings):
    posts(six_desks, "My sergeant writes the rota for his friends.")
    ref = brings("tom")
    tom, amara = at_work("tom"), at_work("amara")
    tom.first_opens(ref)
    tom.follows("I have a conflict of interest", f"A conflict of interest in case {ref}")
    tom.page.get_by_label("Yes, I have one, or I may be named").check()
    tom.presses("Continue")
    tom.sees(six_desks.inbox_of("tom"))
    tom.is_told(f"Case {ref} is closed to you")
    tom.has_no(ref)
    amara.first_opens(ref)
    assert "stood aside" not in amara.text
    helen = at_work("helen")
    helen.first_opens(ref)
    assert "Somebody on the desk has stood aside" in helen.text


def test_retaliation_becomes_a_case_of_the_independent_desk(six_desks, at_home, at_work, brings):
    hers = at_home()
    words = tells(hers, "The mileage book is wrong.")
    ref = brings("amara")
    amara, ruth = at_work("amara"), at_work("ruth")
    amara.first_opens(ref)
    amara.starts_triage(ref)
    hers.returns(words)
    hers.answers("Since I wrote they took me off the rota.")
    six_desks.collect()
    amara.at_inbox("Open")
    assert "New letter" in amara.row_of(ref)
    amara.goes_to(ref)
    assert "they took me off the rota" in amara.text
    waiting = ruth.lists()
    amara.at_sheet(ref, "Linked cases")
    amara.page.get_by_label("What the reporter told you").fill("Taken off the rota after writing.")
    amara.presses("Alert an independent desk")
    amara.is_told("The alert is sealed and lies on an independent desk")
    assert "An independent desk was alerted" in amara.text
    assert "No case that you may read is linked" in amara.text
    assert not amara.main.get_by_role("button", name="Alert an independent desk").count()
    told = amara.sends(ref, "You were treated badly for speaking up")
    hers_before = amara.shelf()

    # Today, not after the next collection.
    [alert] = set(ruth.lists()) - set(waiting)
    ruth.at_inbox()
    assert "P0" in ruth.row_of(alert)
    ruth.first_opens(alert)
    assert "Taken off the rota after writing." in ruth.text
    assert f"its case {ref}" in ruth.text
    assert "The mileage book" not in ruth.text
    ruth.starts_triage(alert)
    # Each desk has its own: neither reads the other's.
    ruth.has_no(ref)
    amara.has_no(alert)
    assert amara.shelf() == hers_before
    assert told in reads(six_desks, words)


def test_a_closed_case_is_taken_up_again_after_a_review(six_desks, at_home, at_work, brings):
    """The reporter asks, somebody else looks, and it is decided a second time."""
    hers = at_home(scripts=False)
    words = tells(hers, "Overtime is booked for people on leave.")
    ref = brings("amara")
    amara = at_work("amara")
    amara.first_opens(ref)
    amara.starts_triage(ref)
    amara.places(ref, "Theft, fraud, overtime or expenses")
    amara.sends(ref, "When did it happen?")
    helen = at_work("helen")
    helen.first_opens(ref)
    too_little = "Not enough to act on, although the reporter was asked"
    closes(amara, helen, ref, too_little, "There was not enough to go on")
    assert ref in amara.lists(PARTS[2])
    hers.returns(words)
    assert "closed" in hers.text
    hers.answers("Please look again: nobody asked for the leave list.")

    six_desks.turn(days=1)
    assert six_desks.collect() == 1
    tom = at_work("tom")
    tom.at_inbox("Open")
    assert "New letter" in tom.row_of(ref)
    tom.first_opens(ref)
    assert "nobody asked for the leave list" in tom.text
    tom.decides(ref, "Take it up again", "A review that the reporter asked for was upheld")
    told = tom.sends(ref, "You asked us to look again")
    hers.returns(words)
    assert "being assessed" in hers.text
    assert told in hers.text
    helen = at_work("helen")
    learning = "Learning for a person or a team"
    closes(tom, helen, ref, learning, "There was something to learn")
    hers.returns(words)
    assert "closed" in hers.text
    tom.goes_to(ref, PARTS[2])
    tom.at_sheet(ref)
    assert tom.text.count("Closed on") == 2
    tom.follows("All versions", f"All versions of the case sheet of {ref}")
    tom.at_case(ref)
    assert "Take it up again" in tom.may_take(ref)


def closes(handler, second, ref, outcome, letter):
    """End the triage, and take the case to its end: two decide, and its reporter is told."""
    handler.ends_triage(ref)
    handler.proposes(ref, "Record an outcome", outcome)
    second.goes_to(ref)
    second.confirms(ref)
    handler.sends(ref, letter)
    handler.learns(ref)
    handler.decides(ref, "The reporter was told of the outcome")
    handler.writes_down(ref, "The reporter agreed that it may be closed")
    handler.decides(ref, "Close")
