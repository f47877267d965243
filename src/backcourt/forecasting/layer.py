"""The distribution layer: from a system's mean to a calibrated PMF, fitted on that system's own forecasts of earlier weeks.

Residuals of a fit on its own history would make every distribution too narrow; only forecasts made before their
results count here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backcourt.field.pmf import Array, negative_binomial
from backcourt.forecasting.dispersion import DispersionHead, PlainVariance, head_inputs
from backcourt.forecasting.pit_map import PitMap
from backcourt.forecasting.system import Estimate, Sample

if TYPE_CHECKING:
    from backcourt.field.markets import Market
    from backcourt.forecasting.system import Layer

LEAST_PAST = 300
LEAST_FOR_HEAD = 4000
RATIO_ROWS = 500
VARIANCE_DAYS = 365
HEAD_DAYS = 730
MAP_DAYS = 60 * 7
FIRST_APPEARANCES = 5
# Before a system has a past, the scatter of a count with the usual ratio of variance to mean.
FIRST_VARIANCE = PlainVariance(0.5, 2.5, 0.0)


@dataclass
class Past:
    """One system's forecasts of rows whose results are known since: arrays over all rows of the walk-forward, NaN where there is none."""

    mean: Array
    pit: Array

    @staticmethod
    def empty(count: int) -> Past:
        """Nothing forecast yet."""
        return Past(np.full(count, np.nan), np.full(count, np.nan))


@dataclass(frozen=True)
class Calibrator:
    """One system's layer as fitted before a Monday."""

    layer: Layer
    ratio: tuple[float, ...]
    variance: PlainVariance
    head: DispersionHead | None
    pit_map: PitMap

    def raw(self, estimate: Estimate, sample: Sample) -> tuple[Array, Array]:
        """Mean and PMF [rows, kmax + 1] before recalibration."""
        if estimate.pmf is not None:
            return estimate.mean, estimate.pmf
        band = np.searchsorted(self.pit_map.bounds, estimate.mean, side="right")
        level = estimate.mean * np.asarray(self.ratio)[band]
        variance = self.head.of(head_inputs(level, sample), level) if self.head else self.variance.of(level)
        return level, negative_binomial(level, variance, sample.market.kmax)

    def calibrated(self, raw_mean: Array, raw_pmf: Array) -> Array:
        """The PMF after the PIT map; a plain baseline's stays as it is."""
        if self.layer == "plain":
            return raw_pmf
        return self.pit_map.apply(raw_pmf, raw_mean)


def fit_calibrator(
    layer: Layer, past: Past, sample: Sample, monday: np.datetime64, keep_head: DispersionHead | None = None
) -> Calibrator:  # fmt: skip
    """From the forecasts of weeks before `monday`; `sample` holds all rows of the walk-forward. `keep_head` is reused instead of refitted.

    A system of the layer `head` gets one once 4,000 of its forecasts have results.
    """
    day, y = sample.rows.day, sample.y
    known = ~np.isnan(past.mean) & ~np.isnan(y) & (day < monday)
    bounds = bands_of(sample.market, past.mean[known & (day >= monday - MAP_DAYS)])
    recent = known & (day >= monday - VARIANCE_DAYS) & (sample.rows.windows["appearances_before"] >= FIRST_APPEARANCES)
    variance = PlainVariance.fit(past.mean[recent], y[recent]) if recent.sum() >= LEAST_PAST else FIRST_VARIANCE
    ratio = [1.0] * (len(bounds) + 1)
    head = None
    mapped = known & (day >= monday - MAP_DAYS)
    if layer == "head":
        band = np.searchsorted(bounds, past.mean, side="right")
        for b in range(len(ratio)):
            inside = mapped & (band == b)
            if inside.sum() >= RATIO_ROWS:
                ratio[b] = float(y[inside].sum() / past.mean[inside].sum())
        fitted = known & (day >= monday - HEAD_DAYS)
        if fitted.sum() >= LEAST_FOR_HEAD:
            level = past.mean * np.asarray(ratio)[band]
            head = keep_head or DispersionHead.fit(head_inputs(level[fitted], sample.select(fitted)), level[fitted], y[fitted], threads=1)
    return Calibrator(layer, tuple(ratio), variance, head, PitMap.fit(past.mean[mapped], past.pit[mapped], bounds))


def bands_of(market: Market, means: Array) -> tuple[float, ...]:
    """The market's bounds of the mean, else quartiles of earlier means (none while there are too few)."""
    if market.bands:
        return market.bands
    if len(means) < LEAST_PAST:
        return ()
    return tuple(float(value) for value in np.quantile(means, (0.25, 0.5, 0.75)))
