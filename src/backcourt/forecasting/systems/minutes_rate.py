"""Minutes first, then what a minute yields: a distribution of minutes, and a negative binomial of the result for each of 16 minutes."""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np

from backcourt.field.pmf import Array, mean, negative_binomial
from backcourt.forecasting.system import Bench, Estimate, Sample, System

NODES = 16
BANDS = 8
LONGEST = 58.0


@dataclass(frozen=True)
class MinutesRateModel:
    """A head for minutes, the spread of minutes around it by band, a head for the rate, and the scatter of results given minutes."""

    minutes: lightgbm.Booster
    bounds: Array
    offsets: Array
    rate: lightgbm.Booster
    excess: float

    def forecast(self, sample: Sample) -> Estimate:
        """The mixture over 16 equally likely minutes."""
        expected = _usual_minutes(sample) + np.asarray(self.minutes.predict(sample.X))
        band = np.searchsorted(self.bounds, expected, side="right")
        nodes = np.clip(expected[:, None] + self.offsets[band], 0.5, LONGEST)
        per_minute = usual_rate(sample) * np.exp(np.asarray(self.rate.predict(sample.X, raw_score=True)))
        pmf = np.zeros((len(sample), sample.market.kmax + 1))
        for node in range(NODES):
            m = nodes[:, node] * per_minute
            pmf += negative_binomial(m, m + self.excess * m * m, sample.market.kmax)
        pmf /= NODES
        return Estimate(mean=mean(pmf), pmf=pmf)


def _usual_minutes(sample: Sample) -> Array:
    recent = sample.column("minutes_ewma8")
    return np.where(np.isnan(recent), sample.column("minutes_mean_shrunk"), 0.5 * recent + 0.5 * sample.column("minutes_mean_shrunk"))


def usual_rate(sample: Sample) -> Array:
    """Result per minute: shrunken mean by shrunken minutes."""
    return np.maximum(sample.level / np.maximum(sample.column("minutes_mean_shrunk"), 4.0), 0.002)


def fit(bench: Bench) -> MinutesRateModel:
    """Two small boosters; the spread of minutes is that of their residuals, and the PIT map makes up for what they memorised."""
    sample = bench.history
    played = sample.rows.results["minutes"]
    start = _usual_minutes(sample)
    head = {"objective": "l2", "num_leaves": 7, "learning_rate": 0.1, "min_data_in_leaf": 200, "feature_fraction": 0.5}
    minutes = bench.boost(played - start, None, 50, **head)
    expected = start + np.asarray(minutes.predict(sample.X))
    residual = played - expected
    bounds = np.quantile(expected, np.arange(1, BANDS) / BANDS)
    band = np.searchsorted(bounds, expected, side="right")
    levels = (np.arange(NODES) + 0.5) / NODES
    offsets = np.stack([np.quantile(residual[band == b], levels) for b in range(BANDS)])
    exposure = np.log(np.maximum(played, 0.5) * usual_rate(sample))
    rate = bench.boost(
        sample.y, exposure, 50, objective="poisson", num_leaves=7, learning_rate=0.08, min_data_in_leaf=200, feature_fraction=0.5
    )
    m = np.exp(exposure + np.asarray(rate.predict(sample.X, raw_score=True)))
    excess = float(np.clip((((sample.y - m) ** 2) - m).sum() / (m * m).sum(), 0.0, 2.0))
    return MinutesRateModel(minutes, bounds, offsets, rate, excess)


system = System(fit=fit, layer="own")
