"""Distributions over 0..kmax as arrays [rows, kmax + 1]: making, reading, pooling and tilting them.

The last cell holds the mass of everything from kmax on. All functions are vectorised over rows and return float64.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# A count varies at least a little more than a Poisson's; below that the negative binomial has no parameters.
LEAST_DISPERSION = 1.02
LEAST_MEAN = 0.02


def negative_binomial(mean: Array, variance: Array, kmax: int) -> Array:
    """Negative binomial with this mean and variance (the latter at least 1.02 times the mean), tail in the last cell."""
    m = np.maximum(np.asarray(mean, dtype=float), LEAST_MEAN)
    v = np.maximum(np.asarray(variance, dtype=float), LEAST_DISPERSION * m)
    size = m * m / (v - m)
    odds = m / (size + m)
    pmf = np.empty((len(m), kmax + 1))
    pmf[:, 0] = np.exp(-size * np.log1p(m / size))
    for k in range(kmax):
        pmf[:, k + 1] = pmf[:, k] * (k + size) / (k + 1) * odds
    pmf[:, kmax] = np.maximum(0.0, 1.0 - pmf[:, :kmax].sum(axis=1))
    return pmf


def empirical(values: NDArray[np.int64], weights: Array, kmax: int) -> Array:
    """Weighted share of each value: `values` and `weights` [rows, samples], values beyond kmax count in the last cell."""
    rows = len(values)
    cell = np.clip(values, 0, kmax) + np.arange(rows)[:, None] * (kmax + 1)
    mass = np.bincount(cell.ravel(), weights=weights.ravel(), minlength=rows * (kmax + 1)).reshape(rows, kmax + 1)
    shares: Array = mass / mass.sum(axis=1, keepdims=True)
    return shares


def cdf(pmf: Array) -> Array:
    """P(Y <= k), the last column exactly 1."""
    cumulated = np.cumsum(pmf, axis=1)
    cumulated[:, -1] = 1.0
    return np.minimum(cumulated, 1.0)


def from_cdf(cumulated: Array) -> Array:
    """The PMF of a distribution function; small dips from rounding or a calibration map are levelled."""
    rising = np.maximum.accumulate(np.clip(cumulated, 0.0, 1.0), axis=1)
    rising[:, -1] = 1.0
    return np.diff(rising, axis=1, prepend=0.0)


def mean(pmf: Array) -> Array:
    """Expected value."""
    return pmf @ np.arange(pmf.shape[1])


def variance(pmf: Array) -> Array:
    """Variance."""
    k = np.arange(pmf.shape[1])
    return np.maximum(pmf @ (k * k) - mean(pmf) ** 2, 0.0)


def quantiles(pmf: Array, levels: Sequence[float]) -> Array:
    """Quantiles [rows, levels]: the mass at k is spread evenly over k - 0.5 .. k + 0.5, so the 0.5 level is the interpolated median.

    Never below 0.
    """
    cumulated = cdf(pmf)
    found = np.empty((len(pmf), len(levels)))
    rows = np.arange(len(pmf))
    for place, level in enumerate(levels):
        k = (cumulated < level).sum(axis=1)
        k = np.minimum(k, pmf.shape[1] - 1)
        below = np.where(k > 0, cumulated[rows, np.maximum(k - 1, 0)], 0.0)
        mass = np.maximum(cumulated[rows, k] - below, 1e-12)
        found[:, place] = k - 0.5 + (level - below) / mass
    return np.maximum(found, 0.0)


def median(pmf: Array) -> Array:
    """The interpolated median."""
    return quantiles(pmf, (0.5,))[:, 0]


def over_push_under(pmf: Array, line: Array) -> tuple[Array, Array, Array]:
    """P(Y > line), P(Y = line), P(Y < line) for any line, integer lines included."""
    cumulated = cdf(pmf)
    rows = np.arange(len(pmf))
    top = pmf.shape[1] - 1
    line = np.asarray(line, dtype=float)
    floor = np.floor(line).astype(int)
    at_most = np.where(floor >= 0, cumulated[rows, np.clip(floor, 0, top)], 0.0)
    is_whole = (line == floor) & (floor >= 0) & (floor <= top)
    push = np.where(is_whole, pmf[rows, np.clip(floor, 0, top)], 0.0)
    over = 1.0 - at_most
    return over, push, at_most - push


def over_without_push(pmf: Array, line: Array) -> Array:
    """P(Y > line | Y != line): what a two-sided price without margin states."""
    over, push, _ = over_push_under(pmf, line)
    return over / np.maximum(1.0 - push, 1e-12)


def pool(weights: Array, pmfs: Sequence[Array]) -> Array:
    """Linear pool: sum of weight x PMF, weights [systems] or [rows, systems]; divided by the weights' sum."""
    weights = np.asarray(weights, dtype=float)
    total = sum(w[..., None] * pmf for w, pmf in zip(np.moveaxis(np.atleast_1d(weights), -1, 0), pmfs, strict=True))
    return np.asarray(total / np.sum(total, axis=1, keepdims=True))


def tilt(pmf: Array, line: Array, over: Array) -> Array:
    """Scale the mass above and below the line so that P(over | no push) = `over`; the mass at the line stays."""
    k = np.arange(pmf.shape[1])
    line = np.asarray(line, dtype=float)[:, None]
    above, below = k > line, k < line
    p_above = (pmf * above).sum(axis=1)
    p_below = (pmf * below).sum(axis=1)
    free = p_above + p_below
    up = np.where(p_above > 0, over * free / np.maximum(p_above, 1e-300), 1.0)
    down = np.where(p_below > 0, (1 - over) * free / np.maximum(p_below, 1e-300), 1.0)
    usable = (p_above > 0) & (p_below > 0)
    factor = np.where(above, up[:, None], np.where(below, down[:, None], 1.0))
    return np.where(usable[:, None], pmf * factor, pmf)
