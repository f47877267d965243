"""What happened to players in like circumstances: 300 nearest earlier appearances, results relative to their level, rescaled to today's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from backcourt.field.pmf import Array, empirical, mean, negative_binomial, pool
from backcourt.forecasting.system import Bench, Estimate, Sample, System
from backcourt.forecasting.systems.moving_average import level_of

NEIGHBOURS = 300
LEAST_EFFECTIVE = 15.0
FLOOR = 0.03
# Column and weight: what makes circumstances alike. Level and minutes first, then form, opponent and rest.
_ALIKE = (
    ("{market}_mean_shrunk", 2.0), ("minutes_mean_shrunk", 1.5), ("minutes_ewma5", 1.5), ("{market}_ewma8", 1.5),
    ("usage_rate_shrunk", 0.7), ("minutes_sd_last10", 0.7),
    ("{market}_sd_last10", 0.7), ("opponent_{market}_allowed_vs_position_shrunk", 0.5), ("expected_pace", 0.4),
    ("rest_days", 0.3),
)  # fmt: skip


@dataclass(frozen=True)
class SimilarityModel:
    """Earlier appearances as points in the space of circumstances, with result / level of each."""

    centre: Array
    spread: Array
    index: NearestNeighbors
    ratio: Array
    dispersion: float

    def forecast(self, sample: Sample) -> Estimate:
        """A weighted histogram of the neighbours' ratios at today's level, 3 % of it a negative binomial; abstains with few neighbours."""
        level = level_of(sample)
        distance, neighbour = self.index.kneighbors(_points(sample, self.centre, self.spread))
        width = np.maximum(np.median(distance, axis=1, keepdims=True), 1e-6)
        weight = np.exp(-0.5 * (distance / width) ** 2)
        n_eff = weight.sum(axis=1) ** 2 / (weight**2).sum(axis=1)
        scaled = self.ratio[neighbour] * level[:, None]
        whole = np.floor(scaled).astype(np.int64)
        part = scaled - whole
        # A rescaled result falls between two counts; its weight is split so that the mean is kept.
        values = np.concatenate([whole, whole + 1], axis=1)
        weights = np.concatenate([weight * (1 - part), weight * part], axis=1)
        pmf = empirical(values, weights, sample.market.kmax)
        centre = mean(pmf)
        smooth = negative_binomial(centre, self.dispersion * centre, sample.market.kmax)
        pmf = pool(np.array([1 - FLOOR, FLOOR]), [_smoothed(pmf), smooth])
        reason = np.array(["few_neighbours" if few else None for few in (n_eff < LEAST_EFFECTIVE).tolist()], dtype=object)
        return Estimate(mean=mean(pmf), pmf=pmf, n_eff=n_eff, abstained=reason)


def _smoothed(pmf: Array) -> Array:
    """A triangular kernel of three cells that keeps the mean: rescaled counts bunch at multiples."""
    inner = np.zeros_like(pmf)
    inner += 0.5 * pmf
    inner[:, 1:] += 0.25 * pmf[:, :-1]
    inner[:, :-1] += 0.25 * pmf[:, 1:]
    inner[:, 0] += 0.25 * pmf[:, 0]
    inner[:, -1] += 0.25 * pmf[:, -1]
    return inner


def _points(sample: Sample, centre: Array, spread: Array) -> NDArray[np.float32]:
    columns = np.column_stack([sample.column(name) for name, _ in _ALIKE])
    weights = np.array([weight for _, weight in _ALIKE])
    points: NDArray[np.float32] = (np.nan_to_num(np.clip((columns - centre) / spread, -4, 4)) * weights).astype(np.float32)
    return points


def fit(bench: Bench) -> SimilarityModel:
    """Store the history."""
    sample = bench.history
    columns = np.column_stack([sample.column(name) for name, _ in _ALIKE])
    centre, spread = np.nanmean(columns, axis=0), np.nanstd(columns, axis=0) + 1e-9
    index = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(sample)), algorithm="brute").fit(_points(sample, centre, spread))
    level, y = level_of(sample), sample.y
    return SimilarityModel(centre, spread, index, y / level, float(((y - level) ** 2).sum() / level.sum()))


system = System(fit=fit, layer="own")
