"""The weighted mean times what tonight's circumstances are worth: venue, rest, opponent, pace, and how minutes and usage have changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backcourt.field.pmf import Array
from backcourt.forecasting.effects import Effects, fit_effects
from backcourt.forecasting.system import Bench, Estimate, Sample, System

NAMES = (
    "is_home", "is_back_to_back", "rest_days_1", "rest_days_2_or_more", "opponent_defense", "expected_pace", "opponent_allowance",
    "minutes_change", "usage_change", "minutes_last_change", "teammates_minutes_missed", "playoffs", "games_since_absence",
)  # fmt: skip


@dataclass(frozen=True)
class MovingAverageModel:
    """The fitted effects."""

    effects: Effects

    def forecast(self, sample: Sample) -> Estimate:
        """Level times factor."""
        level = level_of(sample)
        return Estimate(mean=np.maximum(level * self.effects.factor(inputs_of(sample)), 0.02))


def level_of(sample: Sample) -> Array:
    """Half the shrunken season mean, half the weighted mean of half-life 20; the former alone before the first appearance."""
    recent = sample.column("{market}_ewma20")
    return np.maximum(np.where(np.isnan(recent), sample.level, 0.5 * sample.level + 0.5 * recent), 0.05)


def inputs_of(sample: Sample) -> Array:
    """The circumstances, [rows, names]."""
    rest = sample.column("rest_days")
    usual = np.maximum(sample.column("minutes_mean_shrunk"), 1.0)
    return np.column_stack(
        [
            sample.column("is_home"),
            sample.column("is_back_to_back"),
            rest == 1,
            rest >= 2,
            np.log(sample.column("opponent_defensive_rating_shrunk")),
            np.log(sample.column("expected_pace")),
            sample.column("opponent_{market}_allowed_vs_position_shrunk"),
            np.log((sample.column("minutes_ewma5") + 2) / (usual + 2)),
            np.log((sample.column("usage_rate_last5") + 0.05) / (sample.column("usage_rate_shrunk") + 0.05)),
            np.log((sample.column("minutes_last") + 4) / (usual + 4)),
            sample.column("teammates_minutes_missed_last_game"),
            sample.column("is_playoffs"),
            sample.column("games_since_absence") == 0,
        ]
    ).astype(float)


def fit(bench: Bench) -> MovingAverageModel:
    """Poisson regression with the level as offset."""
    return MovingAverageModel(fit_effects(NAMES, inputs_of(bench.history), level_of(bench.history), bench.history.y))


system = System(fit=fit, layer="mapped")
