"""A walk through cases by anybody, in any order, finds no dead end and no reader without right."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from app.casework.domain import CaseState
from app.casework.guards import Facts
from app.casework.need_to_know import (
    NobodyLeft,
    destinations,
    passed_on,
    readers,
    with_access,
    without,
)
from app.casework.sheet import MOST_MILESTONES, MOST_STEPS
from app.casework.sheet_format import parse_sheet
from app.casework.stepping import (
    Hand,
    StepRefused,
    may_take,
    needs_second,
    open_steps,
    taken,
)
from app.identity.domain import Role
from app.routing.domain import Answers, barred_desks
from tests.casework.coursework import COURSE, DAY, DESKS, IN_ALLIANCE, SHEET, everybody, wish
from tests.proof import PROVING
from tests.routing.every import TABLE, conflicted

ANSWERS = (
    Answers(),
    Answers(category="bullying", wish="force"),
    Answers(about=("manager", "psd_or_ccu")),
    Answers(category="retaliation"),
    Answers(about=("chief_officer",)),
)


class Walk:
    """Cases, walked by anybody, in any order: with the rules, against them, over time."""

    def __init__(self, chance, desks):
        self.chance, self.taken = chance, Counter()
        self.desks, self.everybody = desks, everybody(desks)
        self.begin()

    def begin(self):
        self.sheet, self.coarse = SHEET, CaseState.SEALED
        self.today, self.letters, self.gone = DAY, (), set()
        self.answers = self.chance.choice(ANSWERS)
        self.desk = self.chance.choice(sorted(set(self.desks) - self.never))
        self.out = set(self.chance.choice([[], [], ["tom"], ["cory"]]))
        self.named = set(self.desks[self.desk]) - self.out

    @property
    def never(self):
        kinds = conflicted(self.answers)
        return {desk for desk in self.desks if desk in kinds or desk.rpartition("-")[0] in kinds}

    @property
    def state(self):
        return COURSE.fine_state(self.coarse, self.sheet.last_state)

    @property
    def may(self):
        return readers(self.sheet, named=self.named, on_desk=self.desks[self.desk], gone=self.gone)

    @property
    def elsewhere(self):
        desks = {desk: set(members) for desk, members in self.desks.items()}
        return destinations(
            self.sheet,
            desk=self.desk,
            desks=desks,
            left_out=self.out,
            gone=self.gone,
            barred=barred_desks(TABLE, self.answers, desks),
            fewest=TABLE.fewest_readers,
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
            head_reads=any(self.everybody[id][0] is Role.DESK_HEAD for id in self.may),
        )

    def hand(self, who, second=""):
        role, desk = self.everybody[who]
        parts = COURSE.parts_of(role, desk, investigates=who == self.sheet.investigator)
        return Hand(author=who, desk=self.desk, parts=parts, second=second)

    def anybody_tries_any_step(self):
        who, second = self.chance.choices(sorted(self.everybody), k=2)
        self._try(who, second, self.chance.choice(list(COURSE.transitions.values())))

    def a_reader_takes_an_open_step(self):
        who, second = self.chance.choices(sorted(self.may), k=2)
        open_to = open_steps(COURSE, self.facts, self.hand(who))
        # Not to refer leads nowhere: it is decided where a criterion waits for it.
        waits = self.sheet.criterion and not self.sheet.not_referred_on
        open_to = [one for one in open_to if one.to or waits]
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
        to = step.leads_to(known.state.id)
        self.coarse = COURSE.states[to].coarse
        assert self.state.id == to
        self.taken[step.id] += 1
        if step.moves:
            found = [one for one in sorted(self.elsewhere) if step.moves_to(one)]
            self._move(self.chance.choice(found))

    def _move(self, desk):
        self.named = set(self.elsewhere[desk])
        assert len(self.named) > 1, "somebody alone with a case"
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

    def a_criterion_applies(self):
        # It is not taken away again: it is referred, or it is decided that it is not to be.
        if self.chance.random() < 0.3:
            self.sheet = replace(self.sheet, criterion="serious-assault", criterion_on=self.today)

    def a_milestone(self):
        what = self.chance.choice(["iopc-answered", "review-report", "reporter-agreed"])
        if len(self.sheet.milestones) < MOST_MILESTONES:
            self.sheet = self.sheet.with_milestone(what, self.today)

    def the_desk_writes(self):
        self.letters = (*self.letters, self.today)

    def time_passes(self):
        self.today += timedelta(days=self.chance.randint(1, 40))

    def somebody_declares_a_conflict(self):
        who = self.chance.choice(sorted(self.everybody))
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
        who, may = self.chance.choice(sorted(self.everybody)), self.may
        try:
            self.sheet = without(self.sheet, who, may)
        except NobodyLeft:
            assert may == {who}

    def an_access_list_is_made(self):
        chosen = set(self.chance.sample(sorted(self.everybody), self.chance.randint(0, 6)))
        everybody = readers(
            replace(self.sheet, access=()),
            named=self.named,
            on_desk=self.desks[self.desk],
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
        assert self.may <= set(self.desks[self.desk])
        assert not self.sheet.access or self.may <= set(self.sheet.access)
        assert self.desk not in self.sheet.left_desks
        assert self.desk not in self.never, "passed to those it is about"
        assert COURSE.leaving(self.state.id), "a dead end"
        assert self.state.coarse is self.coarse

    def go_on(self):
        often = [self.a_reader_takes_an_open_step] * 12
        often += [self.the_sheet_is_filled_in, self.the_desk_writes, self.time_passes] * 2
        often += [self.anybody_tries_any_step, self.a_milestone] * 2
        seldom = [
            self.a_criterion_applies,
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


@pytest.mark.parametrize("desks", [DESKS, IN_ALLIANCE], ids=["one-force", "alliance"])
def test_no_walk_finds_a_dead_end_or_a_reader_without_right(desks):
    walk = Walk(Random(20261121), desks)
    for _ in range(20_000 if PROVING else 1_500):
        walk.go_on()
    # A walk that comes nowhere finds nothing.
    assert walk.taken["send-to-ccu"]
    assert len(walk.taken) > (0.9 if PROVING else 0.5) * len(COURSE.transitions), walk.taken
