"""Leaks made on purpose, each beside its honest twin: the suite must find the first and be silent on the second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from backcourt.judgement.leaks import canaries, impossible, structure
from backcourt.judgement.leaks.finding import Finding
from backcourt.judgement.leaks.perturbation import perturbation
from backcourt.judgement.leaks.sequences import (
    Build,
    Sequences,
    actual_starter,
    previous_starter,
    season_mean_of_all,
    target_encoded_player,
    window_mean,
)

WINDOWS = (3, 5, 10, 20)
_PLAYERS, _GAMES, _SEASONS = 80, 40, ("2022-23", "2023-24")
_SAMPLE = 40


@dataclass(frozen=True)
class Plant:
    """A leak, and a guard's finding on the honest twin (`leaky` False) and on the leak (True)."""

    name: str
    find: Callable[[bool], Finding]


def simulated_games(seed: int = 1) -> Sequences:
    """Players with a level of their own, two seasons; results are whole numbers."""
    random = np.random.default_rng(seed)
    level = random.gamma(4, 3, _PLAYERS)
    count = _GAMES * len(_SEASONS)
    player = np.repeat(np.arange(_PLAYERS), count)
    day = np.tile(np.arange(count) * 3, _PLAYERS)
    season = np.tile(np.repeat(_SEASONS, _GAMES), _PLAYERS)
    started = (random.random(len(player)) < 0.5).astype(float)
    results = random.poisson(level[player] * np.where(started == 1, 1.15, 0.85)).astype(float)
    return Sequences(player, day, season, results, started)


def plants(games: Sequences | None = None) -> Iterator[Plant]:
    """Every leak that the suite is tried on."""
    games = games or simulated_games()

    def feature(name: str, honest: Build, leak: Build) -> Plant:
        return Plant(name, lambda leaky: perturbation(leak if leaky else honest, games, _SAMPLE))

    for window in WINDOWS:
        yield feature(
            f"own game in the {window}-game mean",
            partial(window_mean, window=window),
            partial(window_mean, window=window, own_game=True),
        )
    yield feature("season mean from the future", lambda g: window_mean(g, 400), season_mean_of_all)
    yield feature("player encoded by his results", lambda g: window_mean(g, 400), target_encoded_player)
    yield feature("actual starter", previous_starter, actual_starter)
    yield Plant("odds of the running game", _late_quotes)
    yield Plant("random split", lambda leaky: _split(games, leaky))
    yield Plant("duplicate join", lambda leaky: _join(games, leaky))
    yield Plant("repeated keys", lambda leaky: _keys(games, leaky))
    yield Plant("result as a feature", lambda leaky: _feature(games, leaky))
    yield Plant("result in the forecast", lambda leaky: _explained(games, leaky))
    yield Plant("next game's features", lambda leaky: _next_game(games, leaky))
    yield Plant("fit that memorises", lambda leaky: _shuffled(games, leaky))
    yield Plant("error far below the line", lambda leaky: _against_line(games, leaky, impossible.beats_the_line))
    yield Plant("right too often", lambda leaky: _against_line(games, leaky, impossible.too_often_right))
    yield Plant("known after the cut-off", _known_late)


def _late_quotes(leaky: bool) -> Finding:
    lock = np.datetime64("2024-03-05T00:00") + np.arange(50) * np.timedelta64(1, "h")
    late = np.where((np.arange(50) % 10 == 0) & leaky, 20, -20)
    return structure.quotes_before_lock(lock + late * np.timedelta64(1, "m"), lock)


def _known_late(leaky: bool) -> Finding:
    cut_off = np.datetime64("2024-03-05T00:00") + np.arange(50) * np.timedelta64(1, "h")
    return structure.seen_before_target(cut_off - np.where(np.arange(50) == 7, 0 if leaky else 1, 1) * np.timedelta64(1, "m"), cut_off)


def _split(games: Sequences, leaky: bool) -> Finding:
    day = np.datetime64("2022-10-18") + games.day
    is_train = np.random.default_rng(2).random(len(games)) < 0.8 if leaky else games.day < np.quantile(games.day, 0.8)
    return structure.split_in_time(day[is_train], day[~is_train])


def _join(games: Sequences, leaky: bool) -> Finding:
    team_of_player = np.unique(games.player)
    joined = np.r_[team_of_player, team_of_player[:1]] if leaky else team_of_player
    rows = sum(int((joined == player).sum()) * int((games.player == player).sum()) for player in team_of_player.tolist())
    return structure.same_rows(len(games), rows)


def _keys(games: Sequences, leaky: bool) -> Finding:
    keep = np.r_[np.arange(len(games)), 5] if leaky else np.arange(len(games))
    return structure.unique_keys({"player": games.player[keep], "day": games.day[keep]})


def _design(games: Sequences) -> np.ndarray:
    return np.column_stack([window_mean(games, window) for window in (5, 10, 20)])


def _feature(games: Sequences, leaky: bool) -> Finding:
    noisy = games.results + np.random.default_rng(3).normal(0, 1, len(games))
    design = np.column_stack([_design(games), noisy if leaky else window_mean(games, 400)])
    return canaries.single_feature(design, ["last5", "last10", "last20", "added"], games.results)


def _explained(games: Sequences, leaky: bool) -> Finding:
    design = _design(games)
    if leaky:
        design = np.column_stack([design, window_mean(games, 2, own_game=True)])
    late = games.day >= np.quantile(games.day, 0.7)
    # As on the real rows: the players of 20 minutes or more differ less than all players do.
    usual = np.abs(design[:, 2] - np.nanmedian(design[:, 2])) < 4
    forecast = canaries.ridge(design[~late], games.results[~late])(design[late & usual])
    return canaries.explained(forecast, games.results[late & usual])


def _next_game(games: Sequences, leaky: bool) -> Finding:
    random = np.random.default_rng(4)
    honest = np.nan_to_num(window_mean(games, 10), nan=float(games.results.mean()))
    order = np.lexsort((games.day, games.player))
    following = np.empty(len(games))
    following[order] = np.r_[games.results[order][1:], games.results[order][-1]]
    knows = games.results + random.normal(0, 6, len(games))
    forecast = 0.5 * honest + 0.5 * (following if leaky else knows)
    return canaries.next_game(forecast, games.results, games.player, games.day)


def _shuffled(games: Sequences, leaky: bool) -> Finding:
    design = np.nan_to_num(_design(games), nan=0.0)
    is_test = np.arange(len(games)) % 5 == 0 if leaky else games.day >= np.quantile(games.day, 0.8)
    return canaries.shuffled_target(design, games.results, is_test, _memorising if leaky else canaries.ridge)


def _memorising(features: np.ndarray, results: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """A fit that returns the result of the nearest row that it has seen; shuffled results reach its forecasts whole."""

    def predict(wanted: np.ndarray) -> np.ndarray:
        distance = ((wanted[:, None, :2] - features[None, ::7, :2]) ** 2).sum(axis=2)
        return np.asarray(results[::7][distance.argmin(axis=1)])

    return predict


def _against_line(games: Sequences, leaky: bool, guard: Callable[[np.ndarray, np.ndarray, np.ndarray], Finding]) -> Finding:
    honest = window_mean(games, 20)
    known = ~np.isnan(honest)
    line = np.floor(honest[known]) + 0.5
    noise = np.random.default_rng(5).normal(0, 1.5, int(known.sum()))
    point = window_mean(games, 10, own_game=True)[known] if leaky else honest[known] + noise
    return guard(point, line, games.results[known])
