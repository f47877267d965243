"""A multiplicative model of a level: y = level x exp(b0 + b'x), fitted by Poisson regression; its effects can be read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import PoissonRegressor

from backcourt.field.pmf import Array


@dataclass(frozen=True)
class Effects:
    """Names, centres, spreads and fitted weights of the inputs; `log_base` is the fitted factor on the level."""

    names: tuple[str, ...]
    centre: Array
    spread: Array
    weights: Array
    log_base: float

    def factor(self, inputs: Array) -> Array:
        """What the level is multiplied by, [rows]; a missing input counts as its centre."""
        z = np.nan_to_num(np.clip((inputs - self.centre) / self.spread, -4, 4))
        return np.exp(self.log_base + z @ self.weights)

    def signed(self) -> dict[str, float]:
        """Effect of one standard deviation more of each input, as a fraction of the level."""
        return {name: float(np.expm1(weight)) for name, weight in zip(self.names, self.weights, strict=True)}


def fit_effects(names: tuple[str, ...], inputs: Array, level: Array, y: Array) -> Effects:
    """Poisson regression of y / level with weights level (which is a Poisson regression of y with offset log level)."""
    centre = np.nanmean(inputs, axis=0)
    spread = np.nanstd(inputs, axis=0) + 1e-9
    z = np.nan_to_num(np.clip((inputs - centre) / spread, -4, 4))
    model = PoissonRegressor(alpha=1e-4, solver="newton-cholesky").fit(z, y / level, sample_weight=level)
    return Effects(names, centre, spread, np.asarray(model.coef_, dtype=float), float(model.intercept_))
