"""A LightGBM of the median: absolute error, 15 leaves, starting from the ridge."""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np

from backcourt.forecasting.system import Bench, Estimate, Model, Sample, System
from backcourt.forecasting.systems import ridge

TREES = 150


@dataclass(frozen=True)
class GbmPointModel:
    """The ridge and what is added to it."""

    start: Model
    booster: lightgbm.Booster

    def forecast(self, sample: Sample) -> Estimate:
        """The fitted median as point and as the level that the distribution layer starts from."""
        median = np.maximum(self.start.forecast(sample).mean + np.asarray(self.booster.predict(sample.X)), 0.02)
        return Estimate(mean=median, point=median)


def fit(bench: Bench) -> GbmPointModel:
    """150 trees on the residuals of the ridge."""
    start_from = bench.model("ridge", ridge.system)
    start = start_from.forecast(bench.history).mean
    booster = bench.boost(
        bench.history.y, start, TREES, objective="l1", num_leaves=15, learning_rate=0.05, min_data_in_leaf=100, feature_fraction=0.5,
        bagging_fraction=0.8, bagging_freq=1, lambda_l2=1.0,
    )  # fmt: skip
    return GbmPointModel(start_from, booster)


system = System(fit=fit, layer="head")
