"""Scores of what was said once the result is known: forecasts by their distribution, picks by their probability and the closing line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backcourt.forecasts import odds, scores
from backcourt.forecasts.markets import MARKETS
from backcourt.forecasts.pmf import Array, negative_binomial
from backcourt.ledger.pmf_files import key_of, read_pmfs

_TRUE_CLOSE_SECONDS, _NEAR_CLOSE_SECONDS = 15 * 60, 60 * 60


@dataclass(frozen=True)
class Scored:
    """A forecast and its result, in the market's unit; `pmf_file` is None when only mean and sd were kept."""

    system: str
    market: str
    player_id: int
    point: float
    mean: float
    sd: float
    pmf_file: str | None
    pmf_sha256: str | None
    row_hash: str
    result: int


class Distributions:
    """The PMFs of forecasts: as kept, or negative binomial by mean and standard deviation where only these were."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._files: dict[tuple[str, str], dict[str, list[float]] | None] = {}

    def of(self, market: str, forecasts: Sequence[Scored]) -> tuple[Array, np.ndarray[Any, np.dtype[np.bool_]]]:
        """PMFs [rows, kmax + 1], and which rows have one: a file that was kept and is lost or changed is replaced by nothing."""
        kmax = MARKETS[market].kmax
        mean, sd = (np.array([getattr(f, name) for f in forecasts], dtype=float) for name in ("mean", "sd"))
        pmfs = negative_binomial(mean, sd**2, kmax)
        known = np.ones(len(forecasts), dtype=bool)
        for place, forecast in enumerate(forecasts):
            if forecast.pmf_file is not None:
                kept = self._kept(forecast)
                known[place] = kept is not None and len(kept) == kmax + 1
                if kept is not None and known[place]:
                    pmfs[place] = kept
        return pmfs, known

    def _kept(self, forecast: Scored) -> list[float] | None:
        file = (forecast.pmf_file or "", forecast.pmf_sha256 or "")
        if file not in self._files:
            self._files[file] = read_pmfs(self._home, *file)
        found = self._files[file]
        return None if found is None else found.get(key_of(forecast.system, forecast.player_id))


def score_forecasts(distributions: Distributions, forecasts: Sequence[Scored]) -> list[dict[str, float | None]]:
    """ae, crps, logs and pit of each forecast, in the given order; all but ae are None where the kept distribution is lost."""
    found: list[dict[str, float | None]] = [{} for _ in forecasts]
    for market in sorted({forecast.market for forecast in forecasts}):
        places = [place for place, forecast in enumerate(forecasts) if forecast.market == market]
        own = [forecasts[place] for place in places]
        pmfs, known = distributions.of(market, own)
        result = np.array([forecast.result for forecast in own])
        error = np.abs(np.array([forecast.point for forecast in own]) - result)
        random = scores.uniform(np.array([forecast.row_hash for forecast in own]))
        scored = {"crps": scores.crps(pmfs, result), "logs": scores.log_score(pmfs, result), "pit": scores.pit(pmfs, result, random)}
        for row, place in enumerate(places):
            found[place] = {"ae": float(error[row])}
            found[place] |= {name: float(values[row]) if known[row] else None for name, values in scored.items()}
    return found


def score_probability(p_win: float | None, p_push: float | None, has_won: bool) -> tuple[float | None, float | None]:
    """(log loss in nats, Brier score) of P(win | no push), for a result that isn't the line."""
    if p_win is None or p_push is None or p_push >= 1:
        return None, None
    p = np.array([min(p_win / (1 - p_push), 1.0)])
    happened = np.array([has_won])
    return float(scores.log_loss(p, happened)[0]), float(scores.brier(p, happened)[0])


@dataclass(frozen=True)
class Close:
    """How a pick compares with the last line before the lock: see the columns of grades."""

    clv_line: float | None
    clv_prob: float | None
    quality: str


def closing_value(
    side: str | None,
    line: float | None,
    taken: tuple[float | None, float | None],
    close: tuple[float | None, float | None, float | None, int | None],
) -> Close:
    """Value against the close, positive when the market moved the pick's way.

    `taken` are the decimal (over, under) prices of the line when it was picked; `close` is (main line, over, under, seconds before the
    lock), where the prices are those of the pick's own line at the close.
    """
    close_line, over, under, lead = close
    if lead is None or line is None:
        return Close(None, None, "NONE")
    quality = "TRUE" if lead <= _TRUE_CLOSE_SECONDS else "NEAR" if lead <= _NEAR_CLOSE_SECONDS else "PROXY"
    sign = 1 if side == "over" else -1
    moved = None if close_line is None else sign * (close_line - line)
    before, after = _over_probability(*taken), _over_probability(over, under)
    return Close(moved, None if before is None or after is None else sign * (after - before), quality)


def _over_probability(over: float | None, under: float | None) -> float | None:
    if over is None or under is None:
        return None
    return float(odds.power_devig(np.array([over]), np.array([under]))[0])
