"""Monitors are silent in seasons without a change, loud after one, and clear when it ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.leaks.remade import LeakMaterial
from backcourt.judgement.leaks.sequences import Sequences
from backcourt.judgement.monitors import SEASON_DAYS, daily_means, drifts, fit_cusum, stability_index
from backcourt.judgement.recent_drift import recent_drift
from backcourt.judgement.watch import is_alarmed, watch

HISTORY = np.random.default_rng(1).normal(-0.1, 0.6, 300)


def test_at_most_one_false_alarm_a_season() -> None:
    monitor = fit_cusum(HISTORY)
    random = np.random.default_rng(2)
    alarms = [monitor.alarms(random.choice(HISTORY, SEASON_DAYS)) for _ in range(2_000)]
    assert np.mean(alarms) <= 1.05
    assert np.mean(alarms) >= 0.8, "a limit far above what is asked for would never alarm"


@pytest.mark.parametrize("shift", [0.6, -0.6])
def test_a_shift_of_a_days_spread_is_found_within_weeks_and_clears(shift: float) -> None:
    monitor = fit_cusum(HISTORY)
    random = np.random.default_rng(3)
    found = 0
    for _ in range(50):
        shifted = random.choice(HISTORY, 40) + shift
        found += monitor.is_alarmed(shifted)
    assert found >= 45
    recovered = np.r_[random.choice(HISTORY, 20) + shift, np.full(400, monitor.level)]
    assert monitor.path(recovered)[19] > monitor.limit or monitor.alarms(recovered) >= 1
    assert not monitor.is_alarmed(recovered)


def test_a_path_by_hand() -> None:
    monitor = fit_cusum(np.tile([-1.0, 1.0], 50))
    daily = monitor.level + monitor.spread * np.array([1.0, 1.0, -3.0])
    assert monitor.path(daily) == pytest.approx([0.75, 1.5, 2.75])


def test_too_little_history_is_refused() -> None:
    with pytest.raises(BackcourtError, match="29 days of history"):
        fit_cusum(HISTORY[:29])
    with pytest.raises(BackcourtError, match="too equal"):
        fit_cusum(np.zeros(100))


def test_no_days_are_no_alarm() -> None:
    assert not fit_cusum(HISTORY).is_alarmed(np.zeros(0))


def test_days_are_means_over_what_was_scored() -> None:
    date = np.array(["2024-03-02", "2024-03-01", "2024-03-02", "2024-03-03"], dtype="datetime64[D]")
    assert daily_means(np.array([1.0, 5.0, 3.0, np.nan]), date).tolist() == [5.0, 2.0]


def test_a_runs_bias_can_be_watched(run: EvaluatedRun) -> None:
    bias = daily_means(run.score("ensemble", "bias"), run.game_date)
    monitor = fit_cusum(bias)
    assert monitor.alarms(bias) <= 2
    assert monitor.is_alarmed(bias + 2 * monitor.spread)


def test_a_market_is_watched_over_its_newest_season(run: EvaluatedRun) -> None:
    bias, loss = watch(run)
    assert (bias.history_days, bias.days) == (44, 44) and bias.is_alarmed is not None and bias.limit > 1
    assert loss.is_alarmed is None and "newest season has no scored rows" in loss.reason
    assert is_alarmed([replace(bias, is_alarmed=True), loss]) and not is_alarmed([replace(bias, is_alarmed=False), loss])


def test_the_stability_index_tells_a_shift_from_luck() -> None:
    random = np.random.default_rng(4)
    then = random.normal(0, 1, 20_000)
    assert stability_index(then, random.normal(0, 1, 2_000)) < 0.02
    assert stability_index(then, random.normal(0.7, 1, 2_000)) > 0.25
    assert np.isnan(stability_index(then, np.full(10, np.nan)))
    assert stability_index(np.r_[np.zeros(900), np.ones(100)], np.ones(50)) > 0.25, "a feature of two values has bins too"


def test_drift_compares_the_same_weeks_of_earlier_regular_seasons() -> None:
    random = np.random.default_rng(6)
    day = np.repeat(np.datetime64("2023-01-01") + np.arange(3 * 365), 6)
    month = (day.astype("datetime64[M]").astype(int) % 12).astype(float)
    regular = np.r_[np.full(len(day) - 60, True), np.full(60, False)]
    calendar = month + random.normal(0, 0.1, len(day))
    broken = random.normal(0, 1, len(day)) + 3.0 * (day >= np.datetime64("2025-11-20"))
    features = np.column_stack([calendar, broken, np.where(regular, 1.0, np.nan)]).astype(np.float32)
    games = Sequences(np.arange(len(day)), day, np.full(len(day), "s"), month, month)
    store = LeakMaterial(games, features, ("calendar", "broken", "playoffs"), day, np.full(len(day), np.nan), regular)
    assert {drift.feature: drift.has_moved for drift in recent_drift(store)} == {"calendar": False, "broken": True, "playoffs": False}
    assert recent_drift(replace(store, is_regular=day >= np.datetime64("2025-12-20"))) == []


def test_drift_names_the_feature_that_moved_or_went_missing() -> None:
    random = np.random.default_rng(5)
    then = {name: random.normal(0, 1, 5_000) for name in ("steady", "moved", "gone")}
    now = {name: random.normal(0, 1, 600) for name in then}
    now["moved"] = now["moved"] + 1
    now["gone"][:100] = np.nan
    found = {drift.feature: drift.has_moved for drift in drifts(then, now)}
    assert found == {"moved": True, "steady": False, "gone": True} and drifts(then, now)[0].feature == "moved"
    with pytest.raises(BackcourtError, match="lack the feature 'steady'"):
        drifts(then, {"moved": now["moved"], "gone": now["gone"]})
