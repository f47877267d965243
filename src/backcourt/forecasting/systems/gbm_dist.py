"""A LightGBM of the mean: Poisson loss, starting from the log of the ridge; its distribution comes from the dispersion head."""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np

from backcourt.field.pmf import Array
from backcourt.forecasting.system import Bench, Estimate, Model, Sample, System
from backcourt.forecasting.systems import ridge

TREES = 120


@dataclass(frozen=True)
class GbmDistModel:
    """The ridge and the factor on it."""

    start: Model
    booster: lightgbm.Booster

    def forecast(self, sample: Sample) -> Estimate:
        """The fitted mean."""
        return Estimate(mean=np.exp(_log_start(self.start, sample) + np.asarray(self.booster.predict(sample.X, raw_score=True))))


def _log_start(start: Model, sample: Sample) -> Array:
    return np.log(np.maximum(start.forecast(sample).mean, 0.05 * sample.level + 0.02))


def fit(bench: Bench) -> GbmDistModel:
    """120 trees of Poisson loss."""
    start_from = bench.model("ridge", ridge.system)
    booster = bench.boost(
        bench.history.y, _log_start(start_from, bench.history), TREES, objective="poisson", num_leaves=15, learning_rate=0.04,
        min_data_in_leaf=150, feature_fraction=0.5, bagging_fraction=0.8, bagging_freq=1, lambda_l2=1.0,
    )  # fmt: skip
    return GbmDistModel(start_from, booster)


system = System(fit=fit, layer="head")
