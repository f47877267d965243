"""How widely results scatter around a mean: a quadratic in the mean, or a small boosted head; both fitted on earlier forecasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backcourt.field.pmf import LEAST_DISPERSION, Array
from backcourt.forecasting.system import SEED, Sample

if TYPE_CHECKING:
    import lightgbm

LEAST_VARIANCE = 0.3


@dataclass(frozen=True)
class PlainVariance:
    """var = c0 + c1 m + c2 m^2, at least 0.3 and 1.02 m."""

    c0: float
    c1: float
    c2: float

    @staticmethod
    def fit(mean: Array, actual: Array) -> PlainVariance:
        """Least squares on squared errors."""
        design = np.column_stack([np.ones(len(mean)), mean, mean * mean])
        c0, c1, c2 = np.linalg.lstsq(design, (actual - mean) ** 2, rcond=None)[0]
        return PlainVariance(float(c0), float(c1), float(c2))

    def of(self, mean: Array) -> Array:
        """The variance at these means."""
        return np.maximum(self.c0 + self.c1 * mean + self.c2 * mean * mean, np.maximum(LEAST_VARIANCE, LEAST_DISPERSION * mean))


def head_inputs(mean: Array, sample: Sample) -> NDArray[np.float32]:
    """What the head reads: the mean, how much result and minutes vary, minutes, and how settled the role is. [rows, 8]."""
    names = ("{market}_sd_last10", "minutes_sd_last10", "minutes_ewma8", "minutes_min_last10", "games_since_absence", "games_season_n")
    columns = [mean]
    for name in names:
        columns.append(sample.rows.keys["games_season"].astype(float) if name == "games_season_n" else sample.column(name))
    columns.append(sample.column("{market}_mean_shrunk"))
    return np.column_stack(columns).astype(np.float32)


@dataclass(frozen=True)
class DispersionHead:
    """A gamma-loss LightGBM (7 leaves, 60 trees) of the squared error over the mean."""

    booster: lightgbm.Booster

    @staticmethod
    def fit(inputs: NDArray[np.float32], mean: Array, actual: Array, threads: int) -> DispersionHead:
        """`inputs` as of head_inputs, for forecasts made before their results."""
        import lightgbm

        ratio = np.maximum((actual - mean) ** 2, 1e-2) / np.maximum(mean, 0.1)
        parameters = {
            "objective": "gamma", "num_leaves": 7, "learning_rate": 0.08, "max_bin": 63, "min_data_in_leaf": 300, "verbose": -1,
            "num_threads": threads, "deterministic": True, "force_row_wise": True, "seed": SEED,
        }  # fmt: skip
        dataset = lightgbm.Dataset(inputs, ratio, params={"max_bin": 63, "verbose": -1, "num_threads": threads})
        return DispersionHead(lightgbm.train(parameters, dataset, num_boost_round=60))

    def of(self, inputs: NDArray[np.float32], mean: Array) -> Array:
        """The variance of each row."""
        ratio = np.asarray(self.booster.predict(inputs))
        variance: Array = np.maximum(ratio * np.maximum(mean, 0.1), np.maximum(LEAST_VARIANCE, LEAST_DISPERSION * mean))
        return variance
