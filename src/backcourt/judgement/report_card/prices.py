"""What bets at real prices would have returned: everything on one side, where the blend sees value, and what a pick would have been."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backcourt.engine.errors import BackcourtError
from backcourt.judgement.betting import (
    Placed,
    Quoted,
    benjamini_hochberg,
    best_cell,
    bets_needed,
    drawdown_interval,
    eligible,
    flat,
    p_value,
    positive,
    quoted,
    roi,
)
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.report_card.plain import interval
from backcourt.judgement.slices import SLICES, labels

SCANNED = ("tier", "lead bucket", "side")
TRUTHS, BREAK_EVEN = (0.55, 0.56, 0.58), 0.535
BREAK_EVEN_OF = {"-105": 1 / (1 + 100 / 105), "-110": 1 / (1 + 100 / 110), "-115": 1 / (1 + 100 / 115), "-120": 1 / (1 + 100 / 120)}


def prices(runs: Mapping[str, EvaluatedRun]) -> dict[str, Any]:
    """Per market and population with prices; q values count every market and population that is listed."""
    listed: list[dict[str, Any]] = []
    p_values = []
    for run in runs.values():
        for population in run.priced_populations:
            quotes = quoted(run, population)
            if not len(quotes):
                continue
            value = positive(quotes)
            p_values.append(p_value(value))
            listed.append(
                {
                    "market": run.market.id, "population": population, "n": len(quotes), **_margins(run, population, quotes),
                    "all_overs": _bets(flat(quotes, "over")), "all_unders": _bets(flat(quotes, "under")), "value": _bets(value),
                    "eligible": _bets(eligible(quotes)), "best_cell": _scan(run, population, quotes),
                }
            )  # fmt: skip
    for row, p, q in zip(listed, p_values, benjamini_hochberg(np.array(p_values)).tolist() if p_values else [], strict=True):
        row["value"] |= {"p": p, "q": q}
    return {
        "break_even": BREAK_EVEN_OF,
        "bets_needed": {"break_even": BREAK_EVEN, "power": 0.8, "truths": {str(truth): bets_needed(truth, BREAK_EVEN) for truth in TRUTHS}},
        "tables": listed,
    }


def _margins(run: EvaluatedRun, population: str, quotes: Quoted) -> dict[str, Any]:
    overround = run.lines_of(population)["overround"].astype(float)
    return {
        "overround_median": float(np.nanmedian(overround)),
        **{
            f"{kind}_{side}_price_median": float(np.nanmedian(getattr(quotes, f"{kind}_{side}")))
            for kind in ("median", "best")
            for side in ("over", "under")
        },
    }


def _bets(placed: Placed) -> dict[str, Any]:
    return {
        "bets": len(placed),
        "taken": interval(roi(placed)),
        "median": interval(roi(placed, "median")),
        "drawdown": interval(drawdown_interval(placed)),
    }


def _scan(run: EvaluatedRun, population: str, quotes: Quoted) -> dict[str, Any] | None:
    """The best cell of tier x lead bucket x side beside the best that shuffled results give; None when no row calls for a bet."""
    parts = [labels(run, chosen, population)[quotes.position] for chosen in SLICES if chosen.name in SCANNED]
    cells = np.array([" / ".join(parts_of) for parts_of in zip(*(part.tolist() for part in parts), strict=True)])
    try:
        return vars(best_cell(quotes, cells))
    except BackcourtError:
        return None
