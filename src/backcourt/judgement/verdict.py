"""Is there an edge in a segment (market x lead bucket)? EDGE, NO_EDGE or UNRESOLVED, and what is still needed.

The default is UNRESOLVED. A backtest can give EDGE(backtest) at most; live rows of LIVE_DATES dates with the same
sign lift that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil, isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.errors import BackcourtError
from backcourt.field.pmf import Array
from backcourt.judgement.bootstrap import LOG_LOSS_DRAWS, Interval, mean_interval, ratio_interval

Word = Literal["EDGE", "NO_EDGE", "UNRESOLVED"]
Kind = Literal["BACKTEST", "LIVE"]

LEAST_ROWS, LEAST_SETTLED = 3_000, 500
LEAST_SEASONS, LEAST_SEASON_DATES = 2, 40
NO_EDGE_LOSS = -0.001
LARGEST_Q = 0.10
LARGEST_PRICE_AGE_SECONDS = 30 * 60
LIVE_DATES = 60
_Z = 1.96


@dataclass(frozen=True)
class Bets:
    """Settled BET-eligible picks of one segment: arrays of one length.

    `profit_taken` and `profit_median` are units won per staked unit at the price taken and at the median price (0 for
    a push), `price_age_seconds` the age of the price when the pick was made.
    """

    game_date: NDArray[np.datetime64]
    profit_taken: Array
    profit_median: Array
    price_age_seconds: Array

    @property
    def fresh(self) -> Bets:
        """Those whose price was seen at most 30 minutes before."""
        keep = self.price_age_seconds <= LARGEST_PRICE_AGE_SECONDS
        return Bets(self.game_date[keep], self.profit_taken[keep], self.profit_median[keep], self.price_age_seconds[keep])


@dataclass(frozen=True)
class Segment:
    """Everything that a verdict reads of one market and lead bucket: arrays of one length, one row per lined appearance without a push.

    `loss_blend`, `loss_market` and `loss_intercept` are log losses (nats) of market_blend, market and the market with
    an intercept only.
    """

    market: str
    lead_bucket: str
    kind: Kind
    game_date: NDArray[np.datetime64]
    season: NDArray[Any]
    loss_blend: Array
    loss_market: Array
    loss_intercept: Array
    bets: Bets


@dataclass(frozen=True)
class RunEvidence:
    """The figures of one segment that decide.

    `by_season` is season -> (dates, mean log-loss difference to the market); `live_loss` is that difference on live
    rows, NaN without any.
    """

    loss_vs_market: Interval
    loss_vs_intercept: Interval
    by_season: Mapping[str, tuple[int, float]]
    roi_taken: Interval
    roi_median: Interval
    q_value: float
    live_dates: int = 0
    live_loss: float = float("nan")


@dataclass(frozen=True)
class MarketVerdict:
    """A word with its reasons. `rows_needed` are further rows until the log-loss interval decides if the present estimate is the truth."""

    word: Word
    scope: Literal["backtest", "live"]
    unmet: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    rows_needed: int | None = None
    bets_needed: int | None = None
    evidence: RunEvidence | None = field(default=None, compare=False)

    @property
    def label(self) -> str:
        """What is printed: EDGE(backtest) until live rows confirm it."""
        return "EDGE(backtest)" if self.word == "EDGE" and self.scope == "backtest" else self.word


def evidence_of(segment: Segment, q_value: float, live: Segment | None = None) -> RunEvidence:
    """Intervals over game dates of what the verdict needs.

    `q_value` is the segment's Benjamini-Hochberg q over all segments scanned. `live` is the same segment's live
    record, apart from the backtest: raises BackcourtError when rows of another kind are passed for it.
    """
    if live is not None and live.kind != "LIVE":
        raise BackcourtError(f"Rows of kind {live.kind} can't stand for a live record; pass rows that were published before their games.")
    difference = segment.loss_blend - segment.loss_market
    bets = segment.bets.fresh
    staked = np.ones(len(bets.game_date))
    by_season = {}
    for season in np.unique(segment.season):
        mine = segment.season == season
        by_season[str(season)] = (len(np.unique(segment.game_date[mine])), float(difference[mine].mean()))
    return RunEvidence(
        loss_vs_market=mean_interval(difference, segment.game_date, LOG_LOSS_DRAWS),
        loss_vs_intercept=mean_interval(segment.loss_blend - segment.loss_intercept, segment.game_date, LOG_LOSS_DRAWS),
        by_season=by_season,
        roi_taken=ratio_interval(bets.profit_taken, staked, bets.game_date),
        roi_median=ratio_interval(bets.profit_median, staked, bets.game_date),
        q_value=q_value,
        live_dates=len(np.unique(live.game_date)) if live else 0,
        live_loss=float((live.loss_blend - live.loss_market).mean()) if live and len(live.game_date) else float("nan"),
    )


def decide(evidence: RunEvidence) -> MarketVerdict:
    """The verdict by the rule above; a condition without an interval counts as unmet."""
    unmet = _unmet(evidence)
    scope: Literal["backtest", "live"] = "live" if evidence.live_dates >= LIVE_DATES and evidence.live_loss < 0 else "backtest"
    if not unmet:
        return MarketVerdict("EDGE", scope, evidence=evidence)
    because = []
    loss, roi = evidence.loss_vs_market, evidence.roi_taken
    if loss.is_known and loss.low > NO_EDGE_LOSS:
        because.append(f"log loss less market is above {NO_EDGE_LOSS} with 97.5 % confidence (from {loss.low:+.5f})")
    if roi.is_below_zero:
        because.append(f"return of eligible bets is below 0 (up to {roi.high:+.2%})")
    if because:
        return MarketVerdict("NO_EDGE", scope, unmet, tuple(because), evidence=evidence)
    return MarketVerdict(
        "UNRESOLVED", scope, unmet, rows_needed=_rows_needed(loss), bets_needed=max(0, LEAST_SETTLED - roi.n), evidence=evidence
    )  # fmt: skip


def _unmet(evidence: RunEvidence) -> tuple[str, ...]:
    loss, intercept, roi, median = evidence.loss_vs_market, evidence.loss_vs_intercept, evidence.roi_taken, evidence.roi_median
    long_enough = {name: mean for name, (dates, mean) in evidence.by_season.items() if dates >= LEAST_SEASON_DATES}
    same_sign = sum(mean < 0 for mean in long_enough.values())
    conditions = (
        (loss.n >= LEAST_ROWS, f"{loss.n:,} of {LEAST_ROWS:,} rows"),
        (loss.is_below_zero, "log loss less market: the interval isn't below 0"),
        (intercept.is_below_zero, "log loss less intercept-only market: the interval isn't below 0"),
        (
            same_sign >= LEAST_SEASONS,
            f"{same_sign} of {len(long_enough)} seasons of {LEAST_SEASON_DATES} dates have the sign, {LEAST_SEASONS} are needed",
        ),
        (roi.n >= LEAST_SETTLED, f"{roi.n:,} of {LEAST_SETTLED} settled eligible bets"),
        (roi.is_above_zero, "return of eligible bets: the interval isn't above 0"),
        (isfinite(median.estimate) and median.estimate > 0, "return at the median price isn't above 0"),
        (evidence.q_value <= LARGEST_Q, f"q {evidence.q_value:.2f} is above {LARGEST_Q}"),
    )
    return tuple(sentence for holds, sentence in conditions if not holds)


def _rows_needed(loss: Interval) -> int | None:
    """Further rows until the interval lies below 0 or above NO_EDGE_LOSS, whichever comes first; None without an interval."""
    if not loss.is_known:
        return None
    spread = (loss.high - loss.low) / 2 / _Z * np.sqrt(loss.n)
    candidates = []
    if loss.estimate < 0:
        candidates.append(max(float(LEAST_ROWS), (_Z * spread / loss.estimate) ** 2))
    if loss.estimate > NO_EDGE_LOSS:
        candidates.append((_Z * spread / (loss.estimate - NO_EDGE_LOSS)) ** 2)
    return max(0, ceil(float(min(candidates))) - loss.n)
