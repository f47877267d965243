"""The market as a forecaster: the negative binomial with our scatter whose chance of the over is the market's."""

from __future__ import annotations

import numpy as np

from backcourt.field.pmf import Array, negative_binomial, over_without_push

_STEPS = 40


def implied_pmf(line: Array, over: Array, variance_ratio: Array, kmax: int) -> Array:
    """PMF [rows, kmax + 1] with variance = ratio x mean and P(over | no push) at the line = `over`; the mean by bisection."""
    low = np.full(len(line), 0.02)
    high = np.maximum(4 * line + 10, 10.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        stated = over_without_push(negative_binomial(middle, variance_ratio * middle, kmax), line)
        low, high = np.where(stated < over, middle, low), np.where(stated < over, high, middle)
    mean = (low + high) / 2
    return negative_binomial(mean, variance_ratio * mean, kmax)
