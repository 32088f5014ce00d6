"""W2: seven ways to get it wrong. The suite must catch every one, or it proves nothing."""

from itertools import pairwise

import numpy as np
import pytest

from app.trends.domain import Table
from tests.attacks import arithmetic, audit, membership, mutants, spending
from tests.attacks.test_audit import AUDITS, PLAN
from tests.proof import PROVING

RUNS = 8000 if PROVING else 4000


@pytest.mark.parametrize(
    ("mutant", "case", "runs"),
    [
        (mutants.threshold_on_true_counts, "4", 8000 if PROVING else 600),
        (mutants.no_noise_on_empty_cells, "0 alone", RUNS),
        (mutants.halved_sigma, "24", 8000 if PROVING else 1600),
        (mutants.seeded, "24", 200),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_w2_the_audit_catches_a_leaking_drawing(mutant, case, runs, tell):
    counts, label = AUDITS[case]
    more = counts | {label: counts[label] + 1}
    draw = audit.fast_noise(np.random.default_rng(17), PLAN)
    without = audit.observe(mutant, PLAN, counts, label, draw, runs)
    with_one = audit.observe(mutant, PLAN, more, label, draw, runs)
    proved = audit.proven_mu(without, with_one)
    tell("w2", f"{mutant.__name__}: proved {proved:.2f}")
    assert proved > audit.ledger_mu(PLAN, Table.TH, Table.QT)


@pytest.mark.parametrize("mutant", [mutants.reissued, mutants.year_to_date, mutants.budget_reset])
def test_w2_the_ledgers_replay_catches_a_series_that_counts_twice(published, mutant):
    rows = mutant(published.runs[0], published.runs[1])
    assert spending.most_spent(published.runs[0]) <= spending.CAP
    assert spending.most_spent(rows) > spending.CAP


@pytest.mark.parametrize("mutant", [mutants.reissued, mutants.year_to_date, mutants.budget_reset])
def test_w2_so_do_the_attacks_by_arithmetic(published, mutant):
    rows = mutant(published.runs[0], published.runs[1])
    assert arithmetic.changed_between_releases(rows) > 0
    assert arithmetic.two_values(rows) > 0


def test_w2_reissued_tables_help_the_insider(published):
    """A8 on the mutant that gives her one more draw of everything."""
    chance = np.random.default_rng(5)
    insider = membership.Insider(published.world, published.sigma)
    grown = []
    for one, other in pairwise(published.runs[:5]):
        rows = mutants.reissued(one, other)
        once = membership.scores(insider, membership.Reading.of(one), chance, 150)
        twice = membership.scores(insider, membership.Reading.of(rows), chance, 150)
        grown.append(membership.advantage(*twice[:2]) - membership.advantage(*once[:2]))
    assert np.mean(grown) > 0
