"""Daily monitors, quiet by design: they compare what was said with what came of it, and what goes in with what was trained on.

A CUSUM adds up how far each day's mean lies beyond an allowance and alarms at a limit (Page 1954). The limit is the
one that seasons without any change, made of the history's own days in random order, cross at most once each on
average; days are drawn one by one and by the fortnight, because one day's bias may resemble the next day's, and the
larger limit counts. An alarm lowers BET to LEAN; the same test, back below its limit, clears it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.errors import BackcourtError
from backcourt.field.pmf import Array
from backcourt.judgement.bootstrap import SEED

SEASON_DAYS = 165
"""Game days of a season, playoffs left out: what `a season` means in the rate of false alarms."""

FALSE_ALARMS_A_SEASON = 1.0
SIMULATED_SEASONS = 4_000
LEAST_HISTORY_DAYS = 30
BLOCK_DAYS = (1, 14)
ALLOWANCE_SPREADS = 0.25
"""Drift that is let pass, in standard deviations of a day's mean."""

PSI_BINS = 10
LARGEST_PSI = 0.25
"""Above a quarter the population stability index counts as a shift (the usual reading: below .10 none, to .25 moderate)."""

LARGEST_MISSING_RISE = 0.10
_LEAST_SHARE = 1e-4


@dataclass(frozen=True)
class Cusum:
    """A two-sided CUSUM of daily means: their usual level and spread, the drift let pass and the limit, in units of the spread."""

    level: float
    spread: float
    limit: float
    allowance: float = ALLOWANCE_SPREADS

    def path(self, daily: Array) -> Array:
        """The larger of the two sums after each day [days], in spreads; it goes on after an alarm and falls when the drift ends."""
        return _path((np.asarray(daily, dtype=float) - self.level) / self.spread, self.allowance)

    def is_alarmed(self, daily: Array) -> bool:
        """Does the last day stand above the limit? False without days."""
        path = self.path(daily)
        return bool(len(path) and path[-1] > self.limit)

    def alarms(self, daily: Array) -> int:
        """How often the path crosses its limit from below."""
        above = self.path(daily) > self.limit
        return int((above & ~np.r_[False, above[:-1]]).sum())


def daily_means(values: Array, game_date: NDArray[np.datetime64]) -> Array:
    """Mean of each date's values [dates] in order of date; NaN rows (nothing was scored) are left out."""
    known = ~np.isnan(values)
    _, code = np.unique(game_date[known], return_inverse=True)
    return np.bincount(code, weights=values[known]) / np.bincount(code) if known.any() else np.zeros(0)


def fit_cusum(history: Array, seasons: int = SIMULATED_SEASONS, seed: int = SEED) -> Cusum:
    """The monitor of a daily mean: level and spread of `history` [days], limit by simulation.

    Raises BackcourtError below 30 days, or when they don't vary.
    """
    history = np.asarray(history, dtype=float)
    spread = float(history.std(ddof=1)) if len(history) > 1 else 0.0
    if len(history) < LEAST_HISTORY_DAYS or spread == 0:
        raise BackcourtError(f"{len(history)} days of history are too few, or too equal, for a monitor; it needs {LEAST_HISTORY_DAYS}.")
    level = float(history.mean())
    limits = []
    for block in BLOCK_DAYS:
        blocks = -(-SEASON_DAYS // block)
        start = np.random.default_rng([seed, block]).integers(0, len(history) - block + 1, (seasons, blocks))
        drawn = history[(start[:, :, None] + np.arange(block)).reshape(seasons, -1)[:, :SEASON_DAYS]]
        limits.append(_limit(_path((drawn - level) / spread, ALLOWANCE_SPREADS)))
    return Cusum(level, spread, max(limits))


def _limit(paths: Array) -> float:
    """The lowest limit that the simulated seasons [seasons, days] cross from below at most FALSE_ALARMS_A_SEASON times on average."""
    low, high = 0.0, float(paths.max()) + 1e-9
    before = np.column_stack([np.zeros(len(paths)), paths[:, :-1]])
    for _ in range(50):
        middle = (low + high) / 2
        crossings = ((paths > middle) & (before <= middle)).sum() / len(paths)
        low, high = (middle, high) if crossings > FALSE_ALARMS_A_SEASON else (low, middle)
    return high


def _path(standard: Array, allowance: float) -> Array:
    """Sums along the last axis: [days], or [seasons, days]."""
    up = np.zeros(standard.shape[:-1])
    down = up.copy()
    found = np.empty(standard.shape)
    for day in range(standard.shape[-1]):
        up = np.maximum(0.0, up + standard[..., day] - allowance)
        down = np.maximum(0.0, down - standard[..., day] - allowance)
        found[..., day] = np.maximum(up, down)
    return found


@dataclass(frozen=True)
class Drift:
    """One feature today against the training window: population stability index, shares missing, and whether either moved too far."""

    feature: str
    psi: float
    missing_then: float
    missing_now: float

    @property
    def has_moved(self) -> bool:
        """Is the index above .25, or the missing share up by more than 10 points? An index of no values is no move by itself."""
        return bool(self.psi > LARGEST_PSI) or self.missing_now - self.missing_then > LARGEST_MISSING_RISE


def stability_index(then: Array, now: Array, bins: int = PSI_BINS) -> float:
    """Population stability index of two samples over the quantile bins of the first; NaN when either holds no value."""
    then, now = then[~np.isnan(then)], now[~np.isnan(now)]
    if not len(then) or not len(now):
        return float("nan")
    inner = np.unique(np.quantile(then, np.linspace(0, 1, bins + 1)[1:-1]))
    shares = [np.bincount(np.searchsorted(inner, sample, side="right"), minlength=len(inner) + 1) / len(sample) for sample in (then, now)]
    p, q = (np.maximum(share, _LEAST_SHARE) for share in shares)
    return float(((q - p) * np.log(q / p)).sum())


def drifts(then: Mapping[str, NDArray[Any]], now: Mapping[str, NDArray[Any]]) -> list[Drift]:
    """Every feature of the training window, the most moved first. Raises BackcourtError when today lacks one."""
    absent = sorted(set(then) - set(now))
    if absent:
        raise BackcourtError(f"Today's rows lack the feature {absent[0]!r} that the model was trained on; build them by the same manifest.")
    found = [
        Drift(name, stability_index(then[name].astype(float), now[name].astype(float)), _missing(then[name]), _missing(now[name]))
        for name in then
    ]
    return sorted(found, key=lambda drift: (-(drift.psi if np.isfinite(drift.psi) else 0.0), drift.feature))


def _missing(values: NDArray[Any]) -> float:
    return float(np.isnan(values.astype(float)).mean()) if len(values) else float("nan")
