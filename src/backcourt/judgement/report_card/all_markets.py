"""One line a market on the same population: what the table of all markets and their sum shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backcourt.judgement.bootstrap import LOG_LOSS_DRAWS, Interval, mean_interval
from backcourt.judgement.comparison import compare, values_of
from backcourt.judgement.evaluated_run import LINE, MARKET_SYSTEMS, EvaluatedRun
from backcourt.judgement.populations import mask
from backcourt.judgement.report_card.plain import interval

BLIND, BLEND, REFERENCE, MARKET = "ensemble", "market_blend", "base_l5", "market"
_PAIRS = (("ensemble", BLIND, MARKET), ("blend", BLEND, MARKET), ("blend_less_intercept", BLEND, "market_intercept"))


def market_lines(runs: Mapping[str, EvaluatedRun], population: str = "S24") -> dict[str, Any]:
    """Per market: errors of the last-5 mean, the ensemble and the line, and differences to the market with intervals; and all together."""
    listed = []
    pooled: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for run in runs.values():
        if population not in run.priced_populations or not {BLIND, *MARKET_SYSTEMS} <= set(run.systems):
            continue
        errors = compare(run, population, "mae", LINE, (REFERENCE, LINE, BLIND, BLEND))
        spread = compare(run, population, "crps", MARKET, (MARKET, BLIND, BLEND))
        loss = compare(run, population, "log_loss", MARKET, (MARKET, BLIND, BLEND))
        shaded = compare(run, population, "log_loss", "market_intercept", ("market_intercept", BLEND))
        listed.append(
            {
                "market": run.market.id, "n": errors.n, "dates": errors.n_dates,
                **{f"mae_{system}": errors.of(system).value for system in (REFERENCE, BLIND, LINE)},
                "mae_ensemble_less_line": interval(errors.of(BLIND).difference),
                "mae_blend_less_line": interval(errors.of(BLEND).difference),
                "crps_ensemble_less_market": interval(spread.of(BLIND).difference),
                "crps_blend_less_market": interval(spread.of(BLEND).difference), "log_loss_market": loss.of(MARKET).value,
                "log_loss_ensemble_less_market": interval(loss.of(BLIND).difference),
                "log_loss_blend_less_market": interval(loss.of(BLEND).difference),
                "log_loss_blend_less_intercept": interval(shaded.of(BLEND).difference),
            }
        )  # fmt: skip
        for name, system, against in _PAIRS:
            difference = values_of(run, system, "log_loss", population) - values_of(run, against, "log_loss", population)
            rows = mask(run, population) & ~np.isnan(difference)
            pooled.setdefault(name, []).append((difference[rows], run.game_date[rows]))
    return {"population": population, "markets": listed, "together": {name: interval(_together(parts)) for name, parts in pooled.items()}}


def _together(parts: list[tuple[np.ndarray, np.ndarray]]) -> Interval:
    """Games of one evening are one block in whatever market."""
    return mean_interval(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]), LOG_LOSS_DRAWS)
