"""A small simulated league with its walk-forward, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("lightgbm", reason="forecasting needs the extra `ml`: pip install 'backcourt[ml]'")

import backcourt
from backcourt.home import Home
from backcourt.simulate import simulate
from backcourt.work.backtest import backtest
from tests.conftest import _once

SEASONS = {"seasons": 2, "seed": 5, "games_per_team": 16, "share_of_games_with_props": 0.5}


@pytest.fixture(scope="session")
def league(shared_folder: Path) -> Home:
    """Two short seasons, built, and the walk-forward of points; write only to its runs and ledger through copies."""

    def build(folder: Path) -> None:
        simulate(folder / "raw", **SEASONS)
        home = backcourt.open(folder / "home")
        home.init(simulated=True)
        home.ingest(folder / "raw")
        home.run()
        backtest(home, "points", workers=2)

    return backcourt.open(_once(shared_folder / "forecast_league", build) / "home")
