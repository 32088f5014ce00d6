"""Every figure of the guarantee in `docs/small-counts.md` is computed here, exactly."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from app.trends.domain import Table
from app.trends.publication import publication_plan, rho
from tests.trends.guarantee import Loss, mu

PAGE = (Path(__file__).parents[2] / "docs" / "small-counts.md").read_text(encoding="utf-8")
REHEARSED = (Table.TH, Table.QT, Table.DY)


def row(starts):
    """The two numbers of a row of the guarantee's table."""
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {starts}")]
    return [cell.strip() for cell in line.split("|")[2:4]]


@pytest.fixture(params=[tuple(Table), REHEARSED], ids=["all tables", "rehearsal"])
def case(request):
    plan = publication_plan()
    variances = [plan.sigma2[table] for table in request.param]
    column = 0 if request.param == tuple(Table) else 1
    return column, variances, Loss.of(variances)


def test_what_is_spent(case):
    column, variances, _loss = case
    spent = sum(Fraction(1, 2 * square) for square in variances)
    assert row("spent")[column] == f"{spent} = {float(spent):.4f}"
    assert row("μ")[column] == f"{mu(variances):.3f}"
    assert abs(mu(variances) ** 2 - 2 * spent) < 1e-12


def test_total_variation(case):
    column, variances, loss = case
    assert abs(loss.chances.sum() - 1) < 1e-9
    assert row("total variation")[column] == f"{loss.advantage():.4f}"
    assert row("right at most")[column] == f"{50 + 50 * loss.advantage():.1f} in 100"
    # The Gaussian that μ speaks of is that close.
    assert abs(loss.advantage() - (2 * norm.cdf(mu(variances) / 2) - 1)) < 1e-4


def test_how_far_the_odds_move(case):
    column, _variances, loss = case
    assert row("chance that her odds")[column] == f"{100 * loss.beyond(10):.2f} %"
    assert row("chance that they move")[column] == f"{100 * loss.beyond(20):.3f} %"


def test_several_matters_of_one_reporter():
    plan = publication_plan()
    one = mu([plan.sigma2[table] for table in Table])
    apart, together = norm.cdf(one * 3**0.5 / 2), norm.cdf(one * 3 / 2)
    assert f"right at most {100 * apart:.1f} times in 100" in PAGE
    assert f"the same cell and period, {100 * together:.1f}" in PAGE


def test_the_table_of_tables():
    plan = publication_plan()
    for table in Table:
        (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{table.value}`")]
        cells = [cell.strip() for cell in line.split("|")]
        assert cells[4] == str(plan.sigma2[table])
        assert cells[5] == str(rho(plan, table))
    assert f"spend {sum(rho(plan, table) for table in Table)} of a cap of {plan.cap}" in PAGE


def test_the_yardstick_itself():
    """One table, by adding up both distributions: half the sum of their differences."""
    for square in (4, 9, 16):
        noise = np.arange(-80, 82)
        weights = np.exp(-(noise.astype(float) ** 2) / (2 * square))
        weights /= weights.sum()
        shifted = np.concatenate([[0.0], weights[:-1]])
        assert abs(Loss.of([square]).advantage() - np.abs(weights - shifted).sum() / 2) < 1e-12
    # More tables never tell less, and more noise never more.
    assert Loss.of([4, 9]).advantage() > Loss.of([4]).advantage() > Loss.of([9]).advantage()
    assert Loss.of([4]).delta(0) == Loss.of([4]).advantage()
