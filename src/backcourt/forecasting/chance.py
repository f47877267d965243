"""The chance that a listed player appears, from who has appeared lately; no injury report is read because no archive holds one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from backcourt.field.pmf import Array
from backcourt.forecasting.system import Sample

NAME = "p_play"
_INPUTS = ("appearance_rate_last10_team_games", "team_games_missed_streak", "play_days_since_appearance", "minutes_mean_shrunk")
_DAYS = 365


@dataclass(frozen=True)
class ChanceModel:
    """A logistic regression on participation in the team's last games, how long ago he last appeared, and his minutes."""

    centre: Array
    spread: Array
    model: LogisticRegression

    def chance(self, sample: Sample) -> Array:
        """P(appears) of each row."""
        return np.asarray(self.model.predict_proba(self._design(sample))[:, 1])

    def _design(self, sample: Sample) -> Array:
        return design(inputs_of(sample), self.centre, self.spread)


def inputs_of(sample: Sample) -> Array:
    """[rows, 6]: the inputs, did he miss the last game, is nothing known of the season."""
    columns = [sample.column(name) for name in _INPUTS]
    missed = sample.column("team_games_missed_streak")
    return np.column_stack([*columns[:1], np.minimum(missed, 10), np.log1p(columns[2]), columns[3], missed > 0, np.isnan(columns[0])])


def design(inputs: Array, centre: Array, spread: Array) -> Array:
    """z-scores, 0 where a value is missing."""
    return np.nan_to_num(np.clip((inputs - centre) / spread, -4, 4))


def fit_chance(everyone: Sample) -> ChanceModel:
    """From the last 365 days of listed players whose game has a box."""
    recent = everyone.select(everyone.rows.day >= everyone.rows.day.max() - _DAYS)
    inputs = inputs_of(recent)
    centre, spread = np.nanmean(inputs, axis=0), np.nanstd(inputs, axis=0) + 1e-9
    model = LogisticRegression(C=1.0, solver="newton-cholesky").fit(design(inputs, centre, spread), recent.rows.appeared.astype(int))
    return ChanceModel(centre, spread, model)
