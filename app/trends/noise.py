"""Exact noise: the discrete Gaussian, drawn with integers alone.

A sampler that rounds a floating-point Gaussian leaks through the gaps between the floats; this
one has no floats. Every draw is a coin whose weight is a fraction.

Source: Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy",
NeurIPS 2020, Algorithms 1 to 3.
"""

import secrets
from collections.abc import Callable
from fractions import Fraction
from math import isqrt

Below = Callable[[int], int]  # a whole number from 0 to its argument less one, all as likely


def discrete_gaussian(sigma2: Fraction | int, below: Below = secrets.randbelow) -> int:
    """Return a whole number whose chance is proportional to exp(-x² / 2s), s being `sigma2`.

    Args:
        sigma2: the square of sigma, above zero. The variance of the draw is a hair smaller.
        below: where chance comes from; tests give their own.

    Raises:
        ValueError: if `sigma2` is not above zero.
    """
    square = Fraction(sigma2)
    if square <= 0:
        raise ValueError("the noise needs a variance above zero")
    scale = isqrt(square.numerator // square.denominator) + 1  # floor of sigma, plus one
    while True:
        found = discrete_laplace(scale, below)
        distance = abs(found) - square / scale
        if _heads(distance * distance / (2 * square), below):
            return found


def discrete_laplace(scale: int, below: Below = secrets.randbelow) -> int:
    """Return a whole number whose chance is proportional to exp(-|x| / scale)."""
    while True:
        rest = below(scale)
        if not _heads(Fraction(rest, scale), below):
            continue
        wholes = 0
        while _heads(Fraction(1), below):
            wholes += 1
        size, negative = rest + scale * wholes, below(2) == 1
        # Nought would come twice as often if its two signs were both kept.
        if size or not negative:
            return -size if negative else size


def _heads(gamma: Fraction, below: Below) -> bool:
    """Toss a coin that shows heads with chance exp(-gamma)."""
    while gamma > 1:
        if not _heads_below_one(Fraction(1), below):
            return False
        gamma -= 1
    return _heads_below_one(gamma, below)


def _heads_below_one(gamma: Fraction, below: Below) -> bool:
    # Tosses of chance gamma/1, gamma/2, … until the first tails: it is the odd ones that end with
    # chance exp(-gamma).
    tosses = 1
    while below(gamma.denominator * tosses) < gamma.numerator:
        tosses += 1
    return tosses % 2 == 1
