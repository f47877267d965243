"""The level times what the opponent gives up where the player scores: sum over zones of share x log(allowed / league), times g >= 0.

Where a market has no zones (rebounds, assists), the opponent's allowance to his position stands for them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from backcourt.field.pmf import Array
from backcourt.forecasting.system import Bench, Estimate, Sample, System
from backcourt.forecasting.systems.moving_average import level_of

# Usual percentages, to turn a difference into a ratio.
_ZONES = {"paint": 0.58, "mid_range": 0.42, "three": 0.36}
_PRIOR_SD = 1.0


@dataclass(frozen=True)
class ZoneMatchupModel:
    """g: how much of the matchup shows in results."""

    g: float
    log_base: float

    def forecast(self, sample: Sample) -> Estimate:
        """Level times exp(g x matchup)."""
        return Estimate(mean=np.maximum(level_of(sample) * np.exp(self.log_base + self.g * matchup(sample)), 0.02))


def matchup(sample: Sample) -> Array:
    """The log ratio of what the opponent allows, weighted by where the player's points come from; 0 where nothing is known."""
    parts = sample.market.parts
    scores_by_zone = "points" in parts or "three_makes" in parts
    total = np.zeros(len(sample))
    if scores_by_zone:
        weights = {name: np.nan_to_num(sample.column(f"{name}_share_last10")) for name in _ZONES}
        if parts == ("three_makes",):
            weights = {"three": np.ones(len(sample))}
        free = np.nan_to_num(sample.column("ft_points_share_last10")) if "points" in parts else 0.0
        for name, weight in weights.items():
            allowed = np.nan_to_num(sample.column(f"opponent_{name}_pct_vs_league"))
            total += (1 - free) * weight * np.log1p(allowed / _ZONES[name])
    allowance = np.nan_to_num(sample.column("opponent_{market}_allowed_vs_position_shrunk"))
    return total + np.log1p(np.clip(allowance / np.maximum(sample.level, 1.0), -0.5, 0.5))


def fit(bench: Bench) -> ZoneMatchupModel:
    """Find g by Poisson likelihood with a normal prior at 0, in [0, 5]."""
    sample = bench.history
    level, x, y = level_of(sample), matchup(sample), sample.y

    def base(g: float) -> float:
        return float(np.log(y.sum() / (level * np.exp(g * x)).sum()))

    def loss(g: float) -> float:
        rate = level * np.exp(base(g) + g * x)
        return float((rate - y * np.log(rate)).sum() + 0.5 * (g / _PRIOR_SD) ** 2)

    g = float(minimize_scalar(loss, bounds=(0.0, 5.0), method="bounded").x)
    return ZoneMatchupModel(g, base(g))


system = System(fit=fit, layer="mapped")
