"""Canaries: quantities that stay inside known bounds as long as no feature knows the result.

The bounds stand on the best honest figures of four real seasons: correlation .723 of one feature with points, R^2
.539 over all appearances and .434 over players of 20 minutes, standard deviation .52 of forecasts fitted on a
shuffled target.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backcourt.field.pmf import Array
from backcourt.judgement.leaks.finding import Finding
from backcourt.judgement.leaks.quick_ridge import QuickRidge

LARGEST_CORRELATION = 0.78
LARGEST_EXPLAINED = 0.55
LARGEST_SHUFFLED_SPREAD = 1.0
LARGEST_SHUFFLED_GAIN = 0.01
_LEAST_VALUES = 100

Matrix = Array | NDArray[np.float32]
Fit = Callable[[Matrix, Array], Callable[[Matrix], Array]]
"""(features, results) -> a function from features to forecasts."""


def ridge(features: Matrix, results: Array) -> Callable[[Matrix], Array]:
    """The quick ridge as a Fit."""
    return QuickRidge(features, results).predict


def single_feature(features: Matrix, names: Sequence[str], results: Array) -> Finding:
    """No feature [rows, features] may correlate with the result [rows] above .78; its NaN rows are left out of its own correlation."""
    strongest, name = 0.0, "none"
    for place, column in enumerate(names):
        known = ~np.isnan(features[:, place])
        values = features[known, place].astype(float)
        if len(values) < _LEAST_VALUES or np.ptp(values) == 0:
            continue
        found = abs(float(np.corrcoef(values, results[known])[0, 1]))
        if found > strongest:
            strongest, name = found, column
    return Finding(
        "single feature", strongest <= LARGEST_CORRELATION, strongest, LARGEST_CORRELATION, len(results),
        f"the strongest feature is {name}, correlation {strongest:.3f}",
    )  # fmt: skip


def explained(forecast: Array, results: Array) -> Finding:
    """R^2 of a forecast on rows of players with 20 minutes or more may not exceed .55."""
    residual = float(((results - forecast) ** 2).mean())
    share = 1 - residual / float(results.var())
    sentence = f"R^2 {share:.3f} on {len(results):,} rows"
    return Finding("explained variance", share <= LARGEST_EXPLAINED, share, LARGEST_EXPLAINED, len(results), sentence)


def shuffled_target(features: Matrix, results: Array, is_test: NDArray[np.bool_], fit: Fit = ridge, seed: int = 1) -> Finding:
    """Fitted on results in random order, forecasts must be all but constant: spread below 1, and no better than the mean.

    What a feature matrix can still tell after that comes from rows that it shares between fit and test.
    """
    random = np.random.default_rng(seed)
    train = ~is_test
    shuffled = random.permutation(results[train])
    forecast = fit(features[train], shuffled)(features[is_test])
    spread = float(forecast.std())
    ours, constant = np.abs(forecast - results[is_test]).mean(), np.abs(shuffled.mean() - results[is_test]).mean()
    gain = float(1 - ours / constant)
    return Finding(
        "shuffled target", spread < LARGEST_SHUFFLED_SPREAD and gain <= LARGEST_SHUFFLED_GAIN, spread, LARGEST_SHUFFLED_SPREAD,
        int(is_test.sum()), f"forecasts spread by {spread:.2f}, error {gain:+.2%} below the constant's",
    )  # fmt: skip


def next_game(forecast: Array, results: Array, player: NDArray[Any], day: NDArray[Any]) -> Finding:
    """A forecast must err less on its own game than on the player's next one: else features stand one game too late."""
    order = np.lexsort((day, player))
    follows = player[order][1:] == player[order][:-1]
    this, following = order[:-1][follows], order[1:][follows]
    own = float(np.abs(forecast[this] - results[this]).mean())
    later = float(np.abs(forecast[this] - results[following]).mean())
    return Finding(
        "next game", own <= later, later - own, 0.0, len(this), f"error {own:.3f} on the game itself, {later:.3f} on the player's next game"
    )  # fmt: skip
