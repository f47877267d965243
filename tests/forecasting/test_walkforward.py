"""The walk-forward: resumable, the same bytes however it is cut, stale when its code or inputs change, blind to what comes later."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

import backcourt
from backcourt.engine.errors import BackcourtError
from backcourt.field.markets import MARKETS
from backcourt.forecasting import fits
from backcourt.forecasting.fits import FitStore, Task, forecast_week
from backcourt.forecasting.fitting import inputs_of_season
from backcourt.forecasting.pickles import Pickles
from backcourt.forecasting.rows import Rows
from backcourt.forecasting.run_folder import RunFolder
from backcourt.forecasting.system import systems
from backcourt.forecasting.walkforward import load_week_model, weeks_of
from backcourt.home import Home
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.work.backtest import backtest, backtest_states, read_material, run_folder

POINTS = MARKETS["points"]


@pytest.fixture
def copied(league: Home, tmp_path: Path) -> Home:
    """The league's home with a copy of its run folder, to damage."""
    target = tmp_path / "home"
    target.mkdir()
    for name in ("snapshot.duckdb", "warehouse.duckdb"):
        (target / name).symlink_to(league.path / name)
    shutil.copyfile(league.path / "backcourt.toml", target / "backcourt.toml")
    shutil.copyfile(league.path / "pickles.jsonl", target / "pickles.jsonl")
    shutil.copytree(league.runs_folder, target / "runs")
    return backcourt.open(target)


def digests(folder: RunFolder) -> dict[str, str]:
    files = [file for file in sorted(folder.path.rglob("*")) if file.suffix in (".parquet", ".npy", ".json")]
    return {str(file.relative_to(folder.path)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_every_row_is_forecast_or_says_why(league: Home) -> None:
    folder = run_folder(league, POINTS)
    rows, scores = folder.read("rows"), folder.read("scores", "population is null")
    assert len(rows["row"]) > 1000
    for name in (*systems(), "ensemble"):
        own = scores["system"] == name
        assert own.sum() == len(rows["row"])
        silent = np.isnan(scores["mean"][own])
        assert all(reason is not None for reason in scores["abstain_reason"][own][silent])
    ensemble = scores["system"] == "ensemble"
    assert not np.isnan(scores["mean"][ensemble]).any(), "an abstaining member never silences the ensemble"
    assert np.isnan(scores["crps"][ensemble])[rows["appeared"] != 1].all(), "who did not appear has no accuracy"
    assert not np.isnan(scores["crps"][ensemble])[rows["appeared"] == 1].any()


@pytest.mark.slow
def test_a_cut_walk_goes_on_to_the_same_bytes(copied: Home) -> None:
    folder = run_folder(copied, POINTS)
    before = digests(folder)
    weeks = sorted((folder.path / "fits").iterdir())
    shutil.rmtree(weeks[3])
    (weeks[5] / "ridge.json").unlink()  # killed between an array and its receipt
    (weeks[7] / "gbm_dist.npy").unlink()
    (folder.path / "run.json").unlink()
    report = backtest(copied, "points", workers=2)
    assert (report.fitted, report.kept) == (3, len(weeks) - 3)
    assert digests(folder) == before
    again = backtest(copied, "points", workers=1)
    assert again.fitted == 0 and digests(folder) == before


def test_a_week_is_stale_when_its_code_or_its_features_changed(copied: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = backtest_states(copied, "points")
    assert all(set(count) == {"complete"} for count in before.values())
    real = fits.code_fingerprint

    def changed(declared: object) -> dict[str, str]:
        return real(declared) | {"ridge": "another"}  # type: ignore[arg-type]

    monkeypatch.setattr("backcourt.forecasting.backtest.code_fingerprint", changed)
    now = backtest_states(copied, "points")
    assert set(now["ridge"]) == {"stale"} and set(now["similarity"]) == {"complete"}
    monkeypatch.undo()
    monkeypatch.setattr("backcourt.features.manifest.Manifest.names_hash", "another definition")
    assert all(set(count) == {"stale"} for count in backtest_states(copied, "points").values())


def material_rows(league: Home) -> Rows:
    return read_material(league, league.snapshot()).rows


def test_no_estimate_moves_when_everything_from_its_week_on_is_another(league: Home) -> None:
    rows = material_rows(league)
    monday = weeks_of(rows)[4]
    declared = systems()
    inputs = inputs_of_season(rows, POINTS, weeks_of(rows)[0])
    task = Task(POINTS, monday, "", (*declared, "p_play"), inputs)
    before = forecast_week(rows, task, declared)
    later = rows.day >= monday
    rng = np.random.default_rng(3)
    results = {name: np.where(later, rng.integers(0, 60, len(rows)), values) for name, values in rows.results.items()}
    features = rows.features.copy()
    features[rows.week > monday] = rng.normal(size=features[rows.week > monday].shape)
    appeared = np.where(later, rng.integers(0, 2, len(rows)), rows.appeared)
    other = Rows(rows.keys, features, rows.names, rows.windows, results, appeared)
    after = forecast_week(other, task, declared)
    assert {name: array.tobytes() for name, array in after.items()} == {name: array.tobytes() for name, array in before.items()}


def test_a_planted_leak_moves_the_estimates(league: Home) -> None:
    """The same test with the result itself among the features must fail, or the test above shows nothing."""
    rows = material_rows(league)
    monday = weeks_of(rows)[4]
    leaking = rows.features.copy()
    leaking[:, rows.place["points_mean_last10"]] = np.nan_to_num(rows.actual(POINTS), nan=0.0)
    leaky = Rows(rows.keys, leaking, rows.names, rows.windows, rows.results, rows.appeared)
    inputs = tuple(range(20))
    task = Task(POINTS, monday, "", ("ridge",), inputs)
    honest = forecast_week(rows, task, systems())["ridge"]
    dishonest = forecast_week(leaky, task, systems())["ridge"]
    week = rows.select(rows.week == monday)
    y = week.actual(POINTS)
    known = ~np.isnan(y)
    assert np.abs(dishonest[:, 0] - y)[known].mean() < 0.5 * np.abs(honest[:, 0] - y)[known].mean()


def test_windows_end_before_the_date(league: Home) -> None:
    rows = material_rows(league)
    first: dict[int, int] = {}
    for place, (player, appeared) in enumerate(zip(rows.keys["player_id"].tolist(), rows.appeared.tolist(), strict=True)):
        if appeared == 1:
            first.setdefault(player, place)
    places = np.array(list(first.values()))
    early = places[rows.windows["appearances_before"][places] == 1]
    assert len(early) and np.isfinite(rows.windows["points_last5"][early]).all()
    nobody = rows.windows["appearances_before"] == 0
    assert np.isnan(rows.windows["points_last5"][nobody]).all()


def test_too_little_history_is_one_sentence(league: Home, tmp_path: Path) -> None:
    with pytest.raises(BackcourtError, match=r"no season 1999-00; loaded are"):
        backtest(league, "points", ["1999-00"])
    with pytest.raises(BackcourtError, match=r"no market 'dunks'; markets are points"):
        backtest(league, "dunks")
    assert FitStore(tmp_path).state(np.datetime64("2022-01-03"), "ridge", "a", "b") == "missing"


@pytest.mark.parametrize("content", [b"noise" * 100, pytest.param(b"", marks=pytest.mark.slow)])
def test_a_damaged_file_of_a_walk_is_named_and_made_again(content: bytes, copied: Home) -> None:
    folder = run_folder(copied, POINTS)
    before = digests(folder)
    for file in (folder.file("scores"), folder.path / "run.json"):
        kept = file.read_bytes()
        file.write_bytes(content)
        with pytest.raises(BackcourtError, match=rf"{file.name} can't be read .* again\.$"):
            _ = EvaluatedRun(folder).systems
        file.write_bytes(kept)
    state = sorted((folder.path / "states").iterdir())[3]
    state.write_bytes(content)
    assert load_week_model(Pickles(copied.path), state.parent, np.datetime64(state.stem), "any") is None
    week = sorted((folder.path / "fits").iterdir())[3]
    for shape in ("[1]", "7", "[[1, 2]]"):
        week.joinpath("base_l5.json").write_text(shape)
        assert FitStore(folder.path / "fits").state(np.datetime64(week.name), "base_l5", "a", "b") == "missing"
    (week / "ridge.npy").write_bytes(content)
    with pytest.raises(BackcourtError, match="run the same `backcourt backtest` again"):
        backtest(copied, "points", workers=1)
    assert backtest(copied, "points", workers=1).fitted == 1
    assert digests(folder) == before
