"""A ridge regression on the store, refitted weekly on two years, is as good as the prototype that the specification measured."""

from __future__ import annotations

import numpy as np
import pytest

import backcourt
from backcourt.tables.precompute.feature_groups import BLIND
from tests.conftest import BuiltHome

PENALTY = 300.0
TWO_YEARS, WEEK = 730, 7
LEAST_VALUES = 1000


class Ridge:
    """Standardised features, the mean for what is missing, and a column that says so."""

    def __init__(self, values: np.ndarray, target: np.ndarray) -> None:
        known = ~np.isnan(values)
        self._used = known.sum(0) > LEAST_VALUES
        count = known[:, self._used].sum(0)
        filled = np.where(known, values, 0)[:, self._used]
        self._mean = filled.sum(0) / count
        centred = np.where(known[:, self._used], filled - self._mean, 0)
        self._spread = np.sqrt((centred**2).sum(0) / count) + 1e-12
        missing = 1 - known[:, self._used].mean(0)
        self._masked = (missing > 0.002) & (missing < 0.998)
        design = self._design(values)
        self._centre, self._level = design.mean(0), target.mean()
        design = design - self._centre
        self._weights = np.linalg.solve(design.T @ design + PENALTY * np.eye(design.shape[1]), design.T @ (target - self._level))

    def _design(self, values: np.ndarray) -> np.ndarray:
        used = values[:, self._used]
        missing = np.isnan(used)
        return np.hstack([np.where(missing, 0, used - self._mean) / self._spread, missing[:, self._masked].astype(float)])

    def predict(self, values: np.ndarray) -> np.ndarray:
        return (self._design(values) - self._centre) @ self._weights + self._level


@pytest.mark.slow
def test_ridge_on_the_store_has_the_prototypes_error(real_home: BuiltHome) -> None:
    home = backcourt.open(real_home.home.path)
    frame = home.features("2022-06-01", "2025-04-13", label="points", groups=[BLIND])
    table = frame.table.df()
    earlier = home.sql(
        "select game_date, player_id, row_number() over (partition by player_id order by game_date) - 1 as appearances_before "
        "from player_game_summary where did_play"
    ).df()
    table = table.merge(earlier, on=["game_date", "player_id"], how="left")
    values = table[frame.manifest.names].astype(float).to_numpy()
    points, day = table["label_points"].to_numpy(float), table["game_date"].to_numpy().astype("datetime64[D]")
    # Population A25 as far as the store has it: regular season 2024-25, at least 5 appearances before.
    tested = ((table["season"] == "2024-25") & (table["season_type"] == "regular") & (table["appearances_before"] >= 5)).to_numpy()
    assert tested.sum() == pytest.approx(25_400, abs=100)
    forecast = np.full(len(points), np.nan)
    for monday in np.arange(np.datetime64("2024-10-21"), np.datetime64("2025-04-15"), WEEK):
        week = (day >= monday) & (day < monday + WEEK) & tested
        if week.any():
            history = (day < monday) & (day >= monday - TWO_YEARS)
            forecast[week] = Ridge(values[history], points[history]).predict(values[week])
    error = np.abs(forecast - points)[tested].mean()
    # Printed for all of A25: ridge 4.567, the weighted mean of half-life 8 4.648; some hundred of its rows have none before the game.
    assert error == pytest.approx(4.567, abs=0.01)
    weighted = np.abs(table["points_ewma8"].to_numpy(float) - points)[tested].mean()
    assert weighted == pytest.approx(4.648, abs=0.01)
    assert error < weighted - 0.05
