"""Forecasts of a slate: the walk-forward's own numbers (to single precision), once, in the ledger; LIVE only before the lock."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import backcourt
from backcourt.engine.errors import BackcourtError
from backcourt.engine.judge import records
from backcourt.field.markets import MARKETS
from backcourt.forecasting.blend import BUCKETS
from backcourt.forecasting.circumstances import circumstances_of
from backcourt.forecasting.market_lines import read_lines
from backcourt.forecasting.system import Sample
from backcourt.forecasting.systems.moving_average import MovingAverageModel, level_of
from backcourt.home import Home
from backcourt.judgement.standing import keep_fallbacks, keep_verdicts
from backcourt.judgement.watch import Watched
from backcourt.work.backtest import read_material, run_folder
from backcourt.work.models import week_artefact
from backcourt.work.predict import predict
from backcourt.work.reports.health import health

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


def test_a_missed_target_changes_the_blend_alone_and_keeps_what_was_said(home: Home, slate: date) -> None:
    predict(home, slate, ["points"])
    count = f"select system, count(*), count(distinct model_hash) from forecasts where game_date = '{slate}' and kind = 'REPLAY' group by 1"
    before = {system: (rows, models) for system, rows, models in home.sql(count).fetch()}
    keep_fallbacks(home.path, [{"target": "T3", "sentence": "T3 missed."}])
    (again,) = predict(home, slate, ["points"])
    after = {system: (rows, models) for system, rows, models in home.sql(count).fetch()}
    assert again.forecasts.new == again.lines > 0
    assert after == before | {"market_blend": (before["market_blend"][0] + again.lines, before["market_blend"][1] + 1)}
    keep_fallbacks(home.path, [])
    assert predict(home, slate, ["points"])[0].forecasts.new == 0


def test_every_forecast_has_a_distribution_or_a_reason(home: Home, slate: date) -> None:
    (bad,) = home.sql(
        "select count(*) from forecasts where (abstain_reason is null) = (mean is null) or (system = 'ensemble' and pmf_file is null)"
    ).fetch()[0]
    assert bad == 0


def test_circumstances_multiply_to_the_forecast_that_they_explain(home: Home, slate: date, monkeypatch: pytest.MonkeyPatch) -> None:
    said = home.sql(f"select circumstances from picks where game_date = '{slate}' and line is not null").fetch()
    told = [json.loads(text) for (text,) in said]
    assert told and all(len(reasons) <= 3 for reasons in told) and any(told)
    assert all(abs(first[1]) >= abs(second[1]) for reasons in told for first, second in pairwise(reasons))
    monkeypatch.setattr("backcourt.forecasting.circumstances.SHOWN", 99)
    monkeypatch.setattr("backcourt.forecasting.circumstances.LEAST", 0.0)
    material = read_material(home, home.snapshot())
    sample = Sample(material.rows.select(material.rows.day == np.datetime64(slate)), POINTS, ())
    model = week_artefact(home, POINTS, material, np.datetime64(slate))[0].models["moving_average"]
    assert isinstance(model, MovingAverageModel)
    level = level_of(sample)
    factors = [np.prod([1 + effect / level[row] for _, effect in reasons]) for row, reasons in enumerate(circumstances_of(model, sample))]
    assert model.forecast(sample).mean == pytest.approx(level * np.exp(model.effects.log_base) * factors, rel=2e-3)


def test_a_standing_edge_counts_until_the_live_monitor_alarms(home: Home, slate: date, monkeypatch: pytest.MonkeyPatch) -> None:
    dates = home.sql(
        f"select distinct game_date from prop_quotes where game_date < '{slate}' and market = 'points' and not is_dfs order by 1 desc"
    ).fetch()
    keep_verdicts(home.path, {"points": dict.fromkeys(BUCKETS, "EDGE")})
    reasons = []
    for (day,), is_alarmed in zip(dates, (False, True), strict=False):
        alarm = Watched("bias, live", 100, 20, 0.0, 8.0, 9.0 if is_alarmed else 1.0, 1, is_alarmed)
        monkeypatch.setattr("backcourt.work.predict.watch_live", lambda warehouse, run, alarm=alarm: alarm)
        (report,) = predict(home, day, ["points"])
        assert ("stands at 9.0 after 20 days, above its limit of 8.0: no pick is a BET" in report.alarm) == is_alarmed
        found = home.sql(f"select reason, count(*) from picks where game_date = '{day}' and action in ('BET', 'LEAN') group by 1").fetch()
        reasons.append({reason for reason, _ in found})
    keep_verdicts(home.path, {})
    assert "no_standing_edge" not in reasons[0] and reasons[1] == {"no_standing_edge"}, reasons


def test_a_slate_whose_history_lacks_games_is_marked_and_nothing_is_a_bet(league: Home, tmp_path: Path) -> None:
    shutil.copytree(league.path, tmp_path / "home", ignore=shutil.ignore_patterns("raw"))
    home = backcourt.open(tmp_path / "home")
    folder = run_folder(home, POINTS)
    rows, lines = folder.read("rows"), folder.read("lines", "market_over is not null")
    slate = rows["game_date"][lines["row"].max()].astype("datetime64[D]").item()
    keep_verdicts(home.path, {"points": dict.fromkeys(BUCKETS, "EDGE")})
    with home.writing("test") as work:
        ((day,),) = work.warehouse.query(
            "select game_date from games where game_date < ? group by 1 order by 1 desc limit 1 offset 5", [slate]
        )
        # Nobody vouches for that date any more; what was built from it is stale.
        records.forget(work.warehouse, "team_offense_game_summary", [day])
    (report,) = predict(home, slate, ["points"])
    assert report.history_games_lacking > 0 and report.lines > 0 and not report.actions.get("BET")
    reasons = {reason for (reason,) in home.sql(f"select distinct reason from picks where game_date = '{slate}'").fetch()}
    assert "history_is_thin" in reasons and "value" not in reasons
    marks = home.sql(f"select fingerprint from receipts where table_name = 'picks' and game_date = '{slate}'").fetch()
    assert [mark.endswith(f"-thin{report.history_games_lacking}") for (mark,) in marks] == [True]


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


def test_rows_without_a_single_quote_have_no_lines(home: Home) -> None:
    """As on a morning before any book has opened. Fantasy lines, of the last season alone, carry no capture time."""
    material = read_material(home, home.snapshot(), "2021-22")
    assert len(read_lines(home.snapshot(), material.rows, POINTS)) > 0
    assert len(read_lines(home.snapshot(), material.rows, POINTS, datetime(2000, 1, 1))) == 0  # noqa: DTZ001 - stored moments have no zone


def test_what_is_missing_is_one_sentence(home: Home, slate: date, tmp_path: Path) -> None:
    with pytest.raises(BackcourtError, match="has no rows of 1999-01-01"):
        predict(home, date(1999, 1, 1), ["points"])
    with pytest.raises(BackcourtError, match="walk-forward of assists doesn't reach the week"):
        predict(home, slate, ["assists"])


def test_a_damaged_model_forecasts_nothing(home: Home, slate: date) -> None:
    file = home.path / "models" / "points" / str(slate - timedelta(days=slate.weekday())) / "models.pkl"
    body = file.read_bytes()
    file.with_name("card.json").touch()  # status tries the newest
    file.write_bytes(body[:-1] + b"x")
    try:
        with pytest.raises(BackcourtError, match=r"is not the file that this home registered .* delete"):
            predict(home, slate, ["points"])
        with home.situation() as situation:
            found = {part.name: part for part in health(home, situation.calendar)}
        assert found["predict"].state == "failed" and found["one forecast"].state == "failed"
        assert "is not the file that this home registered" in found["one forecast"].note
    finally:
        file.write_bytes(body)
    with home.situation() as situation:
        found = {part.name: part for part in health(home, situation.calendar)}
    assert found["one forecast"].state == "ok" and "systems of points" in found["one forecast"].note
