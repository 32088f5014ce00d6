"""A limit that was missed stays until it is written down that whoever has to hear of it was told."""

from datetime import date, timedelta

import pytest

from app.casework.breaches import breaches, labels
from app.casework.clocks import Told, clocks_on
from tests.casework.sheets import in_triage, path, sheet_of

DAY = date(2026, 11, 2)
KNOWN = clocks_on(DAY)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def after(days):
    return DAY + timedelta(days=days)


def found(events, today, *, urgent=False):
    said = {name: tuple(map(after, days)) for name, days in events.items()}
    return [
        (one.clock.id, (one.due - DAY).days, one.done and (one.done - DAY).days, bool(one.told))
        for one in breaches(said, after(today), urgent=urgent, known=KNOWN)
    ]


@pytest.mark.parametrize(
    ("events", "today", "expected"),
    [
        ({"received": [0]}, 3, []),
        ({"received": [0]}, 4, [("open", 3, None, False)]),
        ({"received": [0], "opened": [3]}, 7, []),
        ({"received": [0], "opened": [5]}, 6, [("open", 3, 5, False)]),
        # Wound up again, a clock has still run out before.
        ({"letter-sent": [0, 40]}, 41, [("update", 28, 40, False)]),
        ({"letter-sent": [0, 28], "feedback-given": [29]}, 41, []),
        ({"letter-sent": [0], "closed": [20], "feedback-given": [20]}, 80, []),
        ({"criterion": [0]}, 2, [("iopc-referral", 1, None, False)]),
        ({"criterion": [0], "told-iopc-referral": [1]}, 2, [("iopc-referral", 1, None, False)]),
        ({"criterion": [0], "told-iopc-referral": [2]}, 2, [("iopc-referral", 1, None, True)]),
        # Nobody has to hear of these.
        ({"documents-supplied": [0]}, 99, []),
    ],
)
def test_what_was_missed_and_whether_it_was_told(events, today, expected):
    assert found(events, today) == expected


def test_danger_has_a_shorter_limit():
    assert found({"received": [0]}, 2) == []
    assert found({"received": [0]}, 2, urgent=True) == [("open", 1, None, False)]


def test_each_report_has_its_own_limit():
    begun = {"authority-aware": [0]}
    year, more = 365, 365 + 181  # to 2 November 2027, and to 2 May 2028 after a leap day
    assert found(begun, year) == []
    assert found(begun, year + 1) == [("twelve-months", year, None, False)]
    late = begun | {"progress-report": [year + 9]}
    assert found(late, year + 10) == [("twelve-months", year, year + 9, False)]
    in_time = begun | {"progress-report": [year - 5]}
    assert found(in_time, year + 100) == []
    [(clock, due, done, told)] = found(in_time, more + 9)
    assert (clock, done, told) == ("twelve-months", None, False)
    assert after(due) == date(2028, 5, 2)


def test_one_telling_covers_what_was_missed_before_it_and_nothing_later():
    events = {"letter-sent": [0, 40, 80], "feedback-given": [0], "told-update": [45]}
    assert found(events, 81) == [("update", 28, 40, True), ("update", 68, 80, False)]


def test_there_is_a_milestone_for_each_breach_that_somebody_hears_of():
    heard = {clock.id for clock in KNOWN.clocks if clock.breach is not Told.NOBODY}
    assert labels(KNOWN).keys() == {f"told-{id}" for id in heard}
    assert not labels(KNOWN).keys() & {one.id for one in KNOWN.milestones}


# --- at the desk


@on_sqlite
def test_a_missed_limit_is_outstanding_until_somebody_was_told(desk):
    ref = in_triage(desk, desk.person("amara"))
    desk.clock.now += timedelta(days=8)
    ada = desk.person("amara")
    there, done = path(ref, "clocks"), path(ref, "clocks/milestone")
    page = ada.opens(there)
    assert "Limits that were missed" in page.text
    assert "To be told Head of the desk" in page.text
    forms = [form for form in page.soup.select("form") if form["action"] == done]
    fields = {one["name"]: one["value"] for one in forms[0].select("input")}
    assert fields["what"] == "told-first-letter"
    assert ada.posts(done, fields).status == 303
    assert sheet_of(desk, ref).milestone("told-first-letter") == desk.clock().date()
    page = ada.opens(there)
    assert "To be told Head" not in page.text
    assert "Told Head of the desk, 29 November 2026" in page.text
    assert "Told that a limit was missed: First letter" in ada.opens(path(ref, "timeline")).text
    for end in ("sheet/versions", "summary"):
        page_of = ada.opens(path(ref, end)).text
        assert "Told that a limit was missed: First letter" in page_of
        assert "told-first-letter" not in page_of
    # It does not stop the clock.
    assert "Overdue" in page.text
    assert ada.posts(done, fields | {"what": "told-nobody"}).status in {409, 422}
