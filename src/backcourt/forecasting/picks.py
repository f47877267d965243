"""From a forecast and the prices on offer to a pick: the better side, its expected value, and what is done about it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backcourt.field.odds import expected_value
from backcourt.field.pmf import Array, over_push_under
from backcourt.forecasting.lined import LinedForecast
from backcourt.forecasting.market_lines import Lines
from backcourt.forecasting.policy import POLICY, PickPolicy
from backcourt.forecasting.run_folder import Columns

BET, LEAN, PASS, NO_LINE = "BET", "LEAN", "PASS", "NO_LINE"


def make_picks(
    lines: Lines, forecast: LinedForecast, data_tier: np.ndarray, after_cutoff: Array, verdicts: Mapping[str, str],
    policy: PickPolicy = POLICY, *, is_thin: bool = False,
) -> Columns:  # fmt: skip
    """One pick per priced line: side, book and price (decimal, the best at the modal line), lead_seconds, p_win, p_push, ev and the rest.

    `after_cutoff` are seconds from the cutoff to the lock; `data_tier` is that of each line's row; `verdicts` maps a
    lead bucket to the standing verdict of this market. BET needs a positive `ev_low`, a fresh price, full data and
    the verdict EDGE; with a positive `ev_low` alone it is a LEAN; else PASS. Staked is one unit. `is_thin`: the
    slate's history lacks games, so that nothing is a BET.
    """
    line = lines.columns["modal_line"]
    _, push, _ = over_push_under(forecast.pmfs["market_blend"], line)
    free = 1 - push
    over = forecast.over["market_blend"]
    prices = {"over": lines.columns["best_over_price"], "under": lines.columns["best_under_price"]}
    p_win = {"over": over * free, "under": (1 - over) * free}
    p_low = {"over": forecast.over_low * free, "under": (1 - forecast.over_high) * free}
    values = {side: expected_value(p_win[side], push, prices[side]) for side in prices}
    lows = {side: expected_value(p_low[side], push, prices[side]) for side in prices}
    takes_over = values["over"] >= values["under"]

    def of(side_values: Mapping[str, Array]) -> Array:
        return np.where(takes_over, side_values["over"], side_values["under"])

    ev, ev_low, price = of(values), of(lows), of(prices)
    lead = of({side: lines.columns[f"best_{side}_lead_seconds"] for side in prices})
    is_old = lead - after_cutoff > 60 * policy.quote_minutes
    action, reason = _actions(ev_low, lines, data_tier, is_old, verdicts, policy, is_thin=is_thin)
    return {
        "side": np.where(takes_over, "over", "under").astype(object), "price": price, "p_win": of(p_win), "p_push": push, "ev": ev,
        "ev_low": ev_low, "break_even": 1 / price, "action": action, "reason": reason, "line": line,
        "lead_seconds": lead,
        "book": np.where(takes_over, lines.columns["best_over_book"], lines.columns["best_under_book"]).astype(object),
    }  # fmt: skip


def _actions(
    ev_low: Array, lines: Lines, data_tier: np.ndarray, is_old: np.ndarray, verdicts: Mapping[str, str], policy: PickPolicy, *,
    is_thin: bool,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    action = np.full(len(ev_low), PASS, dtype=object)
    reason = np.full(len(ev_low), "no_value", dtype=object)
    standing = np.array([verdicts.get(bucket) for bucket in lines.columns["lead_bucket"]], dtype=object)
    positive = ev_low > 0
    action[positive] = LEAN
    # Of several that hold the last in this order is told: without an edge, nothing else matters.
    for name, blocks in (
        ("price_too_old", is_old),
        ("data_not_full", data_tier != policy.data_tier),
        ("no_standing_edge", standing != policy.verdict),
        ("history_is_thin", is_thin),
    ):
        reason[positive & blocks] = name
    bet = positive & (standing == policy.verdict) & (data_tier == policy.data_tier) & ~is_old & (not is_thin)
    action[bet], reason[bet] = BET, "value"
    return action, reason
