"""The market and the ensemble together: logit q = a + b l_market + (c + d_bucket)(l_ensemble - l_market), with priors near the market."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import norm

from backcourt.field.pmf import Array
from backcourt.forecasting.run_folder import LEAD_BUCKETS

BUCKETS = tuple(name for name, _ in LEAD_BUCKETS)
# Means and standard deviations of the priors of a, b, c and of each bucket's departure from c.
PRIOR_MEAN = np.array([0.0, 1.0, 0.1, *[0.0] * len(BUCKETS)])
PRIOR_SD = np.array([0.05, 0.05, 0.1, *[0.05] * len(BUCKETS)])
LOW_LEVEL = 0.10


@dataclass(frozen=True)
class Blend:
    """The posterior mode and covariance over (a, b, c, d per lead bucket), and how many lines it was fitted on."""

    mode: Array
    covariance: Array
    n: int

    def over(self, market: Array, ensemble: Array, bucket: NDArray[np.object_]) -> tuple[Array, Array]:
        """P(over | no push), and its 10th percentile over the posterior."""
        design = design_of(market, ensemble, bucket)
        centre = design @ self.mode
        sd = np.sqrt(np.einsum("ij,jk,ik->i", design, self.covariance, design))
        return _logistic(centre), _logistic(centre + norm.ppf(LOW_LEVEL) * sd)

    def high(self, market: Array, ensemble: Array, bucket: NDArray[np.object_]) -> Array:
        """The 90th percentile, which bounds the under."""
        design = design_of(market, ensemble, bucket)
        sd = np.sqrt(np.einsum("ij,jk,ik->i", design, self.covariance, design))
        return _logistic(design @ self.mode - norm.ppf(LOW_LEVEL) * sd)

    def coefficients(self, bucket: str) -> tuple[float, float, float]:
        """(a, b, c) of a lead bucket."""
        return float(self.mode[0]), float(self.mode[1]), float(self.mode[2] + self.mode[3 + BUCKETS.index(bucket)])


def design_of(market: Array, ensemble: Array, bucket: NDArray[np.object_]) -> Array:
    """[rows, parameters] from probabilities of the over."""
    l_market, l_ensemble = _logit(market), _logit(ensemble)
    difference = l_ensemble - l_market
    inside = np.stack([(bucket == name) * difference for name in BUCKETS], axis=1)
    return np.column_stack([np.ones(len(market)), l_market, difference, inside])


def fit_blend(market: Array, ensemble: Array, bucket: NDArray[np.object_], happened: NDArray[np.bool_]) -> Blend:
    """Maximum a posteriori by BFGS on earlier lines; without any, the prior."""
    design = design_of(market, ensemble, bucket)
    return _posterior(design, happened, PRIOR_MEAN, PRIOR_SD)


def fit_intercept(market: Array, happened: NDArray[np.bool_]) -> Blend:
    """The alternative that only learns how far books shade: b = 1, c = 0."""
    count = len(PRIOR_MEAN)
    mean, sd = np.zeros(count), np.full(count, 1e-6)
    mean[1], sd[0] = 1.0, PRIOR_SD[0]
    design = design_of(market, market, np.full(len(market), BUCKETS[0], dtype=object))
    return _posterior(design, happened, mean, sd)


def _posterior(design: Array, happened: NDArray[np.bool_], mean: Array, sd: Array) -> Blend:
    # In units of the prior's deviations, so that BFGS sees a well-scaled problem.
    scaled = design * sd
    offset = design @ mean

    def loss(z: Array) -> float:
        x = offset + scaled @ z
        return float(np.logaddexp(0, x).sum() - x[happened].sum() + 0.5 * z @ z)

    def slope(z: Array) -> Array:
        x = offset + scaled @ z
        return np.asarray(scaled.T @ (_logistic(x) - happened) + z)

    found = minimize(loss, np.zeros(len(mean)), jac=slope, method="BFGS", options={"gtol": 1e-6})
    p = _logistic(offset + scaled @ found.x)
    hessian = (scaled * (p * (1 - p))[:, None]).T @ scaled + np.eye(len(mean))
    covariance = np.linalg.inv(hessian) * np.outer(sd, sd)
    return Blend(mean + sd * found.x, covariance, len(happened))


def _logit(p: Array) -> Array:
    p = np.clip(p, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(p / (1 - p)))


def _logistic(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))
