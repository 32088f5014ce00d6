"""W1: the freeze's drawing on counts with and without one concern, proved from below."""

from datetime import UTC, datetime, time
from shutil import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.database import open_database
from app.trends import freezing
from app.trends.domain import Cadence, Entry, Table, year_of
from app.trends.drawing import Freeze, Opened, draw_tables
from app.trends.plans import Plans
from app.trends.publication import freeze_day
from app.work import begin
from tests.attacks import audit
from tests.proof import PROVING, examples
from tests.trends.plans import counted, small_plan
from tests.trends.plans import given as noise

RUNS = 8000 if PROVING else 1200
PLAN = small_plan(themes=13)
# A quarter of the largest force: what is true of it stands in the middle column of the design.
TRUE = {f"t{at}": count for at, count in enumerate([26, 24, 12, 8, 6, 5, 4, 4, 3, 2, 1, 0, 0])}
# Nothing else is small: what a rule does to the one empty cell stands out best.
ROOMY = {f"t{at}": 12 for at in range(11)} | {"t11": 0, "t12": 9}
AUDITS = {"0": (TRUE, "t11"), "4": (TRUE, "t6"), "24": (TRUE, "t1"), "0 alone": (ROOMY, "t11")}


@pytest.fixture
def freeze(tmp_path, migrated_statistics):
    """The drawing of a freeze that was begun in an empty store, with what it counts open."""
    database = open_database(f"sqlite:///{copy(migrated_statistics, tmp_path / 's.sqlite')}")
    plans = Plans(versions=(PLAN,), tables=frozenset({Table.TH, Table.QT}))
    force = PLAN.forces[0]
    day = freeze_day(PLAN, Table.QT, force.first_period)
    with begin(database, lambda: datetime.combine(day, time(12), UTC)) as work:
        intent = freezing.begin_freeze(work, force.id, force.first_period, plans=plans)
        yield audit.of_a_freeze(work, intent)
    database.engine.dispose()


@pytest.mark.parametrize("case", AUDITS)
def test_w1_no_more_can_be_proved_than_the_ledger_admits(case, freeze, tell):
    counts, label = AUDITS[case]
    more = counts | {label: counts[label] + 1}
    draw = audit.fast_noise(np.random.default_rng(11 + len(case)), PLAN)
    without = audit.observe(freeze, PLAN, counts, label, draw, RUNS)
    with_one = audit.observe(freeze, PLAN, more, label, draw, RUNS)
    proved = audit.proven_mu(without, with_one)
    admitted = audit.ledger_mu(PLAN, Table.TH, Table.QT)
    tell("w1", f"true {case}: proved {proved:.2f}, admitted {admitted:.3f}")
    assert proved <= admitted


@given(
    st.sampled_from(Cadence),
    st.lists(st.sampled_from(["t0", "t1", "t2", "t3"]), max_size=60),
    st.lists(st.integers(-9, 9), min_size=40, max_size=40),
)
@examples(200)
def test_p3_rows_and_labels_follow_the_noisy_values(how_often, themes, drawn):
    """One concern more, and one less of noise in the three cells it enters: the same release."""
    plan = small_plan()
    quarter = year_of(2023).quarters[3]
    totals = dict.fromkeys(year_of(2023).quarters[:3], 10)
    freeze = Freeze(
        plan=plan, force="f", quarter=quarter, cadence=how_often,
        tables=frozenset({Table.QT, Table.TH, Table.DY}),
    )  # fmt: skip
    before = [Entry(theme, "d1") for theme in themes]
    after = [*before, Entry("t1", "d1")]
    # Which draws belong to the cells that the concern enters: ask a drawing without noise.
    draw, asked = counted()
    draw_tables(freeze, Opened(entries={quarter: before}), published=totals, draw=draw)
    at = {table: asked.index(table) for table in (Table.TH, Table.QT, Table.DY)}
    less = list(drawn)
    # Second in its table each time: t1, or the second group that t1 is in; d1.
    for place in (at[Table.TH] + 1, at[Table.QT], at[Table.DY] + 1):
        less[place] -= 1
    one = draw_tables(
        freeze, Opened(entries={quarter: before}), published=totals, draw=noise(drawn)
    )
    other = draw_tables(
        freeze, Opened(entries={quarter: after}), published=totals, draw=noise(less)
    )
    assert one == other


def test_the_auditor_proves_what_is_there(freeze):
    """A drawing whose loss is known: beside the figures, a total with a deviation of a half."""
    plan = PLAN
    chance = np.random.default_rng(3)

    def exact_total(spread):
        def drawing(plan, labels, counts, true_total, draw):
            figures, total = freeze(plan, labels, counts, true_total, draw)
            loud = round(true_total + chance.normal(0, spread))
            return figures, type(total)(("All",), max(0, loud), 0, 999)

        return drawing

    draw = audit.fast_noise(chance, plan)
    runs = [
        audit.observe(exact_total(0.5), plan, counts, "t1", draw, 700)
        for counts in (TRUE, TRUE | {"t1": 25})
    ]
    assert audit.proven_mu(*runs) > 1.2
