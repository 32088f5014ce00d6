"""Twelve clocks: each runs between its events, over working days where its rule says so."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.casework import clocks
from app.casework.clocks import (
    Pressing,
    Told,
    Unit,
    clocks_on,
    is_working_day,
    later,
    next_due,
    parse_clocks,
    pressing,
    read_clocks,
)
from app.casework.course import course_on
from app.casework.domain import NEVER, OPEN_WITHIN, Case, CaseState
from app.casework.sheet import CaseSheet
from app.casework.sheet_parts import Step
from app.casework.timing import due_on, events_of, read_case
from app.envelope.strict_json import UnfitJson

DAY = date(2026, 11, 2)  # a Monday
KNOWN = clocks_on(DAY)
COURSE = course_on(DAY)
FILE = json.loads((clocks.FOLDER / "clocks-1.json").read_bytes())
CASE = Case(
    ref="BCDF-2345", mailbox=b"", desk="psd", received_on=DAY, due_on=DAY, state=CaseState.TRIAGE
)
SHEET = CaseSheet.blank("BCDF-2345", author="amara", on=DAY)


def after(days):
    return DAY + timedelta(days=days)


def reading(clock, events, *, urgent=False):
    found = read_clocks(events, urgent=urgent, known=KNOWN)
    return next((one for one in found if one.clock.id == clock), None)


def step(to, on, id="x"):
    return Step(id=id, to=to, on=on, desk="psd", author="amara")


@pytest.mark.parametrize(
    ("clock", "events", "due"),
    [
        ("open", {"received": (DAY,)}, after(3)),
        ("first-letter", {"received": (DAY,)}, after(7)),
        ("iopc-referral", {"criterion": (DAY,)}, after(1)),
        ("update", {"letter-sent": (DAY, after(5))}, after(33)),
        ("feedback", {"letter-sent": (DAY, after(5))}, date(2027, 2, 2)),
        ("outcome", {"outcome-recorded": (DAY,)}, date(2026, 11, 9)),
        ("notice", {"investigation": (DAY,)}, None),
        ("twelve-months", {"authority-aware": (DAY,)}, date(2027, 11, 2)),
        ("meeting", {"documents-supplied": (DAY,)}, date(2026, 11, 30)),
        ("accelerated-hearing", {"accelerated-notice": (DAY,)}, date(2026, 11, 23)),
        ("officer-account", {"review-notice": (DAY,)}, date(2026, 11, 9)),
        ("retention", {"closed": (DAY,)}, None),
    ],
)
def test_each_clock_has_its_limit_and_stops_with_its_event(clock, events, due):
    assert reading(clock, {}) is None
    found = reading(clock, events)
    assert found.due == due
    assert found.runs
    assert found.clock.source
    stops = found.clock.stops
    if due is not None:
        assert not found.is_late(due)
        assert found.is_late(due + timedelta(days=1))
        late = reading(clock, events | {stops: (due + timedelta(days=1),)})
        assert late.was_missed
        assert late.pressing(due) is None
    in_time = reading(clock, events | {stops: (due or after(9),)})
    assert not in_time.runs
    assert not in_time.was_missed


def test_there_are_twelve_and_somebody_hears_of_each_breach_that_can_be():
    assert len(KNOWN.clocks) == 12
    for clock in KNOWN.clocks:
        assert clock.breach is Told.NOBODY or clock.most is not None, clock.id
    events = {state.id for state in COURSE.states.values()}
    events |= {one.id for one in KNOWN.milestones}
    events |= {"received", "opened", "letter-sent", "criterion"}
    for clock in KNOWN.clocks:
        assert {clock.starts, clock.stops} <= events, clock.id


def test_the_first_limit_is_the_one_that_stands_in_clear():
    [found] = [clock for clock in KNOWN.clocks if clock.id == "open"]
    assert timedelta(days=found.most) == OPEN_WITHIN["ordinary"]
    assert timedelta(days=found.urgent) == OPEN_WITHIN["urgent"]
    assert reading("open", {"received": (DAY,)}, urgent=True).due == after(1)


def test_an_accelerated_hearing_is_neither_too_early_nor_too_late():
    notice = {"accelerated-notice": (DAY,)}
    held = "accelerated-hearing-held"
    for day, early, late in (
        (date(2026, 11, 13), True, False),
        (date(2026, 11, 16), False, False),
        (date(2026, 11, 23), False, False),
        (date(2026, 11, 24), False, True),
    ):
        found = reading("accelerated-hearing", notice | {held: (day,)})
        assert (found.was_early, found.was_missed) == (early, late), day


def test_a_report_after_twelve_months_is_followed_by_one_every_six():
    begun = {"authority-aware": (DAY,)}
    for reports, due in ((0, date(2027, 11, 2)), (1, date(2028, 5, 2)), (2, date(2028, 11, 2))):
        sent = tuple(DAY + timedelta(days=360 + number) for number in range(reports))
        assert reading("twelve-months", begun | {"progress-report": sent}).due == due


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 12, 24), 1, date(2026, 12, 29)),  # Christmas, and Boxing Day on a Monday
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2027, 3, 25), 1, date(2027, 3, 30)),  # Good Friday and Easter Monday
        (date(2027, 4, 30), 1, date(2027, 5, 4)),
        (date(2026, 11, 7), 1, date(2026, 11, 9)),  # begun on a Saturday
    ],
)
def test_working_days_leave_out_weekends_and_bank_holidays(day, count, expected):
    assert later(day, count, Unit.WORKING_DAYS) == expected


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(1, 30))
def test_so_many_working_days_lie_between(day, count):
    end = later(day, count, Unit.WORKING_DAYS)
    days = [day + timedelta(days=number) for number in range(1, (end - day).days + 1)]
    assert is_working_day(end)
    assert sum(map(is_working_day, days)) == count


def test_a_month_ends_where_the_next_has_fewer_days():
    assert later(date(2026, 11, 30), 3, Unit.MONTHS) == date(2027, 2, 28)
    assert later(date(2027, 8, 31), 6, Unit.MONTHS) == date(2028, 2, 29)
    assert later(date(2026, 1, 31), 12, Unit.MONTHS) == date(2027, 1, 31)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-1, Pressing.OVERDUE), (0, Pressing.TODAY), (1, Pressing.THIS_WEEK),
     (6, Pressing.THIS_WEEK), (7, Pressing.LATER)],
)  # fmt: skip
def test_how_pressing_something_is(days, expected):
    assert pressing(after(days), DAY) is expected


# --- of a case


def of(case, sheet, letters=(), opened_on=DAY):
    found = read_case(case, sheet, letters=letters, opened_on=opened_on, course=COURSE, known=KNOWN)
    return {one.clock.id: one for one in found}


def test_a_question_to_the_reporter_stops_no_clock():
    found = of(CASE, SHEET, letters=(after(1),))
    assert (found["first-letter"].runs, found["first-letter"].was_missed) == (False, False)
    assert found["update"].due == after(29)
    assert found["feedback"].runs


def test_a_case_that_nobody_opened_is_only_to_be_opened_and_answered():
    found = of(replace(CASE, state=CaseState.SEALED), SHEET, opened_on=None)
    assert set(found) == {"open", "first-letter"}
    assert found["open"].runs


def test_opening_late_is_remembered():
    assert of(CASE, SHEET, opened_on=after(4))["open"].was_missed


def test_what_ended_begins_anew_when_a_case_is_taken_up_again():
    steps = (step("outcome-recorded", after(9)), step("feedback-given", after(10)),
             step("closed", after(40)))  # fmt: skip
    closed = of(replace(CASE, state=CaseState.CLOSED), replace(SHEET, steps=steps), (after(10),))
    assert not closed["update"].runs
    assert not closed["feedback"].runs
    assert closed["retention"].due is None
    again = replace(SHEET, steps=(*steps, step("triage", after(50))))
    found = of(CASE, again, (after(10),))
    assert found["update"].runs
    assert found["feedback"].runs
    assert "retention" not in found
    assert "outcome" not in found


def test_a_case_that_was_closed_plainly_is_at_rest():
    sheet = SHEET.with_triage_ended(DAY, "").with_closing(after(3), "learning", "")
    found = of(replace(CASE, state=CaseState.CLOSED), sheet, (after(1),))
    assert not found["update"].runs


def test_a_letter_after_the_end_promises_no_other():
    steps = (step("outcome-recorded", after(9)), step("feedback-given", after(10)),
             step("closed", after(40)))  # fmt: skip
    shut = replace(CASE, state=CaseState.CLOSED)
    closed = of(shut, replace(SHEET, steps=steps), (after(10), after(50)))
    assert not closed["update"].runs
    # The first letter is one, however late.
    assert of(shut, replace(SHEET, steps=steps), (after(50),))["first-letter"].was_missed


def test_the_year_of_an_investigation_begins_when_the_force_knew():
    investigated = replace(SHEET, steps=(step("investigation", after(30)),))
    assert "twelve-months" not in of(CASE, SHEET.with_milestone("authority-aware", after(1)))
    assert of(CASE, investigated)["twelve-months"].started == DAY
    known = investigated.with_milestone("authority-aware", after(-20))
    assert of(CASE, known)["twelve-months"].started == after(-20)
    assert of(CASE, known)["notice"].due is None


def test_a_referral_is_due_the_day_after_its_criterion_was_clear():
    sheet = replace(SHEET, criterion="serious-assault", criterion_on=after(2))
    assert of(CASE, sheet)["iopc-referral"].due == after(3)
    in_time = replace(sheet, steps=(step("iopc-referred", after(3)),))
    assert not of(CASE, in_time)["iopc-referral"].was_missed
    missed = replace(sheet, steps=(step("iopc-referred", after(4)),))
    assert of(CASE, missed)["iopc-referral"].was_missed


def test_a_referral_that_is_not_made_is_decided_in_time_or_late():
    sheet = replace(SHEET, criterion="serious-assault", criterion_on=after(2))
    decided = replace(step("triage", after(3)), id="decide-no-referral", code="serious-assault")
    in_time = of(CASE, replace(sheet, steps=(decided,)))["iopc-referral"]
    assert (in_time.runs, in_time.was_missed) == (False, False)
    late = replace(sheet, steps=(replace(decided, on=after(9)),))
    assert of(CASE, late)["iopc-referral"].was_missed
    # What was decided of one criterion says nothing of another.
    other = replace(sheet, steps=(decided,), criterion="relevant-offence")
    assert of(CASE, other)["iopc-referral"].runs


def test_the_day_in_clear_is_the_first_that_anything_is_due():
    found = of(CASE, SHEET, letters=(after(1),)).values()
    assert next_due(found) == after(29)
    assert due_on(found, after(7)) == after(7)
    assert due_on(found, after(40)) == after(29)
    assert due_on(found, None) == after(29)
    assert due_on([], after(7)) == after(7)
    assert due_on([], None) == NEVER


def test_no_event_is_made_up():
    events = events_of(CASE, SHEET, letters=(), opened_on=DAY, course=COURSE)
    assert events == {"received": (DAY,), "opened": (DAY,)}


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.update(format="x"),
        lambda found: found.update(effective_from="soon"),
        lambda found: found.update(version=0),
        lambda found: found["clocks"].append(found["clocks"][0]),
        lambda found: found["clocks"][0].update(unit="hours"),
        lambda found: found["clocks"][0].update(breach="everybody"),
        lambda found: found["clocks"][0].update(most=0),
        lambda found: found["clocks"][0].update(restarts="no"),
        lambda found: found["clocks"][0].pop("source"),
        lambda found: found["milestones"].clear(),
    ],
)
def test_clocks_are_read_strictly(change):
    found = json.loads(json.dumps(FILE))
    change(found)
    with pytest.raises(UnfitJson):
        parse_clocks(json.dumps(found).encode())
