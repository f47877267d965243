"""Scores of what was said once the result is known: forecasts by their distribution, picks by their probability and the closing line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backcourt.field import odds, scores
from backcourt.field.markets import MARKETS
from backcourt.field.pmf import Array, negative_binomial
from backcourt.record.pmf_files import key_of, read_pmfs

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


def score_probabilities(stated: Sequence[tuple[float, float, bool]]) -> list[tuple[float, float]]:
    """(log loss in nats, Brier score) of P(win | no push), from (p_win, p_push, has won) of results that aren't the line."""
    if not stated:
        return []
    p_win, p_push, won = (np.array(values, dtype=float) for values in zip(*stated, strict=True))
    p = np.clip(p_win / np.maximum(1 - p_push, scores.LEAST_MASS), 0.0, 1.0)
    return list(zip(scores.log_loss(p, won > 0).tolist(), scores.brier(p, won > 0).tolist(), strict=True))


@dataclass(frozen=True)
class Taken:
    """A pick's line and the decimal prices of both sides: when it was taken, and in the book's last capture before the lock.

    `close_line` is the main line of that capture, `lead_seconds` its distance to the lock; None where there is none.
    """

    side: str | None
    line: float | None
    over: float | None
    under: float | None
    close_line: float | None
    close_over: float | None
    close_under: float | None
    lead_seconds: int | None


@dataclass(frozen=True)
class Close:
    """How a pick compares with the last line before the lock: see the columns of grades."""

    clv_line: float | None
    clv_prob: float | None
    quality: str


def closing_values(picks: Sequence[Taken]) -> list[Close]:
    """Value against the close, positive when the market moved the pick's way."""
    before = _over_probabilities([(pick.over, pick.under) for pick in picks])
    after = _over_probabilities([(pick.close_over, pick.close_under) for pick in picks])
    return [_closing_value(pick, early, late) for pick, early, late in zip(picks, before, after, strict=True)]


def _closing_value(pick: Taken, before: float, after: float) -> Close:
    if pick.lead_seconds is None or pick.line is None:
        return Close(None, None, "NONE")
    quality = "TRUE" if pick.lead_seconds <= _TRUE_CLOSE_SECONDS else "NEAR" if pick.lead_seconds <= _NEAR_CLOSE_SECONDS else "PROXY"
    sign = 1 if pick.side == "over" else -1
    moved = sign * (after - before)
    return Close(
        None if pick.close_line is None else sign * (pick.close_line - pick.line), None if np.isnan(moved) else float(moved), quality
    )  # fmt: skip


def _over_probabilities(prices: Sequence[tuple[float | None, float | None]]) -> Array:
    """P(over) without the margin; NaN where a side has no price."""
    found = np.full(len(prices), np.nan)
    places = [place for place, (over, under) in enumerate(prices) if over is not None and under is not None]
    if places:
        over, under = np.array([prices[place] for place in places], dtype=float).T
        found[places] = odds.power_devig(over, under)
    return found
