"""Beside the sheet: assessment, dates and clocks, people, links, an alert, the story."""

import json
from datetime import timedelta

import pytest

from app.casework import story_views
from app.casework.domain import CaseState, Priority
from app.casework.tables import CaseRow, SheetRow
from app.envelope.opening import can_open
from tests.casework.sheets import PLACED, in_triage, path, sheet_of

ON_SQLITE_UNLESS_PROVING = True

ASSESSED = {
    "subject": "officer", "corruption": "other", "source": "2", "information": "C",
    "handling": "P", "learning": "A briefing",
}  # fmt: skip


def says(person, ref, **said):
    assert person.submits(path(ref), path(ref), **PLACED, **said).status == 303


def assesses(person, ref, **said):
    there = path(ref, "assessment")
    return person.submits(there, there, **said)


def day(desk, days=0):
    found = desk.clock().date() + timedelta(days=days)
    return f"{found.day} {found.month} {found.year}"


def test_an_assessment_is_kept_and_shown_again(desk, ada, ref):
    page = assesses(ada, ref, **ASSESSED, standards=["use-of-force", "honesty-integrity"],
                    criterion="serious-assault", criterion_on=day(desk))  # fmt: skip
    assert page.status == 303
    sheet = sheet_of(desk, ref)
    assert (sheet.subject, sheet.grade, sheet.learning) == ("officer", "2CP", "A briefing")
    assert sheet.standards == ("honesty-integrity", "use-of-force")
    assert sheet.criterion_on == desk.clock().date()
    page = ada.opens(path(ref, "assessment"))
    assert page.soup.select_one("#subject option[selected]")["value"] == "officer"
    assert len(page.soup.select("input[name=standards][checked]")) == 2
    # The referral is due tomorrow, and that day stands in clear.
    assert desk.case(ref).due_on == desk.clock().date() + timedelta(days=1)
    versions = ada.opens(path(ref, "sheet/versions"))
    assert "Serious assault" in versions.text


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"subject": "nobody"}, "subject"),
        ({"standards": ["x"]}, "standards"),
        ({"source": "2"}, "source"),
        ({"criterion": "serious-assault"}, "criterion_on"),
        ({"criterion_on": "1 1 2026"}, "criterion_on"),
        ({"criterion": "serious-assault", "criterion_on": "soon"}, "criterion_on"),
        ({"criterion": "serious-assault", "criterion_on": "31 2 2026"}, "criterion_on"),
        ({"criterion": "serious-assault", "criterion_on": "1 1 2999"}, "criterion_on"),
        ({"criterion": "serious-assault", "criterion_on": "٣ 1 2026"}, "criterion_on"),
        ({"learning": "x" * 1001}, "learning"),
    ],
)
def test_an_assessment_that_does_not_fit_is_said(desk, ada, ref, said, named):
    page = assesses(ada, ref, **({"learning": "Kept"} | said))
    assert page.status == 422
    assert f"#{named}" in {link["href"] for link in page.soup.select(".govuk-error-summary a")}
    assert page.soup.select_one(f"#{named}") is not None
    assert desk.rows(SheetRow) == []


def test_two_assessments_at_once_lose_nothing(desk, ada, ref):
    helen = desk.person("helen")
    helen.reads(ref)
    hers = helen.opens(path(ref, "assessment")).form("assessment")
    assesses(ada, ref, learning="Amara was first")
    page = helen.posts(path(ref, "assessment"), hers | {"learning": "Helen was second"})
    assert page.status == 409
    assert "Amara was first" in page.text
    assert page.soup.select_one("#learning").text.strip() == "Helen was second"
    again = page.form("assessment") | {"learning": "Both"}
    assert helen.posts(path(ref, "assessment"), again).status == 303
    assert sheet_of(desk, ref).learning == "Both"


def test_clocks_milestones_and_actions(desk, ada, ref):
    there = path(ref, "clocks")
    page = ada.opens(there)
    assert "First letter to the reporter" in page.text
    assert "Directive (EU) 2019/1937" in page.text
    milestone, action = path(ref, "clocks/milestone"), path(ref, "clocks/action")
    assert ada.submits(there, milestone, what="", on="x").status == 422
    assert ada.submits(there, milestone, what="review-notice", on=day(desk, 1)).status == 422
    assert ada.submits(there, milestone, what="review-notice", on=day(desk)).status == 303
    assert "account for the reflective review" in ada.opens(there).text
    assert ada.submits(there, action, text="", due="").status == 422
    before = desk.case(ref).due_on
    assert ada.submits(there, action, text="Brief the team", due=day(desk, 3)).status == 303
    assert desk.case(ref).due_on == desk.clock().date() + timedelta(days=3)
    assert "To do: Brief the team" in ada.opens("/staff/work").text
    done = path(ref, "clocks/done")
    form = ada.opens(there).form(done)
    assert ada.posts(done, form | {"number": "7"}).status == 400
    assert ada.posts(done, form).status == 303
    [kept] = sheet_of(desk, ref).actions
    assert kept.done_on == desk.clock().date()
    assert desk.case(ref).due_on == before
    assert "Done on" in ada.opens(there).text


def test_a_missed_clock_is_said_and_closes_nothing(desk, ada, ref):
    desk.clock.now += timedelta(days=8)
    ada = desk.person("amara")
    page = ada.opens(path(ref, "clocks"))
    assert "Overdue" in page.text
    assert "Head of the desk" in page.text
    assert desk.case(ref).state is CaseState.TRIAGE


# --- people


def people(person, ref, **said):
    there = path(ref, "people")
    return person.submits(there, there, **said)


def can_read(desk, row):
    keys = desk.people.keys
    return {id for id in keys if can_open(row.header, keys[id].identity)}


def test_an_access_list_is_honoured_by_every_envelope(desk, ada):
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    tom = desk.person("tom")
    tom.reads(ref)
    says(ada, ref)
    page = people(ada, ref, access=["amara", "helen"], assignee="amara", investigator="helen")
    assert page.status == 303
    for row in [*desk.entries(reporter), *desk.rows(SheetRow)]:
        assert can_read(desk, row) == {"amara", "helen"}
    assert all(can_open(row.header, reporter.receipt.identity) for row in desk.entries(reporter))
    assert tom.opens(f"/staff/cases/{ref}").status == 404
    for drawer in ("waiting", "open", "closed"):
        assert tom.listed(drawer) == []
    assert "(1)" not in tom.opens("/staff/").text
    # And given back.
    assert people(ada, ref, access=[]).status == 303
    assert ref in tom.listed("open")


def test_somebody_left_out_sees_no_trace_and_is_sealed_past(desk, ada):
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    tom = desk.person("tom")
    tom.reads(ref)
    says(ada, ref)
    assert people(ada, ref, left_out=["tom"]).status == 303
    assert tom.opens(f"/staff/cases/{ref}").status == 404
    assert tom.listed("open") == []
    says(ada, ref, note="About Tom")
    assert can_read(desk, max(desk.rows(SheetRow), key=lambda row: row.version)) == {
        "amara", "helen",
    }  # fmt: skip
    # That he had opened it stays on record.
    assert "tom" in {e.actor for e in desk.audit("case.read") if e.subject == ref}
    said = json.dumps([[e.actor, e.verb.value, dict(e.details)] for e in desk.audit("case.rew")])
    assert "tom" not in said


def test_a_later_letter_is_taken_from_whom_the_case_is_kept_from(desk, ada):
    reporter = desk.reporter()
    ref = in_triage(desk, ada, reporter)
    says(ada, ref)
    people(ada, ref, left_out=["tom"])
    # Her page is served the whole desk, or she could tell whom her concern is kept from.
    desk.receives(reporter, reporter.seal(text="One more thing."))
    assert "tom" in set.union(*(can_read(desk, row) for row in desk.entries(reporter)))
    assert "One more thing." in ada.opens(f"/staff/cases/{ref}").text
    for row in desk.entries(reporter):
        assert can_read(desk, row) == {"amara", "helen"}
        assert can_open(row.header, reporter.receipt.identity)
    assert desk.person("tom").listed("open") == []


def test_the_front_page_says_what_presses(desk, ada, ref):
    def lines(person):
        page = person.opens("/staff/")
        return [" ".join(one.text.split()) for one in page.soup.select("section li a")]

    assert lines(ada) == []
    assert "Nothing is overdue" in ada.opens("/staff/").text
    desk.clock.now += timedelta(days=4)
    other = desk.receives(desk.reporter())
    ada = desk.person("amara")
    assert lines(ada) == ["Due within a week: 1 to be opened", "Due within a week: 1 open"]
    desk.clock.now += timedelta(days=3)
    ada = desk.person("amara")
    assert lines(ada) == ["Due today: 1 to be opened", "Due today: 1 open"]
    desk.clock.now += timedelta(days=1)
    ada = desk.person("amara")
    assert lines(ada) == ["Overdue: 1 to be opened", "Overdue: 1 open"]
    page = ada.opens("/staff/", show="waiting", due="overdue")
    assert [link.text for link in page.soup.select(".cd-inbox a")] == [other]
    # Not of what is not hers.
    assert lines(desk.person("ruth")) == []


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"access": ["tom"]}, "access"),
        ({"access": ["ruth"]}, "access"),
        ({"left_out": ["amara"]}, "left_out"),
        ({"left_out": ["tom"], "assignee": "tom"}, "assignee"),
        ({"access": ["amara"], "investigator": "tom"}, "investigator"),
        ({"assignee": "ruth"}, "assignee"),
    ],
)
def test_people_that_do_not_fit_are_refused(desk, ada, ref, said, named):
    page = people(ada, ref, **said)
    assert page.status == 422
    assert page.soup.select(".govuk-error-summary a")
    assert desk.rows(SheetRow) == []


def test_the_last_reader_is_never_left_out(desk, ada):
    ref = in_triage(desk, ada, desk.reporter(left_out=("tom", "helen")))
    assert people(ada, ref, access=["amara"]).status == 303
    page = people(ada, ref, left_out=["amara"])
    assert page.status == 422
    assert can_read(desk, desk.rows(SheetRow)[-1]) == {"amara"}


# --- linked cases


def test_an_alert_of_retaliation_is_an_urgent_case_on_the_independent_desk(desk, ada, ref):
    there = path(ref, "links")
    assert ada.submits(there, path(ref, "links/alert"), words="").status == 422
    page = ada.submits(there, path(ref, "links/alert"), words="She was moved to nights.")
    assert page.status == 303
    [new] = [row for row in desk.rows(CaseRow) if row.ref != ref]
    assert (new.desk, new.priority, new.state) == (
        "independent", Priority.URGENT, CaseState.SEALED,
    )  # fmt: skip
    ruth = desk.person("ruth")
    page = ruth.reads(new.ref)
    assert "She was moved to nights." in page.text
    assert ref in page.text
    assert ada.opens(f"/staff/cases/{new.ref}").status == 404
    assert new.ref not in ada.opens(there).text
    assert "An independent desk was alerted" in ada.opens(there).text
    said = json.dumps([[e.subject, dict(e.details)] for e in desk.audit("case.alerted")])
    assert new.ref not in said


# --- its story


def test_a_timeline_keeps_the_reasons_of_every_step(desk, ada, ref, monkeypatch):
    says(ada, ref)
    for number in range(4):
        ada.ends_triage(ref, f"Reason {number}")
        ada.takes(ref, "assess-again", action=f"Again {number}")
    page = ada.opens(path(ref, "timeline"))
    for number in range(4):
        assert f"Reason {number}" in page.text
        assert f"Again {number}" in page.text
    assert "The concern was received" in page.text
    page = ada.opens(path(ref, "summary"))
    assert "In triage" in page.text
    assert "Again 3" not in page.text, "one page: the reasons are in the timeline"
    assert len(page.soup.select("tbody tr")) == 9
    monkeypatch.setattr(story_views, "ON_PAPER", 3)
    page = ada.opens(path(ref, "summary"))
    assert len(page.soup.select("tbody tr")) == 3
    assert "6 things happened before" in page.text
    assert "A supervisor takes files home" not in page.text


def test_the_pages_are_for_those_who_may_read_the_case(desk, ada, ref):
    ruth, sam = desk.person("ruth"), desk.person("sam")
    for end in ("assessment", "clocks", "people", "links", "timeline", "summary"):
        assert ada.opens(path(ref, end)).status == 200
        assert ruth.opens(path(ref, end)).status == 404
        assert ruth.opens(path("BCDF-2345", end)).status == 404
        assert sam.opens(path(ref, end)).status == 403
