"""Changes of plans: who may, what is written down, and two at once."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.errors import Missing, Refused
from app.plan import editing, loading, service
from app.plan.choices import EvidenceKind, PlanKind, Status, Subject, Theme
from app.plan.domain import Action, CorporateRisk, Plan, Risk, Stale
from app.plan.readers import Document, Progress
from app.plan.recording import NumberTaken
from app.plan.service import may_update
from app.plan.spreadsheet import Line
from tests.plan.conftest import BOARD, HR, LEAD, OTHER_LEAD

HERTS = "hertfordshire"
DOCUMENT = Document(
    kind=EvidenceKind.INSPECTION, title="A look", source="Audit", dated_on=None, why=""
)


def action(plans, number, slug=HERTS):
    with plans.look() as work:
        return service.find_action(work, slug, number)


def file_of(plans, number, slug=HERTS):
    with plans.look() as work:
        return service.action_file(work, slug, number)


def progress(status, note="", review_on=None):
    return Progress(status=status, note=note, review_on=review_on)


def update(plans, number, said, *, by, version=1):
    with plans.begin() as work:
        editing.note_progress(work, HERTS, number, said, version=version, by=by)


def test_a_plan_is_loaded_once_and_then_left_alone(plans):
    assert plans.load("herts")
    update(plans, 1, progress(Status.DONE), by=LEAD)
    assert not plans.load("herts")
    assert action(plans, 1).status is Status.DONE


def test_what_was_loaded_is_what_the_file_says(herts):
    from app.plan.starting import starting_plan

    whole = starting_plan("herts", herts.clock().date())
    with herts.look() as work:
        found = service.lines(work, HERTS)
        assert service.find_plan(work, HERTS) == whole.plan
    assert [line.action for line in found] == list(whole.actions)
    assert {line.action.number: line.progress for line in found if line.progress} == whole.progress


def test_an_owner_updates_the_actions_of_her_office(herts):
    update(herts, 8, progress(Status.DONE, "It is done", date(2027, 1, 1)), by=HR)
    found = file_of(herts, 8)
    assert found.action.status is Status.DONE
    assert found.action.review_on == date(2027, 1, 1)
    assert found.action.read_from == "", "it is stated now"
    assert found.action.version == 2
    assert found.notes[0].text == "It is done"
    assert found.notes[0].by.name == "Hugo Owner"


def test_nobody_else_updates_it(herts):
    for number, by in ((1, HR), (8, BOARD), (7, HR)):
        with pytest.raises(Refused):
            update(herts, number, progress(Status.DONE), by=by)
        assert action(herts, number).version == 1


def test_an_action_of_several_offices_is_each_ones(herts):
    psd = replace(HR, office="psd")
    assert may_update(action(herts, 18), psd)
    assert may_update(action(herts, 18), replace(HR, office="corporate-services"))
    assert not may_update(action(herts, 18), HR)
    assert not may_update(action(herts, 18), replace(HR, office=None))
    assert not may_update(action(herts, 18), BOARD)


def test_the_history_says_who_when_and_from_what_to_what(herts):
    herts.clock.now += timedelta(days=3)
    update(herts, 9, progress(Status.IN_PROGRESS, "Begun"), by=LEAD)
    found = file_of(herts, 9).history
    assert {(one.change.what, one.change.before, one.change.after) for one in found[:3]} == {
        ("Status", "Not started", "In progress"),
        ("Status read from", "Its progress column names only who might be given the task.", ""),
        ("Progress note", "", "Begun"),
    }
    assert {one.changed_on for one in found[:3]} == {date(2026, 11, 24)}
    assert {one.by.name for one in found[:3]} == {"Ines Lead"}
    assert found[-1].change.what == "Added"


def test_two_editors_at_once_lose_nothing(herts):
    seen = action(herts, 4)
    with herts.begin() as work:
        editing.revise_action(work, replace(seen, title="Hers"), by=LEAD)
    with pytest.raises(Stale), herts.begin() as work:
        editing.revise_action(work, replace(seen, title="His"), by=OTHER_LEAD)
    assert action(herts, 4).title == "Hers"


def test_a_note_alone_also_makes_an_older_page_stale(herts):
    update(herts, 8, progress(Status.IN_PROGRESS, "Read me"), by=HR)
    with pytest.raises(Stale):
        update(herts, 8, progress(Status.DONE), by=LEAD)


def test_saving_what_is_there_changes_nothing(herts):
    seen = file_of(herts, 4)
    with herts.begin() as work:
        editing.revise_action(work, seen.action, by=LEAD)
    update(herts, 4, progress(seen.action.status, "", seen.action.review_on), by=LEAD)
    assert file_of(herts, 4) == seen


def test_of_many_who_save_at_once_one_succeeds(herts):
    seen, outcomes = action(herts, 4), []

    def save(name):
        try:
            with herts.begin() as work:
                editing.revise_action(work, replace(seen, title=name), by=LEAD)
            outcomes.append(name)
        except Stale:
            outcomes.append(None)

    editors = [threading.Thread(target=save, args=[f"Title {n}"]) for n in range(6)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    [won] = [name for name in outcomes if name]
    assert len(outcomes) == 6
    assert action(herts, 4).title == won


def test_two_new_actions_do_not_take_one_number(herts):
    outcomes = []

    def add(name):
        try:
            with herts.begin() as work:
                editing.add_action(work, Action(plan=HERTS, number=22, title=name), by=LEAD)
            outcomes.append(name)
        except NumberTaken:
            outcomes.append(None)

    editors = [threading.Thread(target=add, args=[f"Title {n}"]) for n in range(4)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert len([name for name in outcomes if name]) == 1
    assert len(outcomes) == 4


@pytest.mark.parametrize("table", ["plan_change", "plan_note"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET by_name = 'Nobody'"])
def test_history_and_notes_only_grow(herts, table, statement):
    with pytest.raises(DBAPIError, match="append only"), herts.begin() as work:
        work.session.execute(text(statement.format(table)))


def test_only_a_lead_edits(alliance):
    risk = Risk(plan="alliance", number=1, title="R", corporate=1, likelihood=1, impact=1,
                theme=Theme.PEOPLE)  # fmt: skip
    plan = Plan(slug="new-plan", title="N", kind=PlanKind.PLAN, begun_on=date(2026, 1, 1))
    done = action(alliance, 1, "alliance")
    deeds = [
        lambda work, by: editing.add_plan(work, plan, by=by),
        lambda work, by: editing.revise_plan(work, replace(plan, slug="alliance"), by=by),
        lambda work, by: editing.record_review(work, "alliance", version=1, by=by),
        lambda work, by: editing.add_action(work, replace(done, number=50), by=by),
        lambda work, by: editing.revise_action(work, replace(done, title="x"), by=by),
        lambda work, by: editing.add_risk(work, risk, by=by),
        lambda work, by: editing.revise_risk(work, risk, by=by),
        lambda work, by: editing.add_corporate(
            work, CorporateRisk(plan="alliance", number=0, title="C"), by=by),
        lambda work, by: editing.revise_corporate(
            work, CorporateRisk(plan="alliance", number=1, title="C"), by=by),
        lambda work, by: editing.cite_document(work, "alliance", 1, DOCUMENT, by=by),
        lambda work, by: editing.drop_evidence(work, "alliance", 1, 1, told="x", by=by),
        lambda work, by: loading.import_actions(work, "alliance", [Line(done)], by=by),
    ]  # fmt: skip
    for by in (HR, BOARD):
        for deed in deeds:
            with pytest.raises(Refused), alliance.begin() as work:
                deed(work, by)
            with pytest.raises(Refused), alliance.begin() as work:
                editing.cite_cell(work, "alliance", 1, cell="x", told="x", why="", by=by)


def test_a_risk_takes_the_next_number_and_keeps_its_history(alliance):
    with alliance.begin() as work:
        risk = Risk(plan="alliance", number=0, title="New", corporate=1, likelihood=2, impact=2,
                    theme=Theme.COMPLAINTS)  # fmt: skip
        added = editing.add_risk(work, risk, by=LEAD)
        corporate = editing.add_corporate(
            work, CorporateRisk(plan="alliance", number=0, title="C"), by=LEAD
        )
    assert (added.number, corporate.number) == (5, 3)
    with alliance.begin() as work:
        editing.revise_risk(work, replace(added, impact=5, force="Eastmere Constabulary"), by=LEAD)
        editing.revise_corporate(work, replace(corporate, title="D"), by=LEAD)
    with pytest.raises(Stale), alliance.begin() as work:
        editing.revise_risk(work, replace(added, impact=4), by=OTHER_LEAD)
    with pytest.raises(Stale), alliance.begin() as work:
        editing.revise_corporate(work, replace(corporate, title="E"), by=OTHER_LEAD)
    with alliance.look() as work:
        found, actions, history = service.risk_file(work, "alliance", 5)
    assert (found.impact, found.version, actions) == (5, 2, [])
    assert ("Scope", "All forces together", "Eastmere Constabulary") in {
        (one.change.what, one.change.before, one.change.after) for one in history
    }


def test_a_review_moves_the_next_one(alliance):
    with alliance.begin() as work:
        editing.record_review(work, "alliance", version=1, by=LEAD)
    with alliance.look() as work:
        plan = service.find_plan(work, "alliance")
    assert plan.review_on == date(2027, 5, 21)
    with pytest.raises(Stale), alliance.begin() as work:
        editing.record_review(work, "alliance", version=1, by=OTHER_LEAD)


def test_a_revised_plan_keeps_when_it_began_and_was_reviewed(alliance):
    with alliance.begin() as work:
        editing.record_review(work, "alliance", version=1, by=LEAD)
    with alliance.look() as work:
        plan = service.find_plan(work, "alliance")
    with alliance.begin() as work:
        changed = replace(
            plan, title="T", begun_on=date(2000, 1, 1), reviewed_on=None, parts=plan.parts[:4]
        )
        editing.revise_plan(work, changed, by=LEAD)
    with alliance.look() as work:
        now = service.find_plan(work, "alliance")
        history, _, _ = service.history(work, "alliance", page=1)
    assert now == replace(plan, title="T", parts=plan.parts[:4], version=3)
    assert {one.change.what for one in history if one.subject is Subject.PLAN} >= {
        "Title", "Objective list", "Body list", "Reviewed on",
    }  # fmt: skip


def test_documents_are_added_and_removed_and_the_history_keeps_both(herts):
    with herts.begin() as work:
        editing.cite_document(work, HERTS, 12, DOCUMENT, by=LEAD)
    [evidence] = file_of(herts, 12).evidence
    assert (evidence.title, evidence.kind) == ("A look", EvidenceKind.INSPECTION)
    for number, id in ((13, evidence.id), (12, evidence.id + 1)):
        with pytest.raises(Missing), herts.begin() as work:
            editing.drop_evidence(work, HERTS, number, id, told="x", by=LEAD)
    with herts.begin() as work:
        editing.drop_evidence(work, HERTS, 12, evidence.id, told="A look", by=LEAD)
    found = file_of(herts, 12)
    assert found.evidence == []
    assert [(one.change.before, one.change.after) for one in found.history[:2]] == [
        ("A look", ""), ("", "A look, Audit"),
    ]  # fmt: skip


def test_an_import_adds_revises_and_leaves(herts):
    with herts.look() as work:
        lines = service.lines(work, HERTS)
    lines[0] = replace(lines[0], action=replace(lines[0].action, title="Another"))
    lines[1] = replace(lines[1], progress="Newer")
    lines[2] = Line(replace(lines[2].action, number=30), "First")
    with herts.begin() as work:
        done = loading.import_actions(work, HERTS, lines[:6], by=LEAD)
    assert (done.new, done.changed, done.same) == (1, 2, 3)
    assert action(herts, 1).title == "Another"
    assert file_of(herts, 2).notes[0].text == "Newer"
    assert file_of(herts, 30).notes[0].text == "First"
    assert action(herts, 21) == lines[20].action
    with herts.begin() as work:
        again = loading.import_actions(work, HERTS, lines[:6], by=LEAD)
    assert (again.new, again.changed, again.same) == (0, 0, 6)
    with pytest.raises(Missing), herts.begin() as work:
        loading.import_actions(work, "nothing", lines, by=LEAD)


def test_adding_what_is_there_is_refused(herts):
    with pytest.raises(NumberTaken), herts.begin() as work:
        editing.add_action(work, Action(plan=HERTS, number=3, title="x"), by=LEAD)
    plan = Plan(slug=HERTS, title="x", kind=PlanKind.PLAN, begun_on=date(2026, 1, 1))
    with pytest.raises(NumberTaken), herts.begin() as work:
        editing.add_plan(work, plan, by=LEAD)
    with pytest.raises(Missing), herts.begin() as work:
        editing.add_action(work, Action(plan="nothing", number=3, title="x"), by=LEAD)


EVIDENCE = """
    INSERT INTO plan_evidence
        (plan, number, kind, cell, title, source, why, added_on, added_by, by_name)
    VALUES ('hertfordshire', 1, '{}', {}, '', '', '', '2026-01-01', 'x', 'x')
"""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE plan_action SET number = 0 WHERE number = 1",
        "UPDATE plan_action SET status = 'nearly' WHERE number = 1",
        EVIDENCE.format("published figure", "NULL"),
        EVIDENCE.format("document", "'no such cell'"),
        EVIDENCE.format("published figure", "'no such cell'"),
    ],
)
def test_a_database_that_was_asked_directly_keeps_to_the_rules(herts, statement):
    with pytest.raises(DBAPIError), herts.begin() as work:
        work.session.execute(text(statement))
