"""The live monitor: the ledger's LIVE forecasts against the backtest's days."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.monitors import daily_means, fit_cusum
from backcourt.judgement.watch import Watched, watch_live
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse, open_duckdb


def ledger(run: EvaluatedRun, biases: list[float], kind: str = "LIVE", system: str = "ensemble") -> DuckDBWarehouse:
    """A ledger with one forecast on each of the days after the run's last, whose mean lies so far above the result."""
    warehouse = open_duckdb(":memory:")
    warehouse.query("create table games (game_id varchar, season varchar)")
    words = "kind varchar, system varchar, market varchar"
    warehouse.query(f"create table forecasts (game_date date, game_id varchar, player_id bigint, {words}, mean double)")
    warehouse.query(
        "create table outcomes (game_date date, game_id varchar, player_id bigint, version bigint, appeared boolean, points bigint)"
    )
    first = run.game_date.max().item() + timedelta(days=1)
    for number, bias in enumerate(biases):
        day, game = first + timedelta(days=number), f"g{number}"
        warehouse.query(f"insert into games values ('{game}', '2099-00')")
        warehouse.query(f"insert into forecasts values ('{day}', '{game}', 1, '{kind}', '{system}', 'points', {20 + bias})")
        # A correction counts instead of what was known first.
        warehouse.query(f"insert into outcomes values ('{day}', '{game}', 1, 1, true, 3), ('{day}', '{game}', 1, 2, true, 20)")
    return warehouse


@pytest.fixture
def level(run: EvaluatedRun) -> tuple[float, float]:
    """Usual level and spread of a day's bias in the backtest."""
    found = fit_cusum(daily_means(run.score("ensemble", "bias"), run.game_date))
    return found.level, found.spread


def seen(warehouse: DuckDBWarehouse, run: EvaluatedRun) -> Watched:
    found = watch_live(warehouse, run)
    assert found is not None
    return found


def test_live_days_at_the_usual_level_raise_no_alarm(run: EvaluatedRun, level: tuple[float, float]) -> None:
    found = seen(ledger(run, [level[0]] * 40), run)
    assert (found.is_alarmed, found.days, found.alarms) == (False, 40, 0)
    assert found.history_days == len(np.unique(run.game_date))


@pytest.mark.parametrize("spreads", [1.5, -1.5])
def test_a_lasting_shift_alarms(run: EvaluatedRun, level: tuple[float, float], spreads: float) -> None:
    found = seen(ledger(run, [level[0] + spreads * level[1]] * 40), run)
    assert found.is_alarmed and found.alarms == 1


def test_only_live_forecasts_of_the_ensemble_count(run: EvaluatedRun, level: tuple[float, float]) -> None:
    far = [level[0] + 9 * level[1]] * 40
    assert watch_live(ledger(run, far, kind="REPLAY"), run) is None
    assert watch_live(ledger(run, far, system="ridge"), run) is None
