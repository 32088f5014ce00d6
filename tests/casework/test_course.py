"""The course of a case has no dead end, and nobody takes a step that is not hers or not open."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.casework import course as courses
from app.casework.course import Part, ends_triage, read_course
from app.casework.domain import CaseState
from app.casework.guards import RULES, Facts, check_guards
from app.casework.need_to_know import (
    NobodyLeft,
    destinations,
    passed_on,
    readers,
    with_access,
    without,
)
from app.casework.reference import reference_on
from app.casework.service import STANDING
from app.casework.sheet_parts import LinkKind
from app.casework.stepping import (
    Hand,
    StepRefused,
    open_steps,
    taken,
)
from app.envelope.strict_json import UnfitJson
from app.identity.domain import Role
from tests.casework.coursework import COURSE, DAY, DESKS, SHEET, wish

FILE = json.loads((courses.FOLDER / "course-1.json").read_bytes())


# --- the table


def test_every_guard_of_the_table_is_written_and_used():
    assert check_guards(COURSE) == set()
    named = {name for step in COURSE.transitions.values() for name in step.guards}
    assert named == RULES.keys()


def test_what_reporters_are_told_is_what_the_coarse_state_says():
    told = {state.coarse: state.public for state in COURSE.states.values()}
    assert told == {state: standing.value for state, standing in STANDING.items()}


def test_every_outcome_has_a_class_that_is_counted():
    known = {one.id for one in reference_on(DAY).outcomes}
    assert {one.outcome_class for one in COURSE.outcomes.values()} == known
    recorded = {id for step in COURSE.transitions.values() for id in step.outcomes}
    assert recorded == COURSE.outcomes.keys()
    for step in COURSE.transitions.values():
        assert bool(step.outcomes) == (step.to == "outcome-recorded"), step.id


def test_leaving_assessment_asks_where_a_concern_belongs_and_what_is_owed():
    for step in COURSE.transitions.values():
        for origin in step.origins:
            if ends_triage(COURSE, origin, step.leads_to(origin)):
                assert "placed" in step.guards, step.id
                # What the IOPC itself takes was referred.
                if origin != "iopc-referred" and origin != "severity-assessed":
                    assert "no-referral-owed" in step.guards, step.id


@pytest.mark.parametrize("desk", ["psd", "ccu", "independent"])
@pytest.mark.parametrize("head", [True, False])
def test_no_state_is_a_dead_end_for_any_desk(desk, head):
    """With what a sheet can say said, everything closes, also where no head may read."""
    parts = COURSE.parts_of(Role.DESK_HEAD if head else Role.HANDLER, desk)
    hand = Hand(author="amara", desk=desk, parts=parts)
    steps = set()
    for state in COURSE.states:
        known = facts(state, head_reads=head)
        steps |= {
            (one.leads_to(state), state) for one in open_steps(COURSE, known, hand) if not one.moves
        }
    reached = {"closed"}
    while more := {origin for to, origin in steps if to in reached} - reached:
        reached |= more
    # Intelligence is the unit's own to grade; elsewhere a case comes there by no step.
    assert reached | ({"intelligence"} if desk == "psd" else set()) == COURSE.states.keys()


@pytest.mark.parametrize(
    ("role", "desk", "parts"),
    [
        (Role.HANDLER, "psd", {Part.HANDLER}),
        (Role.DESK_HEAD, "psd", {Part.HANDLER, Part.DESK_HEAD}),
        (Role.HANDLER, "ccu", {Part.COVERT}),
        (Role.DESK_HEAD, "ccu", {Part.COVERT, Part.DESK_HEAD}),
        (Role.HANDLER, "independent", {Part.INDEPENDENT}),
        # A force's own desk of a kind is what the one for all is.
        (Role.HANDLER, "psd-c", {Part.HANDLER}),
        (Role.DESK_HEAD, "psd-c", {Part.HANDLER, Part.DESK_HEAD}),
        (Role.HANDLER, "ccu-a", {Part.COVERT}),
        (Role.HANDLER, "chief-b", {Part.INDEPENDENT}),
        (Role.HANDLER, "psdx", {Part.INDEPENDENT}),
        (Role.DESK_HEAD, "any-other", {Part.INDEPENDENT}),
        (Role.ADMINISTRATOR, "psd", set()),
        (Role.BOARD_MEMBER, "psd", set()),
        (Role.CUSTODIAN, "psd", set()),
    ],
)
def test_what_somebody_is_to_a_case(role, desk, parts):
    assert COURSE.parts_of(role, desk) == parts
    investigating = parts | {Part.INVESTIGATOR} if parts else set()
    assert COURSE.parts_of(role, desk, investigates=True) == investigating


def test_the_fine_state_never_belies_the_coarse_one():
    assert COURSE.fine_state(CaseState.UNDER_WAY, "investigation").id == "investigation"
    assert COURSE.fine_state(CaseState.CLOSED, "investigation").id == "closed"
    assert COURSE.fine_state(CaseState.TRIAGE, "").id == "triage"
    for coarse in CaseState:
        assert COURSE.states[COURSE.default_state(coarse)].coarse is coarse


def spoilt(change):
    found = json.loads(json.dumps(FILE))
    change(found)
    return json.dumps(found).encode()


def drop_state(found):
    found["states"] = [one for one in found["states"] if one["id"] != "rprp"]


def dead_end(found):
    for step in found["transitions"]:
        step["from"] = [one for one in step["from"] if one != "vetting"] or ["triage"]


def unreachable(found):
    found["transitions"] = [one for one in found["transitions"] if one["to"] != "vetting"]


def trap(found):
    """Two states that lead to each other and never out again."""
    dead_end(found)
    more = {"phase": "address", "coarse": "under-way", "public": "under way"}
    found["states"].append({"id": "trap", "label": "Trap", **more})
    step = next(one for one in found["transitions"] if one["id"] == "assess-again")
    found["transitions"] += [
        step | {"id": "in", "from": ["vetting"], "to": "trap"},
        step | {"id": "out", "from": ["trap"], "to": "vetting"},
    ]


@pytest.mark.parametrize(
    "change",
    [
        drop_state,
        dead_end,
        unreachable,
        trap,
        lambda found: found.update(format="candour-course/2"),
        lambda found: found.update(more=1),
        lambda found: found.update(version=0),
        lambda found: found["states"].append(found["states"][0]),
        lambda found: found["states"][3].update(public="with an independent body"),
        lambda found: found["states"][3].update(phase="later"),
        lambda found: found["states"][3].update(coarse="nowhere"),
        lambda found: found["transitions"][0].update({"from": []}),
        lambda found: found["transitions"][0].update(to="nowhere"),
        lambda found: found["transitions"][0].update(who=[]),
        lambda found: found["transitions"][0].update(who=["chief"]),
        lambda found: found["transitions"][0].update(second="no"),
        lambda found: found["transitions"][0].update(reasons="long"),
        lambda found: found["transitions"][0].update(asks="nothing"),
        lambda found: found["transitions"][0].update(moves="psd"),
        lambda found: found["transitions"][0].update(outcomes=["fame"]),
        lambda found: found["transitions"][0].update(to=""),
        lambda found: next(
            one for one in found["transitions"] if one["id"] == "decide-no-referral"
        ).update(to="triage"),
        lambda found: found["retired"][0].update(id="open"),
    ],
)
def test_a_course_with_a_hole_is_refused(change):
    with pytest.raises(UnfitJson):
        read_course(spoilt(change))


# --- one step


def facts(state, sheet=SHEET, **said):
    known = {"letters": (), "readers": frozenset({"amara", "helen"}), "other_desks": frozenset()}
    return Facts(sheet=sheet, state=COURSE.states[state], today=DAY, **{**known, **said})


HEAD = Hand(author="helen", desk="psd", parts=frozenset({Part.HANDLER, Part.DESK_HEAD}))
HANDLER = Hand(author="amara", desk="psd", parts=frozenset({Part.HANDLER}))
PLACED = replace(SHEET, force="a", directorate="response", category="bullying")


@pytest.mark.parametrize(
    ("state", "asked", "hand"),
    [
        ("triage", wish("close"), HEAD),
        ("triage", wish("nonsense"), HEAD),
        ("under-way", wish("close-plainly"), HEAD),
        ("under-way", wish("close"), HEAD),
        ("under-way", wish("record-outcome", outcomes=("learning",)), HEAD),
        ("under-way", wish("record-outcome", outcomes=("criminal",)), replace(HEAD, second="tom")),
        (
            "under-way",
            wish("record-outcome", outcomes=("too-little",)),
            replace(HEAD, second="tom"),
        ),
        ("triage", wish("refer-iopc", "voluntary"), HANDLER),
        ("triage", wish("refer-iopc"), HEAD),
        ("triage", wish("refer-iopc", "whim"), HEAD),
        ("triage", wish("end-triage", "voluntary"), HANDLER),
        ("triage", wish("end-triage", reasons={}), HANDLER),
        ("triage", wish("end-triage", reasons={"action": "  "}), HANDLER),
        ("triage", wish("end-triage", reasons={"action": "x", "risk": "y"}), HANDLER),
        ("triage", wish("close-at-triage", outcomes=()), HEAD),
        ("triage", wish("close-at-triage", outcomes=("staff",)), HEAD),
        ("triage", wish("close-at-triage", outcomes=("organisation",)), HEAD),
        (
            "triage",
            wish("close-at-triage", outcomes=("organisation",)),
            replace(HEAD, second="helen"),
        ),
    ],
)
def test_a_step_that_may_not_be_taken(state, asked, hand):
    with pytest.raises(StepRefused):
        taken(COURSE, facts(state, PLACED), asked, hand)


@pytest.mark.parametrize(
    ("others", "may_go"),
    [({"ccu"}, True), ({"ccu-a"}, True), ({"psd-a", "ccu-a"}, True), ({"ccux", "psd-a"}, False)],
)
def test_the_counter_corruption_unit_may_be_a_forces_own(others, may_go):
    known = facts("triage", PLACED, other_desks=frozenset(others))
    step = COURSE.transitions["send-to-ccu"]
    assert any(map(step.moves_to, others)) is may_go
    if may_go:
        assert taken(COURSE, known, wish("send-to-ccu"), HANDLER).last_state == "intelligence"
    else:
        with pytest.raises(StepRefused) as refused:
            taken(COURSE, known, wish("send-to-ccu"), HANDLER)
        assert refused.value.unmet == ("ccu-not-concerned",)


def test_a_step_moves_to_the_desks_it_says():
    leads = COURSE.transitions["declare-conflict"].moves_to
    assert leads("psd-c")
    assert leads("alternate")
    assert not COURSE.transitions["end-triage"].moves_to("psd")
    assert not COURSE.transitions["end-triage"].moves_to("")


def test_a_step_with_a_second_person_says_who_both_were():
    asked = wish("close-at-triage", outcomes=("organisation",))
    sheet = taken(COURSE, facts("triage", PLACED), asked, replace(HEAD, second="tom"))
    assert (sheet.steps[-1].author, sheet.steps[-1].second) == ("helen", "tom")
    assert sheet.triages
    assert sheet.outcomes == ("organisation",)


@pytest.mark.parametrize(
    ("state", "step"), [("triage", "close-at-triage"), ("under-way", "record-outcome")]
)
def test_a_duplicate_says_of_which_case(state, step):
    asked, hand = wish(step, outcomes=("duplicate",)), replace(HEAD, second="tom")
    for other in (None, LinkKind.LINKED, LinkKind.DUPLICATE):
        sheet = PLACED if other is None else PLACED.with_link(other, "FGHJ-6789")
        with pytest.raises(StepRefused) as refused:
            taken(COURSE, facts(state, sheet), asked, hand)
        assert refused.value.unmet == ("joined-if-duplicate",)
    joined = PLACED.with_link(LinkKind.DUPLICATE_OF, "FGHJ-6789")
    assert taken(COURSE, facts(state, joined), asked, hand).outcomes == ("duplicate",)


def test_a_mandatory_referral_that_is_owed_stops_everything_else():
    owed = replace(PLACED, criterion="serious-assault", criterion_on=DAY)
    with pytest.raises(StepRefused) as refused:
        taken(COURSE, facts("triage", owed), wish("end-triage"), HANDLER)
    assert refused.value.unmet == ("no-referral-owed",)
    sheet = taken(COURSE, facts("triage", owed), wish("refer-iopc", "mandatory"), HEAD)
    assert sheet.last_state == "iopc-referred"
    taken(COURSE, facts("iopc-referred", sheet), wish("iopc-takes-it"), HEAD)


def test_a_referral_that_is_not_made_is_a_decision_of_a_head_and_of_one_criterion():
    owed = replace(PLACED, criterion="serious-assault", criterion_on=DAY)
    with pytest.raises(StepRefused):
        taken(COURSE, facts("triage", owed), wish("decide-no-referral"), HANDLER)
    with pytest.raises(StepRefused):
        taken(COURSE, facts("triage", owed), wish("decide-no-referral", reasons={}), HEAD)
    sheet = taken(COURSE, facts("triage", owed), wish("decide-no-referral"), HEAD)
    assert (sheet.referral, sheet.criterion, sheet.steps[-1].code) == (
        "not-referred", "serious-assault", "serious-assault",
    )  # fmt: skip
    assert sheet.last_state == "triage"
    taken(COURSE, facts("triage", sheet), wish("end-triage"), HANDLER)
    # Another criterion, or the same on a later day, is another matter.
    for more in ({"criterion": "relevant-offence"}, {"criterion_on": DAY + timedelta(days=1)}):
        with pytest.raises(StepRefused):
            taken(COURSE, facts("triage", replace(sheet, **more)), wish("end-triage"), HANDLER)


def test_a_case_that_is_not_referred_has_come_nowhere_anew():
    """Its severity stands, and what was received for its review was not received before."""
    sheet = taken(COURSE, facts("triage", replace(PLACED, subject="officer")),
                  wish("assess-severity", "practice"), HEAD)  # fmt: skip
    sheet = taken(COURSE, facts("severity-assessed", sheet), wish("decide-no-referral"), HEAD)
    sheet = taken(COURSE, facts("severity-assessed", sheet), wish("refer-rprp"), HEAD)
    sheet = sheet.with_milestone("review-report", DAY + timedelta(days=2))
    later = replace(facts("rprp", sheet), today=DAY + timedelta(days=3))
    sheet = taken(COURSE, later, wish("decide-no-referral"), HEAD)
    asked = wish("review-received", outcomes=("reflective-practice",))
    later = replace(facts("rprp", sheet), today=DAY + timedelta(days=3))
    assert taken(COURSE, later, asked, HEAD).last_state == "outcome-recorded"


def test_closing_counts_the_class_of_the_first_outcome():
    sheet = replace(PLACED, learning="None: nothing was wrong")
    sheet = taken(COURSE, facts("triage", sheet), wish("end-triage"), HANDLER)
    asked = wish("proceedings-end", outcomes=("hearing-dismissal", "learning"))
    sheet = taken(COURSE, facts("proceedings", sheet), asked, HEAD)
    told = facts("outcome-recorded", sheet, letters=(DAY,))
    sheet = taken(COURSE, told, wish("give-feedback"), HANDLER)
    with pytest.raises(StepRefused):
        taken(COURSE, facts("feedback-given", sheet), wish("close"), HANDLER)
    later = replace(facts("feedback-given", sheet), today=DAY + timedelta(days=28))
    sheet = taken(COURSE, later, wish("close"), HANDLER)
    assert [one.outcome for one in sheet.closures] == ["proceedings"]


# --- who may read


def test_nothing_adds_a_reader_and_the_last_one_stays():
    named, on_desk = {"amara", "tom", "pat"}, {"amara", "tom", "helen"}
    may = readers(SHEET, named=named, on_desk=on_desk, gone=())
    assert may == {"amara", "tom"}
    assert readers(SHEET, named=named, on_desk=on_desk, gone={"tom"}) == {"amara"}
    listed = with_access(replace(SHEET, assignee="amara", investigator="tom"), {"tom"}, may)
    assert (listed.access, listed.assignee, listed.investigator) == (("tom",), "", "tom")
    assert readers(listed, named=named, on_desk=on_desk, gone=()) == {"tom"}
    for broken in (
        lambda: with_access(SHEET, {"helen"}, may),
        lambda: without(listed, "tom", {"tom"}),
    ):
        with pytest.raises(NobodyLeft):
            broken()
    out = without(replace(SHEET, assignee="tom"), "tom", may)
    assert (out.left_out, out.assignee) == (("tom",), "")
    assert readers(out, named=named, on_desk=on_desk, gone=()) == {"amara"}


def test_a_case_never_goes_back_to_a_desk_it_was_taken_from():
    desks = {desk: set(members) for desk, members in DESKS.items()}
    sheet = passed_on(SHEET, left_desk="psd", conflict=True)
    out = {"left_out": {"cass"}, "gone": {"cory"}}
    on = {"desk": "independent", "desks": desks, "barred": ()}
    assert destinations(sheet, **on, **out, fewest=1) == {"alternate": {"alma"}}
    # Nor to one that its reporter's answers bar, or where somebody would read alone.
    assert destinations(sheet, **on | {"barred": {"alternate"}}, **out, fewest=1) == {}
    assert destinations(sheet, **on, **out, fewest=2) == {}
    # What was only sent on may come back.
    sent, on = passed_on(SHEET, left_desk="psd", conflict=False), on | {"desk": "ccu"}
    assert "psd" in destinations(sent, **on, left_out=(), gone=(), fewest=2)
