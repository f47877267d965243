"""A weighted mean drawn to what his role does: (W m + k r) / (W + k), with W the weight that his appearances still have.

W = (1 - 2^(-n/h)) / (1 - 2^(-1/h)) for n appearances and half-life h; r is the mean of earlier players with his
minutes and position. h and k are those with the least CRPS over the latest season of the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from backcourt.field.pmf import Array, negative_binomial
from backcourt.field.scores import crps
from backcourt.forecasting.dispersion import PlainVariance
from backcourt.forecasting.system import Bench, Estimate, Sample, System

HALF_LIVES = (5, 8, 20, 30)
STRENGTHS = (0.5, 1.0, 2.0, 4.0, 8.0)
MINUTE_BOUNDS = (6, 10, 14, 18, 22, 26, 30, 34)
_TRIED = 4_000


@dataclass(frozen=True)
class RoleMeans:
    """Mean result by minutes band and position group, [bands, positions]."""

    means: Array

    @staticmethod
    def fit(sample: Sample) -> RoleMeans:
        """From a history of appearances; a cell is drawn to its band with 50 games."""
        band, position = _cells(sample)
        y = sample.y
        means = np.empty((len(MINUTE_BOUNDS) + 1, 4))
        for b in range(len(means)):
            inside = y[band == b]
            overall = inside.mean() if len(inside) else y.mean()
            for p in range(4):
                cell = y[(band == b) & (position == p)]
                means[b, p] = (cell.sum() + 50 * overall) / (len(cell) + 50)
        return RoleMeans(means)

    def of(self, sample: Sample) -> Array:
        """The role's mean of each row."""
        means: Array = self.means[_cells(sample)]
        return means


def _cells(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    band = np.searchsorted(MINUTE_BOUNDS, sample.column("minutes_mean_shrunk"), side="right")
    positions = np.stack([np.nan_to_num(sample.column(f"is_{name}")) for name in ("guard", "forward", "center")])
    return band, np.where(positions.any(axis=0), positions.argmax(axis=0), 3)


@dataclass(frozen=True)
class ShrunkModel:
    """The chosen half-life and strength, and the role means."""

    half_life: int
    strength: float
    roles: RoleMeans

    def forecast(self, sample: Sample) -> Estimate:
        """The drawn mean; its point is the distribution's median."""
        mean, weight = _drawn(sample, self.half_life, self.strength, self.roles.of(sample))
        return Estimate(mean=mean, n_eff=weight)


def _drawn(sample: Sample, half_life: int, strength: float, role: Array) -> tuple[Array, Array]:
    n = sample.rows.windows["appearances_before"]
    weight = (1 - 2.0 ** (-n / half_life)) / (1 - 2.0 ** (-1 / half_life))
    own = sample.column(f"{{market}}_ewma{half_life}")
    weight = np.where(np.isnan(own), 0.0, weight)
    own = np.nan_to_num(own)
    return (weight * own + strength * role) / (weight + strength), weight


def fit(bench: Bench) -> ShrunkModel:
    """Choose h and k on an even selection of the latest season's appearances."""
    roles = RoleMeans.fit(bench.history)
    season = bench.history.rows.keys["season"]
    latest = np.flatnonzero(season == season[-1])
    if len(latest) < _TRIED:
        latest = np.arange(len(season))
    tried = bench.history.select(latest[:: max(1, len(latest) // _TRIED)])
    role, y = roles.of(tried), tried.y
    losses = {}
    for half_life, strength in product(HALF_LIVES, STRENGTHS):
        mean, _ = _drawn(tried, half_life, strength, role)
        pmf = negative_binomial(mean, PlainVariance.fit(mean, y).of(mean), bench.history.market.kmax)
        losses[half_life, strength] = crps(pmf, y.astype(int)).mean()
    half_life, strength = min(losses, key=lambda pair: (losses[pair], pair))
    return ShrunkModel(half_life, strength, roles)


system = System(fit=fit, layer="mapped")
