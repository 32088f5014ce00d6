"""What somebody who knows every other concern could ever learn of one: computed, not estimated.

The loss of one table is ln of how much likelier its noise makes the figure with the concern than
without. For the discrete Gaussian of variance s it is (2x - 1) / 2s at noise x, so that the losses of several
tables are multiples of one fraction and their sum has a distribution that can be written down.
"""

from dataclasses import dataclass
from math import lcm, log, sqrt

import numpy as np

REACH = 120  # noise beyond this has a chance below 10^-190


@dataclass(frozen=True)
class Loss:
    """The distribution of the summed loss, if the concern is in: chances, in steps of `unit`."""

    chances: np.ndarray
    least: int  # the smallest loss, in steps
    unit: float

    @classmethod
    def of(cls, variances) -> "Loss":
        """Return the loss of tables with these variances, each of which counts the concern."""
        steps = lcm(*(2 * square for square in variances))
        chances, least = np.array([1.0]), 0
        for square in variances:
            scale = steps // (2 * square)
            noise = np.arange(-REACH, REACH + 1)
            weights = np.exp(-(noise.astype(float) ** 2) / (2 * square))
            losses = scale * (2 * noise + 1)  # seen with the concern in: the figure is one higher
            table = np.zeros(losses[-1] - losses[0] + 1)
            table[losses - losses[0]] = weights / weights.sum()
            chances, least = np.convolve(chances, table), least + int(losses[0])
        return cls(chances, least, 1 / steps)

    def _each(self):
        return (np.arange(len(self.chances)) + self.least) * self.unit

    def advantage(self) -> float:
        """Total variation: the most that anybody's guess can gain."""
        gained = 1 - np.exp(-np.maximum(self._each(), 0))
        return float((self.chances * gained).sum())

    def delta(self, epsilon: float) -> float:
        """Return δ of (ε, δ)-differential privacy."""
        losses = self._each()
        beyond = losses > epsilon
        return float((self.chances[beyond] * (1 - np.exp(epsilon - losses[beyond]))).sum())

    def beyond(self, odds: float) -> float:
        """Return the chance that the reader's odds move by more than `odds` to 1, either way."""
        return float(self.chances[np.abs(self._each()) > log(odds)].sum())


def mu(variances) -> float:
    """Return μ: the distance at which two Gaussians are as hard to tell apart."""
    return sqrt(sum(1 / square for square in variances))
