"""Forecasts of a slate: the walk-forward's own numbers (to single precision), once, in the ledger; LIVE only before the lock."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

import backcourt
from backcourt.engine.errors import BackcourtError
from backcourt.forecasts.markets import MARKETS
from backcourt.home import Home
from backcourt.jobs.backtest import run_folder
from backcourt.jobs.predict import predict

POINTS = MARKETS["points"]


@pytest.fixture(scope="module")
def home(league: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A copy of the league's home with its walk-forward, whose ledger the tests fill."""
    folder = tmp_path_factory.mktemp("predict") / "home"
    shutil.copytree(league.path, folder, ignore=shutil.ignore_patterns("raw"))
    return backcourt.open(folder)


@pytest.fixture(scope="module")
def slate(home: Home) -> date:
    """A late slate of the newest season on which lines are known."""
    folder = run_folder(home, POINTS)
    rows, lines = folder.read("rows"), folder.read("lines", "market_over is not null")
    return rows["game_date"][lines["row"].max()].astype("datetime64[D]").item()


def test_a_replay_repeats_the_walk_forward_and_writes_once(home: Home, slate: date) -> None:
    (first,) = predict(home, slate, ["points"])
    assert first.moment == "lock" and first.lines > 0 and first.forecasts.new > first.players * 12
    assert first.forecasts.late == first.forecasts.new, "long after the lock everything is a REPLAY"
    assert first.picks.new == first.players
    (second,) = predict(home, slate, ["points"])
    assert (second.forecasts.new, second.forecasts.known, second.picks.new) == (0, first.forecasts.new, 0)
    said = home.sql(
        f"select system, player_id, point, mean, q90 from forecasts where game_date = '{slate}' and abstain_reason is null "
        "and system in ('base_l5', 'ridge', 'gbm_point', 'similarity', 'minutes_rate', 'ensemble')"
    ).fetch()
    folder = run_folder(home, POINTS)
    rows, scores = folder.read("rows"), folder.read("scores", "population is null")
    day = rows["game_date"].astype("datetime64[D]")[scores["row"]]
    inside = day == np.datetime64(slate)
    stated = {
        (system, int(rows["player_id"][row])): (point, mean, q90)
        for system, row, point, mean, q90 in zip(*(scores[name][inside] for name in ("system", "row", "point", "mean", "q90")), strict=True)
    }
    assert len(said) >= 6 * (first.players - 20)
    for system, player, *figures in said:
        assert figures == pytest.approx(stated[system, player], rel=1e-6), (system, player)


def test_every_forecast_has_a_distribution_or_a_reason(home: Home, slate: date) -> None:
    (bad,) = home.sql(
        "select count(*) from forecasts where (abstain_reason is null) = (mean is null) or (system = 'ensemble' and pmf_file is null)"
    ).fetch()[0]
    assert bad == 0


def test_before_the_lock_it_is_live_and_only_what_was_known_is_read(home: Home, slate: date, monkeypatch: pytest.MonkeyPatch) -> None:
    (lock,) = home.sql(f"select min(lock_at) from games where game_date = '{slate}'").fetch()[0]
    monkeypatch.setenv("BACKCOURT_NOW", (lock - timedelta(minutes=90)).isoformat())
    (live,) = predict(home, slate, ["points"], moment="now")
    assert live.forecasts.new and live.forecasts.late == 0 and set(live.forecasts.kinds) == {"LIVE"}
    late = home.sql(
        "select count(*) from picks p join forecasts f using (forecast_id) where f.kind = 'LIVE' and p.captured_at >= f.cutoff_at"
    ).fetch()
    assert late == [(0,)]
    with pytest.raises(BackcourtError, match="still to come; say --moment now"):
        predict(home, slate, ["points"], moment="lock")


def test_what_is_missing_is_one_sentence(home: Home, slate: date, tmp_path: Path) -> None:
    with pytest.raises(BackcourtError, match="has no rows of 1999-01-01"):
        predict(home, date(1999, 1, 1), ["points"])
    with pytest.raises(BackcourtError, match="walk-forward of assists doesn't reach the week"):
        predict(home, slate, ["assists"])


def test_a_damaged_model_forecasts_nothing(home: Home, slate: date) -> None:
    file = next((home.path / "models" / "points").glob("*/models.pkl"))
    body = file.read_bytes()
    file.write_bytes(body[:-1] + b"x")
    try:
        with pytest.raises(BackcourtError, match="not the file that its card names; delete"):
            predict(home, slate, ["points"])
    finally:
        file.write_bytes(body)
