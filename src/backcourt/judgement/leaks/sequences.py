"""A player's results in order, as arrays, and the features that are built from them, honestly or with a leak."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backcourt.field.pmf import Array

Build = Callable[["Sequences"], Array]
"""From results to one feature value per row [rows]."""


@dataclass(frozen=True)
class Sequences:
    """Appearances: arrays of one length. `started` is what the box score says about the game itself."""

    player: NDArray[Any]
    day: NDArray[Any]
    season: NDArray[Any]
    results: Array
    started: Array

    def with_results(self, results: Array, started: Array) -> Sequences:
        """The same games with other results."""
        return Sequences(self.player, self.day, self.season, results, started)

    def __len__(self) -> int:
        return len(self.results)


def window_mean(games: Sequences, window: int, *, own_game: bool = False) -> Array:
    """Mean of the last `window` results of the player before the game [rows], NaN without any; `own_game` plants the classic leak."""
    order = np.lexsort((games.day, games.player))
    values, player = games.results[order], games.player[order]
    first = np.r_[True, player[1:] != player[:-1]]
    start = np.maximum.accumulate(np.where(first, np.arange(len(values)), 0))
    place = np.arange(len(values))
    last = place + 1 if own_game else place
    begin = np.maximum(start, last - window)
    total = np.r_[0.0, np.cumsum(values)]
    count = last - begin
    mean = np.where(count > 0, (total[last] - total[begin]) / np.maximum(count, 1), np.nan)
    found = np.empty(len(values))
    found[order] = mean
    return found


def season_mean_of_all(games: Sequences) -> Array:
    """A leak: the mean of the whole season, games to come included."""
    return _group_mean(games, np.char.add(np.char.add(games.player.astype(str), "|"), games.season.astype(str)))


def target_encoded_player(games: Sequences) -> Array:
    """A leak: the player encoded by the mean of all of his results."""
    return _group_mean(games, games.player.astype(str))


def actual_starter(games: Sequences) -> Array:
    """A leak: whether the player started, as the box score of the game says."""
    return games.started


def previous_starter(games: Sequences) -> Array:
    """Whether the player started his previous game, NaN before the first."""
    shifted = Sequences(games.player, games.day, games.season, games.started, games.started)
    return window_mean(shifted, 1)


def _group_mean(games: Sequences, key: NDArray[Any]) -> Array:
    _, code = np.unique(key, return_inverse=True)
    return np.asarray((np.bincount(code, weights=games.results) / np.bincount(code))[code])
