"""A letter that was on its way when its case was passed on: sealed to those who have it no more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.casework.sheet_parts import Step
from app.casework.tables import CaseRow
from app.envelope.opening import can_open
from app.mailbox.domain import Side
from tests.casework.coursework import DAY, SHEET
from tests.casework.sheets import in_triage, path

HEADING = "A letter came that was sealed for the desk before"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def passes(person, ref):
    page = person.takes(ref, "declare-conflict", code="subject", desk="independent")
    assert page.status == 303, page.text


@on_sqlite
def test_it_opens_for_nobody_and_both_sides_are_told(desk, ada):
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    posted = reporter.seal(text="And another thing.")
    passes(ada, ref)
    desk.clock.now += timedelta(days=1)
    reporter.post(desk.database, desk.clock, posted)
    desk.collect()
    ruth = desk.person("ruth")
    page = ruth.reads(ref)
    assert HEADING in page.text
    assert "Her own page asks her to write it again" in page.text
    assert "And another thing." not in page.text
    assert "An envelope was refused" not in page.text
    # The old desk is shown nothing: no case, no row, no way to it.
    ada = desk.person("amara")
    assert ada.opens(f"/staff/cases/{ref}").status == 404
    assert ref not in ada.opens("/staff/", show="open").text
    [row] = [row for row in desk.rows(CaseRow) if row.ref == ref]
    assert (row.desk, row.unread) == ("independent", False)
    # It stays as it lies there, and the reporter can read what she wrote.
    [stray] = [
        entry
        for entry in desk.entries(reporter)
        if entry.side is Side.REPORTER and entry.header == posted.header
    ]
    assert can_open(stray.header, reporter.receipt.identity)
    assert not can_open(stray.header, desk.people.keys["ruth"].identity)
    # She is owed an answer, and there is an approved one.
    ruth.sends(ref, "write-again")
    again = next(
        e
        for e in desk.entries(reporter)
        if e.side is Side.DESK and e.postmark == desk.clock().date()
    )
    assert "Please write it again" in reporter.reads(again, desk.objects).text


@on_sqlite
def test_a_letter_that_came_before_goes_along(desk, ada):
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    desk.receives(reporter, reporter.seal(text="And another thing."))
    passes(ada, ref)
    page = desk.person("ruth").reads(ref)
    assert HEADING not in page.text
    assert "And another thing." in page.text


@on_sqlite
def test_what_does_not_open_in_a_case_that_was_never_passed_on_is_refused(desk, ada):
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    stranger = [reporter.receipt.identity.recipient, desk.people.keyring.member("ruth").recipient]
    desk.receives(reporter, reporter.seal(text="Hello.", recipients=stranger))
    page = ada.opens(f"/staff/cases/{ref}")
    assert HEADING not in page.text
    assert "An envelope was refused" in page.text


@on_sqlite
def test_a_request_for_a_review_is_seen_where_it_is_opened(desk, ada):
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    ada.sends(ref, "being-assessed")
    ada.ends_triage(ref)
    ada.closes(ref)
    asking = reporter.seal(text="You did not ask the night shift.", answers={"asks": "review"})
    desk.receives(reporter, asking)
    [row] = [row for row in desk.rows(CaseRow) if row.ref == ref]
    # Nothing outside the envelope says what it asks for.
    other = desk.reporter()
    plain = other.another()
    desk.receives(plain)
    later = plain.seal(text="You did not ask the night shift.")
    assert len(later.payload) == len(asking.payload)
    page = ada.opens(f"/staff/cases/{row.ref}")
    assert "Asks for a review" in page.text
    assert "You did not ask the night shift." in page.text
    assert "The reporter asked for a review" in ada.opens(path(ref, "timeline")).text
    assert ada.takes(ref, "reopen", code="review-asked").status == 303
    assert ada.sends(ref, "review").status == 303


AGAIN = {"review-stands", "review-changed"}


def test_that_somebody_else_looked_is_for_somebody_else_to_say(desk, ada):
    """Neither who recorded an outcome nor who confirmed it, and not by a form of her own making."""
    ref = in_triage(desk, ada, desk.reporter())
    ada.sends(ref, "being-assessed")
    ada.ends_triage(ref)
    helen = desk.person("helen")
    ada.closes(ref)
    tom = desk.person("tom")
    tom.reads(ref)

    def offered(person):
        page = person.opens(path(ref, "approved"))
        return {choice["value"] for choice in page.soup.select("input[name=text]")}

    for decided in (ada, helen):
        assert not AGAIN & offered(decided)
        assert "review" in offered(decided)
        for text in AGAIN:
            assert decided.sends(ref, text).status == 422
    assert offered(tom) >= AGAIN
    assert tom.sends(ref, "review-stands").status == 303


def test_a_closing_that_does_not_say_whose_it_was_may_be_anybodys():
    before = SHEET.with_triage_ended(DAY, "").with_closing(DAY, "learning", "")
    assert before.may_have_decided("tom")
    step = Step(id="close", to="closed", on=DAY, desk="psd", author="amara", second="helen")
    known = replace(before, steps=(step,))
    assert [known.may_have_decided(id) for id in ("amara", "helen", "tom")] == [True, True, False]
