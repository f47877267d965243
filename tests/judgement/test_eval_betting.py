"""Returns at real prices, pushes staked; corrections for many looks; the power table of the specification."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.judgement.betting import (
    Quoted,
    benjamini_hochberg,
    best_cell,
    bets_needed,
    drawdown_interval,
    eligible,
    flat,
    largest_drawdown,
    p_value,
    positive,
    profit,
    quoted,
    roi,
)
from backcourt.judgement.evaluated_run import EvaluatedRun


def quotes(n: int = 4, **columns: object) -> Quoted:
    """Rows at 1.90 on both sides, the best book's price 1.95, the blend at a half."""
    default = {
        "position": np.arange(n), "game_date": np.datetime64("2024-03-01") + np.arange(n) % 30,
        "season": np.full(n, "2023-24"), "lead_bucket": np.full(n, "3h+"),
        "is_full": np.full(n, True), "result": np.ones(n, dtype=int), "p_over": np.full(n, 0.5), "p_over_low": np.full(n, 0.48),
        "best_over": np.full(n, 1.95), "best_under": np.full(n, 1.95), "median_over": np.full(n, 1.9), "median_under": np.full(n, 1.9),
    }  # fmt: skip
    return Quoted(**{**default, **columns})  # type: ignore[arg-type]


def test_profit_of_a_win_a_loss_and_a_push() -> None:
    result = np.array([1, 1, -1, 0])
    over = np.array([True, False, False, True])
    assert profit(result, over, np.full(4, 1.8)).tolist() == [0.8, -1.0, 0.8, 0.0]


def test_a_push_is_staked_and_returns_nothing() -> None:
    found = roi(flat(quotes(4, result=np.array([1, 1, -1, 0])), "over"), "median")
    assert found.estimate == pytest.approx((0.9 + 0.9 - 1) / 4) and found.n == 4
    assert roi(flat(quotes(4, result=np.array([1, 1, -1, 0])), "over")).estimate == pytest.approx((0.95 * 2 - 1) / 4)


def test_bets_follow_expected_value_at_the_best_price() -> None:
    p = np.array([0.52, 0.50, 0.47, 0.50])
    found = positive(quotes(p_over=p, result=np.array([1, 1, -1, -1])))
    # 0.52 x 1.95 and 0.53 x 1.95 are above 1, 0.5 x 1.95 is not: an over and an under, both won.
    assert found.profit_taken.tolist() == pytest.approx([0.95, 0.95]) and found.profit_median.tolist() == pytest.approx([0.9, 0.9])


def test_eligible_bets_need_the_low_end_of_the_posterior_and_a_full_row() -> None:
    p, low = np.array([0.55, 0.55, 0.55, 0.45]), np.array([0.52, 0.50, 0.52, 0.42])
    full = np.array([True, True, False, True])
    found = eligible(quotes(p_over=p, p_over_low=low, is_full=full, result=np.ones(4, dtype=int)))
    # The last is an under: its P(over) may be as high as 0.48, and 0.52 x 1.95 is above 1.
    assert found.profit_taken.tolist() == pytest.approx([0.95, -1.0])
    assert len(eligible(quotes(p_over=p, p_over_low=low - 0.1, is_full=full))) == 0


def test_a_side_that_nobody_offers_is_not_bet_on() -> None:
    found = positive(quotes(p_over=np.full(4, 0.6), best_over=np.full(4, np.nan)))
    assert len(found) == 0


def test_the_power_table_of_the_specification() -> None:
    assert [bets_needed(truth, 0.535) for truth in (0.55, 0.56, 0.58)] == pytest.approx([6825, 2453, 754], abs=1)


def test_q_values_by_hand() -> None:
    assert benjamini_hochberg(np.array([0.01, 0.04, 0.03, 0.5])).tolist() == pytest.approx([0.04, 0.04 * 4 / 3, 0.04 * 4 / 3, 0.5])


def test_false_discoveries_stay_rare_when_nothing_is_there() -> None:
    random = np.random.default_rng(6)
    called = sum((benjamini_hochberg(random.random(15)) <= 0.10).any() for _ in range(500))
    assert 0.05 <= called / 500 <= 0.15


def test_a_p_value_is_small_for_a_winner_and_large_for_a_loser() -> None:
    result = np.where(np.random.default_rng(8).random(600) < 0.6, 1, -1)
    assert p_value(flat(quotes(600, result=result), "over")) < 0.01
    assert p_value(flat(quotes(600, result=result), "under")) > 0.99
    assert p_value(flat(quotes(0), "over")) == 1.0
    assert p_value(flat(quotes(9), "over")) == 1.0, "nine winning evenings are too few to resample"


def test_the_deepest_fall() -> None:
    assert largest_drawdown(np.array([1.0, -1, -1, 0.9, -1, 2])) == pytest.approx(2.1)
    assert largest_drawdown(np.array([1.0, 1.0])) == 0
    found = drawdown_interval(flat(quotes(300, result=np.where(np.arange(300) % 2, 1, -1)), "over"), 200)
    assert found.low <= found.high and found.low >= 0


def test_the_best_of_many_cells_is_judged_against_shuffled_results() -> None:
    random = np.random.default_rng(7)
    n = 3_000
    cell = random.integers(0, 15, n).astype(str)
    rows = quotes(n, p_over=np.full(n, 0.55), result=np.where(random.random(n) < 0.5, 1, -1))
    found = best_cell(rows, cell, 300)
    assert found.cells == 15 and found.roi > -0.05 and found.p_value > 0.05
    planted = np.where((cell == "3") & (random.random(n) < 0.4), 1, rows.result)
    assert best_cell(replace(rows, result=planted), cell, 300).p_value < 0.05
    with pytest.raises(BackcourtError, match="No cell of 4 rows holds 50 bets"):
        best_cell(quotes(), np.full(4, "a"))


def test_lines_without_prices_and_absent_players_make_no_bets(run: EvaluatedRun) -> None:
    assert len(quoted(run, "D25")) == 0
    spring = quoted(run, "S24")
    assert 0 < len(spring) < len(run.lines_of("S24")["row"])
    assert roi(flat(spring, "over"), "median").estimate < roi(flat(spring, "over")).estimate
