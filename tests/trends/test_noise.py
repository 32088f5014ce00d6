"""The sampler draws the discrete Gaussian and nothing else: held against its exact chances."""

from collections import Counter
from fractions import Fraction
from math import erfc, exp, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from app.trends.noise import discrete_gaussian, discrete_laplace
from tests.proof import PROVING, examples

DRAWS = 200_000 if PROVING else 12_000
# One honest sampler in a thousand fails by bad luck: it may try once more. A wrong one fails twice.
LEAST_P = 0.001


def chances(sigma2, reach=60):
    weights = {x: exp(-x * x / (2 * float(sigma2))) for x in range(-reach, reach + 1)}
    whole = sum(weights.values())
    return {x: weight / whole for x, weight in weights.items()}


def chi_square(found, expected, draws):
    """Return χ² and its degrees of freedom, the thin tails put together."""
    cells = {x: chance * draws for x, chance in expected.items() if chance * draws >= 8}
    tail = draws - sum(cells.values())
    statistic = sum((found[x] - want) ** 2 / want for x, want in cells.items())
    beyond = draws - sum(found[x] for x in cells)
    statistic += (beyond - tail) ** 2 / tail if tail > 1e-9 else 0
    return statistic, len(cells)


@pytest.mark.parametrize("sigma2", [4, 9, 16, Fraction(1, 4), Fraction(50, 3)])
def test_w3_the_sampler_follows_the_exact_chances(sigma2):
    tries = []
    for _ in range(2):
        found = Counter(discrete_gaussian(sigma2) for _ in range(DRAWS))
        statistic, freedom = chi_square(found, chances(sigma2), DRAWS)
        tries.append(chi2.sf(statistic, freedom))
        if tries[-1] > LEAST_P:
            break
    assert tries[-1] > LEAST_P, tries


def test_w3_would_catch_a_wrong_variance():
    """The test of the sampler can fail: a variance of 4.5 is not one of 4."""
    found = Counter(discrete_gaussian(Fraction(9, 2)) for _ in range(DRAWS))
    statistic, freedom = chi_square(found, chances(4), DRAWS)
    assert chi2.sf(statistic, freedom) < LEAST_P


def test_w3_would_catch_a_rounded_gaussian_of_another_shape():
    """Two signs of nought kept: the classic mistake with a discrete Laplace."""
    laplace = {x: exp(-abs(x) / 3) for x in range(-80, 81)}
    whole = sum(laplace.values())
    right = {x: chance / whole for x, chance in laplace.items()}
    found = Counter(discrete_laplace(3) for _ in range(DRAWS))
    statistic, freedom = chi_square(found, right, DRAWS)
    assert chi2.sf(statistic, freedom) > LEAST_P
    twice = {x: chance * (2 if x == 0 else 1) for x, chance in right.items()}
    whole = sum(twice.values())
    wrong = {x: chance / whole for x, chance in twice.items()}
    statistic, freedom = chi_square(found, wrong, DRAWS)
    assert chi2.sf(statistic, freedom) < LEAST_P


@given(st.fractions(Fraction(1, 5), 40, max_denominator=1000), st.integers(0, 2**32))
@examples(60, 500)
def test_the_draw_is_a_function_of_its_chance_alone(sigma2, seed):
    def draws():
        chance = Random(seed)
        return [discrete_gaussian(sigma2, chance.randrange) for _ in range(5)]

    first = draws()
    assert draws() == first
    # Fourteen standard deviations: that would be a broken sampler, not bad luck.
    assert all(abs(value) <= 14 * sqrt(sigma2) + 14 for value in first)


@pytest.mark.parametrize("sigma2", [0, -4, Fraction(-1, 9)])
def test_noise_needs_a_variance(sigma2):
    with pytest.raises(ValueError, match="variance above zero"):
        discrete_gaussian(sigma2)


def test_the_exact_chances_of_the_test_are_right():
    """The yardstick itself: a variance a hair below sigma², and a normal tail."""
    for sigma2 in (4, 9, 16):
        exact = chances(sigma2)
        variance = sum(x * x * chance for x, chance in exact.items())
        assert abs(variance - sigma2) < 1e-6
        beyond = sum(chance for x, chance in exact.items() if abs(x) > 6)
        assert abs(beyond - erfc(6.5 / sqrt(2 * sigma2))) < 0.01
