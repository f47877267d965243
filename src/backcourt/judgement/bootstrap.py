"""Intervals by resampling whole blocks: games of one evening share news and pace, a player's games share the player.

A mean over rows is a ratio of sums, so that a draw needs only each block's sums: draws x blocks weights times the sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.errors import BackcourtError
from backcourt.field.pmf import Array

SEED = 20240305
DRAWS, LOG_LOSS_DRAWS = 2_000, 5_000
LEAST_BLOCKS = 10
"""Below this many blocks a resampled interval is too narrow to mean anything and is NaN."""

_LEVELS = (2.5, 97.5)


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval, the rows and blocks behind it. `low` and `high` are NaN below LEAST_BLOCKS blocks."""

    estimate: float
    low: float
    high: float
    n: int
    n_blocks: int

    @property
    def is_known(self) -> bool:
        """Were there blocks enough for an interval?"""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    @property
    def is_below_zero(self) -> bool:
        """Does the whole interval lie below 0? False without an interval."""
        return self.is_known and self.high < 0

    @property
    def is_above_zero(self) -> bool:
        """Does the whole interval lie above 0? False without an interval."""
        return self.is_known and self.low > 0


@lru_cache(maxsize=16)
def draw_weights(n_blocks: int, draws: int, seed: int = SEED) -> Array:
    """How often each block is drawn [draws, blocks], with replacement; each row sums to the number of blocks."""
    drawn = np.random.default_rng([seed, n_blocks]).integers(0, n_blocks, (draws, n_blocks))
    cell = drawn + np.arange(draws)[:, None] * n_blocks
    return np.bincount(cell.ravel(), minlength=draws * n_blocks).reshape(draws, n_blocks).astype(float)


def resampled_ratio(
    numerator: Array, denominator: Array, blocks: NDArray[Any], draws: int = DRAWS, seed: int = SEED
) -> tuple[float, Array, int]:
    """Sum of `numerator` over sum of `denominator`, its value in each draw, and the number of blocks.

    `numerator` and `denominator` [rows] hold no NaN; `blocks` [rows] are block keys of any type. A draw whose
    denominator is 0 is NaN. Raises BackcourtError for a NaN, because a row that silently drops out would unpair the
    comparison.
    """
    if np.isnan(numerator).any() or np.isnan(denominator).any():
        missing = int(np.isnan(numerator).sum() + np.isnan(denominator).sum())
        raise BackcourtError(f"{missing} of {len(numerator)} values are missing; choose the rows that all systems have before resampling.")
    if not len(numerator):
        return float("nan"), np.full(draws, np.nan), 0
    _, code = np.unique(blocks, return_inverse=True)
    n_blocks = int(code.max()) + 1
    above = np.bincount(code, weights=numerator, minlength=n_blocks)
    below = np.bincount(code, weights=denominator, minlength=n_blocks)
    weights = draw_weights(n_blocks, draws, seed)
    drawn_below = weights @ below
    ratios = np.divide(weights @ above, drawn_below, out=np.full(draws, np.nan), where=drawn_below != 0)
    total = float(below.sum())
    return (float(above.sum() / total) if total else float("nan")), ratios, n_blocks


def ratio_interval(numerator: Array, denominator: Array, blocks: NDArray[Any], draws: int = DRAWS, seed: int = SEED) -> Interval:
    """A ratio of sums (a return on stakes, a share) with its block-bootstrap interval; see `resampled_ratio`."""
    estimate, ratios, n_blocks = resampled_ratio(numerator, denominator, blocks, draws, seed)
    return _interval(estimate, ratios, len(numerator), n_blocks)


def mean_interval(values: Array, blocks: NDArray[Any], draws: int = DRAWS, seed: int = SEED) -> Interval:
    """The mean over rows, not over blocks, with its block-bootstrap interval; see `resampled_ratio`."""
    values = np.asarray(values, dtype=float)
    return ratio_interval(values, np.ones(len(values)), blocks, draws, seed)


def _interval(estimate: float, draws: Array, n: int, n_blocks: int) -> Interval:
    if n_blocks < LEAST_BLOCKS or np.isnan(draws).any():
        return Interval(estimate, float("nan"), float("nan"), n, n_blocks)
    low, high = np.percentile(draws, _LEVELS)
    return Interval(estimate, float(low), float(high), n, n_blocks)
