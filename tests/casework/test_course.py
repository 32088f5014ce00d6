"""The course of a case has no dead end, and nobody takes a step that is not hers or not open."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from app.casework import course as courses
from app.casework.course import Part, course_on, ends_triage, read_course
from app.casework.domain import CaseState
from app.casework.guards import RULES, Asked, Facts, check_guards
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
from app.casework.sheet import MOST_MILESTONES, MOST_STEPS, CaseSheet
from app.casework.sheet_format import parse_sheet
from app.casework.stepping import (
    Hand,
    StepRefused,
    Wish,
    may_take,
    needed,
    needs_second,
    open_steps,
    taken,
)
from app.envelope.strict_json import UnfitJson
from app.identity.domain import Role
from tests.proof import PROVING

DAY = date(2026, 11, 21)
COURSE = course_on(DAY)
FILE = json.loads((courses.FOLDER / "course-1.json").read_bytes())
SHEET = CaseSheet.blank("BCDF-2345", author="amara", on=DAY)
DESKS = {
    "psd": {"amara": Role.HANDLER, "tom": Role.HANDLER, "helen": Role.DESK_HEAD},
    "ccu": {"cass": Role.HANDLER, "cory": Role.DESK_HEAD},
    "independent": {"ruth": Role.DESK_HEAD, "dev": Role.HANDLER},
    "alternate": {"alma": Role.HANDLER},
}
EVERYBODY = {id: (role, desk) for desk, members in DESKS.items() for id, role in members.items()}


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
            if ends_triage(COURSE, origin, step.to):
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
        steps |= {(one.to, state) for one in open_steps(COURSE, known, hand) if not one.moves}
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
    ],
)
def test_a_course_with_a_hole_is_refused(change):
    with pytest.raises(UnfitJson):
        read_course(spoilt(change))


# --- one step


def facts(state, sheet=SHEET, **said):
    known = {"letters": (), "readers": frozenset({"amara", "helen"}), "other_desks": frozenset()}
    return Facts(sheet=sheet, state=COURSE.states[state], today=DAY, **{**known, **said})


def wish(step, code="", outcomes=(), reasons=None):
    asks = needed(COURSE.transitions[step].reasons) if step in COURSE.transitions else ()
    words = dict.fromkeys(asks, "Because") if reasons is None else reasons
    return Wish(step=step, asked=Asked(code=code, outcomes=outcomes), reasons=words)


HEAD = Hand(author="helen", desk="psd", parts=frozenset({Part.HANDLER, Part.DESK_HEAD}))
HANDLER = Hand(author="amara", desk="psd", parts=frozenset({Part.HANDLER}))
PLACED = replace(SHEET, force="a", directorate="response", category="bullying")


@pytest.mark.parametrize(
    ("state", "asked", "hand"),
    [
        ("triage", wish("close"), HEAD),
        ("triage", wish("nonsense"), HEAD),
        ("closed", wish("close-plainly"), HEAD),
        ("triage", wish("refer-iopc", "voluntary"), HANDLER),
        ("triage", wish("refer-iopc"), HEAD),
        ("triage", wish("refer-iopc", "whim"), HEAD),
        ("triage", wish("end-triage", "voluntary"), HANDLER),
        ("triage", wish("end-triage", reasons={}), HANDLER),
        ("triage", wish("end-triage", reasons={"action": "  "}), HANDLER),
        ("triage", wish("end-triage", reasons={"action": "x", "risk": "y"}), HANDLER),
        ("triage", wish("close-at-triage", outcomes=()), HEAD),
        ("triage", wish("close-at-triage", outcomes=("staff",)), HEAD),
        ("triage", wish("close-at-triage", outcomes=("duplicate",)), HEAD),
        ("triage", wish("close-at-triage", outcomes=("duplicate",)), replace(HEAD, second="helen")),
    ],
)
def test_a_step_that_may_not_be_taken(state, asked, hand):
    with pytest.raises(StepRefused):
        taken(COURSE, facts(state, PLACED), asked, hand)


def test_a_step_with_a_second_person_says_who_both_were():
    asked = wish("close-at-triage", outcomes=("duplicate",))
    sheet = taken(COURSE, facts("triage", PLACED), asked, replace(HEAD, second="tom"))
    assert (sheet.steps[-1].author, sheet.steps[-1].second) == ("helen", "tom")
    assert sheet.triages
    assert sheet.outcomes == ("duplicate",)


def test_a_mandatory_referral_that_is_owed_stops_everything_else():
    owed = replace(PLACED, criterion="serious-assault", criterion_on=DAY)
    with pytest.raises(StepRefused) as refused:
        taken(COURSE, facts("triage", owed), wish("end-triage"), HANDLER)
    assert refused.value.unmet == ("no-referral-owed",)
    sheet = taken(COURSE, facts("triage", owed), wish("refer-iopc", "mandatory"), HEAD)
    assert sheet.last_state == "iopc-referred"
    taken(COURSE, facts("iopc-referred", sheet), wish("iopc-takes-it"), HEAD)


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
    found = destinations(sheet, desk="independent", desks=desks, left_out={"cass"}, gone={"cory"})
    assert found == {"alternate": {"alma"}}
    # What was only sent on may come back.
    sent = passed_on(SHEET, left_desk="psd", conflict=False)
    assert "psd" in destinations(sent, desk="ccu", desks=desks, left_out=(), gone=())


# --- any walk


class Walk:
    """Cases, walked by anybody, in any order: with the rules, against them, over time."""

    def __init__(self, chance):
        self.chance, self.taken = chance, Counter()
        self.begin()

    def begin(self):
        self.sheet, self.coarse = SHEET, CaseState.SEALED
        self.today, self.letters, self.gone = DAY, (), set()
        self.desk = self.chance.choice(sorted(DESKS))
        self.out = set(self.chance.choice([[], [], ["tom"], ["cory"]]))
        self.named = set(DESKS[self.desk]) - self.out

    @property
    def state(self):
        return COURSE.fine_state(self.coarse, self.sheet.last_state)

    @property
    def may(self):
        return readers(self.sheet, named=self.named, on_desk=DESKS[self.desk], gone=self.gone)

    @property
    def elsewhere(self):
        desks = {desk: set(members) for desk, members in DESKS.items()}
        return destinations(
            self.sheet, desk=self.desk, desks=desks, left_out=self.out, gone=self.gone
        )

    @property
    def facts(self):
        return Facts(
            sheet=self.sheet,
            state=self.state,
            today=self.today,
            letters=self.letters,
            readers=self.may,
            other_desks=frozenset(self.elsewhere),
            head_reads=any(EVERYBODY[id][0] is Role.DESK_HEAD for id in self.may),
        )

    def hand(self, who, second=""):
        role, desk = EVERYBODY[who]
        parts = COURSE.parts_of(role, desk, investigates=who == self.sheet.investigator)
        return Hand(author=who, desk=self.desk, parts=parts, second=second)

    def anybody_tries_any_step(self):
        who, second = self.chance.choices(sorted(EVERYBODY), k=2)
        self._try(who, second, self.chance.choice(list(COURSE.transitions.values())))

    def a_reader_takes_an_open_step(self):
        who, second = self.chance.choices(sorted(self.may), k=2)
        open_to = open_steps(COURSE, self.facts, self.hand(who))
        # The one that leads away from everything would else be most of what happens.
        if open_to and (step := self.chance.choice(open_to)).id != "declare-conflict":
            self._try(who, second, step)

    def _try(self, who, second, step):
        if not {who, second} <= self.may:
            return  # no page of it is served to her
        choices = COURSE.lists.get(step.asks, ())
        code = self.chance.choice(choices).id if choices else ""
        outcomes = (self.chance.choice(step.outcomes),) if step.outcomes else ()
        before, known, hand = self.sheet, self.facts, self.hand(who, second)
        try:
            self.sheet = taken(COURSE, known, wish(step.id, code, outcomes), hand)
        except StepRefused:
            assert self.sheet == before
            return
        assert known.state.id in step.origins
        assert may_take(step, known, hand)
        assert not needs_second(step, hand) or second != who
        assert step.who & hand.parts or not known.head_reads
        self.coarse = COURSE.states[step.to].coarse
        assert self.state.id == step.to
        self.taken[step.id] += 1
        if step.moves:
            self._move("ccu" if step.moves == "ccu" else self.chance.choice(sorted(self.elsewhere)))

    def _move(self, desk):
        self.named = set(self.elsewhere[desk])
        self.desk = desk

    def the_sheet_is_filled_in(self):
        if self.coarse is CaseState.SEALED:
            return
        self.sheet = replace(
            self.sheet,
            force="a",
            directorate="response",
            category="bullying",
            grade="2CP",
            corruption="other",
            subject=self.chance.choice(["officer", "officer", "staff", ""]),
            learning="A briefing",
            investigator=self.chance.choice(sorted(self.may)),
        )

    def a_criterion_applies_or_not(self):
        owed = self.chance.random() < 0.3
        said = {"criterion": "serious-assault", "criterion_on": self.today} if owed else {
            "criterion": "", "criterion_on": None}  # fmt: skip
        self.sheet = replace(self.sheet, **said)

    def a_milestone(self):
        what = self.chance.choice(["iopc-answered", "review-report", "reporter-agreed"])
        if len(self.sheet.milestones) < MOST_MILESTONES:
            self.sheet = self.sheet.with_milestone(what, self.today)

    def the_desk_writes(self):
        self.letters = (*self.letters, self.today)

    def time_passes(self):
        self.today += timedelta(days=self.chance.randint(1, 40))

    def somebody_declares_a_conflict(self):
        who = self.chance.choice(sorted(EVERYBODY))
        if who not in self.may or (self.may == {who} and not self.elsewhere):
            return  # refused: the page says to fill another desk first
        last = self.may == {who}
        may, self.gone = self.may, {*self.gone, who}
        if last:
            elsewhere = sorted(self.elsewhere)
            if not elsewhere:
                self.gone.remove(who)
                return
            self.sheet = passed_on(self.sheet, left_desk=self.desk, conflict=True)
            self._move(elsewhere[0])
        else:
            self.sheet = without(self.sheet, who, may)

    def somebody_is_left_out(self):
        who, may = self.chance.choice(sorted(EVERYBODY)), self.may
        try:
            self.sheet = without(self.sheet, who, may)
        except NobodyLeft:
            assert may == {who}

    def an_access_list_is_made(self):
        chosen = set(self.chance.sample(sorted(EVERYBODY), self.chance.randint(0, 6)))
        everybody = readers(
            replace(self.sheet, access=()),
            named=self.named,
            on_desk=DESKS[self.desk],
            gone=self.gone,
        )
        try:
            self.sheet = with_access(self.sheet, chosen, everybody)
        except NobodyLeft:
            assert chosen
            assert not chosen & everybody

    def check(self):
        assert self.may, "a case without a reader"
        assert not self.may & (self.out | self.gone | set(self.sheet.left_out))
        assert self.may <= set(DESKS[self.desk])
        assert not self.sheet.access or self.may <= set(self.sheet.access)
        assert self.desk not in self.sheet.left_desks
        assert COURSE.leaving(self.state.id), "a dead end"
        assert self.state.coarse is self.coarse

    def go_on(self):
        often = [self.a_reader_takes_an_open_step] * 12
        often += [self.the_sheet_is_filled_in, self.the_desk_writes, self.time_passes] * 2
        often += [self.anybody_tries_any_step, self.a_milestone] * 2
        seldom = [
            self.a_criterion_applies_or_not,
            self.somebody_declares_a_conflict,
            self.somebody_is_left_out,
            self.an_access_list_is_made,
        ]
        self.chance.choice(often + (seldom if self.chance.random() < 0.2 else []))()
        self.check()
        if self.chance.random() < 0.01 or len(self.sheet.steps) == MOST_STEPS:
            stored = replace(self.sheet, version=1)
            assert parse_sheet(stored.to_json()) == stored
            self.begin()


def test_no_walk_finds_a_dead_end_or_a_reader_without_right():
    walk = Walk(Random(20261121))
    for _ in range(20_000 if PROVING else 1_500):
        walk.go_on()
    # A walk that comes nowhere finds nothing.
    assert len(walk.taken) > (0.9 if PROVING else 0.5) * len(COURSE.transitions), walk.taken
