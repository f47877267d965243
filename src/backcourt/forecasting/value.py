"""What each system adds to the ensemble: the pool's CRPS without it, week by week with weights fitted before the week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backcourt.forecasting.ensemble import LEAST_POOLED, pool_weights

if TYPE_CHECKING:
    from backcourt.forecasting.walkforward import Walk

_DRAWS = 2000
_EVERY = 4


def leave_one_out(walked: Walk, seasons: list[str]) -> dict[str, Any]:
    """Per system and season: CRPS of the pool without it less that of the whole pool, with a 95 % interval over weeks.

    Weights are refitted every four weeks from the forms of earlier weeks, common to all bands, before recalibration.
    Positive: the system helps.
    """
    mondays = sorted(walked.forms)
    count = len(walked.members)
    total = np.zeros((count, count))
    rows = 0
    weights: dict[int, np.ndarray] = {}
    season_of = dict(zip(walked.sample.rows.week.tolist(), walked.sample.rows.keys["season"].tolist(), strict=True))
    gains: dict[str, list[tuple[np.ndarray, int]]] = {}
    for place, monday in enumerate(mondays):
        by_band, counts = walked.forms[monday]
        form, n = by_band.sum(axis=0), int(counts.sum())
        season = season_of[monday.item()]
        if season in seasons and rows >= LEAST_POOLED:
            if not weights or place % _EVERY == 0:
                weights = {left: _weights_without(total, rows, left) for left in range(-1, count)}
            whole = weights[-1] @ form @ weights[-1]
            gains.setdefault(season, []).append((np.array([weights[i] @ form @ weights[i] - whole for i in range(count)]), n))
        total += form
        rows += n
    return {
        season: {name: _interval(found, place) for place, name in enumerate(walked.members)} for season, found in gains.items()
    }  # fmt: skip


def _weights_without(form: np.ndarray, rows: int, left: int) -> np.ndarray:
    kept = [place for place in range(len(form)) if place != left]
    weights = np.zeros(len(form))
    weights[kept] = pool_weights(form[np.ix_(kept, kept)], rows)
    return weights


def _interval(found: list[tuple[np.ndarray, int]], place: int) -> dict[str, float | int]:
    sums = np.array([gain[place] for gain, _ in found])
    counts = np.array([n for _, n in found], dtype=float)
    draws = np.random.default_rng(0).integers(0, len(sums), (_DRAWS, len(sums)))
    means = sums[draws].sum(axis=1) / counts[draws].sum(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return {"gain": float(sums.sum() / counts.sum()), "low": float(low), "high": float(high), "n": int(counts.sum())}
