"""The whole way in a simulated league without an edge: walk-forward, report card, standing verdicts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import backcourt
from backcourt.forecasting.trials import FILE as TRIALS
from backcourt.forecasting.trials import read_trials
from backcourt.home import Home
from backcourt.judgement.standing import standing_verdicts
from backcourt.work.backtest import backtest
from backcourt.work.reportcard import reportcard


@pytest.fixture
def copied(league: Home, tmp_path: Path) -> Home:
    """The league's home, to write a card into."""
    for name in ("snapshot.duckdb", "warehouse.duckdb"):
        (tmp_path / name).symlink_to(league.path / name)
    for name in ("backcourt.toml", "trials.jsonl"):
        shutil.copyfile(league.path / name, tmp_path / name)
    shutil.copytree(league.runs_folder, tmp_path / "runs")
    return backcourt.open(tmp_path)


@pytest.mark.slow
def test_the_card_of_a_league_without_an_edge(copied: Home) -> None:
    (tried,) = read_trials(copied.path)
    assert tried.verb == "backtest" and tried.market == "points" and tried.seconds is not None and tried.seconds > 0
    found = reportcard(copied)
    assert found.card["verdicts"] and all(verdict["verdict"] != "EDGE" for verdict in found.card["verdicts"])
    assert set(standing_verdicts(copied.path)) == {"points"}
    (timed,) = [target for target in found.card["targets"] if target["id"] == "T14"]
    assert timed["measured"] == pytest.approx(tried.seconds, abs=1e-5)
    assert [trial.verb for trial in read_trials(copied.path)] == ["backtest", "reportcard"]
    assert set(found.card["opened_tests"].values()) == {1}, "backtest and card of one configuration are one look"
    before = [file.read_bytes() for file in found.files]
    assert [file.read_bytes() for file in reportcard(copied).files] == before


@pytest.mark.slow
def test_a_backtest_that_kept_its_weeks_states_no_seconds(copied: Home) -> None:
    assert backtest(copied, "points").kept > 0
    assert [trial.seconds is None for trial in read_trials(copied.path)] == [False], "it is the same attempt"
    (copied.path / TRIALS).unlink()
    assert backtest(copied, "points").kept > 0
    assert [trial.seconds is None for trial in read_trials(copied.path)] == [True]
