"""Scores of forecasts, one definition for backtests, grades, report card and published records.

Sources: CRPS, logarithmic score and PIT for counts after Gneiting and Raftery (2007) and Czado, Gneiting and Held
(2009).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backcourt.field.pmf import Array, cdf

LEAST_MASS = 1e-6


def crps(pmf: Array, actual: NDArray[np.int64]) -> Array:
    """Continuous ranked probability score: sum over k of (F(k) - 1{y <= k})^2, in the stat's unit. Results beyond kmax count as kmax."""
    error = cdf(pmf)
    k = np.arange(pmf.shape[1])
    error -= k >= np.minimum(actual, pmf.shape[1] - 1)[:, None]
    squares: Array = np.einsum("ij,ij->i", error, error)
    return squares


def log_score(pmf: Array, actual: NDArray[np.int64]) -> Array:
    """Minus the log of the mass at the result, in nats; a mass below 1e-6 counts as 1e-6."""
    y = np.minimum(actual, pmf.shape[1] - 1)
    score: Array = -np.log(np.maximum(pmf[np.arange(len(pmf)), y], LEAST_MASS))
    return score


def uniform(*keys: NDArray[np.generic]) -> Array:
    """A number in (0, 1) per row, fixed by the row's keys and by nothing else."""
    rows = zip(*(column.tolist() for column in keys), strict=True)
    return np.array([(int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=7).digest()) + 0.5) / 2**56 for row in rows])


def pit(pmf: Array, actual: NDArray[np.int64], random: Array) -> Array:
    """Randomised probability integral transform: F(y - 1) + u x mass(y); uniform when forecasts are calibrated."""
    rows = np.arange(len(pmf))
    y = np.minimum(actual, pmf.shape[1] - 1)
    cumulated = cdf(pmf)
    below = np.where(y > 0, cumulated[rows, np.maximum(y - 1, 0)], 0.0)
    drawn: Array = below + random * (cumulated[rows, y] - below)
    return drawn


def pinball(quantile: Array, actual: Array, level: float) -> Array:
    """Quantile loss at `level`."""
    miss = actual - quantile
    return np.maximum(level * miss, (level - 1) * miss)


def log_loss(probability: Array, happened: NDArray[np.bool_]) -> Array:
    """Minus the log of the probability given to what happened, in nats; probabilities are kept 1e-6 from 0 and 1."""
    p = np.clip(probability, LEAST_MASS, 1 - LEAST_MASS)
    return -np.where(happened, np.log(p), np.log1p(-p))


def brier(probability: Array, happened: NDArray[np.bool_]) -> Array:
    """Squared error of a probability."""
    return (probability - happened) ** 2


@dataclass(frozen=True)
class Calibration:
    """How probabilities fare: logistic slope and intercept of what happened on the logit, and the expected calibration error.

    Slope and intercept are NaN where they don't exist: no rows, one outcome only, one probability only, or outcomes
    that a threshold separates.
    """

    n: int
    slope: float
    intercept: float
    ece: float


def ece_by_chance(probability: Array, bins: int = 10, draws: int = 1000, seed: int = 0) -> tuple[float, float, float]:
    """Mean and 95 % range of the ECE that these probabilities would show if each were exact: what luck alone makes of so many rows."""
    random = np.random.default_rng(seed)
    p = np.sort(np.clip(probability, LEAST_MASS, 1 - LEAST_MASS))
    parts = np.array_split(p, bins)
    found = np.zeros(draws)
    for part in parts:
        happened = (random.random((draws, len(part))) < part).mean(axis=1) if len(part) else 0.0
        found += np.abs(happened - (part.mean() if len(part) else 0.0)) * len(part)
    found /= len(p)
    low, high = np.quantile(found, (0.025, 0.975))
    return float(found.mean()), float(low), float(high)


def calibration(probability: Array, happened: NDArray[np.bool_], bins: int = 10) -> Calibration:
    """Logistic regression of the outcome on the logit (Newton's method), and ECE over equal-mass bins."""
    if not len(probability):
        return Calibration(0, float("nan"), float("nan"), float("nan"))
    p = np.clip(probability, LEAST_MASS, 1 - LEAST_MASS)
    intercept, slope = _logistic_fit(np.log(p / (1 - p)), happened)
    order = np.argsort(p, kind="stable")
    error = sum(abs(p[part].mean() - happened[part].mean()) * len(part) for part in np.array_split(order, bins) if len(part))
    return Calibration(len(p), slope, intercept, float(error / len(p)))


def _logistic_fit(logit: Array, happened: NDArray[np.bool_]) -> tuple[float, float]:
    none = (float("nan"), float("nan"))
    if happened.all() or not happened.any() or np.ptp(logit) == 0:
        return none
    design = np.column_stack([np.ones(len(logit)), logit])
    beta = np.array([0.0, 1.0])
    for _ in range(50):
        fitted = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        hessian = design.T @ (design * (fitted * (1 - fitted))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, design.T @ (happened - fitted))
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            return float(beta[0]), float(beta[1])
    return none
