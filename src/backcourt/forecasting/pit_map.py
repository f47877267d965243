"""Recalibration: where results have fallen in earlier forecasts' distributions, per band of the mean, applied to distribution functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backcourt.field.pmf import Array, cdf, from_cdf

KNOTS = 41
LEAST_ROWS = 1000


@dataclass(frozen=True)
class PitMap:
    """`bounds` split rows by their mean; `levels` [bands, knots] are quantiles of earlier PITs at evenly spaced probabilities."""

    bounds: tuple[float, ...]
    levels: Array

    @staticmethod
    def fit(mean: Array, pit: Array, bounds: tuple[float, ...]) -> PitMap:
        """From means and PITs of forecasts made before their results; a band with fewer than 1,000 rows stays as it is."""
        grid = np.linspace(0, 1, KNOTS)
        band = np.searchsorted(bounds, mean, side="right")
        levels = np.tile(grid, (len(bounds) + 1, 1))
        for b in range(len(levels)):
            inside = pit[band == b]
            if len(inside) >= LEAST_ROWS:
                levels[b] = np.quantile(inside, grid)
                levels[b, 0], levels[b, -1] = 0.0, 1.0
        return PitMap(tuple(bounds), levels)

    def apply(self, pmf: Array, mean: Array) -> Array:
        """G(F(k)): G maps a stated probability to the share of earlier results that lay below it."""
        stated = cdf(pmf)
        band = np.searchsorted(self.bounds, mean, side="right")
        grid = np.linspace(0, 1, KNOTS)
        mapped = np.empty_like(stated)
        for b in np.unique(band):
            inside = band == b
            rising = np.maximum.accumulate(self.levels[b] + np.arange(KNOTS) * 1e-12)
            mapped[inside] = np.interp(stated[inside], rising, grid)
        return from_cdf(mapped)
