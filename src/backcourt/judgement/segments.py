"""The segments of a run, market x lead bucket, with the verdict of each: q values are corrected over all segments that were scanned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from backcourt.forecasting.run_folder import LEAD_BUCKETS, Columns
from backcourt.judgement.betting import Placed, benjamini_hochberg, eligible, p_value, quoted
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.verdict import Bets, MarketVerdict, Segment, decide, evidence_of


def segments(run: EvaluatedRun) -> list[Segment]:
    """One segment per lead bucket that has rows; pushes settle no log loss and are left out of it, but not of the bets.

    A row that two populations line in the same bucket counts once, in the population that began first.
    """
    found = []
    for bucket, _ in LEAD_BUCKETS:
        losses, bets = [], []
        seen = np.zeros(0, dtype=int)
        for population in run.priced_populations:
            lines = run.lines_of(population)
            fresh = (lines["lead_bucket"] == bucket) & ~np.isin(lines["position"], seen)
            losses.append(_losses(run, population, fresh))
            quotes = quoted(run, population)
            bets.append(eligible(quotes.where((quotes.lead_bucket == bucket) & ~np.isin(quotes.position, seen))))
            seen = np.concatenate([seen, lines["position"][fresh]])
        if sum(len(part["game_date"]) for part in losses):
            columns = {name: np.concatenate([part[name] for part in losses]) for name in losses[0]}
            found.append(Segment(run.market.id, bucket, "BACKTEST", **columns, bets=_bets(bets)))
    return found


def _losses(run: EvaluatedRun, population: str, chosen: NDArray[np.bool_]) -> Columns:
    lines = run.lines_of(population)
    loss = {
        name: run.probability(population, system, "logloss")
        for name, system in (("loss_blend", "market_blend"), ("loss_market", "market"), ("loss_intercept", "market_intercept"))
    }
    place = lines["position"]
    keep = chosen & run.appeared[place] & ~np.isnan(np.column_stack(list(loss.values()))).any(axis=1)
    keep &= np.where(run.appeared, run.rows["actual"], np.nan)[place] != lines["modal_line"]
    place = place[keep]
    return {
        "game_date": run.game_date[place], "season": run.rows["season"][place], **{name: values[keep] for name, values in loss.items()}
    }  # fmt: skip


def _bets(parts: Sequence[Placed]) -> Bets:
    # A backtest decides at each quote's own capture, and the lead bucket says how long before the lock that was: its
    # prices have no age.
    game_date = np.concatenate([part.game_date for part in parts])
    taken = np.concatenate([part.profit_taken for part in parts])
    median = np.concatenate([part.profit_median for part in parts])
    return Bets(game_date, taken, median, np.zeros(len(taken)))


def verdicts(scanned: Sequence[Segment], live: Mapping[tuple[str, str], Segment] | None = None) -> list[tuple[Segment, MarketVerdict]]:
    """The verdict of every segment. All segments that were looked at belong in one call, so that q values count them all.

    `live` is (market, lead bucket) -> the live record of that segment.
    """
    p = [p_value(Placed(s.bets.fresh.game_date, s.bets.fresh.profit_taken, s.bets.fresh.profit_median)) for s in scanned]
    q = benjamini_hochberg(np.array(p)) if p else np.array([])
    return [
        (segment, decide(evidence_of(segment, float(q[place]), (live or {}).get((segment.market, segment.lead_bucket)))))
        for place, segment in enumerate(scanned)
    ]
