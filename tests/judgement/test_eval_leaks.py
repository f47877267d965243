"""Each guard fails on the leak that was planted for it, is silent on its honest twin, and none goes without a plant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import backcourt
from backcourt.engine.errors import BackcourtError
from backcourt.judgement.leaks.finding import Finding
from backcourt.judgement.leaks.impossible import too_often_right
from backcourt.judgement.leaks.perturbation import perturbation
from backcourt.judgement.leaks.planted import WINDOWS, plants, simulated_games
from backcourt.judgement.leaks.sequences import window_mean
from backcourt.judgement.leaks.slicing_lint import lint, slices_by_results

PLANTS = {plant.name: plant for plant in plants()}
GUARDS = {
    "single feature", "explained variance", "shuffled target", "next game", "error below the line", "right against the line", "unique keys",
    "rows kept by a join", "split in time", "quotes before the lock", "known before the cut-off", "perturbation",
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTS)
def test_the_leak_is_found_and_its_honest_twin_passes(name: str) -> None:
    leak, twin = PLANTS[name].find(True), PLANTS[name].find(False)
    assert not leak.passed, leak.sentence
    assert twin.passed, twin.sentence


def test_every_guard_has_a_plant() -> None:
    assert {plant.find(True).guard for plant in PLANTS.values()} == GUARDS


def test_windows_by_hand() -> None:
    games = simulated_games()
    one = games.player == 3
    results = games.results[one]
    for window in WINDOWS:
        honest, leaky = window_mean(games, window)[one], window_mean(games, window, own_game=True)[one]
        assert np.isnan(honest[0]) and leaky[0] == results[0]
        assert honest[30] == pytest.approx(results[30 - window : 30].mean())
        assert leaky[30] == pytest.approx(results[31 - window : 31].mean())


def test_a_window_does_not_depend_on_the_order_of_the_rows() -> None:
    games = simulated_games()
    order = np.random.default_rng(1).permutation(len(games))
    shuffled = type(games)(*(values[order] for values in vars(games).values()))
    assert np.array_equal(window_mean(shuffled, 10), window_mean(games, 10)[order], equal_nan=True)


def test_a_leak_that_touches_few_rows_is_found() -> None:
    games = simulated_games()
    rare = games.player < 8

    def build(given: object) -> np.ndarray:
        return np.where(rare, window_mean(given, 10, own_game=True), window_mean(given, 10))  # type: ignore[arg-type]

    found = perturbation(build, games, 200)
    assert not found.passed and 5 <= found.measured <= 40


def test_few_distant_rows_prove_nothing() -> None:
    line, actual = np.full(900, 10.5), np.full(900, 15.0)
    assert too_often_right(np.full(900, 13.0), line, actual).passed
    assert not too_often_right(np.full(1_000, 13.0), np.full(1_000, 10.5), np.full(1_000, 15.0)).passed


BAD = [
    'found = Slice("by result", lambda rows: rows["actual"] > 10)',
    "tier = np.digitize(actual, (10, 18, 25))",
    'tier = np.searchsorted((10, 18, 25), run.rows["actual"])',
    'frame.groupby(frame["outcome"] > 10)',
    'query = "select avg(error) from grades group by case when actual > 25 then 1 else 0 end"',
]
GOOD = [
    'found = Slice("tier", lambda rows: rows["tier"])',
    "tier = np.digitize(season_mean_before, (10, 18, 25))",
    "error = np.abs(point - actual)",
    'query = "select avg(abs(point - actual)) from scores group by tier"',
]


@pytest.mark.parametrize("source", BAD)
def test_the_lint_finds_a_slice_by_a_result(source: str, tmp_path: Path) -> None:
    assert slices_by_results(source, "bad.py")
    (tmp_path / "bad.py").write_text(source)
    found: Finding = lint(tmp_path)
    assert not found.passed and "bad.py:1" in found.sentence


@pytest.mark.parametrize("source", GOOD)
def test_the_lint_is_silent_on_pre_game_slices(source: str) -> None:
    assert not slices_by_results(source, "good.py")


def test_the_package_slices_by_pre_game_facts_only() -> None:
    found = lint(Path(backcourt.__file__).parent)
    assert found.passed, found.sentence
    assert found.n > 100


def test_a_lint_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackcourtError, match="holds no Python files"):
        lint(tmp_path)
