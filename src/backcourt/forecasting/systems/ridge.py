"""Ridge regression on clipped z-scores of all blind features; what is missing counts as average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from backcourt.field.pmf import Array
from backcourt.forecasting.system import Bench, Estimate, Sample, System

PENALTY = 300.0
CLIP = 4.0


@dataclass(frozen=True)
class RidgeModel:
    """Centre, spread and fitted weights; at least half a hundredth of a unit is forecast."""

    centre: NDArray[np.float32]
    spread: NDArray[np.float32]
    ridge: Ridge

    def forecast(self, sample: Sample) -> Estimate:
        """The fitted mean."""
        return Estimate(mean=self.mean(sample))

    def mean(self, sample: Sample) -> Array:
        """The fitted mean, never below 0.02."""
        # In float64: BLAS adds float32 products of a slate and of a week in different orders, which shows in the 7th
        # digit.
        mean: Array = np.maximum(self.ridge.predict(self.design(sample.rows.features).astype(float)), 0.02)
        return mean

    def design(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """z-scores [rows, features], within 4 standard deviations, 0 where a value is missing."""
        scores: NDArray[np.float32] = np.nan_to_num(np.clip((features - self.centre) / self.spread, -CLIP, CLIP))
        return scores


def fit(bench: Bench) -> RidgeModel:
    """Least squares with penalty 300."""
    features = bench.history.rows.features
    known = ~np.isnan(features)
    count = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, features, 0)
    centre = filled.sum(axis=0, dtype=float) / count
    spread = np.sqrt(np.maximum((filled.astype(np.float64) ** 2).sum(axis=0) / count - centre**2, 0)) + 1e-6
    model = RidgeModel(centre.astype(np.float32), spread.astype(np.float32), Ridge(alpha=PENALTY))
    model.ridge.fit(model.design(features), bench.history.y)
    return model


system = System(fit=fit, layer="head")
