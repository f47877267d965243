"""Small simulated leagues as raw files and as homes, made once for all processes of a test run."""

from __future__ import annotations

from pathlib import Path

import pytest

from backcourt.simulate import simulate
from tests.conftest import _once
from tests.faults.trials import NOW, Stage, Step, copy_of, cut, verb

WITHOUT = ("odds_events", "odds_games.", "props_oddsapi_long", "props_pra", "player_height_weight", "schedule_asof")
"""A league is whole without them, and each file costs a load in every trial."""


@pytest.fixture(scope="session")
def twelve_dates(shared_folder: Path) -> Path:
    """The raw files of twelve dates of a simulated league, two games each."""
    pytest.importorskip("numpy", reason="the simulated league needs NumPy: pip install 'backcourt[simulate]'")

    def build(folder: Path) -> None:
        simulate(folder / "all", seasons=1, seed=20, games_per_team=6, share_of_games_with_props=0.5)
        cut(folder / "all", folder / "raw", dates=12, games_a_day=2, without=WITHOUT)

    return _once(shared_folder / "twelve_dates", build) / "raw"


SLATE = "2021-12-10"
"""One with lines; four more follow, the last of which is built after all else."""

STEPS = {
    "backtest": Step(("backtest", "--market", "points"), NOW),
    "predict": Step(("predict", "--date", SLATE, "--market", "points", "--moment", "now"), f"{SLATE}T23:30:00"),
    "grade": Step(("grade", "--date", SLATE), "2021-12-11T15:00:00"),
    "publish": Step(("publish", "--date", SLATE), "2021-12-11T15:00:00"),
    "run": Step(("run",), NOW),
}


def short_league(folder: Path) -> Path:
    """The raw files of 52 dates of a simulated league, two games each: enough for a backtest."""
    simulate(folder / "all", seasons=1, seed=5, games_per_team=4)
    cut(folder / "all", folder / "raw", dates=52, games_a_day=2, without=WITHOUT)
    return folder / "raw"


@pytest.fixture(scope="session")
def stages(shared_folder: Path) -> dict[str, Stage]:
    """A short league, step by step: each step with the home before and after it."""
    pytest.importorskip("lightgbm", reason="forecasting needs the extra `ml`: pip install 'backcourt[ml]'")

    def build(folder: Path) -> None:
        raw = short_league(folder)
        home = folder / "home"
        for arguments in (("init", "--simulated"), ("ingest", str(raw)), ("run", "--to", "2021-12-16")):
            assert verb(home, *arguments, now=NOW).problems(0) == []
        copy_of(home, folder / "before-backtest")
        for name, step in STEPS.items():
            assert verb(home, *step.arguments, now=step.now).problems(0) == []
            copy_of(home, folder / f"after-{name}")

    folder = _once(shared_folder / "stages", build)
    befores = ["before-backtest", *(f"after-{name}" for name in STEPS)]
    return {
        name: Stage(step, folder / before, folder / f"after-{name}") for (name, step), before in zip(STEPS.items(), befores, strict=False)
    }
